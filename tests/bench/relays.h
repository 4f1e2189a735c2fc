/* SPDX-License-Identifier: MIT */
#ifndef TESTS_BENCH_RELAYS_H
#define TESTS_BENCH_RELAYS_H

#include <netinet/in.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/uio.h>

/*
 * One relay in several ways: packets that come through one UDP socket leave by another.
 * What differs is how they cross the border to the kernel; nobody looks into them.
 */
enum {
	RELAY_ROUNDS = 5,
	RELAY_WHY = 160,
	RELAY_PACKET = 1332, /* an SRT header and seven packets of an MPEG transport stream */
	RELAY_SLOTS = 64,    /* datagrams that are in hand at once */
	RELAY_SLOT = 2048,
	RELAY_RUN = 48,      /* packets that fit into one datagram of IPv4 */
	RELAY_NAP = 50,      /* ms without a packet after which a relay looks whether to stop */
};

enum { RELAY_LOOPBACK = 1, RELAY_PAIR = 2, RELAY_EVERYWHERE = 3 };

/* Where a relay lives: on the loopback, or between the two ends of a pair of devices. */
struct relay_world {
	const char *name;
	unsigned place;
	int near_ns; /* the network namespace of the generator and the sink; -1: nobody's own */
	int far_ns;  /* the relay's */
	struct in_addr near, far;
};

/* One relay at work, in a thread of its own. */
struct relay {
	const struct relay_way *way;
	const struct relay_world *world;
	int in, out; /* out is connected to the sink */
	struct sockaddr_in sink;
	sem_t ready;         /* it works, or has said why it cannot */
	char why[RELAY_WHY]; /* it cannot; empty: it can */
	atomic_bool stop;
	atomic_uint_fast64_t packets; /* that left */
	atomic_uint_fast64_t turns;   /* of its loop, with a sleep in each unless more had come */
};

struct relay_way {
	const char *name;
	bool runs;   /* equal packets leave as one: UDP_SEGMENT of udp(7) */
	bool merges; /* and come as one: UDP_GRO */
	void (*work)(struct relay *r);
	unsigned places; /* where it tells something */
};

/* The ways of sockets. */
void relay_plain(struct relay *r);
void relay_spin(struct relay *r);
void relay_batch(struct relay *r);
void relay_batch_napping(struct relay *r);

/* The same by io_uring, and by AF_XDP in a veth pair. */
void relay_uring(struct relay *r);
void relay_xdp(struct relay *r);

/* For who works: it is so far; or it cannot be, for this reason and errno unless that is 0. */
void relay_ready(struct relay *r);
void relay_cannot(struct relay *r, const char *what, int err);

/* Counts what left. */
static inline void relay_count(struct relay *r, unsigned packets)
{
	atomic_fetch_add_explicit(&r->packets, packets, memory_order_relaxed);
	atomic_fetch_add_explicit(&r->turns, 1, memory_order_relaxed);
}

/*
 * Makes messages of n datagrams, each in its part, RELAY_PACKET bytes or, where they came as one,
 * a multiple: neighbours share a message of up to `most` packets.  Returns how many messages.
 */
unsigned relay_join(struct mmsghdr *msg, struct iovec *part, unsigned n, unsigned most);

/* Where the sockets of one and the other side stand.  The program ends where it cannot be. */
void relay_loopback(struct relay_world *w);

/* Two namespaces and a veth pair between them.  False, with a word, where it cannot be. */
bool relay_pair(struct relay_world *w);
#define RELAY_NEAR_DEVICE "near0"
#define RELAY_FAR_DEVICE  "far0"

/* From now on this thread stands in the namespace; -1: stays. */
void relay_enter(int ns);

/* A bound UDP socket in the namespace, with all the room that one may have. */
int relay_socket(int ns, struct in_addr addr, struct sockaddr_in *bound);

/* What a relay is fed with. */
struct relay_feed {
	const char *name;
	unsigned rate; /* packets a second; 0: as fast as it goes */
	unsigned run;  /* packets that leave in one call */
};

/* Who feeds it, and who takes the packets in behind it; a thread each. */
struct relay_load {
	struct relay_feed feed;
	int from; /* connected to the relay */
	int sink;
	atomic_bool stop;
	atomic_uint_fast64_t arrived;
};

void *relay_generate(void *load);
void *relay_sink(void *load);

/* What that came to. */
struct relay_cost {
	double relay_us; /* CPU of the relay's thread, a packet; 0: none arrived */
	double all_us;   /* and of generator and sink too, with what the kernel does within */
	double per_turn; /* packets in a turn of the relay's loop */
};

/*
 * One way under one load for a third of a second, or a twentieth for a smoke run.
 * False: it cannot be, and `why` (RELAY_WHY bytes) says the reason.
 */
bool relay_measure(const struct relay_world *world, const struct relay_way *way,
		   const struct relay_feed *feed, bool smoke, struct relay_cost *cost, char *why);

/* Nanoseconds of CLOCK_MONOTONIC. */
uint64_t relay_clock(void);

/* The middle one of n, which are then in order of size. */
double relay_median(double *values, unsigned n);

/* What it costs to read the heads of a batch, with and without SIMD: a table. */
void relay_heads(unsigned rounds, double plain_us);

#endif
