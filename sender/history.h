/* SPDX-License-Identifier: MIT */
#ifndef SENDER_HISTORY_H
#define SENDER_HISTORY_H

#include "sender/snapshot.h"

/*
 * The last ten minutes, a sample each second: what the charts of the status page begin with,
 * whoever opens it, and what a report of a fault shows.
 */
struct history;

enum { HISTORY_SECONDS = 600 };

/* NULL when memory is short.  Nothing is allocated after that. */
struct history *history_create(ustime now);

/* Takes NULL too. */
void history_destroy(struct history *h);

/* Takes a sample if that is due.  Both take NULL too. */
void history_run(struct history *h, const struct scene *scene, ustime now);
ustime history_deadline(const struct history *h);

/* As JSON, from malloc(), *len long; NULL when memory is short, now or at the start. */
char *history_json(const struct history *h, size_t *len);

#endif
