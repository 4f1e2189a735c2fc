/* SPDX-License-Identifier: MIT */
#ifndef SHARED_WIRE_KEEPALIVE_H
#define SHARED_WIRE_KEEPALIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Keepalives: bare (2 bytes), with a time (10), extended with the sender's
 * figures of the link (38), and, between our own programs, with type-length-
 * value fields behind those.  A receiver returns every keepalive as it came;
 * one of ours rewrites the fields behind byte 38 and so says that it is there,
 * while any other returns them untouched, and so says no.
 */
enum {
	KEEPALIVE_BARE = 2,
	KEEPALIVE_TIMED = 10,
	KEEPALIVE_EXTENDED = 38,
	KEEPALIVE_HELLO = 50, /* extended, tag, and one hello field */
	KEEPALIVE_MARK = 48,  /* the same with an idle mark in its place */
	KEEPALIVE_MOST = 56,  /* with both */
};

/* What a hello says: who speaks, which version, and what it can do. */
struct keepalive_hello {
	uint8_t role;      /* enum keepalive_role */
	uint8_t version;
	uint32_t abilities; /* enum keepalive_ability, or'ed */
};

enum keepalive_ability {
	KEEPALIVE_REPAIRS = 1 << 0, /* of a sender: what its links lost, it sends again by itself */
	KEEPALIVE_REPORTS = 1 << 1, /* of a receiver: it reports arrivals; of a sender: it wants that */
};

enum keepalive_role {
	KEEPALIVE_ROLE_NONE = 0,
	KEEPALIVE_ROLE_SENDER = 1,
	KEEPALIVE_ROLE_RECEIVER = 2,
};

enum { KEEPALIVE_VERSION = 1 };

struct keepalive {
	bool timed;
	bool extended;      /* magic and version hold: the fields below are telemetry */
	bool greets;        /* a hello field is there */
	uint64_t time;      /* the sender's own clock; we put microseconds */
	uint32_t conn_id;
	int32_t window;     /* thousandths of a packet */
	int32_t in_flight;  /* packets */
	uint32_t srtt;      /* ms; senders that gave microseconds are corrected */
	uint32_t naks;      /* since the link registered */
	uint32_t rate;      /* bytes per second */
	struct keepalive_hello hello;
	bool idle;          /* a mark field is there: nothing waits to be sent on this link, */
	uint32_t idle_seq;  /* and this was the newest number on it; SEQ_NONE: it carried none */
};

/* False unless the type is that of a keepalive; any length from 2 on will do. */
bool keepalive_parse(const uint8_t *data, size_t len, struct keepalive *k);

/*
 * An extended keepalive, with the hello when k->greets and the mark when k->idle: at most
 * KEEPALIVE_MOST bytes into buf.  Returns the length.
 */
size_t keepalive_build(uint8_t *buf, const struct keepalive *k);

/*
 * Turns a sender's greeting into the answer, in place: the first 38 bytes and
 * the length stay, the hello becomes ours.  False, and nothing changed, when
 * the packet holds no sender's hello: then the echo is all there is to say.
 */
bool keepalive_answer(uint8_t *data, size_t len, uint32_t abilities);

#endif
