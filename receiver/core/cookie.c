/* SPDX-License-Identifier: MIT */
#include "receiver/core/cookie.h"

#include <string.h>

#include "shared/wire/be.h"

enum {
	MAC = 16, /* one SipHash-128 */
	GRANT_AT = 16,
	SEALED_AT = 32,

	FACTS = 28, /* what is sealed: period, family, port, scope, address */
	ADDRESS = 16,

	/* What the MACs cover: boot id, sender half, facts, and for the proof the grant. */
	CLAIM = 16 + SRTLA_HALF_LEN + FACTS,
	CLAIM_MAX = CLAIM + MAC,
};

#define PERIOD SEC(120)

/* One key makes several kinds of bytes; the label keeps them apart. */
enum label {
	LABEL_PERIOD_KEY = 1,
	LABEL_GRANT,
	LABEL_PROOF,
	LABEL_MARK,
	LABEL_PAD, /* and the five after it: one for each block of pad and fill */
};

static void derive(const struct siphash_key *key, unsigned label, const uint8_t *data, size_t len,
		   uint8_t out[MAC])
{
	uint8_t labelled[1 + CLAIM_MAX];

	labelled[0] = (uint8_t)label;
	memcpy(labelled + 1, data, len);
	siphash128(key, labelled, 1 + len, out);
}

/* As many steps for any two inputs: how far a forgery came does not show in time. */
static bool same(const uint8_t *a, const uint8_t *b, size_t len)
{
	uint8_t differ = 0;

	for (size_t i = 0; i < len; i++)
		differ |= a[i] ^ b[i];
	return differ == 0;
}

static void write_facts(uint8_t facts[FACTS], uint32_t period, const struct endpoint *who)
{
	put_be32(facts, period);
	facts[4] = who->family;
	facts[5] = 0;
	put_be16(facts + 6, who->port);
	put_be32(facts + 8, who->scope);
	memcpy(facts + 12, who->addr, ADDRESS);
}

static uint32_t read_facts(const uint8_t facts[FACTS], struct endpoint *who)
{
	memset(who, 0, sizeof(*who));
	who->family = facts[4];
	who->port = be16(facts + 6);
	who->scope = be32(facts + 8);
	memcpy(who->addr, facts + 12, ADDRESS);
	return be32(facts);
}

static void write_claim(const struct cookie_keys *k, const uint8_t *half, const uint8_t *facts,
			uint8_t claim[CLAIM])
{
	memcpy(claim, k->boot_id, sizeof(k->boot_id));
	memcpy(claim + 16, half, SRTLA_HALF_LEN);
	memcpy(claim + 16 + SRTLA_HALF_LEN, facts, FACTS);
}

static void make_grant(const struct cookie_keys *k, const uint8_t claim[CLAIM], uint32_t period,
		       uint8_t grant[MAC])
{
	struct siphash_key key;
	uint8_t which[4];

	put_be32(which, period);
	derive(&k->create, LABEL_PERIOD_KEY, which, sizeof(which), key.bytes);
	derive(&key, LABEL_GRANT, claim, CLAIM, grant);
}

/* The cookie that says `claim` under this grant. */
static void wrap(const struct cookie_keys *k, const uint8_t claim[CLAIM], const uint8_t grant[MAC],
		 uint8_t cookie[SRTLA_HALF_LEN])
{
	uint8_t covered[CLAIM_MAX];
	uint8_t *rest = cookie + SEALED_AT;

	memcpy(covered, claim, CLAIM);
	memcpy(covered + CLAIM, grant, MAC);
	derive(&k->readopt, LABEL_PROOF, covered, sizeof(covered), cookie);
	memcpy(cookie + GRANT_AT, grant, MAC);
	for (unsigned i = 0; rest + i * MAC < cookie + SRTLA_HALF_LEN; i++)
		derive(&k->readopt, LABEL_PAD + i, cookie, MAC, rest + i * MAC);
	for (size_t i = 0; i < FACTS; i++)
		rest[i] ^= claim[CLAIM - FACTS + i];
}

uint32_t cookie_period(ustime since_boot)
{
	return since_boot < 0 ? 0 : (uint32_t)(since_boot / PERIOD);
}

void cookie_issue(const struct cookie_keys *k, const uint8_t half[SRTLA_HALF_LEN],
		  const struct endpoint *who, uint32_t period, uint8_t cookie[SRTLA_HALF_LEN])
{
	uint8_t facts[FACTS], claim[CLAIM], grant[MAC];

	write_facts(facts, period, who);
	write_claim(k, half, facts, claim);
	make_grant(k, claim, period, grant);
	wrap(k, claim, grant, cookie);
}

enum cookie_verdict cookie_check(const struct cookie_keys *k, const uint8_t id[SRTLA_ID_LEN],
				 uint32_t period, struct endpoint *who)
{
	const uint8_t *cookie = id + SRTLA_HALF_LEN;
	uint8_t facts[2 * MAC], claim[CLAIM], grant[MAC], ours[SRTLA_HALF_LEN];
	uint32_t issued;

	derive(&k->readopt, LABEL_PAD, cookie, MAC, facts);
	derive(&k->readopt, LABEL_PAD + 1, cookie, MAC, facts + MAC);
	for (size_t i = 0; i < FACTS; i++)
		facts[i] ^= cookie[SEALED_AT + i];

	write_claim(k, id, facts, claim);
	wrap(k, claim, cookie + GRANT_AT, ours);
	if (!same(ours, cookie, sizeof(ours)))
		return COOKIE_FORGED;

	issued = read_facts(facts, who);
	if (issued != period && issued + 1 != period)
		return COOKIE_OURS;
	make_grant(k, claim, issued, grant);
	return same(grant, cookie + GRANT_AT, MAC) ? COOKIE_FRESH : COOKIE_OURS;
}

void cookie_mark(const struct cookie_keys *k, const uint8_t half[SRTLA_HALF_LEN], uint8_t mark[MAC])
{
	derive(&k->readopt, LABEL_MARK, half, SRTLA_HALF_LEN, mark);
}
