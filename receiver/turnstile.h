/* SPDX-License-Identifier: MIT */
#ifndef RECEIVER_TURNSTILE_H
#define RECEIVER_TURNSTILE_H

#include <stdbool.h>

#include "shared/base/pkt.h"

enum {
	TURNSTILE_QUEUE = 2048,      /* packets of one group, then its oldest media goes */
	TURNSTILE_QUANTUM = PKT_CAP, /* bytes of one group in a round: any packet fits */
};

/* What waits of one group, whose serial says which. */
struct turnstile_queue {
	struct turnstile_queue *next; /* in the round */
	struct pkt_list control;      /* goes first */
	struct pkt_list media;
	uint32_t serial;
	uint32_t deficit;             /* bytes that it may still send in this round */
	unsigned closing;             /* SHUTDOWNs in `media`, which nothing overtakes */
};

/*
 * Where packets toward the SRT servers wait for their turn, a queue for each group, and
 * where groups take turns: deficit round robin (Shreedhar and Varghese, 1995), so that
 * whatever one group brings, another waits for one round at most.  The packets are linked
 * through themselves; each call costs the same however many groups there are.
 *
 * Within a group control packets overtake media, and each kind keeps its order.
 */
struct turnstile {
	struct turnstile_queue *queue; /* place i is port i + 1 */
	unsigned limit;
	struct turnstile_queue *first; /* of those with packets, whose turn it is */
	struct turnstile_queue *last;
	size_t count;                  /* packets in all queues */
	uint64_t overflowed;           /* packets that were given back for want of room */
};

/* For ports 1 to limit.  False when memory is short. */
bool turnstile_init(struct turnstile *ts, unsigned limit);

/* Frees what is still there.  Takes the empty thing too. */
void turnstile_finish(struct turnstile *ts);

/*
 * Takes p, for the group with this serial on p->port, a port below the limit.  Returns
 * NULL; or, when the queue was full, its oldest media packet, which the caller then owns.
 */
struct pkt *turnstile_put(struct turnstile *ts, uint32_t serial, struct pkt *p);

/* The next packet, now the caller's, and in *serial the group that it is of; or NULL. */
struct pkt *turnstile_take(struct turnstile *ts, uint32_t *serial);

/*
 * Packets are short: the oldest media of the longest queue, half of it but at most `most`
 * packets, goes to the end of the list, and so to the caller.  Looks once at each queue
 * that has packets.
 */
void turnstile_shed(struct turnstile *ts, size_t most, struct pkt_list *shed);

/* Frees what waits for this port; returns how many those were. */
size_t turnstile_forget(struct turnstile *ts, unsigned port);

#endif
