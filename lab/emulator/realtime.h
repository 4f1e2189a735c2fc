/* SPDX-License-Identifier: MIT */
#ifndef LAB_EMULATOR_REALTIME_H
#define LAB_EMULATOR_REALTIME_H

#include <stdbool.h>

/*
 * Asks the kernel for all that makes a wake-up punctual: a real-time priority,
 * timers without slack, memory that stays, processors that do not sleep too
 * deeply while we run.  What is not permitted is left out.  Is the priority
 * granted?
 */
bool realtime_enter(void);

#endif
