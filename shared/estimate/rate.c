/* SPDX-License-Identifier: MIT */
#include "shared/estimate/rate.h"

#define BIN MSEC(100)

enum {
	WHOLE = RATE_BINS - 1, /* the newest bin is still being filled */
	BINS_PER_SECOND = 10,
};

void rate_init(struct rate *r, ustime now)
{
	*r = (struct rate){.bin_end = now + BIN};
}

/* Opens empty bins until the newest holds now; a long silence costs no more than a short one. */
static void advance(struct rate *r, ustime now)
{
	if (now - r->bin_end >= RATE_BINS * BIN) {
		rate_init(r, now - (now - r->bin_end) % BIN);
		return;
	}
	while (now >= r->bin_end) {
		r->newest = (r->newest + 1) % RATE_BINS;
		r->bins[r->newest] = 0;
		r->bin_end += BIN;
	}
}

void rate_add(struct rate *r, uint64_t bytes, ustime now)
{
	advance(r, now);
	r->bins[r->newest] += bytes;
}

uint64_t rate_bytes_per_second(struct rate *r, ustime now)
{
	uint64_t sum = 0;

	advance(r, now);
	for (unsigned i = 0; i < RATE_BINS; i++)
		sum += i == r->newest ? 0 : r->bins[i];
	return sum * BINS_PER_SECOND / WHOLE;
}
