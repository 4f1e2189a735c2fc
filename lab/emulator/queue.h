/* SPDX-License-Identifier: MIT */
#ifndef LAB_EMULATOR_QUEUE_H
#define LAB_EMULATOR_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PARCEL_ROOM = 1600 }; /* a packet of the longest MTU that the devices have, and some */

/* A packet on the road, and when it comes out at the other end.  Times in ns of CLOCK_MONOTONIC. */
struct parcel {
	int64_t entered;    /* as near as can be told, */
	int64_t doubt;      /* and by how much that may be wrong */
	int64_t due;
	unsigned vehicle, link;
	bool up;
	bool counted;       /* it entered after the scenario had begun */
	bool twice;
	uint16_t len;
	uint8_t data[PARCEL_ROOM];
	struct parcel *next_blank;
};

/* One place in the heap. */
struct queue_seat {
	int64_t due;
	uint64_t order; /* what is due at the same moment comes out as it went in */
	struct parcel *parcel;
};

/*
 * All that is on any road, by the moment at which it is due; and the blank
 * parcels.  All memory is there, and touched, from the beginning on.
 */
struct queue {
	struct parcel *parcels;
	struct parcel *blank;
	struct queue_seat *seat; /* a binary heap */
	size_t room, held, most; /* held at once */
	uint64_t order;
};

/* False when memory is short. */
bool queue_init(struct queue *q, size_t room);
void queue_finish(struct queue *q);

/* A parcel to fill, which is then held or given back; NULL when all are on their way. */
struct parcel *queue_blank(struct queue *q);
void queue_give_back(struct queue *q, struct parcel *p);

void queue_hold(struct queue *q, struct parcel *p);

/* When the next one is due, NEVER without one. */
int64_t queue_due(const struct queue *q);

/* That one; there must be one. */
struct parcel *queue_pop(struct queue *q);

#endif
