/* SPDX-License-Identifier: MIT */
#ifndef LAB_SRT_CALLER_H
#define LAB_SRT_CALLER_H

#include <sys/socket.h>

#include "lab/srt/sessions.h"

struct caller_config {
	struct sockaddr_storage to;
	socklen_t to_len;
	const char *stream_id;
	usspan latency;
};

enum caller_state {
	CALLER_WAITS, /* until `again` */
	CALLER_CALLS,
	CALLER_TALKS,
};

enum caller_verdict {
	CALLER_SENT,
	CALLER_REFUSED, /* SRT's buffer is full */
	CALLER_NOBODY,  /* there is no connection */
};

/* An encoder's way to its SRT server: a connection, and another when that breaks. */
struct caller {
	struct caller_config cfg;
	enum caller_state state;
	ustime again;
	SRTSOCKET sock;
	struct sessions sessions;
	size_t session; /* the one that talks */
	uint64_t failed; /* attempts without a connection */
};

void caller_init(struct caller *c, const struct caller_config *cfg);
void caller_finish(struct caller *c);

/*
 * Calls, notices what became of it, reads the counters.  To be called about
 * each 20 ms; true while there is a connection.  `figures`, which may be NULL, are
 * those since the last time.
 */
bool caller_run(struct caller *c, ustime now, SRT_TRACEBSTATS *figures);

enum caller_verdict caller_send(struct caller *c, const uint8_t *message, size_t len, ustime now);

/* Packets that SRT has not got rid of. */
uint32_t caller_waiting(const struct caller *c);

/* What both sides agreed on, or what is asked for. */
usspan caller_latency(const struct caller *c);

#endif
