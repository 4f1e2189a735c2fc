/* SPDX-License-Identifier: MIT */
#ifndef RECEIVER_CORE_REORDER_H
#define RECEIVER_CORE_REORDER_H

#include "receiver/core/asking.h"
#include "receiver/core/marks.h"
#include "receiver/core/turn.h"

struct group;
struct member;

/*
 * Media in order: a packet that overtook others waits until they have come, or until every
 * member has delivered something newer, so that what is missing then is lost and not late.
 * As the SRT server plays each packet at its own time, waiting costs nothing as long as it
 * ends before that.  A packet that has passed before ends here.
 *
 * *Passed* means given to the SRT server's socket: a packet that the socket refused, or
 * that the server names in a NAK afterwards, may pass again.
 */
struct reorder {
	bool started;         /* the rest means something */
	bool ended;           /* its caller has begun another session */
	bool queued;          /* in the shelf's queue of those that wait */
	uint32_t socket;      /* for whose media: SRT socket id of the server's end */
	ustime began;         /* its first packet */
	ustime latest;        /* and its latest */
	ustime due;           /* when the first gap is given up, or a release goes on; or NEVER */
	unsigned held;        /* on the shelf, */
	uint32_t top;         /* all of them before this number */
	struct marks marks;
	struct asking asking;
	ustime slice;         /* when the present stretch of a paced release began, */
	int in_slice;         /* and what has been released in it, less what has come */
	unsigned missing;     /* numbers given up, less those that came late */
	struct group *older;
	struct group *newer;
	struct receiver_order_view figures;
};

void reorder_init(struct reorder *r);

/* A media packet of a member.  Takes p. */
void reorder_data(struct group *g, struct member *m, struct pkt *p, const struct turn *t);

/* This number has not passed after all. */
void reorder_forget(struct group *g, uint32_t seq);

/* The server's NAK: what it names and has passed was lost behind us. */
void reorder_nak(struct group *g, const struct pkt *p, ustime now);

/* Does what is due. */
void reorder_run(struct group *g, const struct turn *t);

/* The caller begins another session: what is held of the old one goes at once. */
void reorder_end(struct group *g, const struct turn *t);

/* The server has agreed to a session: after reorder_end(), what comes now is of that one. */
void reorder_agreed(struct group *g, const struct turn *t);

/* All that is held goes to the server, at once. */
void reorder_release(struct group *g, const struct turn *t);

/* All that is held is dropped: there is nobody to have it. */
void reorder_drop(struct group *g, struct shelf *shelf);

#endif
