/* SPDX-License-Identifier: MIT */
#ifndef SENDER_METRICS_H
#define SENDER_METRICS_H

#include <stddef.h>

#include "sender/snapshot.h"

/*
 * The snapshot in Prometheus' text format 0.0.4: base units, counters that end in _total.  From
 * malloc(), *len long; NULL when memory is short.
 */
char *metrics_text(const struct snapshot *s, size_t *len);

#endif
