/* SPDX-License-Identifier: MIT */
#ifndef RECEIVER_FRONT_H
#define RECEIVER_FRONT_H

#include <sys/types.h>

#include "receiver/door.h"

/* One of the public port's sockets, and what leaves by it with the next front_flush(). */
struct front_door {
	struct batch_socket socket; /* its fd is -1 where there is no such door */
	struct pkt_list answers;
	struct loop_watch *watch;
};

/*
 * The public port: all senders, in both families.  It has two doors, each a socket with a
 * buffer of its own: one takes the registrations, the other all the rest, so that a flood
 * of registrations costs no media.  What the kernel has put together from several
 * datagrams comes through the media door, registrations too.
 *
 * An answer leaves from the address that its question came to, so that it passes the NAT
 * on its way; those to registrations by the door of the registrations, whose send buffer
 * is the only one that they can fill.
 */
struct front {
	struct door *door;
	struct front_door media;        /* for everything, where it is the only one */
	struct front_door registration;
	int lock;              /* says who has the port; -1: none */
	pid_t holder;          /* who has it, when it could not be opened; 0: not known */
	struct loop_watch *lock_watch;
	struct endpoint local;
	unsigned registrations; /* that came through the media door in this turn */
	uint64_t packets_in;
	uint64_t bytes_in;
	uint64_t packets_out;
	uint64_t refused; /* packets that the socket would not send */
	uint64_t crowded; /* registrations at the media door beyond those of a turn */
};

enum {
	/*
	 * Datagrams through the media door in a turn, all that one reading takes in; what came
	 * coalesced may be more.  A gigabit brings so many in 3 ms, and they take less than one.
	 */
	FRONT_READS = BATCH_MOST * BATCH_ROUNDS,
	FRONT_REGISTRATIONS = 16, /* registrations, through each of the two */
};

/*
 * Binds, before the core exists; front_start() begins to listen.  `at` without
 * a family: every address, of IPv4 alone where the kernel has no IPv6.  0, or
 * -errno and the address that could not be had; with -EADDRINUSE, f->holder says who has it.
 */
int front_open(struct front *f, const struct endpoint *at, uint16_t port, struct endpoint *failed);

/*
 * The same with sockets that an earlier process had from front_open(), as f->local then
 * says where.  registration_fd may be -1.  On failure both stay the caller's.
 */
int front_adopt(struct front *f, int media_fd, int registration_fd);

/* Those that a later process may adopt; -1: there is none. */
int front_media_fd(const struct front *f);
int front_registration_fd(const struct front *f);

int front_start(struct front *f, struct door *door);
void front_close(struct front *f);

/* Takes p, to leave for p->peer with the next front_flush(). */
void front_send(struct front *f, struct pkt *p);

/* How many packets wait for that. */
size_t front_waiting(const struct front *f);

void front_flush(struct front *f);

#endif
