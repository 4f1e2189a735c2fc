/* SPDX-License-Identifier: MIT */
#include "tools/sim/sim.h"

/*
 * R0.1, by bisection.  A rate passes when it does with each of three seeds.
 * What passes may not be a single stretch from nought up, and then one of its
 * upper ends is found.
 */

enum {
	LATE_PPM = 1000,
	SEEDS = 3,
	LEAST = 50, /* where the search begins and ends, thousandths of the scenario's rate */
	MOST = 4000,
	CLOSE = 10,
};

static uint64_t late_at(const struct scenario *s, const struct sim_options *o,
			const struct sim_mode *mode, uint64_t rate, uint64_t seed)
{
	struct drive *d;
	struct tally t;

	if (!mode) {
		sim_oracle(s, 0, seed, rate, &t);
		return tally_late_ppm(&t);
	}
	d = sim_drive(o, s, mode, seed, rate);
	if (!d)
		return UINT64_MAX;
	t = d->vehicle[0].tally;
	drive_destroy(d);
	return tally_late_ppm(&t);
}

static bool passes(const struct scenario *s, const struct sim_options *o,
		   const struct sim_mode *mode, uint64_t thousandths)
{
	uint64_t rate = s->stream.rate / 1000 * thousandths;

	for (unsigned i = 0; i < SEEDS; i++)
		if (late_at(s, o, mode, rate, o->seed + i) > LATE_PPM)
			return false;
	return true;
}

uint64_t sim_rate(const struct scenario *s, const struct sim_options *o,
		  const struct sim_mode *mode)
{
	uint64_t good = LEAST, bad = MOST;

	if (!passes(s, o, mode, good))
		return 0;
	while (bad - good > CLOSE) {
		uint64_t middle = (good + bad) / 2;

		if (passes(s, o, mode, middle))
			good = middle;
		else
			bad = middle;
	}
	return s->stream.rate / 1000 * good;
}
