/* SPDX-License-Identifier: MIT */
#ifndef RECEIVER_CORE_UPSTREAM_H
#define RECEIVER_CORE_UPSTREAM_H

#include "receiver/core/turn.h"

struct group;

/*
 * The SRT server as one group sees it: is it there, and does it still know the session?  A
 * server that restarts forgets its sessions and says nothing to those who speak on, so an
 * encoder would notice only after seconds.  When the server is certainly back, and certainly
 * without the session, the caller is told goodbye in its name, and calls again at once.
 */
struct upstream {
	ustime heard;      /* latest packet of the server for the session; 0: none */
	ustime refused;    /* latest refusal; 0: none */
	ustime probed;     /* latest question of ours; 0: none */
	ustime answered;   /* a listener's answer to one, since the session was heard; 0: none */
	uint32_t stamp;    /* latest SRT timestamp of the server */
	unsigned goodbyes; /* said to its caller, */
	ustime goodbye;    /* and the latest when */

	/* What each packet touches. */
	ustime asked;      /* first media sent since it was heard, or NEVER */
	ustime passed;     /* first packet sent since the latest refusal, or NEVER */
	ustime due;        /* when something is to be done, or NEVER */
	bool away;         /* refused, and nothing came since */
	bool lost;         /* the session is given up, and no other has begun */
	bool closed;       /* its port was refused, and nothing came for the session since */
};

void upstream_init(struct upstream *u);

/* A packet goes to the server. */
void upstream_sent(struct group *g, const struct pkt *p, const struct turn *t);

/* A packet of the server came.  False: it answered a question of ours, and is taken. */
bool upstream_heard(struct group *g, struct pkt *p, const struct turn *t);

/* The socket was refused with this errno. */
void upstream_refused(struct group *g, int err, const struct turn *t);

/* Does what is due at u->due, which then is later than now. */
void upstream_run(struct group *g, const struct turn *t);

#endif
