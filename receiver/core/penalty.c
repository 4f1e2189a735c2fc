/* SPDX-License-Identifier: MIT */
#include "receiver/core/penalty.h"

#include <string.h>

#define FAILURE SEC(5)  /* what each costs */
#define SHUT    SEC(15) /* from so much on the prefix is shut out */
#define MOST    SEC(600)

/* The place of the prefix, and the tag that it has there. */
static size_t place_of(const struct penalties *ps, const struct endpoint *who, uint32_t *tag)
{
	uint8_t prefix[1 + ENDPOINT_PREFIX] = {who->family};
	uint64_t hash;

	endpoint_cut(who, who->family == FAMILY_V4 ? 32 : 64, prefix + 1);
	hash = siphash64(&ps->key, prefix, sizeof(prefix));
	*tag = (uint32_t)(hash >> 32);
	return hash % PENALTY_PLACES;
}

void penalty_init(struct penalties *ps, const struct siphash_key *key)
{
	memset(ps, 0, sizeof(*ps));
	ps->key = *key;
}

bool penalty_book(struct penalties *ps, const struct endpoint *who, ustime now)
{
	uint32_t tag;
	struct penalty *p = &ps->place[place_of(ps, who, &tag)];
	bool shut;

	if (p->tag != tag || p->until <= now) {
		if (p->until > now + FAILURE)
			return false; /* another prefix has the place, and weighs more */
		*p = (struct penalty){.tag = tag, .until = now};
	}
	p->until = earlier(p->until + FAILURE, now + MOST);
	shut = p->shut;
	p->shut = shut || p->until - now >= SHUT;
	return p->shut && !shut;
}

bool penalty_holds(const struct penalties *ps, const struct endpoint *who, ustime now, usspan *left)
{
	uint32_t tag;
	const struct penalty *p = &ps->place[place_of(ps, who, &tag)];

	if (p->tag != tag || !p->shut || p->until <= now)
		return false;
	if (left)
		*left = p->until - now;
	return true;
}
