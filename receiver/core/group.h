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

/* One bonded stream: its members, and the SRT session that passes through. */
struct group {
	struct group_id id;
	UT_hash_handle hh;         /* in the registry, by id */
	unsigned port;             /* from 1 on; the same as long as the receiver lives */
	uint32_t serial;           /* 0: nobody has this place */
	struct group *next_free;

	struct member *members;    /* as many places as a group may have members */
	unsigned count;
	struct member *latest;     /* who sent the latest SRT packet, or NULL */
	ustime made;
	ustime empty_since;        /* while count is 0 */
	ustime asked;              /* the first SRT packet of its caller; 0: none */
	ustime failed;             /* the latest login that was booked as failed; 0: none */

	ustime due;                /* when the group wants the time, or NEVER */
	unsigned agenda_place;     /* 0: not on the agenda */

	struct session session;
	struct login login;
	struct upstream upstream;
	struct playout playout;
	struct reorder reorder;
	struct nakgate nakgate;
	struct arrivals *arrivals; /* NULL: its sender wants no reports */
	usspan srt_rtt;            /* between encoder and server, as the server measures it */
	unsigned server;           /* which SRT server */
	usspan srt_rttvar;
	bool plain;                /* one member, which speaks SRT alone */
	bool answered;             /* the server has said something */
	bool proved;               /* the server has acknowledged data */
	bool own_peer;
	bool repairs;              /* its sender sends lost packets again by itself */

	uint64_t up_packets;
	uint64_t up_bytes;
	uint64_t down_packets;
	uint64_t acks;
	uint64_t naks;
	uint64_t naks_again;       /* that said nothing new, and went no further */
	uint64_t server_refused;
};

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
