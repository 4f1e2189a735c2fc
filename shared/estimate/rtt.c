/* SPDX-License-Identifier: MIT */
#include "shared/estimate/rtt.h"

enum { GAIN = 8, SPREAD_GAIN = 4, SPREADS = 4 }; /* RFC 6298 section 2 */

#define BLIND MSEC(1000) /* patience before the first sample: its section 2.1 */
#define FLOOR MSEC(50)   /* modems stall this long in good health */

void rtt_init(struct rtt *r)
{
	*r = (struct rtt){0};
}

void rtt_sample(struct rtt *r, usspan sample, ustime now)
{
	usspan off;

	if (sample < 1)
		sample = 1; /* 0 means that there is none yet */
	r->latest = sample;
	r->sampled = now;
	if (r->smoothed == 0) {
		r->smoothed = sample;
		r->spread = sample / 2;
		r->least = sample;
		return;
	}
	if (sample < r->least)
		r->least = sample;
	/* The spread first, against the old mean: section 2.3 insists. */
	off = sample - r->smoothed;
	r->spread += ((off < 0 ? -off : off) - r->spread) / SPREAD_GAIN;
	r->smoothed += off / GAIN;
}

usspan rtt_patience(const struct rtt *r)
{
	usspan wait = r->smoothed + SPREADS * r->spread;

	if (r->smoothed == 0)
		return BLIND;
	return wait > FLOOR ? wait : FLOOR;
}
