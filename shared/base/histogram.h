/* SPDX-License-Identifier: MIT */
#ifndef SHARED_BASE_HISTOGRAM_H
#define SHARED_BASE_HISTOGRAM_H

#include <stdint.h>

#include "shared/base/time.h"

/*
 * How often a span was about how long: four places for each doubling, so that a percentile is
 * right to a fifth of itself, in a fixed piece of memory and with no division for a packet.
 * Differences of two of the same source are those of the time between.
 */
enum {
	HISTOGRAM_PARTS = 4,                            /* of a doubling */
	HISTOGRAM_TOP = 26,                             /* the last doubling; from 134 s on all are one */
	HISTOGRAM_PLACES = HISTOGRAM_PARTS * HISTOGRAM_TOP,
};

struct histogram {
	uint64_t count;
	uint64_t sum; /* us */
	uint64_t place[HISTOGRAM_PLACES];
};

/* Spans below 0 count as 0. */
void histogram_add(struct histogram *h, usspan span);

/* What came after `before` was copied: *d = now - before. */
void histogram_since(struct histogram *d, const struct histogram *now,
		     const struct histogram *before);

/* At least `share` thousandths were no longer than this, us; 0 while there are none. */
usspan histogram_percentile(const struct histogram *h, unsigned share);

/* How many were shorter than 2^power us; exact.  2 <= power <= HISTOGRAM_TOP. */
uint64_t histogram_below(const struct histogram *h, unsigned power);

/* The mean, us; 0 while there are none. */
usspan histogram_mean(const struct histogram *h);

#endif
