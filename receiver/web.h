/* SPDX-License-Identifier: MIT */
#ifndef RECEIVER_WEB_H
#define RECEIVER_WEB_H

#include "receiver/history.h"
#include "web/site.h"

/*
 * What is served by HTTP: the status page, and under it /stats, /history, /events, /metrics, /healthz,
 * and the shapes of scene switchers at /sls/KEY, /belabox/KEY and /stats/KEY.
 */
struct web {
	struct site site;
	const struct scene *scene;
	struct history *history;
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
