/* SPDX-License-Identifier: MIT */
#ifndef RECEIVER_CORE_STATE_H
#define RECEIVER_CORE_STATE_H

#include "receiver/core/agenda.h"
#include "receiver/core/enrol.h"
#include "receiver/core/penalty.h"
#include "receiver/core/registry.h"
#include "receiver/core/shelf.h"
#include "receiver/core/tenure.h"

/* All that the receiver knows.  For its conductor and its view alone. */
struct receiver {
	struct receiver_config cfg; /* defaults filled in */
	struct pkt_pool *pool;
	struct registry registry;
	struct enrol enrol;
	struct receiver_drops drops;
	struct shelf shelf;
	struct agenda agenda;
	struct penalties penalties;
	struct tenure tenure;
	const struct keys *keys;
	uint64_t changes;           /* of what records hold */
	ustime tick;                /* the next housekeeping, while there are groups */
	usspan latency;             /* the least of all live sessions, as of the latest one */
};

#endif
