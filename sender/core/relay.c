/* SPDX-License-Identifier: MIT */
#include "sender/core/relay.h"

#include <string.h>

#include "shared/base/rng.h"

void relay_init(struct relay *r, uint64_t seed)
{
	struct rng rng;

	memset(r, 0, sizeof(*r));
	rng_init(&rng, seed);
	rng_fill(&rng, r->key.bytes, sizeof(r->key.bytes));
}

void relay_forget(struct relay *r)
{
	memset(r->seen, 0, sizeof(r->seen));
}

bool relay_repeats(struct relay *r, const void *data, size_t len, usspan window, ustime now)
{
	uint64_t hash = siphash64(&r->key, data, len);
	size_t place = hash % RELAY_PLACES;

	if (r->seen[place].at != 0 && r->seen[place].hash == hash &&
	    now - r->seen[place].at < window)
		return true;
	r->seen[place].hash = hash;
	r->seen[place].at = now;
	return false;
}
