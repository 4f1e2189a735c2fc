/* SPDX-License-Identifier: MIT */
#ifndef TESTS_BENCH_LOAD_SPREAD_H
#define TESTS_BENCH_LOAD_SPREAD_H

#include <stdatomic.h>
#include <stdint.h>

enum {
	LOAD_SPREAD_STEPS = 16, /* buckets an octave: a figure is at most 1/16 too high */
	LOAD_SPREAD_BUCKETS = 61 * LOAD_SPREAD_STEPS,
};

/* How long something took, each time, in nanoseconds.  One thread adds, any may ask. */
struct load_spread {
	atomic_uint_fast64_t count[LOAD_SPREAD_BUCKETS];
	atomic_uint_fast64_t total;
	atomic_uint_fast64_t most;
};

/* By the thread that adds. */
void load_spread_clear(struct load_spread *s);
void load_spread_add(struct load_spread *s, uint64_t ns);

/* What so many in a thousand did not exceed, rounded up to its bucket's end; 0: there is none. */
uint64_t load_spread_at(const struct load_spread *s, unsigned permille);

#endif
