/* SPDX-License-Identifier: MIT */
#include "lab/emulator/timing.h"

#include <string.h>

enum { NS_PER_US = 1000, WHOLE = 1000 };

void timing_init(struct timing *t)
{
	memset(t, 0, sizeof(*t));
}

void timing_add(struct timing *t, int64_t error_ns)
{
	int64_t error = error_ns < 0 ? -error_ns : error_ns;
	int64_t bin = error / NS_PER_US;

	t->bin[bin < TIMING_BINS ? bin : TIMING_BINS - 1]++;
	t->packets++;
	if (error > t->most)
		t->most = error;
}

int64_t timing_percentile(const struct timing *t, unsigned share)
{
	uint64_t wanted = (t->packets * share + WHOLE - 1) / WHOLE, seen = 0;

	if (t->packets == 0)
		return 0;
	for (int64_t i = 0; i < TIMING_BINS - 1; i++) {
		seen += t->bin[i];
		if (seen >= wanted && seen > 0)
			return i + 1;
	}
	return (t->most + NS_PER_US - 1) / NS_PER_US;
}

bool timing_valid(const struct timing *t)
{
	return timing_percentile(t, 990) <= TIMING_LIMIT_US;
}
