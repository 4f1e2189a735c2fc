/* SPDX-License-Identifier: MIT */
#include "shared/base/siphash.h"

enum { ROUNDS = 2, LAST_ROUNDS = 4 }; /* the 2 and the 4 of its name */

/* The four words that the hash stirs. */
struct state {
	uint64_t a, b, c, d;
};

/* Little-endian, as the paper has it, on every machine. */
static uint64_t load(const uint8_t *p, size_t len)
{
	uint64_t v = 0;

	for (size_t i = len; i > 0; i--)
		v = v << 8 | p[i - 1];
	return v;
}

static void store(uint8_t *p, uint64_t v)
{
	for (size_t i = 0; i < 8; i++)
		p[i] = (uint8_t)(v >> (8 * i));
}

static uint64_t turn(uint64_t v, unsigned bits)
{
	return v << bits | v >> (64 - bits);
}

static void stir(struct state *s, unsigned rounds)
{
	while (rounds-- > 0) {
		s->a += s->b;
		s->b = turn(s->b, 13) ^ s->a;
		s->a = turn(s->a, 32);
		s->c += s->d;
		s->d = turn(s->d, 16) ^ s->c;
		s->a += s->d;
		s->d = turn(s->d, 21) ^ s->a;
		s->c += s->b;
		s->b = turn(s->b, 17) ^ s->c;
		s->c = turn(s->c, 32);
	}
}

static void absorb(struct state *s, uint64_t word)
{
	s->d ^= word;
	stir(s, ROUNDS);
	s->a ^= word;
}

static uint64_t squeeze(struct state *s)
{
	stir(s, LAST_ROUNDS);
	return s->a ^ s->b ^ s->c ^ s->d;
}

/* Everything up to the last rounds; tweak tells the wide hash from the narrow one. */
static struct state digest(const struct siphash_key *key, const uint8_t *p, size_t len,
			   uint64_t tweak)
{
	uint64_t k0 = load(key->bytes, 8);
	uint64_t k1 = load(key->bytes + 8, 8);
	uint64_t closing = (uint64_t)len << 56;
	struct state s = {
		.a = k0 ^ UINT64_C(0x736f6d6570736575),
		.b = k1 ^ UINT64_C(0x646f72616e646f6d) ^ tweak,
		.c = k0 ^ UINT64_C(0x6c7967656e657261),
		.d = k1 ^ UINT64_C(0x7465646279746573),
	};

	for (; len >= 8; p += 8, len -= 8)
		absorb(&s, load(p, 8));
	absorb(&s, closing | load(p, len));
	return s;
}

uint64_t siphash64(const struct siphash_key *key, const void *data, size_t len)
{
	struct state s = digest(key, data, len, 0);

	s.c ^= 0xff;
	return squeeze(&s);
}

void siphash128(const struct siphash_key *key, const void *data, size_t len, uint8_t out[16])
{
	struct state s = digest(key, data, len, 0xee);

	s.c ^= 0xee;
	store(out, squeeze(&s));
	s.b ^= 0xdd;
	store(out + 8, squeeze(&s));
}
