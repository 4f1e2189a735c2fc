/* SPDX-License-Identifier: MIT */
#ifndef LAB_EMULATOR_ROOM_H
#define LAB_EMULATOR_ROOM_H

#include "lab/scenario.h"

enum {
	ROOM_LEAST = 2048,  /* packets */
	ROOM_MOST = 65536,  /* 105 MB */
};

/*
 * How many packets may be on the roads of a scenario at once: what the queues
 * hold and what travels behind them at the highest rate, in packets that are
 * rather small.
 */
size_t room_needed(const struct scenario *s, unsigned vehicles);

#endif
