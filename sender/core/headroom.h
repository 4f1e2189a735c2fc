/* SPDX-License-Identifier: MIT */
#ifndef SENDER_CORE_HEADROOM_H
#define SENDER_CORE_HEADROOM_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/base/time.h"

/* How often it is looked at, and so the age of what is shown, at most. */
#define HEADROOM_EVERY MSEC(200)

/*
 * What an encoder that can change its bitrate wants to know: what the links deliver now, and
 * what it may send so that they still do when they get worse for a moment.
 */
struct headroom {
	uint64_t capacity; /* bit/s */
	uint64_t safe;     /* bit/s */
	uint64_t carried;  /* bytes of the encoder at the latest look */
	ustime looked;
	ustime strained;   /* when they were full last, or had packets wait */
};

/* What is to be seen of the links at one moment. */
struct headroom_signs {
	uint64_t rate;     /* bytes/s that the usable links are known to deliver */
	uint64_t carried;  /* bytes of the encoder so far */
	bool full;         /* a queue stands in one of them */
	usspan waited;     /* for how long the oldest packet has waited for them */
	usspan latency;    /* for how long packets are of use; 0: unknown */
};

/*
 * Links that are never full never show what they can.  So while they take what comes with ease,
 * and what comes is near to what was called safe, a little more is believed of them each time.
 */
void headroom_look(struct headroom *h, const struct headroom_signs *signs, ustime now);

#endif
