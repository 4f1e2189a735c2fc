/* SPDX-License-Identifier: MIT */
#ifndef SENDER_CORE_LINK_H
#define SENDER_CORE_LINK_H

#include <stdbool.h>

#include "sender/core/quality.h"
#include "sender/core/sched.h"
#include "sender/core/way.h"
#include "shared/base/histogram.h"
#include "shared/base/outbox.h"
#include "shared/estimate/rate.h"
#include "shared/estimate/rtt.h"
#include "shared/wire/keepalive.h"

/* The window of a link, in thousandths of a packet. */
enum {
	WINDOW_LEAST = 1000,
	WINDOW_START = 20000,
	WINDOW_MOST = 60000,
};

/* Without data for longer than from one frame to the next but one, a link counts as idle. */
#define LINK_IDLE MSEC(70)

enum { LINK_ECHOES = 8 };

enum link_event {
	LINK_EV_ANSWER, /* the receiver spoke of registration */
	LINK_EV_REG3,
	LINK_EV_LOST,
};

/*
 * One uplink: how far its registration has come, what it carries, and what is
 * known of its path.
 */
struct link {
	struct sched_link sched; /* port (0: no link in this place), window, in flight */
	unsigned rank;
	enum link_state state;
	ustime since;         /* of this state */
	ustime missed;        /* since when it has not been up: added or lost */
	ustime heard;         /* latest proof that the receiver knows this link */
	ustime answered;      /* latest answer to a registration */

	/* Registration, led by join.c. */
	ustime ask_due;       /* when the next REG1 or REG2 leaves */
	bool asked;           /* one is on its way and unanswered */
	unsigned unanswered;  /* REG2 with the id of now */
	unsigned outdated;    /* REG2 with an id of before that may yet be answered */
	bool elsewhere;       /* its receiver does not know the group that others have */
	ustime barred_until;  /* the receiver refused to make a group for this address */
	ustime reopen_after;
	unsigned refusals;    /* of its REG2, in a row */
	ustime hurry;         /* since when an answer is thought to be near; 0: it is not */

	ustime echo_due;      /* when the next keepalive leaves, or is thought of */
	ustime echoed;        /* when the latest left */
	ustime data_at;       /* when the latest data left, late-bound ones only */
	uint32_t newest;      /* number of them, the furthest; SEQ_NONE: none yet */
	bool marked;          /* the receiver was told that it is idle since */
	uint64_t echo[LINK_ECHOES]; /* times in keepalives that have not come back, 0 free */
	unsigned echo_at;

	struct sender_terms terms;
	struct way way;
	int64_t allowance;    /* bytes that its cap lets through now */
	ustime allowed;       /* when that was counted */
	size_t unsent;        /* bytes that its socket holds */
	size_t mtu;           /* longer packets do not fit; 0: all do */
	struct sender_link_hint hint;
	ustime hinted;        /* when it was given */
	ustime hint_until;    /* and how long it is in force */

	struct rtt rtt;
	struct rate rate;
	struct quality quality;
	unsigned unreachable; /* errors that came by themselves, since it was last heard */
	bool mtu_told;

	const char *why;      /* a constant: what last took it out of use, or NULL */
	struct histogram path; /* round trips: of data, by what is told of it, and of keepalives */
	uint64_t resent_out;
	uint64_t packets_out, bytes_out, data_out;
	uint64_t packets_in, bytes_in;
	uint64_t acked, naks, refused;
	uint32_t naks_since_up;
};

/* All links, and those that are live in the order of their ranks. */
struct links {
	struct link at[SENDER_LINKS];
	unsigned top; /* the highest port in use */
	unsigned live;
	const struct sched_link *sched[SENDER_LINKS];
};

/* NULL when there is no such link. */
struct link *links_get(struct links *ls, unsigned port);

/* The live link in this place of the order. */
static inline struct link *links_live(const struct links *ls, unsigned i)
{
	return (struct link *)&ls->at[ls->sched[i]->port - 1];
}

/* To be called when a port has come into use, or gone out of it. */
void links_bound(struct links *ls);

/* To be called when a state or rank has changed. */
void links_sort(struct links *ls);

void link_init(struct link *l, unsigned port, unsigned rank, ustime now);

/* Whether the event moved the link to another state. */
bool link_handle(struct link *l, enum link_event ev, ustime now);

/* Whether its cap lets another packet through; counts the time until now. */
bool link_affords(struct link *l, ustime now);

/* p leaves by this link. */
void link_send(struct link *l, struct pkt *p, ustime now, struct outbox *out);

/* Proof that the receiver has this link in its group. */
void link_heard(struct link *l, ustime now);

/*
 * Sends a keepalive with our figures; with a greeting that says what we can do, where
 * `abilities` is not 0, and with the mark of an idle link where that is asked for.
 */
void link_echo(struct link *l, struct pkt_pool *pool, bool greet, uint32_t abilities, bool idle,
	       ustime now, struct outbox *out);

/* A keepalive came back then: the round-trip time, if its time is one that we sent, else 0. */
usspan link_echoed(struct link *l, const struct keepalive *k, ustime came);

#endif
