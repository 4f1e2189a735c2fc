/* SPDX-License-Identifier: MIT */
#ifndef SHARED_ESTIMATE_LOW_H
#define SHARED_ESTIMATE_LOW_H

#include <stdbool.h>

#include "shared/base/time.h"

enum { LOW_BINS = 10 };

/*
 * The least sample of about the last 20 seconds, by bins of two: longer than a stall of a
 * modem, and shorter than a drive through a cell.
 */
struct low {
	ustime bin_end; /* of the newest bin */
	unsigned newest;
	usspan least;   /* of all bins; LOW_NONE: no sample in the window */
	usspan bins[LOW_BINS];
};

#define LOW_NONE INT64_MAX
#define LOW_PAUSE SEC(2) /* after the end of a bin */

void low_init(struct low *l);

/* Whether there was a sample in the last few seconds; without, nothing is known of now. */
static inline bool low_fresh(const struct low *l, ustime now)
{
	return l->least != LOW_NONE && now - l->bin_end < LOW_PAUSE;
}

/* When that ends, unless there is another sample; of one that is fresh. */
static inline ustime low_stale(const struct low *l)
{
	return l->bin_end + LOW_PAUSE;
}

/*
 * A sample after a long pause begins anew: what was before is not compared with it.
 * Samples may be negative: differences of two clocks.
 */
void low_sample(struct low *l, usspan sample, ustime now);

/* The least of the newest so many bins, the one under way included; LOW_NONE without a sample. */
usspan low_recent(const struct low *l, unsigned bins);

#endif
