/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SIM_PATH_H
#define TESTS_SIM_PATH_H

#include <stdbool.h>

#include "lab/road.h"
#include "shared/base/endpoint.h"
#include "tests/sim/world.h"

struct parcel;

/*
 * One direction of one link: a road with packets on it.  Bytes that go in are
 * copied; they come out of arrive() when the road says so, or never.  The mark
 * travels with them: the address that they came from or go to.
 */
struct path {
	struct world *world;
	struct road road;
	ustime began;   /* on the world's clock; the road's time counts from here */
	bool cut;       /* an outage without an end */

	/* May pick packets out before they enter the road: true loses this one. */
	bool (*spoil)(void *spoiler, const uint8_t *data, size_t len);
	void *spoiler;
	uint64_t taken; /* packets that the cut or the spoiler took */

	/* Is told what becomes of each packet that is sent, as it is sent; may be NULL. */
	void (*entered)(void *who, const uint8_t *data, size_t len, const struct road_fate *fate);
	void (*arrive)(void *who, const uint8_t *data, size_t len, const struct endpoint *mark);
	void *who;
	ustime sent;    /* when that which arrives was sent */

	struct parcel *idle;
	struct parcel *chunks;
};

void path_init(struct path *p, struct world *w, const struct road_config *cfg);
void path_finish(struct path *p);

/*
 * Another road, which now is the path's, takes the place of its first; its time
 * begins now.  What is on its way arrives yet.
 */
void path_lay(struct path *p, const struct road *road);

void path_send(struct path *p, const uint8_t *data, size_t len, const struct endpoint *mark);

/* What is on the road from `from` to before `until`, on the world's clock, is lost. */
void path_outage(struct path *p, ustime from, ustime until);

/* What waits in the queue, bytes. */
uint64_t path_backlog(struct path *p);

/* Packets that never arrive, but for those that found the queue full. */
uint64_t path_lost(const struct path *p);

#endif
