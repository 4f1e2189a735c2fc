/* SPDX-License-Identifier: MIT */
#ifndef SHARED_WIRE_SESSION_H
#define SHARED_WIRE_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/wire/srt.h"

enum { SESSION_STREAM_ID = 513 };

/*
 * One SRT session as seen by somebody through whom its packets pass: who the
 * two sockets are and what they agreed on.
 */
struct session {
	uint32_t caller_id;   /* socket id of the caller, 0 when none is known */
	uint32_t server_id;   /* of the server's end, once its conclusion passed */
	uint32_t caller_isn;
	uint16_t latency;     /* negotiated TSBPD delay toward the server, ms; 0 unknown */
	uint32_t timestamp;   /* latest SRT timestamp of the caller, us */
	bool refused;         /* the server said no */
	bool over;            /* a SHUTDOWN passed */
	char stream_id[SESSION_STREAM_ID];
};

/* What a handshake that passed meant. */
enum session_event {
	SESSION_GOES_ON,
	SESSION_BEGINS,      /* a caller that was not there before */
	SESSION_AGREED,      /* the server's conclusion: latency and server_id are known */
	SESSION_REFUSED,
};

void session_init(struct session *s);

/*
 * Reads an SRT control packet from the caller.  On SESSION_BEGINS *before is
 * what the session was until now, for those who must say goodbye to it.
 */
enum session_event session_from_caller(struct session *s, const uint8_t *data, size_t len,
				       struct session *before);

/* Reads an SRT control packet from the server. */
enum session_event session_from_server(struct session *s, const uint8_t *data, size_t len);

#endif
