/* SPDX-License-Identifier: MIT */
#ifndef RECEIVER_CORE_ADMIT_H
#define RECEIVER_CORE_ADMIT_H

#include "shared/base/endpoint.h"
#include "shared/base/siphash.h"
#include "shared/base/time.h"

enum { ADMIT_BUCKETS = 4096 };

/*
 * How fast anybody may register: a token bucket for each IPv4 address and
 * IPv6 /64, ten answers a second and twenty at once.  The table never grows;
 * prefixes that collide share a bucket, and as the hash is keyed, nobody can
 * choose with whom.  A refusal costs nothing and leaves no mark: who waits is
 * served again.
 */
struct admit {
	struct siphash_key key;
	ustime full_at[ADMIT_BUCKETS]; /* when the bucket holds all its tokens again */
};

void admit_init(struct admit *a, const struct siphash_key *key);

/*
 * Takes a token of who's prefix, or says no.  Those that hold a cookie of ours
 * have shown that they receive at their address; they draw on another bucket
 * than those that have not, so that a flood of forged sources cannot shut out
 * the owner of the address.
 */
bool admit_one(struct admit *a, const struct endpoint *who, bool proved, ustime now);

#endif
