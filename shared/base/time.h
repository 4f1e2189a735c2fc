/* SPDX-License-Identifier: MIT */
#ifndef SHARED_BASE_TIME_H
#define SHARED_BASE_TIME_H

#include <stdint.h>

/* A moment: microseconds of a clock that only moves forward. */
typedef int64_t ustime;

/* A stretch of time in microseconds. */
typedef int64_t usspan;

#define USEC(n) ((usspan)(n))
#define MSEC(n) ((usspan)(n) * 1000)
#define SEC(n)  ((usspan)(n) * 1000000)

/* The deadline of something that waits for nothing. */
#define NEVER INT64_MAX

/* When something happened that has not; how long ago that is can be asked at any time. */
#define LONG_AGO (INT64_MIN / 4)

static inline ustime earlier(ustime a, ustime b)
{
	return a < b ? a : b;
}

static inline ustime later(ustime a, ustime b)
{
	return a > b ? a : b;
}

#endif
