/* SPDX-License-Identifier: MIT */
#ifndef RECEIVER_CORE_MARKS_H
#define RECEIVER_CORE_MARKS_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/base/seq.h"

enum { MARKS_REACH = 8192 }; /* numbers remembered on either side of `next` */

/*
 * One mark for each number around the next one to go: a marked number before it has gone,
 * a marked one from it on is here and waits.
 */
struct marks {
	uint32_t next;
	uint64_t bits[2 * MARKS_REACH / 64];
};

void marks_init(struct marks *m, uint32_t next);

static inline bool marks_reach(const struct marks *m, uint32_t seq)
{
	int32_t ahead = seq_diff(seq, m->next);

	return ahead >= -MARKS_REACH && ahead < MARKS_REACH;
}

/* The number is within reach, here and below. */
static inline bool marks_has(const struct marks *m, uint32_t seq)
{
	return m->bits[seq % (2 * MARKS_REACH) / 64] >> seq % 64 & 1;
}

static inline void marks_set(struct marks *m, uint32_t seq)
{
	m->bits[seq % (2 * MARKS_REACH) / 64] |= UINT64_C(1) << seq % 64;
}

static inline void marks_clear(struct marks *m, uint32_t seq)
{
	m->bits[seq % (2 * MARKS_REACH) / 64] &= ~(UINT64_C(1) << seq % 64);
}

/* `to`, within reach and not before it, is the next; those that come within reach are not here. */
void marks_advance(struct marks *m, uint32_t to);

/* The first marked number from seq on, or SEQ_NONE; seq is not before the next. */
uint32_t marks_first(const struct marks *m, uint32_t seq);

#endif
