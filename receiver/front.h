/* SPDX-License-Identifier: MIT */
#ifndef RECEIVER_FRONT_H
#define RECEIVER_FRONT_H

#include "receiver/door.h"

/*
 * The public socket: all senders, in both families.  An answer leaves from the
 * address that its question came to, so that it passes the NAT on its way.
 */
struct front {
	struct door *door;
	int fd;
	struct loop_watch *watch;
	struct endpoint local;
	uint64_t packets_in;
	uint64_t bytes_in;
	uint64_t packets_out;
	uint64_t refused; /* packets that the socket would not send */
};

/*
 * Binds, before the core exists; front_start() begins to listen.  `at` without
 * a family: every address, of IPv4 alone where the kernel has no IPv6.  0, or
 * -errno and the address that could not be had.
 */
int front_open(struct front *f, const struct endpoint *at, uint16_t port, struct endpoint *failed);
int front_start(struct front *f, struct door *door);
void front_close(struct front *f);

/* Sends p to p->peer; takes it. */
void front_send(struct front *f, struct pkt *p);

#endif
