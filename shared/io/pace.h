/* SPDX-License-Identifier: MIT */
#ifndef SHARED_IO_PACE_H
#define SHARED_IO_PACE_H

#include "shared/base/time.h"

/*
 * Whether wake-ups are worth putting together: one costs more than a packet, but where packets
 * are few, or come together by themselves, or cannot wait, nothing is gained.
 */
struct pace {
	usspan most;   /* what was asked for; 0: never */
	usspan span;   /* in force now */
	ustime judged; /* when that was decided, and how many had been by then: */
	uint64_t came; /* datagrams, */
	uint64_t wakes; /* and wake-ups */
};

/* With a longer SRT latency one more millisecond is nobody's loss. */
#define PACE_LATENCY MSEC(200)

/*
 * How long the next sleep may let datagrams wait, with `came` of them and so many wake-ups so far,
 * and streams whose SRT latency is this at least; 0: not known, or no stream.  To be asked in each
 * turn of the loop.
 */
usspan pace_span(struct pace *p, uint64_t came, uint64_t wakes, usspan latency, ustime now);

#endif
