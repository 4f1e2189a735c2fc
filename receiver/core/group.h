/* SPDX-License-Identifier: MIT */
#ifndef RECEIVER_CORE_GROUP_H
#define RECEIVER_CORE_GROUP_H

#include "receiver/core/arrivals.h"
#include "receiver/core/login.h"
#include "receiver/core/member.h"
#include "receiver/core/nakgate.h"
#include "receiver/core/playout.h"
#include "receiver/core/reorder.h"
#include "receiver/core/upstream.h"
#include "shared/wire/session.h"

/*
 * What makes a group that group: the sender's half of the id, of which only a keyed hash
 * is kept, and the address whose REG1 the receiver's half was given to.  No padding: it is
 * a table key.
 */
struct group_id {
	uint8_t mark[RECEIVER_MARK_LEN];
	struct endpoint origin;
};

/*
 * One bonded stream: its members, and the SRT session that passes through.
 *
 * As with members, what each packet touches lies together: all of the first line; the server's
 * state and the ids of the session in another; the state of the order in a third, behind which
 * the marks begin.  What comes back from the server needs the second line, too, and that of the
 * counters.
 */
struct group {
	alignas(CACHE_LINE)
	struct member *members;    /* as many places as a group may have members */
	struct arrivals *arrivals; /* NULL: its sender wants no reports */
	struct member *latest;     /* who sent the latest SRT packet, or NULL */
	ustime asked;              /* the first SRT packet of its caller; 0: none */
	ustime due;                /* when the group wants the time, or NEVER */
	unsigned agenda_place;     /* 0: not on the agenda */
	unsigned places;           /* of members: all are among the first so many */
	unsigned server;           /* which SRT server */
	uint32_t serial;           /* 0: nobody has this place */
	unsigned port;             /* from 1 on; the same as long as the receiver lives */
	bool plain;                /* one member, which speaks SRT alone */
	bool answered;             /* the server has said something */
	bool proved;               /* the server has acknowledged data */
	bool own_peer;

	usspan srt_rtt;            /* between encoder and server, as the server measures it */
	usspan srt_rttvar;
	struct upstream upstream;
	struct session session;

	unsigned count;            /* of members */
	uint64_t down_packets;
	uint64_t acks;
	uint64_t naks;
	uint64_t naks_again;       /* that said nothing new, and went no further */
	uint64_t server_refused;

	alignas(CACHE_LINE)
	uint64_t up_packets;
	uint64_t up_bytes;
	struct reorder reorder;
	struct playout playout;
	bool repairs;              /* its sender sends lost packets again by itself */
	struct login login;
	struct nakgate nakgate;

	UT_hash_handle hh;         /* in the registry, by id */
	struct group_id id;
	void *memory;              /* of the members, as it was allocated */
	struct group *next_free;
	ustime made;
	ustime session_at;         /* when its caller came, or was found again after a restart */
	uint64_t stream_mark;      /* keyed hash of its stream id, from before a restart; 0: none */
	ustime empty_since;        /* while count is 0 */
	ustime failed;             /* the latest login that was booked as failed; 0: none */
};

static_assert(offsetof(struct group, srt_rtt) <= CACHE_LINE, "the first line holds all before it");
static_assert(sizeof(void *) != 8 || offsetof(struct group, upstream.asked) / CACHE_LINE ==
					     offsetof(struct group, session.over) / CACHE_LINE,
	      "of the server and of the session a media packet reads one line");
static_assert(offsetof(struct group, reorder.marks.bits) <=
		      offsetof(struct group, up_packets) + CACHE_LINE,
	      "what goes up is counted in the line of the order's state, which ends before the marks");

/* An SRT packet of a member, on to the SRT server. */
void group_up(struct group *g, struct member *m, struct pkt *p, const struct turn *t);

/* A keepalive of a member. */
void group_keepalive(struct group *g, struct member *m, struct pkt *p, const struct turn *t);

/* A packet of the SRT server, on to the members. */
void group_down(struct group *g, struct pkt *p, const struct turn *t);

/* The SRT server's socket failed, for p if there is one. */
void group_server_error(struct group *g, struct pkt *p, int err, const struct turn *t);

/* A packet, media or control, leaves for the SRT server.  Takes p. */
void group_forward(struct group *g, struct pkt *p, const struct turn *t);

/* A control packet of the caller, or one in its name, that may go to the server.  Takes p. */
void group_control(struct group *g, struct pkt *p, const struct turn *t);

/* Puts what the group waits for on the agenda. */
void group_reschedule(struct group *g, const struct turn *t);

/* Does what is due. */
void group_run(struct group *g, const struct turn *t);

/* Something happened to the group. */
void group_note(const struct group *g, unsigned kind, int64_t number, const struct turn *t);

/* A new member, of no other group; NULL when the group is full or memory is short. */
struct member *group_gain(struct group *g, const struct endpoint *who, const struct turn *t);

/* A member leaves, and `why`. */
void group_lose(struct group *g, struct member *m, const char *why, const struct turn *t);

/* The group ends, and `why`; it has no members left. */
void group_end(struct group *g, const char *why, const struct turn *t);

/* Members that fell silent leave.  True when the group itself has waited long enough. */
bool group_age(struct group *g, const struct turn *t);

/* We were deaf for so long: the silence is not held against the members. */
void group_excuse(struct group *g, usspan deaf, const struct turn *t);

#endif
