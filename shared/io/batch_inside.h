/* SPDX-License-Identifier: MIT */
#ifndef SHARED_IO_BATCH_INSIDE_H
#define SHARED_IO_BATCH_INSIDE_H

#include <netinet/in.h>
#include <sys/socket.h>

#include "shared/io/ancillary.h"
#include "shared/io/batch.h"

enum {
	BATCH_COALESCED = 16,   /* messages in a call that may be several datagrams each */
	BATCH_PARTS = 256,      /* datagrams that leave by one call, alone or in runs */
	BATCH_DATAGRAM = 65536, /* no message is longer */
};

union batch_address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

/*
 * What waits to be filled by recvmmsg().  A datagram goes straight into a packet of the pool;
 * what is more than a packet holds goes into `rest`, and is put into packets from there.
 */
struct batch_intake {
	struct mmsghdr msg[BATCH_MOST];
	struct iovec part[BATCH_MOST][2]; /* the packet's data, and the rest */
	union batch_address from[BATCH_MOST];
	union ancillary beside[BATCH_MOST];
	unsigned segment[BATCH_MOST]; /* bytes of each datagram of the message; 0: it is one */
	struct pkt *pkt[BATCH_MOST]; /* NULL: the spare one, whatever comes is dropped */
	uint64_t used;               /* a bit for each that wants making ready */
	uint8_t (*rest)[BATCH_DATAGRAM]; /* NULL: nothing comes in one */
	struct pkt spare;            /* takes datagrams while the pool is empty */
};

/* What sendmmsg() is given: messages, each one packet or a run of them. */
struct batch_outgo {
	struct mmsghdr msg[BATCH_MOST];
	struct iovec part[BATCH_PARTS];
	struct sockaddr_storage to[BATCH_MOST];
	union ancillary beside[BATCH_MOST];
	unsigned run[BATCH_MOST]; /* packets in each message */
};

struct batch {
	enum batch_io io;
	struct loop *loop;
	struct pkt_pool *pool;
	struct batch_counts count;
	struct batch_intake in;
	struct batch_outgo out;
};

#endif
