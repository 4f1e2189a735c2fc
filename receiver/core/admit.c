/* SPDX-License-Identifier: MIT */
#include "receiver/core/admit.h"

#include <string.h>

enum { BURST = 20 };

#define EACH (SEC(1) / 10) /* what one token takes to grow */

static size_t bucket_of(const struct admit *a, const struct endpoint *who, bool proved)
{
	uint8_t prefix[10] = {who->family, proved};

	memcpy(prefix + 2, who->addr, who->family == FAMILY_V4 ? 4 : 8);
	return siphash64(&a->key, prefix, sizeof(prefix)) % ADMIT_BUCKETS;
}

void admit_init(struct admit *a, const struct siphash_key *key)
{
	memset(a, 0, sizeof(*a));
	a->key = *key;
	for (size_t i = 0; i < ADMIT_BUCKETS; i++)
		a->full_at[i] = INT64_MIN;
}

bool admit_one(struct admit *a, const struct endpoint *who, bool proved, ustime now)
{
	ustime *full_at = &a->full_at[bucket_of(a, who, proved)];
	ustime after = later(*full_at, now) + EACH;

	if (after - now > BURST * EACH)
		return false;
	*full_at = after;
	return true;
}
