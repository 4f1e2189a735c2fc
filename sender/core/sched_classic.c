/* SPDX-License-Identifier: MIT */
#include "sender/core/sched.h"

/*
 * The reference rule of SRTLA: the link with the most window for each packet
 * in flight, the one just chosen included.  Whole numbers, and the first link
 * wins a tie.
 */
static unsigned pick(const struct sched_link *const *live, unsigned count,
		     const struct sched_ask *ask)
{
	unsigned best = 0;
	int32_t best_score = -1;

	for (unsigned i = 0; i < count; i++) {
		int32_t score = live[i]->window / (live[i]->in_flight + 1);

		if (live[i]->port != ask->avoid && score > best_score) {
			best = live[i]->port;
			best_score = score;
		}
	}
	return best;
}

const struct sched_rule sched_classic = {
	.name = "classic",
	.pick = pick,
};
