/* SPDX-License-Identifier: MIT */
#ifndef RECEIVER_DOOR_H
#define RECEIVER_DOOR_H

#include <stdbool.h>

#include "receiver/core/receiver.h"
#include "shared/io/loop.h"

/* What the sockets have in common: the loop they wait in and the core they feed. */
struct door {
	struct loop *loop;
	struct receiver *receiver;
	struct pkt_pool pool;
	struct outbox out;
	struct pkt spare;   /* takes datagrams while the pool is empty */
	uint64_t starved;   /* datagrams that were read while the pool was empty */
	uint64_t oversize;  /* longer than PKT_CAP */
	/* Tells what the core has noted and sends what it has put out, before there is more. */
	void (*settle)(void *arg, ustime now);
	void *arg;
};

enum { DOOR_FULL = 1024 }; /* so many packets in the outbox do not wait for the end of the turn */

/*
 * Hands up to `most` waiting datagrams to fn, which then owns them; then the
 * other sockets are heard.  What a datagram ended, such as a group, is settled
 * before the next one is read.  Returns 0, or the -errno with which the socket
 * ended the reading: its errors want looking at.
 */
int door_read(struct door *d, int fd, unsigned most,
	      void (*fn)(void *arg, struct pkt *p, ustime now), void *arg, ustime now);

#endif
