/* SPDX-License-Identifier: MIT */
#ifndef SENDER_CORE_RING_H
#define SENDER_CORE_RING_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/base/pkt.h"
#include "shared/base/seq.h"

enum {
	RING_NUMBERS = 8192, /* a power of two; one receive buffer of libsrt */
	RING_HOPS = 4,       /* journeys of one number that are remembered, the latest */
};

enum ring_state {
	RING_FREE,    /* this number was never here, or is long gone */
	RING_WAITS,   /* in the queue: for its first journey, or for another one */
	RING_FLIES,   /* on its way, on one link or more */
	RING_LOST,    /* no journey of it can arrive any more */
	RING_ARRIVED, /* the receiver has it */
};

/* One journey of one number: a place in the flight of a link. */
struct ring_hop {
	uint8_t port; /* 0: none */
	uint32_t place;
};

/* One number: its copy, and what became of it. */
struct ring_slot {
	struct pkt *p;      /* NULL once nobody can ask for it any more */
	uint32_t seq;
	uint8_t state;      /* enum ring_state */
	bool again;         /* it has travelled before */
	uint8_t hops;       /* journeys so far, at most 255 */
	uint8_t flying;     /* how many are under way */
	uint8_t lost_on;    /* port of the link that lost it last, or 0 */
	uint16_t next, prev; /* in its queue, while it waits */
	ustime deadline;    /* when it must have been sent */
	ustime changed;     /* when we learnt that it arrived, or was lost */
	ustime queued;      /* since when it waits for another journey */
	struct ring_hop hop[RING_HOPS];
};

/* Numbers that wait, the earliest first. */
struct ring_queue {
	uint16_t head, tail;
	uint32_t count;
	uint64_t bytes;
};

/* How many of its places for journeys have been used. */
static inline unsigned ring_hops(const struct ring_slot *slot)
{
	return slot->hops < RING_HOPS ? slot->hops : RING_HOPS;
}

/*
 * The newest numbers of the encoder, with a copy of each that the server may still ask for.
 * What waits to be sent waits in here: those that travel again before those that are new.
 */
struct ring {
	bool any;
	uint32_t newest;
	uint32_t floor;    /* copies of everything before are gone */
	unsigned held;     /* copies */
	struct ring_queue again, fresh;
	struct ring_slot slot[RING_NUMBERS];
};

/* The memory is all zero: most of it is not touched before it is needed. */
void ring_init(struct ring *r);

/* Frees the copies. */
void ring_finish(struct ring *r);

/* NULL when the number is not in here. */
struct ring_slot *ring_find(struct ring *r, uint32_t seq);

/*
 * Takes p, of number seq, which is not in here yet, and has it wait for its first journey.
 * A number that is 8192 ahead pushes everything out; `false`: one so far behind that it is
 * of no use, and p is still the caller's.
 */
bool ring_put(struct ring *r, uint32_t seq, struct pkt *p, ustime deadline);

/* Whether the place of this number holds another one that still waits, and would be lost. */
bool ring_waits_at(const struct ring *r, uint32_t seq);

/* Whether a number lies so far from all others that it must be of another numbering. */
bool ring_strange(const struct ring *r, uint32_t seq);

/* Has it wait for another journey; it has a copy, and does not wait. */
void ring_again(struct ring *r, struct ring_slot *slot, ustime now);

/* Takes it out of the queue that it waits in. */
void ring_unqueue(struct ring *r, struct ring_slot *slot);

/* The first that waits, those that travel again before the new ones; NULL: none. */
struct ring_slot *ring_first(struct ring *r);

/* The next that waits behind this one, or NULL. */
struct ring_slot *ring_behind(struct ring *r, const struct ring_slot *slot);

/* Nobody asks for its copy any more. */
void ring_let_go(struct ring *r, struct ring_slot *slot);

/* Lets go of the oldest copy; false when there is none. */
bool ring_evict(struct ring *r);

/* Whether it is under way on this link. */
bool ring_flies_on(const struct ring_slot *slot, unsigned port);

#endif
