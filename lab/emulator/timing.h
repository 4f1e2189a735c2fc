/* SPDX-License-Identifier: MIT */
#ifndef LAB_EMULATOR_TIMING_H
#define LAB_EMULATOR_TIMING_H

#include <stdbool.h>
#include <stdint.h>

enum {
	TIMING_BINS = 20000,    /* of a microsecond each; the last holds all that is above */
	TIMING_LIMIT_US = 300,  /* what the 99th percentile of a run that counts may be */
};

/* By how much packets came out too late or too early. */
struct timing {
	uint64_t bin[TIMING_BINS];
	uint64_t packets;
	int64_t most; /* ns */
};

void timing_init(struct timing *t);
void timing_add(struct timing *t, int64_t error_ns);

/*
 * The error, us, that `share` thousandths of the packets do not pass: the upper
 * edge of its bin.  0 without packets.
 */
int64_t timing_percentile(const struct timing *t, unsigned share);

/* Is the 99th percentile within the limit? */
bool timing_valid(const struct timing *t);

#endif
