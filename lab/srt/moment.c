/* SPDX-License-Identifier: MIT */
#include "lab/srt/moment.h"

static int64_t microseconds(const struct timespec *t)
{
	return SEC(t->tv_sec) + t->tv_nsec / 1000;
}

ustime moment_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return microseconds(&t);
}

void moment_sleep_until(ustime at)
{
	struct timespec t = {.tv_sec = at / SEC(1), .tv_nsec = at % SEC(1) * 1000};

	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
}

struct moment_pair moment_pair(void)
{
	struct timespec wall;

	clock_gettime(CLOCK_REALTIME, &wall);
	return (struct moment_pair){.now = moment_now(), .wall = microseconds(&wall)};
}

ustime moment_of(const struct moment_pair *p, const struct timespec *stamp)
{
	return p->now - (p->wall - microseconds(stamp));
}
