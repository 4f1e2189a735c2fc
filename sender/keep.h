/* SPDX-License-Identifier: MIT */
#ifndef SENDER_KEEP_H
#define SENDER_KEEP_H

#include "sender/config.h"
#include "sender/links.h"
#include "sender/sessionfile.h"
#include "shared/io/statedir.h"

/*
 * What outlives the process: the group, the encoder's session and the ports of the links, so
 * that a sender that takes our place goes on in the middle of the stream.  The file is replaced
 * soon after something in it has changed, a few times a second at most; a disk that takes
 * nothing costs one warning, and is tried again.
 */
struct keep {
	struct statedir dir;
	uint8_t boot[BOOT_ID];
	const struct config *cfg;
	bool found;                /* a life before this one, */
	struct sessionfile before; /* and what it left */
	struct sender *sender;     /* NULL until keep_follow() */
	const struct host *host;
	const struct links *links;
	ustime due;                /* of the next write, or NEVER */
	ustime after;              /* no write before this */
	ustime written;            /* when what the file says was last put into it */
	bool failing;              /* and that has been logged */
	size_t len;                /* of what it says, behind its title */
	char text[SESSIONFILE];
};

/* Chooses the directory and reads the file.  0, or a sysexits code and one sentence in why. */
int keep_open(struct keep *k, const struct config *cfg, char why[CONFIG_WHY]);

/* What the core should begin with, or NULL. */
const struct sender_record *keep_record(const struct keep *k);

/* From now on writes down what becomes of these. */
void keep_follow(struct keep *k, struct sender *s, const struct host *h, const struct links *ls);

/* Something may have changed. */
void keep_touch(struct keep *k, ustime now);

void keep_run(struct keep *k, ustime now);
ustime keep_deadline(const struct keep *k);

/* The last write, whatever the time. */
void keep_end(struct keep *k, ustime now);

#endif
