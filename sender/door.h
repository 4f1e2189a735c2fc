/* SPDX-License-Identifier: MIT */
#ifndef SENDER_DOOR_H
#define SENDER_DOOR_H

#include <stdbool.h>

#include "sender/core/sender.h"
#include "shared/io/loop.h"

/* What the sockets have in common: the loop they wait in and the core they feed. */
struct door {
	struct loop *loop;
	struct sender *sender;
	struct pkt_pool pool;
	struct outbox out;
	struct pkt spare;  /* takes datagrams while the pool is empty */
	uint64_t oversize; /* longer than PKT_CAP */
};

enum { DOOR_READS = 64 }; /* from one socket in one turn, then the others are heard */

/*
 * Hands up to DOOR_READS waiting datagrams to fn, which then owns them.
 * Returns 0, or the -errno with which the socket ended the reading: its errors
 * want looking at.
 */
int door_read(struct door *d, int fd, void (*fn)(void *arg, struct pkt *p, ustime now), void *arg,
	      ustime now);

#endif
