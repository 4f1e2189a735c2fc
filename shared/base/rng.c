/* SPDX-License-Identifier: MIT */
#include "shared/base/rng.h"

/* splitmix64: spreads one seed, zero too, over the whole state. */
static uint64_t spread(uint64_t *seed)
{
	uint64_t v = *seed += UINT64_C(0x9e3779b97f4a7c15);

	v = (v ^ v >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	v = (v ^ v >> 27) * UINT64_C(0x94d049bb133111eb);
	return v ^ v >> 31;
}

static uint64_t turn(uint64_t v, unsigned bits)
{
	return v << bits | v >> (64 - bits);
}

void rng_init(struct rng *r, uint64_t seed)
{
	for (size_t i = 0; i < 4; i++)
		r->state[i] = spread(&seed);
}

uint64_t rng_next(struct rng *r)
{
	uint64_t *s = r->state;
	uint64_t result = turn(s[1] * 5, 7) * 9;
	uint64_t shifted = s[1] << 17;

	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= shifted;
	s[3] = turn(s[3], 45);
	return result;
}

uint64_t rng_below(struct rng *r, uint64_t below)
{
	uint64_t uneven, draw;

	if (below == 0)
		return 0;
	/* 2^64 mod below: that many draws have no equal share in the circle. */
	uneven = (0 - below) % below;
	do {
		draw = rng_next(r);
	} while (draw < uneven);
	return draw % below;
}

void rng_fill(struct rng *r, void *buf, size_t len)
{
	uint8_t *p = buf;
	uint64_t draw = 0;

	for (size_t i = 0; i < len; i++) {
		if (i % 8 == 0)
			draw = rng_next(r);
		p[i] = (uint8_t)draw;
		draw >>= 8;
	}
}
