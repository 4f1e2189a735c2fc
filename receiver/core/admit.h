/* SPDX-License-Identifier: MIT */
#ifndef RECEIVER_CORE_ADMIT_H
#define RECEIVER_CORE_ADMIT_H

#include "shared/base/endpoint.h"
#include "shared/base/siphash.h"
#include "shared/base/time.h"

enum {
	ADMIT_LEVELS = 4,
	ADMIT_HOSTS = 65536, /* buckets of the first level: 600 000 answers a second pass them */
	ADMIT_NETS = 4096,   /* of each other level */
	ADMIT_BUCKETS = ADMIT_HOSTS + (ADMIT_LEVELS - 1) * ADMIT_NETS,
};

/*
 * How fast anybody may register.  Ten answers a second and twenty at once for an IPv4 address
 * or IPv6 /64, and so many times that for each network around it:
 *
 *	IPv4   /32  1   /24  32   /20  256   /18  768
 *	IPv6   /64  1   /56   3   /48    4   /32   64
 *
 * Each must have a token, and a refusal takes none of any: who waits is served again.  The
 * tables never grow; prefixes of one level that collide share a bucket, and as the hash is
 * keyed, nobody can choose with whom.  Each answer costs four hashes, whoever asks.
 */
struct admit {
	struct siphash_key key;
	ustime full_at[ADMIT_BUCKETS]; /* when the bucket holds all its tokens again */
};

void admit_init(struct admit *a, const struct siphash_key *key);

/*
 * Takes a token, or says no.  Those that hold a cookie of ours have shown that they receive
 * at their address; they draw on other buckets than those that have not, so that a flood of
 * forged sources cannot shut out the owner of the address.
 */
bool admit_one(struct admit *a, const struct endpoint *who, bool proved, ustime now);

/*
 * The same for somebody who brings the cookie that went to `origin`.  Each origin has its own
 * tokens for each prefix, so that the holder of one cookie who writes other people's source
 * addresses uses up none of theirs.
 */
bool admit_vouched(struct admit *a, const struct endpoint *who, const struct endpoint *origin,
		   ustime now);

#endif
