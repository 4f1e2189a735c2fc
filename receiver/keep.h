/* SPDX-License-Identifier: MIT */
#ifndef RECEIVER_KEEP_H
#define RECEIVER_KEEP_H

#include "receiver/config.h"
#include "receiver/cookiekeys.h"
#include "receiver/handover.h"

/*
 * What outlives the process: the keys of our cookies, and the groups with their members,
 * sessions and ports toward the SRT server.  The groups' file is replaced soon after
 * something in it has changed, but writing takes at most a twentieth of the time; a disk
 * that takes nothing costs one warning, and is tried again.
 */
struct keep {
	struct statedir dir;
	struct cookiekeys keys;
	struct receiver *receiver;  /* NULL until keep_restore() */
	struct servers *servers;
	struct handover *handover;
	usspan boot_ahead;          /* time since boot, minus `now` */
	usspan patience;            /* for a group: what has been away longer stays away */
	uint64_t seen;              /* the core's changes when looked at last, */
	uint64_t composed;          /* and when composing began */
	uint16_t *port;             /* of each group's socket, as it is in the file */
	unsigned groups;            /* in the file */
	ustime due;                 /* of the next write, or NEVER */
	ustime after;               /* no write before this */
	bool failing;               /* and that has been logged */
	char *text;                 /* the file as far as it is composed: */
	size_t len, room;
	unsigned next;              /* the next group to go into it, by port; 0: not begun */
	usspan took;                /* so far */
};

/* The first line of the file begins with this, as in stateword.h. */
#define KEEP_TITLE "srtla_rec groups 1"

/* Written so often at least, as the clocks of encoder and server drift apart. */
#define KEEP_REFRESH SEC(60)

/* Chooses the directory and has the keys.  0, or a sysexits code and one sentence in why. */
int keep_open(struct keep *k, const struct config *cfg, char why[CONFIG_WHY]);
void keep_close(struct keep *k);

/*
 * Gives the core and the sockets the groups of before, once both are there and nothing has
 * come from the network; from then on follows what becomes of them.  False when memory is
 * short.
 */
bool keep_restore(struct keep *k, struct receiver *r, struct servers *ss, struct handover *h,
		  usspan boot_ahead, ustime now, struct outbox *out);

/* Of keep_read.c: the groups of this file. */
void keep_read(struct keep *k, const char *path, ustime now, struct outbox *out);

/* At the end of each turn: is there something to write? */
void keep_look(struct keep *k, ustime now);

/* Each second: how far time since boot is ahead, and changes that only the sockets know of. */
void keep_tick(struct keep *k, usspan boot_ahead, ustime now);

void keep_run(struct keep *k, ustime now);
ustime keep_deadline(const struct keep *k);

/* The last write, whatever the time. */
void keep_end(struct keep *k, ustime now);

#endif
