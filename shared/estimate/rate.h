/* SPDX-License-Identifier: MIT */
#ifndef SHARED_ESTIMATE_RATE_H
#define SHARED_ESTIMATE_RATE_H

#include <stdint.h>

#include "shared/base/time.h"

enum { RATE_BINS = 10 };

/*
 * Bytes per second over about the last second: ten bins of 100 ms.  It
 * reads a steady stream true after one second and forgets as fast.
 */
struct rate {
	ustime bin_end;  /* of the newest bin */
	unsigned newest;
	uint64_t bins[RATE_BINS];
};

void rate_init(struct rate *r, ustime now);
void rate_add(struct rate *r, uint64_t bytes, ustime now);

/* Moves the window up to now; counts whole bins only, so it never jumps with one packet. */
uint64_t rate_bytes_per_second(struct rate *r, ustime now);

#endif
