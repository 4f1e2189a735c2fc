/* SPDX-License-Identifier: MIT */
#include "receiver/core/admit.h"

#include <string.h>

enum { BURST = 20 };

#define EACH (SEC(1) / 10) /* what one token takes to grow, at factor 1 */

/* A network around a host, and how many times a host's tokens it has. */
struct level {
	uint8_t bits;
	uint16_t factor;
};

static const struct level levels_v4[ADMIT_LEVELS] = {{32, 1}, {24, 32}, {20, 256}, {18, 768}};
static const struct level levels_v6[ADMIT_LEVELS] = {{64, 1}, {56, 3}, {48, 4}, {32, 64}};

static const struct level *levels(const struct endpoint *who)
{
	return who->family == FAMILY_V4 ? levels_v4 : levels_v6;
}

/* `origin` NULL: nothing is proved. */
static ustime *bucket(struct admit *a, unsigned level, const struct endpoint *who,
		      const struct endpoint *origin)
{
	uint8_t name[4 + 2 * ENDPOINT_PREFIX] = {(uint8_t)level, who->family};
	size_t len = 4 + ENDPOINT_PREFIX;
	uint64_t hash;

	endpoint_cut(who, levels(who)[level].bits, name + 4);
	if (origin) {
		name[2] = origin->family;
		endpoint_cut(origin, levels(origin)[level].bits, name + len);
		len += ENDPOINT_PREFIX;
	}
	hash = siphash64(&a->key, name, len);
	if (level == 0)
		return &a->full_at[hash % ADMIT_HOSTS];
	return &a->full_at[ADMIT_HOSTS + (level - 1) * ADMIT_NETS + hash % ADMIT_NETS];
}

void admit_init(struct admit *a, const struct siphash_key *key)
{
	memset(a, 0, sizeof(*a));
	a->key = *key;
}

/* Any bucket is full again after two seconds: a larger one has more tokens, and they grow faster.
 */
static bool take(struct admit *a, const struct endpoint *who, const struct endpoint *origin,
		 ustime now)
{
	ustime *of[ADMIT_LEVELS], after[ADMIT_LEVELS];

	for (unsigned i = 0; i < ADMIT_LEVELS; i++) {
		of[i] = bucket(a, i, who, origin);
		after[i] = later(*of[i], now) + EACH / levels(who)[i].factor;
		if (after[i] - now > BURST * EACH)
			return false;
	}
	for (unsigned i = 0; i < ADMIT_LEVELS; i++)
		*of[i] = after[i];
	return true;
}

bool admit_one(struct admit *a, const struct endpoint *who, bool proved, ustime now)
{
	return take(a, who, proved ? who : NULL, now);
}

bool admit_vouched(struct admit *a, const struct endpoint *who, const struct endpoint *origin,
		   ustime now)
{
	return take(a, who, origin, now);
}
