/* SPDX-License-Identifier: MIT */
#ifndef SENDER_CORE_SENTLOG_H
#define SENDER_CORE_SENTLOG_H

#include <stdbool.h>
#include <stdint.h>

#include "sender/core/sender.h"

enum {
	SENTLOG_NUMBERS = 16384, /* a power of two */
	SENTLOG_SLOTS = 256,     /* a link's log; the oldest slot is never looked at */
};

/* One line in the log of a link: a number that it carried. */
struct sentlog_slot {
	uint32_t seq;  /* SEQ_NONE: empty */
	uint16_t next; /* further owners of this number: link * SENTLOG_SLOTS + place */
	uint16_t prev;
};

/*
 * Which links carried which SRT number and wait to hear of it.  Numbers index
 * a ring; a number leads to the slots of its owners, one in the log of each.
 * So adding, finding and removing a number cost the same however much is in
 * flight, and an acknowledgement costs one step for each number it covers.
 *
 * A link's log holds the 255 numbers that it carried last, each once, at the
 * place where it was carried last.  Numbers 16 384 behind the newest are
 * forgotten.
 */
struct sentlog {
	bool any;
	uint32_t newest; /* the number furthest ahead */
	uint32_t floor;  /* nothing before this one is held */
	struct {
		uint32_t seq;
		uint16_t first;
	} number[SENTLOG_NUMBERS];
	struct sentlog_slot slot[SENDER_LINKS * SENTLOG_SLOTS];
	uint16_t at[SENDER_LINKS];   /* the slot that is written next */
	uint16_t held[SENDER_LINKS]; /* slots in use */
};

void sentlog_init(struct sentlog *log);

/*
 * Link `link`, counted from 0, carried `seq`.  False when the number is so far
 * from the newest that it must belong to another numbering: everything before
 * it is then forgotten.
 */
bool sentlog_add(struct sentlog *log, unsigned link, uint32_t seq);

/* Who holds seq: bit n for link n. */
uint64_t sentlog_owners(const struct sentlog *log, uint32_t seq);

/* Link `link` no longer waits for seq; harmless when it did not. */
void sentlog_remove(struct sentlog *log, unsigned link, uint32_t seq);

/*
 * Everything before `next` has arrived: nobody waits for it.  False, and
 * nothing done, when next lies outside of what was sent.
 */
bool sentlog_ack(struct sentlog *log, uint32_t next);

void sentlog_clear_link(struct sentlog *log, unsigned link);

/* How many numbers lie from the floor to the newest, both included. */
uint32_t sentlog_span(const struct sentlog *log);

#endif
