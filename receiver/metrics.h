/* SPDX-License-Identifier: MIT */
#ifndef RECEIVER_METRICS_H
#define RECEIVER_METRICS_H

#include "receiver/history.h"

/* That have lines of their own; the totals count all. */
enum { METRICS_GROUPS = 256, METRICS_MEMBERS = 1024 };

/*
 * In Prometheus' text format 0.0.4: base units, counters that end in _total.  From malloc(), *len
 * long; NULL when memory is short.
 */
char *metrics_text(const struct scene *scene, const struct history *history, ustime now,
		   size_t *len);

#endif
