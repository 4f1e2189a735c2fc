/* SPDX-License-Identifier: MIT */
#ifndef SHARED_IO_BATCH_H
#define SHARED_IO_BATCH_H

#include "shared/base/pkt.h"
#include "shared/io/loop.h"

/*
 * Datagrams in bulk: those that wait in a socket come with one call, and those that leave by one
 * go with one call.  Nothing ever waits for a batch to fill: a batch is what there is.
 */

/* How datagrams cross the border to the kernel, each with all that the one before it can. */
enum batch_io {
	BATCH_PLAIN, /* one call for each */
	BATCH_MMSG,  /* recvmmsg() and sendmmsg() */
	BATCH_GSO,   /* and equal ones in a row as one: UDP_SEGMENT and UDP_GRO of udp(7) */
	BATCH_AUTO,  /* the last of them that the kernel has */
};

/* Their words on a command line, in this order. */
#define BATCH_IO_WORDS "plain|mmsg|gso|auto"

enum {
	BATCH_MOST = 64,    /* messages in a call */
	BATCH_ROUNDS = 4,   /* calls for one socket in a turn of the loop */
	BATCH_LINK_RUN = 48,   /* the longest run that leaves as one: of a link, */
	BATCH_SERVER_RUN = 32, /* and toward a server, which takes it in at once */
	BATCH_RUN_BYTES = 65507, /* what fits into one datagram of IPv4 */
};

enum { BATCH_ERRORS = 12 };

/* How often sockets would not take a packet, for one reason. */
struct batch_refusal {
	int err; /* errno; 0: none, here and behind; the last place counts all for which there was none */
	uint64_t count;
};

/* What has happened, over all sockets. */
struct batch_counts {
	uint64_t reads;     /* calls that brought something, */
	uint64_t came;      /* and datagrams that they brought */
	uint64_t coalesced; /* of these: how many the kernel had put together with others */
	uint64_t starved;   /* that were read while the pool was empty, and are gone */
	uint64_t oversize;  /* longer than PKT_CAP, and gone */
	uint64_t writes;    /* calls that took something, */
	uint64_t left;      /* and datagrams that they took */
	uint64_t runs;      /* of these calls' messages: how many were runs, */
	uint64_t in_runs;   /* and the datagrams in them */
	uint64_t refused;   /* that a socket would not take */
	uint64_t in_doubt;  /* of runs that were cut off: each may have left or not */
	struct batch_refusal refusal[BATCH_ERRORS];
};

/* One socket, for as long as it is open. */
struct batch_socket {
	int fd;
	const char *name;   /* for the log; outlives it */
	bool addressed;     /* each packet goes to its own peer, else the socket is connected */
	bool coalesces;     /* what comes may have been put together: batch_coalesce() */
	unsigned run_least; /* packets that leave as one; 0: never */
	unsigned run_most;
	ustime runs_from;   /* the kernel refused a run: none before that */
};

struct batch;

/*
 * The room that all sockets of a program share.  `want` is lowered to what the kernel has.
 * NULL and errno on failure.  `loop` and `pool` outlive it.
 */
struct batch *batch_create(enum batch_io want, struct loop *loop, struct pkt_pool *pool);

/* Takes NULL too. */
void batch_destroy(struct batch *b);

enum batch_io batch_io(const struct batch *b);
const struct batch_counts *batch_counts(const struct batch *b);

/* "plain", "mmsg", "gso", "auto". */
const char *batch_io_name(enum batch_io io);

/*
 * Logs the way in force, with the span that wake-ups may be put together for (0: none), and that
 * the way that was asked for is not there, where that is so.
 */
void batch_log_io(const struct batch *b, enum batch_io asked, usspan coalesce);

/*
 * Datagrams in a row that came from one sender may come as one, to be taken apart by
 * batch_recv(); only with BATCH_GSO, and where the kernel can do it.
 */
void batch_coalesce(const struct batch *b, struct batch_socket *s);

/*
 * Hands up to `most` waiting datagrams to fn, which then owns them: data, peer, came, and local
 * where the socket tells it; a few more when the last ones came as one.  Not from within fn.
 * Returns 0, or the -errno with which the reading ended, -EAGAIN only when nothing had waited.
 */
int batch_recv(struct batch *b, struct batch_socket *s, unsigned most,
	       void (*fn)(void *arg, struct pkt *p, ustime now), void *arg);

/* Who sends, and is told of what the socket does not take. */
struct batch_sender {
	/*
	 * The socket said err, which may belong to what it sent before (not so EAGAIN and
	 * ENOBUFS).  True: that has been looked after, try once more.  NULL: it never is.
	 */
	bool (*again)(void *arg, int err);
	void (*refused)(void *arg, struct pkt *p, int err); /* owns p from now on */
	void *arg;
};

/* Sends what is in the list, first to last, and empties it.  errno values are positive. */
void batch_send(struct batch *b, struct batch_socket *s, struct pkt_list *list,
		const struct batch_sender *from);

#endif
