/* SPDX-License-Identifier: MIT */
#ifndef SHARED_ESTIMATE_DELIVERY_H
#define SHARED_ESTIMATE_DELIVERY_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/base/time.h"

enum { DELIVERY_MARKS = 64 };

/*
 * How fast a path delivers, from what is told of arrivals: each telling is a mark, with the
 * time of its newest arrival by whichever clock all marks share, and the bytes so far.  After
 * the delivery rate of BBR (draft-cheng-iccrg-delivery-rate-estimation), by arrival times alone.
 */
struct delivery {
	unsigned newest, count;
	uint64_t bytes; /* so far */
	struct {
		ustime at;
		uint64_t bytes;
		usspan queue; /* the least queueing delay of what this mark told of */
	} mark[DELIVERY_MARKS];
};

void delivery_init(struct delivery *d);

/* So many bytes more have arrived, the last of them `at`; never less than 0 after the mark before. */
void delivery_mark(struct delivery *d, uint64_t bytes, usspan queue, ustime at);

/*
 * Bytes per second over the latest `window`, or a little more.  False, and nothing said, before
 * two marks.  *queue is the least queueing delay in all that time.
 */
bool delivery_rate(const struct delivery *d, usspan window, uint64_t *rate, usspan *queue);

#endif
