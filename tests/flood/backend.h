/* SPDX-License-Identifier: MIT */
#ifndef TESTS_FLOOD_BACKEND_H
#define TESTS_FLOOD_BACKEND_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { BACKEND_RELAYS = 16, BACKEND_BATCH = 64, BACKEND_PACKET = 1500 };

/* SRT socket ids of our callers, and of the server's end for each. */
#define BACKEND_CALLER UINT32_C(0x46000000)
#define BACKEND_SERVER UINT32_C(0x47000000)

/* One of our callers as the server sees it. */
struct backend_session {
	struct sockaddr_in at; /* port 0: no handshake yet */
	uint64_t arrived;      /* media packets */
	uint32_t next;         /* behind the highest number */
	uint32_t ack;          /* number of the latest ACK */
	uint64_t acked;        /* when */
};

/* A caller that is not ours: its packets go on to the real server and back. */
struct backend_relay {
	struct sockaddr_in at;
	int fd;
};

/*
 * The SRT server behind srtla_rec: agrees to whatever latency it is asked for, and
 * acknowledges as often as it is told.  Who is not one of our callers talks through it to
 * a real server.
 */
struct backend {
	int fd;
	struct backend_session *session; /* of each caller, by number */
	unsigned sessions;
	struct backend_relay relay[BACKEND_RELAYS];
	unsigned relays;
	uint64_t ack_every; /* ns */
	uint64_t arrived;   /* media packets of all our callers */

	/* Each of them, and when the kernel had it, ns of the wall clock; or NULL. */
	void (*media)(void *arg, unsigned number, const uint8_t *data, size_t len, uint64_t at);
	void *arg;
};

void backend_open(struct backend *b, unsigned sessions);
void backend_close(struct backend *b);

/* Answers what waits; true when there was something. */
bool backend_serve(struct backend *b);

/* Sends an SRT packet of ours to caller `number`, which has shaken hands. */
void backend_send(struct backend *b, unsigned number, const void *data, size_t len);

#endif
