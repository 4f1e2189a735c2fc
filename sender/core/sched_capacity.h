/* SPDX-License-Identifier: MIT */
#ifndef SENDER_CORE_SCHED_CAPACITY_H
#define SENDER_CORE_SCHED_CAPACITY_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/base/time.h"

/* What the choice of a link for a packet that waits may know of each. */
struct sched_path {
	unsigned port;
	unsigned tier;    /* 0: used first */
	bool open;        /* may have data at all just now */
	usspan forward;   /* the way there, without a queue */
	usspan cost;      /* what speaks against it, as if it were delay */
	uint64_t rate;    /* bytes/s, above 0 */
	uint64_t window;  /* bytes that may be under way */
	uint64_t holds;   /* bytes of these that are no queue */
	uint64_t bytes;   /* under way */
};

/* How long a packet of so many bytes would take by this link, sent now. */
usspan sched_capacity_delay(const struct sched_path *p, uint64_t size);

/* Until it has room for so many bytes more, at its rate; 0: it has. */
usspan sched_capacity_wait(const struct sched_path *p, uint64_t size);

/*
 * The place in path[] of the link where a packet of `size` bytes arrives first, after EDPF
 * (Chebrolu and Rao, IEEE TMC 2006), or -1; links whose bit is set in `avoid` (by port - 1) are
 * left out.  That link may be full: then the packet is better off waiting for it than leaving
 * by another (after ECF, Lim et al., 2017), and the caller counts its bytes as that
 * link's when it asks for the packets behind.  A packet that has waited only for a moment does
 * not go to a later tier while an earlier one has links.
 */
int sched_capacity_pick(const struct sched_path *path, unsigned count, uint64_t size,
			uint64_t avoid, usspan waited);

/*
 * Of a queue of `bytes`, how many come before the packet that some link with room should have
 * now, because all others would be later with it: the links are then as far behind in path[] as
 * if these bytes had been theirs.  UINT64_MAX: there is no such packet.
 */
uint64_t sched_capacity_skip(struct sched_path *path, unsigned count, uint64_t size,
			     uint64_t bytes);

#endif
