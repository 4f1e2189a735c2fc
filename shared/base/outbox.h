/* SPDX-License-Identifier: MIT */
#ifndef SHARED_BASE_OUTBOX_H
#define SHARED_BASE_OUTBOX_H

#include "shared/base/pkt.h"
#include "shared/base/time.h"

/*
 * Something that happened in a core, for logs, time lines and tests.  What a
 * kind means, and which fields it fills, stands beside the kinds in the door
 * of each core.
 */
struct note {
	unsigned kind;
	unsigned port;
	ustime at;
	int64_t number;
	struct endpoint who;
	const char *why; /* a constant, or NULL */
};

enum { OUTBOX_NOTES = 32 };

/*
 * What one input made of a core: packets to send, in order, each with the
 * port it leaves by, and notes.  The shell empties it before it sleeps.
 * Notes are bounded; those that found no room are counted.
 */
struct outbox {
	struct pkt_list packets;
	struct note notes[OUTBOX_NOTES];
	unsigned note_count;
	uint64_t notes_lost;
};

void outbox_init(struct outbox *out);

/* Frees what nobody took. */
void outbox_finish(struct outbox *out);

/* Gives p away, to leave by port. */
void outbox_put(struct outbox *out, unsigned port, struct pkt *p);

/* The oldest packet, now the caller's, or NULL. */
struct pkt *outbox_take(struct outbox *out);

void outbox_note(struct outbox *out, const struct note *n);

/* Forgets the notes, once they have been read. */
void outbox_clear_notes(struct outbox *out);

#endif
