/* SPDX-License-Identifier: MIT */
#ifndef RECEIVER_CORE_COOKIE_H
#define RECEIVER_CORE_COOKIE_H

#include "shared/base/endpoint.h"
#include "shared/base/siphash.h"
#include "shared/base/time.h"
#include "shared/wire/srtla.h"

/*
 * The receiver's half of a group id is a cookie: everything that a REG1 told
 * us travels in it and comes back with the REG2, so a REG1 costs no memory.
 * The same sender half, address and period give the same 128 bytes.
 *
 *	 0  proof   MAC by the long-lived key: we gave this out, since this boot
 *	16  grant   MAC by the key of the period: new enough to make a group
 *	32  sealed  period and address of the REG1, then zeros, under a pad
 *	64  fill    so that nothing about it looks like less than 128 random bytes
 *
 * Pad and fill derive from the proof, which covers all the rest: no bit can
 * change unnoticed, and no two cookies share a pad.
 */
struct cookie_keys {
	struct siphash_key create;  /* keys of periods derive from it */
	struct siphash_key readopt; /* long-lived */
	uint8_t boot_id[16];        /* periods count from this boot */
};

enum cookie_verdict {
	COOKIE_FORGED, /* not ours, or of another boot */
	COOKIE_OURS,   /* holds for a group that exists */
	COOKIE_FRESH,  /* of this period or the one before: may make a group */
};

/* Which two minutes since boot; times before boot count as its first. */
uint32_t cookie_period(ustime since_boot);

void cookie_issue(const struct cookie_keys *k, const uint8_t half[SRTLA_HALF_LEN],
		  const struct endpoint *who, uint32_t period, uint8_t cookie[SRTLA_HALF_LEN]);

/* Judges a whole id; unless it is forged, *who is the address of its REG1. */
enum cookie_verdict cookie_check(const struct cookie_keys *k, const uint8_t id[SRTLA_ID_LEN],
				 uint32_t period, struct endpoint *who);

/*
 * The name under which an id is remembered: a keyed hash of its sender half, the same over
 * a restart, that tells nobody the id.
 */
void cookie_mark(const struct cookie_keys *k, const uint8_t half[SRTLA_HALF_LEN], uint8_t mark[16]);

#endif
