/* SPDX-License-Identifier: MIT */
#ifndef RECEIVER_CORE_REGISTRY_H
#define RECEIVER_CORE_REGISTRY_H

#include "receiver/core/group.h"

/*
 * Everybody who is here: groups by port and by id, members by address, and
 * members by the moment when an SRTLA ACK falls due.  Each lookup costs the
 * same however many there are; the keys come from strangers, so the tables
 * hash them under a secret.  Only registration allocates.
 */
struct registry {
	struct siphash_key key;
	void *memory;              /* of the groups, as it was allocated */
	struct group *groups;      /* place i is port i + 1 */
	unsigned group_limit;
	unsigned member_limit;     /* of one group */
	unsigned group_count;
	unsigned member_count;
	uint32_t last_serial;
	struct group *by_id;
	struct member *by_address;
	struct group *free_first;  /* places, the longest unused one first */
	struct group *free_last;
	struct ack_queue due;
};

/* False when memory is short. */
bool registry_init(struct registry *r, const struct siphash_key *key, unsigned groups,
		   unsigned members);
void registry_finish(struct registry *r);

/* NULL when no group has this port. */
struct group *registry_port(const struct registry *r, unsigned port);
struct group *registry_group(const struct registry *r, const struct group_id *id);
struct member *registry_member(const struct registry *r, const struct endpoint *who);

/* The group that has been without members longest, or NULL. */
struct group *registry_emptiest(const struct registry *r);

/* The next new group has this port, if it is free. */
void registry_prefer(struct registry *r, unsigned port);

/* A new group without members; NULL when all places are taken or memory is short. */
struct group *registry_open(struct registry *r, const struct group_id *id, ustime now);

/* Ends a group that has no members left. */
void registry_close(struct registry *r, struct group *g);

/* A new member, of no other group; NULL when the group is full or memory is short. */
struct member *registry_add(struct registry *r, struct group *g, const struct endpoint *who);
void registry_remove(struct registry *r, struct member *m);

#endif
