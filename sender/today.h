/* SPDX-License-Identifier: MIT */
#ifndef SENDER_TODAY_H
#define SENDER_TODAY_H

#include "sender/uplinks.h"

/*
 * What each link has sent since midnight, local time, or since the start if that was later: data
 * plans are counted in days.  A link is known by its name, so that a modem which is pulled and put
 * in again goes on where it was.  As exact as it is told often: midnight is between two times.
 */
enum { TODAY_LINKS = 2 * UPLINKS_MOST };

struct today_link {
	char name[UPLINK_NAME]; /* "": nobody has this place */
	unsigned port;
	uint64_t seen;          /* its counter, when it was told last */
	uint64_t bytes;
	int64_t told_ms;
};

/* All zero is the morning of the first day. */
struct today {
	int day; /* of whichever year; 0: none yet */
	struct today_link link[TODAY_LINKS];
};

/*
 * The counter of this link stands at `sent` now, `wall_ms` since 1970: its bytes of today.  A
 * counter that is lower than before, or of another port, has begun anew.
 */
uint64_t today_count(struct today *t, const char *name, unsigned port, uint64_t sent,
		     int64_t wall_ms);

#endif
