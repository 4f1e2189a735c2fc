/* SPDX-License-Identifier: MIT */
#ifndef SENDER_WEB_H
#define SENDER_WEB_H

#include "sender/history.h"
#include "sender/report.h"
#include "web/site.h"

/*
 * What is served by HTTP: the status page, and under it /stats, /history, /events, /metrics and
 * /healthz.  Without a word of it all the rest of the program works.
 */
struct web {
	struct site site;
	const struct scene *scene;
	struct history *history;
	struct report report; /* shares for those who read here */
};

/*
 * Listens.  0, or a sysexits code and one sentence in why when the place was asked for by option and is
 * not to be had; any other costs a warning.
 */
int web_open(struct web *w, const struct scene *scene, struct history *history,
	     char why[CONFIG_WHY]);
void web_close(struct web *w);

void web_run(struct web *w, ustime now);
ustime web_deadline(const struct web *w);

#endif
