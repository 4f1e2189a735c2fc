/* SPDX-License-Identifier: MIT */
#include <sys/prctl.h>
#include <time.h>

#include "tests/bench/must.h"
#include "tests/bench/relays.h"

enum { BEHIND = 20000000 }; /* ns: so much is made up for, what lies further back is not sent */

uint64_t relay_clock(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static void sleep_until(uint64_t at)
{
	struct timespec t = {.tv_sec = (time_t)(at / 1000000000),
			     .tv_nsec = (long)(at % 1000000000)};

	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
}

void *relay_generate(void *load)
{
	struct relay_load *l = load;
	static uint8_t bytes[RELAY_RUN * RELAY_PACKET];
	uint64_t next = relay_clock();

	prctl(PR_SET_TIMERSLACK, 1UL);
	while (!atomic_load(&l->stop)) {
		if (l->feed.rate) {
			uint64_t now = relay_clock();

			next += 1000000000ULL * l->feed.run / l->feed.rate;
			if (next + BEHIND < now)
				next = now;
			else if (next > now)
				sleep_until(next);
		}
		/* A relay that has not caught up loses some: its own matter. */
		(void)send(l->from, bytes, (size_t)l->feed.run * RELAY_PACKET, 0);
	}
	return NULL;
}

/* Looks each millisecond, so that no way pays for waking us. */
void *relay_sink(void *load)
{
	const struct timespec nap = {.tv_nsec = 1000000};
	struct relay_load *l = load;
	static uint8_t byte[RELAY_SLOTS];
	static struct iovec part[RELAY_SLOTS];
	static struct mmsghdr msg[RELAY_SLOTS];

	for (unsigned i = 0; i < RELAY_SLOTS; i++) {
		part[i] = (struct iovec){byte + i, 1};
		msg[i].msg_hdr = (struct msghdr){.msg_iov = part + i, .msg_iovlen = 1};
	}
	while (!atomic_load(&l->stop)) {
		int n = recvmmsg(l->sink, msg, RELAY_SLOTS, MSG_DONTWAIT | MSG_TRUNC, NULL);

		for (int i = 0; i < n; i++)
			bench_must(msg[i].msg_len == RELAY_PACKET);
		if (n > 0)
			atomic_fetch_add(&l->arrived, (unsigned)n);
		if (n < RELAY_SLOTS)
			nanosleep(&nap, NULL);
	}
	return NULL;
}
