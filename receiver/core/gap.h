/* SPDX-License-Identifier: MIT */
#ifndef RECEIVER_CORE_GAP_H
#define RECEIVER_CORE_GAP_H

#include "receiver/core/turn.h"

struct group;

/* What there is to say of the packets that are missing before one that came. */
enum gap_state {
	GAP_WAITS,     /* they may yet come, in time */
	GAP_PASSED,    /* every member has delivered something newer: they are lost */
	GAP_SILENT,    /* the same, but for members that have been silent for too long */
	GAP_TIMED_OUT, /* they may yet come, but the server must know now */
};

/*
 * Judges the gap before `first`, the first packet of the group that is held, which came at
 * first->came.  With GAP_WAITS *until is when to judge again.
 *
 * A member is waited for as long as its own pace and its lateness so far speak for it, and
 * never so long that the server could not ask for the packets twice before it plays them.
 * A sender that repairs losses by itself gets the time to do so.
 */
enum gap_state gap_judge(struct group *g, const struct pkt *first, const struct turn *t,
			 ustime *until);

#endif
