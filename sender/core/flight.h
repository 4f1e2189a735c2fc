/* SPDX-License-Identifier: MIT */
#ifndef SENDER_CORE_FLIGHT_H
#define SENDER_CORE_FLIGHT_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/base/time.h"

enum { FLIGHT_ROOM = 2048 }; /* a power of two; 200 ms at 100 Mbit/s */

/* One packet that left by a link. */
struct flight_entry {
	ustime sent;
	uint32_t seq;
	uint16_t size;
	bool open;    /* nobody has said yet what became of it */
	bool named;   /* the server has asked for it since it left */
	bool passed;  /* a later one of this link has arrived */
};

/*
 * What a link carries: packets in the order in which they left, which is the order in which
 * they arrive, from the oldest whose fate is open.  `place` counts them for ever.
 */
struct flight {
	uint32_t first, next; /* places: the oldest, and that of the one to come */
	uint32_t count;       /* open ones */
	uint32_t named;       /* open ones that were asked for */
	uint64_t bytes;       /* of open ones */
	uint64_t sent, arrived, lost; /* packets in all: sent = arrived + lost + count */
	struct flight_entry entry[FLIGHT_ROOM];
};

void flight_init(struct flight *f);

static inline bool flight_full(const struct flight *f)
{
	return f->next - f->first >= FLIGHT_ROOM;
}

/* A packet leaves; there is room.  Returns its place. */
uint32_t flight_add(struct flight *f, uint32_t seq, uint16_t size, ustime now);

/* The open entry at this place, or NULL. */
struct flight_entry *flight_at(struct flight *f, uint32_t place);

/* The oldest open one, or NULL. */
struct flight_entry *flight_oldest(struct flight *f);

enum flight_fate { FLIGHT_ARRIVED, FLIGHT_LOST };

/* What became of an open entry is known. */
void flight_close(struct flight *f, struct flight_entry *e, enum flight_fate fate);

#endif
