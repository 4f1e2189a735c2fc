/* SPDX-License-Identifier: MIT */
#ifndef RECEIVER_OUTLET_H
#define RECEIVER_OUTLET_H

#include "receiver/front.h"
#include "receiver/server.h"
#include "receiver/turnstile.h"

/*
 * So many packets are left to those who speak, however many wait to be sent: for all that a turn
 * may bring, be it coalesced (sixteen messages of 64 KiB at last), between two looks at the pool.
 */
enum { OUTLET_RESERVE = 2 * DOOR_FULL };

/*
 * The way out, at the end of each turn of the loop: what the core has put into the outbox goes
 * to the members, and to the SRT servers through the turnstile, a bounded number in a turn.
 * Notes go to the log.
 */
struct outlet {
	struct door *door;
	struct front *front;
	struct servers *servers;
	struct turnstile turnstile;
	uint64_t brought; /* packets, through the front, before this turn */
};

/* From here on the door is settled by it.  False when memory is short. */
bool outlet_init(struct outlet *o, struct door *door, struct front *front, struct servers *servers,
		 unsigned groups);
void outlet_finish(struct outlet *o);

/* The end of a turn. */
void outlet_flush(struct outlet *o, ustime now);

/* Something waits for the next turn, which should come at once. */
bool outlet_waits(const struct outlet *o);

/* The end of all turns: nothing waits any more. */
void outlet_drain(struct outlet *o, ustime now);

#endif
