/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SIM_SRT_PATIENCE_H
#define TESTS_SIM_SRT_PATIENCE_H

#include <stdbool.h>
#include <stdint.h>

enum { PATIENCE_GAPS = 256 }; /* that wait at once; more of them, and the oldest waits no longer */

/*
 * How long a receiving end of SRT waits for a gap to close by itself before it
 * says so: for as many packets as lately overtook others, lossmaxttl at most.
 * It begins with the most, and an orderly stream uses it up.
 */
struct srt_patience {
	unsigned most;      /* lossmaxttl */
	unsigned packets;   /* what it is now */
	bool steady;        /* it stays what it is */
	unsigned orderly;   /* packets in a row that came in order or were sent again */
	unsigned early;     /* others that came well within the patience */
	uint64_t reviews;
	struct patience_gap {
		uint32_t from, to; /* both included */
		uint64_t due;      /* the review that gives it up */
	} gap[PATIENCE_GAPS];
	unsigned gaps;
};

void srt_patience_init(struct srt_patience *p, unsigned most, bool steady);

/* A gap opens, and packets is not 0: it waits. */
void srt_patience_wait(struct srt_patience *p, uint32_t from, uint32_t to);

/* A packet came that is not the newest, which is `behind` packets ahead of it. */
void srt_patience_filled(struct srt_patience *p, uint32_t seq, unsigned behind, bool resent);

/* No longer waited for: from..to, and whatever is older. */
void srt_patience_forget(struct srt_patience *p, uint32_t from, uint32_t to);

/*
 * After each new packet that found patience above 0: takes the oldest gap out
 * if it has waited long enough.  To be asked until it says false.
 */
bool srt_patience_given_up(struct srt_patience *p, uint32_t *from, uint32_t *to);

/* After each new packet that was not out of order. */
void srt_patience_orderly(struct srt_patience *p);

#endif
