/* SPDX-License-Identifier: MIT */
#ifndef SENDER_OUTLET_H
#define SENDER_OUTLET_H

#include "sender/app.h"
#include "sender/keep.h"
#include "sender/links.h"

/*
 * The way out: what the core has put into the outbox leaves by the sockets, all that one of them
 * has to send at once, and its notes go to whom they concern.
 */
struct outlet {
	struct door *door;
	struct app *app;
	struct links *links;
	struct host *host;
	struct keep *keep;
};

/* The end of a turn, or before a link goes. */
void outlet_flush(struct outlet *o, ustime now);

#endif
