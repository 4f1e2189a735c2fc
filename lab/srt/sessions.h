/* SPDX-License-Identifier: MIT */
#ifndef LAB_SRT_SESSIONS_H
#define LAB_SRT_SESSIONS_H

#include <jansson.h>
#include <srt/srt.h>
#include <stdbool.h>
#include <stddef.h>

#include "shared/base/time.h"

/* What SRT counts itself, in packets unless the name says bytes. */
enum counter {
	COUNTER_SENT, /* with what was sent again */
	COUNTER_SENT_UNIQUE,
	COUNTER_RETRANSMITTED,
	COUNTER_SEND_LOST, /* as NAKs told */
	COUNTER_SEND_DROPPED, /* too late to be sent */
	COUNTER_RECEIVED,
	COUNTER_RECEIVED_UNIQUE,
	COUNTER_RECEIVED_RETRANSMITTED,
	COUNTER_LOST, /* gaps that the receiver saw, repaired or not */
	COUNTER_DROPPED, /* too late to be played, or never there */
	COUNTER_BELATED, /* came after their turn */
	COUNTER_UNDECRYPTED,
	COUNTER_NAKS_SENT,
	COUNTER_NAKS_RECEIVED,
	COUNTER_ACKS_SENT,
	COUNTER_ACKS_RECEIVED,
	COUNTER_BYTES_SENT,
	COUNTER_BYTES_RECEIVED,
	COUNTER_BYTES_RETRANSMITTED,
	COUNTERS,
};

/* One SRT connection, as long as it lasted. */
struct session {
	ustime from, until; /* until: when it was last looked at */
	int64_t counter[COUNTERS];
	usspan rtt;         /* smoothed, at the end */
	usspan latency;     /* as both sides agreed */
};

/* The connections of one stream, one after the other or at once. */
struct sessions {
	struct session *of;
	size_t count, room;
};

void sessions_init(struct sessions *s);
void sessions_finish(struct sessions *s);

/* Its place in the list. */
size_t sessions_begin(struct sessions *s, ustime now, usspan latency);

/*
 * SRT forgets its counters as soon as a connection breaks, so look often.  The
 * figures of a moment that are not kept go to `all` unless it is NULL; `fresh`
 * begins those of an interval anew, some of which only a receiver has.  False
 * when the connection is broken.
 */
bool sessions_look(struct sessions *s, size_t at, SRTSOCKET sock, ustime now, bool fresh,
		   SRT_TRACEBSTATS *all);

/* {"COUNTER": sum, ...} */
json_t *sessions_sum(const struct sessions *s);

/* [{"from_s", "until_s", "rtt_ms", "latency_ms", "COUNTER": n, ...}, ...]; times from `zero` on. */
json_t *sessions_json(const struct sessions *s, ustime zero);

#endif
