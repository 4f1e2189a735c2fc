/* SPDX-License-Identifier: MIT */
#ifndef RECEIVER_CORE_LAG_H
#define RECEIVER_CORE_LAG_H

#include <stdint.h>

#include "shared/base/time.h"

enum { LAG_BINS = 16 };

/*
 * How long the others may have to wait for one member: how often it delivers, and how late
 * the packets came for which there was a gap.  What each packet touches comes first.
 */
struct lag {
	ustime last;            /* its latest media packet was seen here, */
	ustime came;            /* and came; not before the one before it */
	usspan between;         /* mean of the spans between them */
	usspan tail;            /* 99.5 % of what was missing came within this; 0: unknown */
	ustime halved;
	uint16_t bin[LAG_BINS]; /* how many were how late; the older half as much */
};

/* A media packet came at `came`, and is seen now.  The first one counts from nothing. */
void lag_packet(struct lag *l, ustime came, ustime now);

/* It filled a gap that was open for so long. */
void lag_filled(struct lag *l, usspan open, ustime now);

/* How late a packet of its may be when it was silent before; `most` at the most. */
usspan lag_late(const struct lag *l, usspan most);

/* How long the member may be silent before it is no longer waited for; `most` at the most. */
usspan lag_patience(const struct lag *l, usspan most);

#endif
