/* SPDX-License-Identifier: MIT */
#ifndef SENDER_HINT_H
#define SENDER_HINT_H

#include "sender/door.h"

/*
 * The socket for programs that know the encoder: a datagram of five bytes, 0xC1 and a number of
 * milliseconds, most significant byte first, says that what follows for so long matters most.
 * Nothing is ever answered.
 */
struct hint {
	struct door *door;
	struct batch_socket socket; /* fd -1: nobody listens */
	struct loop_watch *watch;
	uint64_t taken;
	uint64_t malformed;
};

/* Binds; an address without a family opens nothing.  0 or -errno. */
int hint_open(struct hint *h, const struct endpoint *at);

/* Listens from now on.  False when memory is short. */
bool hint_start(struct hint *h, struct door *door);
void hint_close(struct hint *h);

#endif
