/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "lab/oracle.h"
#include "tools/sim/sim.h"

/* How the oracle fared with one seed. */
struct best {
	uint64_t seed;
	unsigned vehicles;
	struct tally tally[SCENARIO_VEHICLES];
};

/* Of the scenario in hand; it asks for the same few seeds again and again. */
static struct {
	struct best *at;
	size_t count;
} all;

void sim_oracle(const struct scenario *s, unsigned vehicle, uint64_t seed, uint64_t rate,
		struct tally *t)
{
	struct ledger ledger;

	ledger_init(&ledger);
	must(oracle_run(s, vehicle, seed, rate, &ledger) &&
	     tally_stream(&ledger, s->judged_from, s->lasts, t));
	ledger_finish(&ledger);
}

static struct best *place_of(uint64_t seed)
{
	for (size_t i = 0; i < all.count; i++)
		if (all.at[i].seed == seed)
			return &all.at[i];
	all.at = realloc(all.at, (all.count + 1) * sizeof(*all.at));
	must(all.at != NULL);
	memset(&all.at[all.count], 0, sizeof(*all.at));
	all.at[all.count].seed = seed;
	return &all.at[all.count++];
}

void sim_best(const struct scenario *s, unsigned vehicles, uint64_t seed,
	      struct tally tally[SCENARIO_VEHICLES])
{
	struct best *b = place_of(seed);

	for (; b->vehicles < vehicles; b->vehicles++)
		sim_oracle(s, b->vehicles, seed, 0, &b->tally[b->vehicles]);
	memcpy(tally, b->tally, sizeof(b->tally));
}

void sim_best_forget(void)
{
	free(all.at);
	all.at = NULL;
	all.count = 0;
}
