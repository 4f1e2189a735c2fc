/* SPDX-License-Identifier: MIT */
#ifndef RECEIVER_CORE_ASKING_H
#define RECEIVER_CORE_ASKING_H

#include <stdint.h>

#include "shared/base/seq.h"
#include "shared/base/time.h"

/*
 * How long the SRT server takes to ask for what it misses: at once, or, as its settings or
 * its patches say, after some packets more.  Measured by one gap at a time, from when it is
 * given up until a NAK names it; the longest of late counts.
 */
struct asking {
	uint32_t missed; /* a number lately given up, or SEQ_NONE, */
	ustime since;    /* and when */
	usspan takes;    /* 0 until the first NAK */
};

void asking_init(struct asking *a);

/* From now on the server misses this number. */
void asking_missed(struct asking *a, uint32_t seq, ustime now);

/* The server asks for all from `from` to `to`. */
void asking_heard(struct asking *a, uint32_t from, uint32_t to, ustime now);

#endif
