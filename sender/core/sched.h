/* SPDX-License-Identifier: MIT */
#ifndef SENDER_CORE_SCHED_H
#define SENDER_CORE_SCHED_H

#include <stdint.h>

#include "sender/core/sender.h"

/* What a scheduling rule may know of a link. */
struct sched_link {
	unsigned port;
	int32_t window;    /* thousandths of a packet */
	int32_t in_flight; /* packets */
};

/*
 * A scheduling rule answers one question: which link.  It sees the live links
 * in the order of their ranks, and the port of one that must not be chosen (0:
 * any may).  The answer is a port, or 0 when no link will do.
 */
struct sched_rule {
	const char *name;
	unsigned (*pick)(const struct sched_link *const *live, unsigned count, unsigned avoid);
};

extern const struct sched_rule sched_classic;

const struct sched_rule *sched_rule(enum sender_mode mode);

#endif
