/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SIM_WORLD_H
#define TESTS_SIM_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/base/rng.h"
#include "shared/base/time.h"

/* Something that will happen.  Two at the same time happen in the order of their numbers. */
struct event {
	ustime at;
	uint64_t number;
	void (*happen)(void *who, void *what);
	void *who;
	void *what;
};

/*
 * Everything that happens, in time order, and the only clock of a simulation.
 * The order is total and every number comes from the seed, so two worlds with
 * one seed are equal.
 */
struct world {
	ustime now;
	struct rng rng;
	struct event *heap;
	size_t count;
	size_t room;
	uint64_t number;
	uint64_t happened;
};

/* A simulation that lacks memory or is told nonsense ends here. */
void must(bool ok);

void world_init(struct world *w, uint64_t seed, ustime start);

/* Whatever has not happened by now never will. */
void world_finish(struct world *w);

/* happen(who, what) at that time, or now if it has passed. */
void world_at(struct world *w, ustime at, void (*happen)(void *who, void *what), void *who,
	      void *what);

/* Lets everything happen up to and including that time, which then is now. */
void world_run(struct world *w, ustime until);

/*
 * A deadline that moves.  A later one costs nothing until the earlier has
 * passed, an earlier one costs an event.  It lives as long as its world.
 */
struct timer {
	struct world *world;
	ustime at;    /* when to ring, or NEVER */
	ustime armed; /* when its next event happens, or NEVER */
	void (*ring)(void *who);
	void *who;
};

void timer_init(struct timer *t, struct world *w, void (*ring)(void *who), void *who);
void timer_set(struct timer *t, ustime at);

#endif
