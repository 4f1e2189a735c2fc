/* SPDX-License-Identifier: MIT */
#ifndef RECEIVER_CORE_STATE_H
#define RECEIVER_CORE_STATE_H

#include "receiver/core/enrol.h"
#include "receiver/core/registry.h"

/* All that the receiver knows.  For its conductor and its view alone. */
struct receiver {
	struct receiver_config cfg; /* defaults filled in */
	struct pkt_pool *pool;
	struct registry registry;
	struct enrol enrol;
	struct receiver_drops drops;
	ustime tick;                /* the next housekeeping, while there are groups */
};

#endif
