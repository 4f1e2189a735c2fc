/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "tools/sim/sim.h"

/* Highest rates side by side, and what they come to over all scenarios. */

enum { MODES_MOST = 16 };

static struct {
	double share[MODES_MOST]; /* of the oracle's, summed */
	unsigned scenarios;
	uint64_t alone; /* what the classic rule does over the one link of that scenario */
} sum;

static void one_mode(const struct sim_options *o, const struct scenario *s, unsigned mode,
		     uint64_t best)
{
	uint64_t rate = sim_rate(s, o, &sim_modes[mode]);
	double share = best ? (double)rate / (double)best : 0;

	printf("%-22s R0.1 %-9s %6.2f Mbit/s, oracle %6.2f, share %.2f", s->name,
	       sim_modes[mode].name, (double)rate / 1e6, (double)best / 1e6, share);
	if (o->alone && sum.alone)
		printf(", of SRT alone %.2f", (double)rate / (double)sum.alone);
	printf("\n");
	fflush(stdout);
	if (!o->alone)
		sum.share[mode] += share;
}

void sim_rates(const struct sim_options *o, const struct scenario *s)
{
	static const struct sim_mode classic = {"classic", SENDER_CLASSIC, false, false};
	uint64_t best = sim_rate(s, o, NULL);

	if (o->alone && s->links == 1)
		sum.alone = sim_rate(s, o, &classic);
	sum.scenarios += !o->alone;
	for (unsigned i = 0; i < sim_mode_count; i++)
		if (sim_wants(o, i))
			one_mode(o, s, i, best);
}

void sim_rates_end(const struct sim_options *o)
{
	if (sum.scenarios < 2)
		return;
	for (unsigned i = 0; i < sim_mode_count; i++)
		if (sim_wants(o, i))
			printf("mean of %u%13s R0.1 %-9s share %.3f\n", sum.scenarios, "",
			       sim_modes[i].name, sum.share[i] / sum.scenarios);
}
