/* SPDX-License-Identifier: MIT */
#ifndef LAB_SUPPLY_H
#define LAB_SUPPLY_H

#include "lab/recording.h"

/*
 * How fast bytes may leave one direction of a link, over the time of the lab:
 * nanoseconds from the beginning of a run.  It is known in advance, so what
 * enters the queue now can be told when it will have left.
 */
struct supply_config {
	uint64_t rate;    /* bit/s, IP and UDP headers included; 0: no limit */
	const struct recording *recording; /* chances or rates, in place of `rate`; or NULL */
	usspan from;      /* where in the recording a run begins */
	uint32_t scale;   /* thousandths of what was recorded; 0: all of it */
};

struct supply_step {
	ustime at;
	uint64_t rate; /* bit/s from then on; 0: nothing leaves */
};

struct supply {
	struct supply_config cfg;
	struct supply_step *step; /* ascending */
	size_t steps, room;
	size_t at;        /* steps that have begun, chances that are gone, or the rate in force */
	int64_t lap;      /* ns at which this pass through the recording began */
	uint64_t left;    /* bytes of the chance in use */
};

void supply_init(struct supply *s, const struct supply_config *cfg);
void supply_finish(struct supply *s);

/*
 * A fixed rate becomes another; steps may be added in any order, of two at one
 * moment the later counts.  Not with a recording.
 */
void supply_step(struct supply *s, ustime at, uint64_t rate);

/*
 * When the last of these bytes (2^30 at most) has left, if their turn comes at
 * `start` (ns).  What one call takes the next no longer finds: `start` is never
 * before the end of what was served last.  What is left of a chance serves the
 * next packet if that waits already, else it is lost, as is a chance that finds
 * no packet at all.  NEVER when nothing leaves any more.
 *
 * A copy of the struct looks ahead without consequence.
 */
int64_t supply_serve(struct supply *s, int64_t start, size_t bytes);

#endif
