/* SPDX-License-Identifier: MIT */
#ifndef RECEIVER_DOOR_H
#define RECEIVER_DOOR_H

#include <stdbool.h>

#include "receiver/core/receiver.h"
#include "shared/io/batch.h"
#include "shared/io/loop.h"

/* What the sockets have in common: the loop they wait in and the core they feed. */
struct door {
	struct loop *loop;
	struct batch *batch;
	struct receiver *receiver;
	struct pkt_pool pool;
	struct outbox out;
	/* Tells what the core has noted and sorts what it has put out, before there is more. */
	void (*settle)(void *arg, ustime now);
	void *arg;
};

/*
 * So many packets in the outbox do not wait for the end of the turn.  What the media door brings
 * does not make so many; answers that are copied to every member do, and the ends of long gaps.
 */
enum { DOOR_FULL = 4 * BATCH_MOST * BATCH_ROUNDS };

/*
 * Hands up to `most` waiting datagrams to fn, which then owns them, or a few more, as
 * batch_recv() does; then the other sockets are heard.  What a datagram ended, such as a group,
 * is settled before the next one is handed on.  Returns 0, or the -errno with which the socket
 * ended the reading: its errors want looking at.
 */
int door_read(struct door *d, struct batch_socket *s, unsigned most,
	      void (*fn)(void *arg, struct pkt *p, ustime now), void *arg);

#endif
