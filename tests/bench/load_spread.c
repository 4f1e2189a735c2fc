/* SPDX-License-Identifier: MIT */
#include "tests/bench/load_spread.h"

#include <assert.h>

enum { STEP_BITS = 4 };

static_assert(1 << STEP_BITS == LOAD_SPREAD_STEPS, "steps are what these bits tell apart");

/* Only the adding thread writes, so reading and writing need not be one. */
static void raise_by_one(atomic_uint_fast64_t *count)
{
	uint64_t now = atomic_load_explicit(count, memory_order_relaxed);

	atomic_store_explicit(count, now + 1, memory_order_relaxed);
}

static unsigned bucket(uint64_t ns)
{
	unsigned octave;

	if (ns < LOAD_SPREAD_STEPS)
		return (unsigned)ns;
	octave = 63 - (unsigned)__builtin_clzll(ns);
	return (octave - STEP_BITS + 1) * LOAD_SPREAD_STEPS +
	       (unsigned)(ns >> (octave - STEP_BITS)) % LOAD_SPREAD_STEPS;
}

/* The longest that belongs into bucket i. */
static uint64_t end_of(unsigned i)
{
	unsigned shift;

	if (i < LOAD_SPREAD_STEPS)
		return i;
	shift = i / LOAD_SPREAD_STEPS - 1;
	return ((uint64_t)(LOAD_SPREAD_STEPS + i % LOAD_SPREAD_STEPS) << shift) +
	       ((UINT64_C(1) << shift) - 1);
}

void load_spread_clear(struct load_spread *s)
{
	for (unsigned i = 0; i < LOAD_SPREAD_BUCKETS; i++)
		s->count[i] = 0;
	s->total = 0;
	s->most = 0;
}

void load_spread_add(struct load_spread *s, uint64_t ns)
{
	raise_by_one(&s->count[bucket(ns)]);
	raise_by_one(&s->total);
	if (ns > atomic_load_explicit(&s->most, memory_order_relaxed))
		atomic_store_explicit(&s->most, ns, memory_order_relaxed);
}

uint64_t load_spread_at(const struct load_spread *s, unsigned permille)
{
	uint64_t below = (s->total * permille + 999) / 1000, passed = 0;

	if (s->total == 0)
		return 0;
	for (unsigned i = 0; i < LOAD_SPREAD_BUCKETS; i++) {
		passed += atomic_load_explicit(&s->count[i], memory_order_relaxed);
		if (passed >= below)
			return end_of(i) < s->most ? end_of(i) : s->most;
	}
	return s->most;
}
