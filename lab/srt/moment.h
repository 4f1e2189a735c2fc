/* SPDX-License-Identifier: MIT */
#ifndef LAB_SRT_MOMENT_H
#define LAB_SRT_MOMENT_H

#include <time.h>

#include "shared/base/time.h"

/* CLOCK_MONOTONIC, in which source and sink of one machine agree. */
ustime moment_now(void);

/* Until then, or until a signal comes. */
void moment_sleep_until(ustime at);

/* The same moment by two clocks: what a stamp of the kernel was by ours. */
struct moment_pair {
	ustime now;
	int64_t wall; /* us since 1970 */
};

struct moment_pair moment_pair(void);

/* A wall clock that is set in between makes this wrong; the caller knows what can be. */
ustime moment_of(const struct moment_pair *p, const struct timespec *stamp);

#endif
