/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SIM_SRT_TIMERS_H
#define TESTS_SIM_SRT_TIMERS_H

#include <stdbool.h>

#include "tests/sim/world.h"

/*
 * How libsrt (1.5) keeps time at either end of a session.  It has no timers:
 * it looks what is due after each packet that came, and when none came for 10 ms.
 */
#define SRT_TICK (MSEC(10) + USEC(100)) /* a sleep of 10 ms and what it takes to wake up */
#define SRT_SYN  MSEC(10)               /* between two full ACKs, or answers to them, at least */

#define SRT_FIRST_RTT MSEC(100) /* before a sample */
#define SRT_QUIET     SEC(1)    /* of ours, and a keepalive is due */

enum { SRT_RTT_GAIN = 8, SRT_RTTVAR_GAIN = 4, SRT_SILENCES = 17 };

/* What either end holds for long enough to wait for an answer. */
static inline usspan srt_round(usspan rtt, usspan rttvar)
{
	return rtt + 4 * rttvar;
}

/*
 * After so long without a word the peer is given up: SRTO_PEERIDLETIMEO is 5 s,
 * but 17 expirations of at least 300 ms must be over as well.
 */
static inline usspan srt_silence(usspan rtt, usspan rttvar)
{
	return later(SRT_SILENCES * srt_round(rtt, rttvar) + SRT_SYN, SRT_SILENCES * MSEC(300));
}

/* Rounded as libsrt rounds its averages. */
static inline usspan srt_mean(usspan mean, usspan sample, int gain)
{
	return (mean * (gain - 1) + sample) / gain;
}

#endif
