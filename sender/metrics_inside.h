/* SPDX-License-Identifier: MIT */
#ifndef SENDER_METRICS_INSIDE_H
#define SENDER_METRICS_INSIDE_H

#include "sender/metrics.h"
#include "shared/io/exposition.h"

/* The parts of the metrics: those of the stream are in metrics.c, its links' in metrics_links.c. */

/* A counter that stands in a struct as it is shown. */
struct metrics_counter {
	const char *name;
	const char *help;
	size_t at; /* of its uint64_t */
};

static inline uint64_t metrics_count(const struct metrics_counter *c, const void *of)
{
	return *(const uint64_t *)((const unsigned char *)of + c->at);
}

void metrics_links(struct exposition *e, const struct snapshot *s);

#endif
