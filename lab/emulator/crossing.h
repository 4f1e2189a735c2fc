/* SPDX-License-Identifier: MIT */
#ifndef LAB_EMULATOR_CROSSING_H
#define LAB_EMULATOR_CROSSING_H

#include "lab/emulator/emulator.h"

/*
 * Busy turns are so far apart (ns): a wake-up costs as much as several packets.  What
 * falls due within half of that leaves now, as often too early as others are late.
 */
#define CROSSING_PACE  200000
#define CROSSING_EARLY (CROSSING_PACE / 2)

/* How the roads are laid before packets come; false when memory is short. */
bool crossing_init(struct emulator *e);
void crossing_finish(struct emulator *e);

/* The scenario begins at `now`. */
void crossing_start(struct emulator *e, int64_t now);

/*
 * Reads what a device holds and puts it on its road; what falls due meanwhile
 * leaves in between.  Stops before the device is empty, so that others have
 * their turn, and then says so in `unread`.
 */
void crossing_read(struct emulator *e, struct device *d);

/* Writes what is due. */
void crossing_release(struct emulator *e);

#endif
