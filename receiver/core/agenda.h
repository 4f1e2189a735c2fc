/* SPDX-License-Identifier: MIT */
#ifndef RECEIVER_CORE_AGENDA_H
#define RECEIVER_CORE_AGENDA_H

#include <stdbool.h>

#include "shared/base/time.h"

struct group;

/*
 * Groups by the moment when they want the time, soonest first: a heap, so that a change
 * costs at most the logarithm of their number.
 */
struct agenda {
	struct group **heap; /* of `limit` places */
	unsigned count;
	unsigned limit;
};

/* False when memory is short. */
bool agenda_init(struct agenda *a, unsigned limit);
void agenda_finish(struct agenda *a);

/* The group wants the time at `due`, or with NEVER no more. */
void agenda_set(struct agenda *a, struct group *g, ustime due);

/* Who comes first, or NULL. */
struct group *agenda_first(const struct agenda *a);

#endif
