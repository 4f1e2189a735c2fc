/* SPDX-License-Identifier: MIT */
#ifndef RECEIVER_CORE_STATE_H
#define RECEIVER_CORE_STATE_H

#include "receiver/core/agenda.h"
#include "receiver/core/enrol.h"
#include "receiver/core/penalty.h"
#include "receiver/core/registry.h"
#include "receiver/core/shelf.h"
#include "receiver/core/tenure.h"

struct receiver;

/* The keyed hash of the stream id of the group's caller; 0: it has none. */
uint64_t receiver_stream_mark(const struct receiver *r, const struct group *g);

/* All that the receiver knows.  For its conductor and its view alone. */
struct receiver {
	struct receiver_config cfg; /* defaults filled in */
	struct pkt_pool *pool;
	struct registry registry;
	struct enrol enrol;
	struct receiver_drops drops;
	struct figures figures;
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
