/* SPDX-License-Identifier: MIT */
#ifndef RECEIVER_CORE_TURN_H
#define RECEIVER_CORE_TURN_H

#include "receiver/core/receiver.h"
#include "shared/base/outbox.h"

/* What is counted of all groups together. */
struct figures {
	struct histogram hold, path, forward[FLOWS]; /* as in receiver_view */
};

struct admit;
struct agenda;
struct penalties;
struct registry;
struct shelf;
struct tenure;

/*
 * One input on its way through the core: when it came, where its results go,
 * and what the steps on the way share.  It lives as long as the call.
 */
struct turn {
	ustime now;
	usspan boot_ahead;                 /* time since boot, minus now */
	struct outbox *out;
	struct pkt_pool *pool;
	struct registry *registry;
	struct shelf *shelf;
	struct agenda *agenda;
	struct penalties *penalties;
	struct admit *admit;
	struct tenure *tenure;
	const struct keys *keys;           /* or NULL: all stream keys are good */
	const struct receiver_config *cfg; /* no field that asks for a default */
	struct receiver_drops *drops;
	struct figures *figures;
	uint64_t *changes;                 /* of what records hold */
};

/* Something happened just now: n.at is filled in. */
static inline void turn_note(const struct turn *t, struct note n)
{
	n.at = t->now;
	outbox_note(t->out, &n);
}

/* A packet to write in, the caller's; NULL, and counted, when there is none. */
static inline struct pkt *turn_packet(const struct turn *t)
{
	struct pkt *p = pkt_get(t->pool);

	if (!p)
		t->drops->pool++;
	return p;
}

/* One more of *counter, and the packet goes home. */
static inline void turn_drop(uint64_t *counter, struct pkt *p)
{
	(*counter)++;
	pkt_free(p);
}

#endif
