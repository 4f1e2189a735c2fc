/* SPDX-License-Identifier: MIT */
#ifndef RECEIVER_CORE_ARRIVALS_H
#define RECEIVER_CORE_ARRIVALS_H

#include "receiver/core/turn.h"

struct group;
struct member;

/* How many are kept, and how many of them at most are news to a report. */
enum { ARRIVALS = 256, ARRIVALS_NEWS = 120 };

/*
 * What came lately over which member, for a sender that wants to be told.  A report says what
 * came since the one before, and again what that one said for the first time: so losing one
 * loses nothing.
 */
struct arrivals {
	uint16_t serial;      /* of the latest report */
	usspan interval;      /* between reports while data come */
	ustime told;          /* when the latest one left; 0: none has */
	ustime due;           /* of the next one, or NEVER */
	uint64_t reports;
	/* Since the interval was judged last: */
	ustime judged;
	uint64_t bytes;       /* of data, */
	uint64_t spent;       /* and of reports, each counted once */
	/* Places in the ring, which count on and on: */
	uint32_t again;       /* what the next report repeats, */
	uint32_t news;        /* what it says for the first time, */
	uint32_t end;         /* and the place of what comes next */
	struct arrival {
		uint32_t seq;
		uint32_t at;    /* in REPORT_TICKs of our clock, which wrap */
		uint8_t member; /* its place in the group; NOBODY: it has left */
	} ring[ARRIVALS];
};

/* The sender wants reports, or no more.  Without memory it gets none. */
void arrivals_want(struct group *g, bool wanted, const struct turn *t);

/* Forgets all, for a group that ends. */
void arrivals_finish(struct group *g);

/*
 * Data packet p came over the member; for groups that want reports.  What a report can hold is
 * told at once.
 */
void arrivals_add(struct group *g, struct member *m, const struct pkt *p, const struct turn *t);

/* The member leaves: nothing of its is told any more. */
void arrivals_forget(struct group *g, const struct member *m);

/* Reports, if that is due. */
void arrivals_run(struct group *g, const struct turn *t);

#endif
