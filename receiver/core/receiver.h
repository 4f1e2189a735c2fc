/* SPDX-License-Identifier: MIT */
#ifndef RECEIVER_CORE_RECEIVER_H
#define RECEIVER_CORE_RECEIVER_H

#include "receiver/core/keys.h"
#include "receiver/core/record.h"
#include "receiver/core/view.h"
#include "shared/base/outbox.h"

/*
 * The grouping logic.  Inputs are calls, outputs are data: each call fills the
 * outbox, and the caller sends what is in it.  Port 0 is the public SRTLA
 * port; port n, from 1 on, is the socket of group n toward the SRT server.
 * Packets that are passed in are given away.
 *
 * A packet from or for port 0 carries the sender's address in `peer` and our
 * own, the one that was addressed, in `local`.
 */
struct receiver;

struct receiver_config {
	unsigned groups;         /* at most; 0: the default, 1024 */
	unsigned members;        /* at most in a group; 0: the default, 16 */
	usspan member_timeout;   /* silence that ends a member; 0: 15 s */
	usspan group_timeout;    /* how long a group waits without members; 0: 30 s */
	unsigned hold_packets;   /* that all groups together may hold back; 0: 16384 */
	usspan hold;             /* 0: until play-out asks; > 0: no longer than this; < 0: not at all */
	bool gate_off;           /* malformed SRT control packets pass too */
	bool plain_srt;          /* SRT callers without SRTLA are let in */
	struct siphash_key table_key;  /* for tables */
	struct siphash_key create_key; /* cookies that make groups derive from it, two minutes each */
	struct siphash_key readopt_key; /* cookies of groups that exist */
	uint8_t boot_id[16];     /* of the running system */
};

enum receiver_note {
	RECEIVER_GROUP_NEW = 1,   /* port, who: made it */
	RECEIVER_GROUP_GONE,      /* port, why */
	RECEIVER_MEMBER_NEW,      /* port of the group, who */
	RECEIVER_MEMBER_GONE,     /* port of the group, who, why */
	RECEIVER_PEER_OWN,        /* port of the group: its sender is one of ours */
	RECEIVER_SESSION_NEW,     /* port of the group; number: SRT socket id of the caller */
	RECEIVER_SESSION_AGREED,  /* port of the group; number: latency, ms */
	RECEIVER_SESSION_REFUSED, /* port of the group: by the SRT server */
	RECEIVER_SERVER_AWAY,     /* port of the group; number: errno */
	RECEIVER_SERVER_BACK,     /* port of the group */
	RECEIVER_FULL,            /* who: could not be taken in */
	RECEIVER_GROUP_RESTORED,  /* port, who: as it was before a restart; number: of members */
	RECEIVER_SESSION_LOST,    /* port of the group: unknown to the server; its caller was told */
	RECEIVER_LOGIN_REFUSED,   /* port of the group, who, why */
	RECEIVER_PENALTY,         /* who: makes no groups for a while; number: seconds */
};

/* A word for logs: "group_new".  "note" for what is none of them. */
const char *receiver_note_name(unsigned kind);

/* NULL when memory is short.  `pool` outlives the receiver. */
struct receiver *receiver_create(const struct receiver_config *cfg, struct pkt_pool *pool,
				 ustime now);
void receiver_destroy(struct receiver *r);

/*
 * CLOCK_BOOTTIME minus the clock that `now` comes from: cookies are dated by
 * time since boot, which runs on through suspend and over a restart.
 */
void receiver_set_boottime(struct receiver *r, usspan ahead);

void receiver_from_net(struct receiver *r, struct pkt *p, ustime now, struct outbox *out);
void receiver_from_server(struct receiver *r, unsigned port, struct pkt *p, ustime now,
			  struct outbox *out);

/*
 * The socket of group `port` reported errno `err`: for packet p, which it did
 * not take, or on its own when p is NULL.  Costs the packet, never the group.
 */
void receiver_server_error(struct receiver *r, unsigned port, struct pkt *p, int err, ustime now,
			   struct outbox *out);

/*
 * A number that is different for each group that ever used this port, and 0
 * when none does: what a socket was opened for, so that it never serves
 * another group that came after.
 */
uint32_t receiver_group_serial(const struct receiver *r, unsigned port);

/*
 * The port of the group whose caller has this stream id, the one of the youngest session where
 * there are several; 0: none has, or ever had.  A stream that ended is found as long as its group
 * lives.
 */
unsigned receiver_find_stream(const struct receiver *r, const char *stream_id);

/* Which SRT server the group's stream is for: the number that its key names, else 0. */
unsigned receiver_group_server(const struct receiver *r, unsigned port);

/*
 * The stream keys that are let in; NULL: all.  Stays the caller's, and must stay until
 * another is set.  Streams that run go on.
 */
void receiver_set_keys(struct receiver *r, const struct keys *keys);

/* Moves with every change of what receiver_record() would tell of any group. */
uint64_t receiver_changes(const struct receiver *r);

/* What has to outlive a restart of one group; false when the port has none. */
bool receiver_record(const struct receiver *r, unsigned port, struct receiver_record *rec);

/*
 * Takes a group back as it was, members and session, before anything comes from the
 * network.  Returns its port, or 0 when there is no room or it is here already.
 */
unsigned receiver_restore(struct receiver *r, const struct receiver_record *rec, ustime now,
			  struct outbox *out);

/* The end is near: all that is held goes to its server. */
void receiver_release(struct receiver *r, ustime now, struct outbox *out);

void receiver_run(struct receiver *r, ustime now, struct outbox *out);
ustime receiver_deadline(const struct receiver *r);

/*
 * The least SRT latency that a live session has, to the second; 0: of one it is not known, or
 * there is no session.
 */
usspan receiver_least_latency(const struct receiver *r);

void receiver_view(struct receiver *r, ustime now, struct receiver_view *v);

/* One group, by port; false when there is none. */
bool receiver_group_view(struct receiver *r, unsigned port, ustime now,
			 struct receiver_group_view *v);

#endif
