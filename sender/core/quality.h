/* SPDX-License-Identifier: MIT */
#ifndef SENDER_CORE_QUALITY_H
#define SENDER_CORE_QUALITY_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/base/time.h"

enum { QUALITY_ONE = 1 << 16 }; /* a factor of one */

/* How a link has treated its packets since it registered, by the NAKs that named them. */
struct quality {
	ustime since;   /* when it registered */
	ustime hurt;    /* the latest NAK */
	unsigned burst; /* NAKs up to it that came close together; 0: none since it registered */
	ustime ticked;  /* when its window was last looked at */
	bool fast;      /* the window was next to nothing and is being won back */
};

void quality_init(struct quality *q, ustime now);

/* One of its packets is missed. */
void quality_nak(struct quality *q, ustime now);

/*
 * exp(-age / 2 s) in units of 2^-31, within 0.1 %; 2^31 for ages not above 0, and 0 for those
 * of more than 25 s.
 */
uint32_t quality_decay(usspan age);

/*
 * What its score is multiplied by, in units of 1 / QUALITY_ONE: 0.35 to 1.133.  `rtt` is the
 * smoothed round trip, 0 when unknown; `without` has bits of enum sender_quality_part.
 */
uint32_t quality_factor(const struct quality *q, usspan rtt, unsigned without, ustime now);

/* It lost packets some seconds ago and none since: one packet would tell how it is now. */
bool quality_wants_look(const struct quality *q, ustime now);

/*
 * The window, in thousandths of a packet, that it has from now on: once a second it grows with
 * the time that has passed since the last loss, whether it is used or not.
 */
int32_t quality_recover(struct quality *q, int32_t window, ustime now);

#endif
