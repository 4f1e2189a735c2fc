/* SPDX-License-Identifier: MIT */
#include "shared/base/siphash.h"

/* The four words that the hash stirs. */
struct state {
	uint64_t a, b, c, d;
};

/* Little-endian, as the paper has it, on every machine; compilers make one load of it. */
static inline uint64_t load(const uint8_t *p)
{
	return (uint64_t)p[0] | (uint64_t)p[1] << 8 | (uint64_t)p[2] << 16 | (uint64_t)p[3] << 24 |
	       (uint64_t)p[4] << 32 | (uint64_t)p[5] << 40 | (uint64_t)p[6] << 48 |
	       (uint64_t)p[7] << 56;
}

/* The bytes that do not fill a word. */
static inline uint64_t load_rest(const uint8_t *p, size_t len)
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

static inline uint64_t turn(uint64_t v, unsigned bits)
{
	return v << bits | v >> (64 - bits);
}

/* One round. */
static inline void stir(struct state *s)
{
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

/* Two rounds, the 2 of its name; written out, so that the state stays in registers. */
static inline void absorb(struct state *s, uint64_t word)
{
	s->d ^= word;
	stir(s);
	stir(s);
	s->a ^= word;
}

/* Four rounds, the 4. */
static inline uint64_t squeeze(struct state *s)
{
	stir(s);
	stir(s);
	stir(s);
	stir(s);
	return s->a ^ s->b ^ s->c ^ s->d;
}

/* Everything up to the last rounds; tweak tells the wide hash from the narrow one. */
static inline struct state digest(const struct siphash_key *key, const uint8_t *p, size_t len,
				  uint64_t tweak)
{
	uint64_t k0 = load(key->bytes);
	uint64_t k1 = load(key->bytes + 8);
	uint64_t closing = (uint64_t)len << 56;
	struct state s = {
		.a = k0 ^ UINT64_C(0x736f6d6570736575),
		.b = k1 ^ UINT64_C(0x646f72616e646f6d) ^ tweak,
		.c = k0 ^ UINT64_C(0x6c7967656e657261),
		.d = k1 ^ UINT64_C(0x7465646279746573),
	};

	for (; len >= 8; p += 8, len -= 8)
		absorb(&s, load(p));
	absorb(&s, closing | load_rest(p, len));
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
