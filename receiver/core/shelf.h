/* SPDX-License-Identifier: MIT */
#ifndef RECEIVER_CORE_SHELF_H
#define RECEIVER_CORE_SHELF_H

#include "shared/base/pkt.h"
#include "shared/base/siphash.h"

struct group;

/*
 * Media packets of all groups that wait for their turn, found by group (p->port) and
 * number.  A fixed table, at most half full, whose places are chosen under a secret.
 */
struct shelf {
	struct pkt **place;
	size_t mask;
	uint64_t secret;
	unsigned count;
	unsigned limit;
	struct group *oldest; /* groups whose first gap waits, the longest-waiting first */
	struct group *newest;
};

/* Room for `limit` packets.  False when memory is short. */
bool shelf_init(struct shelf *s, const struct siphash_key *key, unsigned limit);

/* Frees what is still there. */
void shelf_finish(struct shelf *s);

static inline bool shelf_full(const struct shelf *s)
{
	return s->count >= s->limit;
}

/* Gives p away; its port and number are not there yet, and there is room. */
void shelf_put(struct shelf *s, struct pkt *p);

/* Packet seq of that port, now the caller's, or NULL. */
struct pkt *shelf_take(struct shelf *s, unsigned port, uint32_t seq);

/* The same, and it stays. */
const struct pkt *shelf_look(const struct shelf *s, unsigned port, uint32_t seq);

/* The group's first gap waits from now on: it comes last in the queue of those that do. */
void shelf_queue(struct shelf *s, struct group *g);

/* Nothing of the group waits.  Takes one that is not in the queue too. */
void shelf_unqueue(struct shelf *s, struct group *g);

#endif
