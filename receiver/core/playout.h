/* SPDX-License-Identifier: MIT */
#ifndef RECEIVER_CORE_PLAYOUT_H
#define RECEIVER_CORE_PLAYOUT_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/base/time.h"

/*
 * When the SRT server plays a packet (TSBPD, draft-sharabayko-srt-01 section 4.5): the
 * moment when it took the caller's conclusion, plus what the packet's timestamp is ahead of
 * the conclusion's, plus the latency, plus what the two clocks have drifted since.  The
 * drift is followed as libsrt does, by the mean of 1000 ACKACKs.
 */
struct playout {
	bool known;
	uint32_t stamp;   /* a timestamp, the latest, */
	ustime at;        /* and the moment it stands for, without latency and drift */
	usspan latency;   /* 0: not agreed */
	usspan drift;
	int64_t drift_sum;
	unsigned drift_count;
	usspan first_rtt; /* 0: none yet */
};

void playout_init(struct playout *p);

/* The caller's conclusion passes now. */
void playout_begin(struct playout *p, uint32_t timestamp, ustime now);

/* As it was before a restart. */
void playout_resume(struct playout *p, uint32_t timestamp, ustime at);

/* When the packet of that timestamp is played, or NEVER when that is not known. */
ustime playout_time(struct playout *p, uint32_t timestamp);

/* The caller's clock says this: timestamps wrap, and each is read as near the latest. */
void playout_heard(struct playout *p, uint32_t timestamp);

/* An ACKACK of the caller, made at that timestamp; rtt as the server measures it, or 0. */
void playout_ackack(struct playout *p, uint32_t timestamp, usspan rtt, ustime now);

#endif
