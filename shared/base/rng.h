/* SPDX-License-Identifier: MIT */
#ifndef SHARED_BASE_RNG_H
#define SHARED_BASE_RNG_H

#include <stddef.h>
#include <stdint.h>

/*
 * Seeded numbers (xoshiro256**, Blackman and Vigna 2018) for jitter and
 * tests: the same seed gives the same numbers everywhere.  Not for secrets.
 */
struct rng {
	uint64_t state[4];
};

void rng_init(struct rng *r, uint64_t seed);
uint64_t rng_next(struct rng *r);

/* Evenly from 0 to below; 0 when below is 0. */
uint64_t rng_below(struct rng *r, uint64_t below);
void rng_fill(struct rng *r, void *buf, size_t len);

#endif
