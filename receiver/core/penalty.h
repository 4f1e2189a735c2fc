/* SPDX-License-Identifier: MIT */
#ifndef RECEIVER_CORE_PENALTY_H
#define RECEIVER_CORE_PENALTY_H

#include <stdbool.h>

#include "shared/base/endpoint.h"
#include "shared/base/siphash.h"
#include "shared/base/time.h"

enum { PENALTY_PLACES = 4096 };

/*
 * Source prefixes (IPv4 address, IPv6 /64) whose SRT logins failed.  Each failure costs
 * five seconds; from fifteen on the prefix makes no new groups until they have passed, ten
 * minutes at the most.  Only those who have proved that they receive at their address are
 * ever booked, so nobody can be locked out in his absence.  The table never grows; when
 * two prefixes want one place the lighter penalty is forgotten.
 */
struct penalties {
	struct siphash_key key;
	struct penalty {
		uint32_t tag;  /* of the prefix */
		bool shut;     /* it has reached the fifteen seconds */
		ustime until;  /* when nothing is left of it */
	} place[PENALTY_PLACES];
};

void penalty_init(struct penalties *ps, const struct siphash_key *key);

/* A failed login.  True when this is the one from which on the prefix is shut out. */
bool penalty_book(struct penalties *ps, const struct endpoint *who, ustime now);

/* May `who` make no group now?  *left, unless NULL: for how long. */
bool penalty_holds(const struct penalties *ps, const struct endpoint *who, ustime now,
		   usspan *left);

#endif
