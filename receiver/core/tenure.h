/* SPDX-License-Identifier: MIT */
#ifndef RECEIVER_CORE_TENURE_H
#define RECEIVER_CORE_TENURE_H

#include "receiver/core/turn.h"

struct group;

enum { TENURE_SERVERS = 64 };

/*
 * Who may stay.  A group is on trial until the SRT server has acknowledged its data.  Groups on
 * trial have a quarter of all places, or eight where that is more; when those are taken, or
 * all places are, a new group has that of one on trial, of the source network (IPv4 /24, IPv6
 * /48) that has most of them on trial: the oldest that the server has not answered, else the
 * oldest.  Where none is on trial it has that of the one that stood without members longest.
 * A proved group with members never gives way.
 *
 * Making room costs one step over the groups on trial, at most a quarter of all and sixteen
 * bytes each, and if there are none, one over all groups.
 */
struct tenure {
	struct siphash_key key;
	struct trial {
		struct group *group;
		uint32_t crowd;         /* of its source network */
	} *trials;                      /* the oldest first; room for all groups */
	unsigned count;
	unsigned limit;
	uint32_t *crowd;                /* on trial in each; networks that collide count as one */
	uint32_t mask;
	struct tenure_server {
		ustime since;           /* when it began to answer, after it was silent */
		ustime last;            /* 0: never */
	} server[TENURE_SERVERS];       /* by number; those that share a place count as one */
};

/* False when memory is short. */
bool tenure_init(struct tenure *n, const struct siphash_key *key, unsigned groups);
void tenure_finish(struct tenure *n);

/* A group is on trial from now on; its end or its proof takes it off. */
void tenure_begin(struct tenure *n, struct group *g);

/* A group, on trial or not, is on trial no more. */
void tenure_leave(struct tenure *n, const struct group *g);

/* Sees that one more group finds a place.  False when nobody may go. */
bool tenure_make_room(const struct turn *t);

/* The SRT server spoke to the group. */
void tenure_heard(struct group *g, const struct turn *t);

/*
 * True when its trial has gone on for too long: five seconds from its first SRT packet without
 * a word of the server, or fifteen without an acknowledgement of data.  Neither runs while the
 * server answers nobody: that is no fault of the group's.  A sender whose encoder has not
 * called yet waits as long as nobody needs its place.
 */
bool tenure_over(const struct group *g, const struct turn *t);

/* The group and its members leave, and `why`. */
void tenure_end(struct group *g, const char *why, const struct turn *t);

/*
 * True when a refusal, the server's handshake, speaks of what the caller said, and not of the
 * server's own state: then it is a failed login.
 */
bool tenure_blames_caller(const struct pkt *refusal);

/* A login failed at this address, which has proved itself; a penalty that begins is noted. */
void tenure_book(const struct endpoint *who, const struct turn *t);

/* The caller's login failed: that is booked on the address that has proved to be the group's. */
void tenure_login_failed(struct group *g, const struct turn *t);

#endif
