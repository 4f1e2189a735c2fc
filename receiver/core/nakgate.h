/* SPDX-License-Identifier: MIT */
#ifndef RECEIVER_CORE_NAKGATE_H
#define RECEIVER_CORE_NAKGATE_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/base/pkt.h"
#include "shared/base/time.h"

enum { NAKGATE_RANGES = 64 };

/*
 * An SRT server names every missing number again and again, at intervals shorter than the
 * round trip over several links, and each naming may cost another copy of the packet.  A
 * NAK that says nothing new goes no further: all of its numbers were asked for so lately
 * that the copies are on their way.
 */
struct nakgate {
	struct nakgate_range {
		uint32_t from, to; /* both included */
		ustime at;
	} asked[NAKGATE_RANGES];   /* a ring */
	unsigned count;
	unsigned last;             /* the place behind the newest */
};

void nakgate_init(struct nakgate *n);

/*
 * True when the NAK p names a number that was not asked for within `patience`; then all of
 * it counts as asked for now.  What names no number at all passes too.
 */
bool nakgate_passes(struct nakgate *n, const struct pkt *p, usspan patience, ustime now);

#endif
