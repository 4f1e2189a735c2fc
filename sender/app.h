/* SPDX-License-Identifier: MIT */
#ifndef SENDER_APP_H
#define SENDER_APP_H

#include "sender/door.h"

/* An encoder's burst: a key frame of some Mbit while we are held up. */
enum { APP_BUFFER = 4 * 1024 * 1024 };

/*
 * One socket that the encoder may talk to.  On a wildcard address it remembers
 * which of our addresses the last speaker used, so that answers leave from it.
 */
struct app_socket {
	struct app *app;
	struct batch_socket socket;
	struct loop_watch *watch;
	struct pkt_list going; /* what leaves by it with the next app_flush() */
	uint32_t drops;        /* of the socket, see door_count_drops() */
	struct endpoint local;
	struct endpoint speaker;
	struct endpoint spoken_to;
};

/* The encoder's side: loopback in both families, or the one address that was asked for. */
struct app {
	struct door *door;
	struct app_socket socket[2];
	unsigned count;
	uint64_t refused; /* packets that no socket would send to the encoder */
};

/*
 * Binds, before the core exists; app_start() begins to listen.  `at` without
 * a family: loopback, IPv6 too where the system has it.  0, or -errno and the
 * address that could not be had.
 */
int app_open(struct app *a, const struct endpoint *at, uint16_t port, struct endpoint *failed);
int app_start(struct app *a, struct door *door);
void app_close(struct app *a);

/* Takes p, which is to be sent to p->peer. */
void app_put(struct app *a, struct pkt *p);

/* Sends what it was given, in that order; what no socket will send is dropped and counted. */
void app_flush(struct app *a);

/* What the kernel had no room for goes into the door's count. */
void app_count_drops(struct app *a, ustime now);

#endif
