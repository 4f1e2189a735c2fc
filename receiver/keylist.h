/* SPDX-License-Identifier: MIT */
#ifndef RECEIVER_KEYLIST_H
#define RECEIVER_KEYLIST_H

#include "receiver/core/receiver.h"
#include "receiver/hosts.h"

/*
 * The list of stream keys while the program runs: read at the start, and again when somebody
 * says that it has changed.  A list that cannot be read leaves the old one in force.
 */
struct keylist {
	const char *path;       /* NULL: every key is good, and there is no list */
	struct siphash_key key; /* that the keys are hashed under */
	struct keyfile file;
	struct receiver *receiver;
	struct hosts *hosts;
	unsigned groups;        /* ports of the receiver */
	ustime read;            /* when it was read last */
	ustime due;             /* when it is to be read again, or NEVER */
};

/* 0, or a sysexits code and one sentence in why. */
int keylist_open(struct keylist *kl, const char *path, char why[CONFIG_WHY]);
void keylist_close(struct keylist *kl);

/* The list is in force from now on. */
void keylist_start(struct keylist *kl, struct receiver *r, struct hosts *hs, unsigned groups,
		   ustime now);

/* The list has changed. */
void keylist_changed(struct keylist *kl, ustime now);

void keylist_run(struct keylist *kl, ustime now);
ustime keylist_deadline(const struct keylist *kl);

#endif
