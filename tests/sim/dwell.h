/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SIM_DWELL_H
#define TESTS_SIM_DWELL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/base/time.h"

enum {
	DWELL_NUMBERS = 8192, /* that wait at most */
	DWELL_STEPS = 40000,
	DWELL_STEP = 50, /* us; two seconds in all, and whoever waits longer counts as that */
};

/*
 * How long new data packets stay in a sender: from the encoder's hand until
 * their first copy is on a link.  What never leaves is not in it.
 */
struct dwell {
	struct dwell_place {
		uint32_t seq;
		ustime since; /* 0: nobody waits here */
	} place[DWELL_NUMBERS];
	ustime from; /* what came earlier is not counted */
	uint64_t count;
	uint32_t step[DWELL_STEPS + 1];
};

void dwell_init(struct dwell *d, ustime from);

void dwell_enters(struct dwell *d, ustime now, const uint8_t *data, size_t len);
void dwell_leaves(struct dwell *d, ustime now, const uint8_t *data, size_t len);

/* The time, rounded up to a step, that so many of a thousand do not pass; 0 without any. */
usspan dwell_percentile(const struct dwell *d, unsigned share);

#endif
