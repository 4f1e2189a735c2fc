/* SPDX-License-Identifier: MIT */
#ifndef SENDER_PROBE_H
#define SENDER_PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/base/time.h"
#include "shared/wire/srtla.h"

/*
 * What `srtla_send doctor` says to the receiver over one link, and what it learns by that: it
 * registers as srtla_send would (srtla(7)), times some keepalives, and then sends longer ones to
 * see which still come back.  Touches no socket: the caller sends what probe_next() writes, whole
 * or not at all, and tells what comes.
 */

enum {
	PROBE_ECHOES = 5,    /* keepalives that are timed */
	PROBE_MOST = 1472,   /* the longest datagram that is tried: an Ethernet's, over IPv4 */
	PROBE_SENT = 32,     /* keepalives whose answers are told apart */
	PROBE_SIZES = 8,     /* lengths tried at a time */
};

/* The group that all links of one examination join. */
struct probe_group {
	uint8_t id[SRTLA_ID_LEN];
	bool whole;         /* the receiver's half is in it */
	ustime asked;       /* when a REG1 left, or 0 */
};

enum probe_stage {
	PROBE_JOINING,
	PROBE_TIMING,
	PROBE_SIZING,
	PROBE_DONE,
};

/* One link's part. */
struct probe {
	struct probe_group *group;
	enum probe_stage stage;
	ustime due;          /* when something is to be sent next */
	unsigned tries;      /* registrations, or keepalives of this stage, that have left */
	ustime last;         /* when the latest registration left */
	bool whole_asked;    /* and that it was a REG2 with the whole id */
	ustime give_up;      /* when the stage ends without further answers */
	struct {
		uint64_t time;
		size_t len;
		bool echoed;
	} sent[PROBE_SENT];  /* the latest keepalives */
	unsigned sent_count; /* ever */

	size_t needed;            /* a length that is of special interest */
	size_t size[PROBE_SIZES]; /* of this round of PROBE_SIZING */
	unsigned sizes;
	unsigned rounds;
	size_t hint;              /* what the network says that fits, or 0 */

	/* What was found. */
	bool heard;      /* anything at all came back */
	bool refused;    /* REG_ERR */
	bool joined;     /* REG3 */
	unsigned echoes; /* of those that were timed */
	usspan rtt;      /* the least, 0: none */
	size_t fits;     /* the longest datagram that arrived */
	size_t fails;    /* the shortest that did not; 0: each did */
};

/* `half` is the sender's half of the id, random. */
void probe_group_init(struct probe_group *g, const uint8_t half[SRTLA_HALF_LEN]);

/* `most`: the longest datagram that can be of use, at most PROBE_MOST; `needed` may be 0. */
void probe_init(struct probe *p, struct probe_group *g, size_t most, size_t needed, ustime now);

/*
 * The next datagram that is due, into PROBE_MOST bytes, and its length; 0 when none is.  To be
 * asked again until there is none.
 */
size_t probe_next(struct probe *p, uint8_t *buf, ustime now);

/* When probe_next() is next wanted; NEVER once it is done. */
ustime probe_deadline(const struct probe *p);

/* What came from the receiver. */
void probe_hear(struct probe *p, const uint8_t *data, size_t len, ustime now);

/* The network or this system says that no more than `payload` bytes fit. */
void probe_limit(struct probe *p, size_t payload);

#endif
