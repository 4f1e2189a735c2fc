/* SPDX-License-Identifier: MIT */
#ifndef SENDER_APP_H
#define SENDER_APP_H

#include "sender/door.h"

/*
 * One socket that the encoder may talk to.  On a wildcard address it remembers
 * which of our addresses the last speaker used, so that answers leave from it.
 */
struct app_socket {
	struct app *app;
	int fd;
	struct loop_watch *watch;
	struct endpoint local;
	struct endpoint speaker;
	struct endpoint spoken_to;
};

/* The encoder's side: loopback in both families, or the one address that was asked for. */
struct app {
	struct door *door;
	struct app_socket socket[2];
	unsigned count;
	uint64_t refused; /* packets that no socket would send to the encoder */
};

/*
 * Binds, before the core exists; app_start() begins to listen.  `at` without
 * a family: loopback, IPv6 too where the system has it.  0, or -errno and the
 * address that could not be had.
 */
int app_open(struct app *a, const struct endpoint *at, uint16_t port, struct endpoint *failed);
int app_start(struct app *a, struct door *door);
void app_close(struct app *a);

/* Sends p to p->peer; takes it. */
void app_send(struct app *a, struct pkt *p);

#endif
