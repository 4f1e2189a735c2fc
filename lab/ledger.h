/* SPDX-License-Identifier: MIT */
#ifndef LAB_LEDGER_H
#define LAB_LEDGER_H

#include <stdbool.h>
#include <stddef.h>

#include "shared/base/time.h"

/* What became of one packet of media; 0 for what has not happened. */
struct ledger_entry {
	ustime made;    /* the encoder had it */
	ustime arrived; /* its first copy came to the SRT server */
	ustime played;  /* the SRT server gave it to its reader, in time and in order */
};

/*
 * Each packet that an encoder made, by its number from 0 on.  Source and sink
 * write into one ledger, which may be a file that both have mapped: one writes
 * `made`, the other the rest, and nobody reads before both are done.
 */
struct ledger {
	struct ledger_entry *entry;
	size_t room;
	uint64_t *shared_made; /* how many entries the source has begun, in the file; or NULL */
	uint64_t own_made;
	void *map;
	size_t map_len;
};

/* In memory; grows as packets are made, and ends the program when memory is short. */
void ledger_init(struct ledger *l);

/*
 * Mapped from a file, which is made when it is not there, for at most `room`
 * packets; what is beyond them is not written.  A file that was there is carried
 * on with.  0, -EINVAL for a file that holds something else, or -errno.
 */
int ledger_map(struct ledger *l, const char *path, size_t room);
void ledger_finish(struct ledger *l);

/* How many packets were made. */
size_t ledger_made(const struct ledger *l);

void ledger_make(struct ledger *l, size_t number, ustime now);

/*
 * Only the first arrival and the first play count, and only of a number that
 * there is room for.  A moment of 0 is written as 1, since 0 stands for never.
 */
void ledger_arrive(struct ledger *l, size_t number, ustime now);
void ledger_play(struct ledger *l, size_t number, ustime now);

/* Stands for `made` at its number or NULL beyond the room. */
const struct ledger_entry *ledger_at(const struct ledger *l, size_t number);

#endif
