/* SPDX-License-Identifier: MIT */
#ifndef SENDER_DOOR_H
#define SENDER_DOOR_H

#include "sender/config.h"
#include "sender/core/sender.h"
#include "shared/io/batch.h"

/*
 * What the sockets have in common: the loop they wait in, the core they feed, the calls they
 * use, and what became of datagrams on this side of the core.
 */
struct door {
	struct loop *loop;
	struct sender *sender;
	struct pkt_pool pool;
	struct outbox out;
	struct batch *batch;
	uint64_t homeless;     /* packets for links that are no more */
	uint64_t kernel_drops; /* datagrams that found a receive buffer full, as far as was asked */
	ustime dropped;        /* when that number grew last; 0: never */
};

enum {
	DOOR_PACKETS = 16384, /* 8192 copies of what was sent, the rest on the way through us */
	DOOR_READS = BATCH_MOST * BATCH_ROUNDS, /* from one socket in a turn, then others are heard */
	DOOR_RUN_LEAST = 3, /* a run costs about what two packets cost that leave alone */
};

/*
 * Makes the loop and the core, which goes on with `record` if there is one.  0, or a sysexits code
 * and one sentence in why; then nothing is left open.
 */
int door_open(struct door *d, const struct loop_hooks *hooks, const struct config *cfg,
	      const struct sender_record *record, char why[CONFIG_WHY]);

/* When all sockets are closed. */
void door_close(struct door *d);

/*
 * Asks how many datagrams the kernel dropped as the socket's receive buffer was full; `seen` is
 * what it said last time, 0 at first.  Warns where that begins.
 */
void door_count_drops(struct door *d, const struct batch_socket *s, uint32_t *seen, ustime now);

/* What passed between the program and the kernel, in numbers. */
struct door_traffic {
	enum batch_io io;
	struct batch_counts count;
	uint64_t wakes;
	uint64_t kernel_drops;
};

void door_traffic(const struct door *d, struct door_traffic *t);

#endif
