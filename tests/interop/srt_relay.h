/* SPDX-License-Identifier: MIT */
#ifndef TESTS_INTEROP_SRT_RELAY_H
#define TESTS_INTEROP_SRT_RELAY_H

#include <pthread.h>
#include <stdatomic.h>

#include "tests/interop/srt_trial.h"

enum {
	RELAY_WAYS = 8,      /* callers, each with its listener */
	RELAY_BUFFER = 1500,
	RELAY_PARCELS = 8192, /* on their way at once */
};

/* One caller, one listener, and the roads between them. */
struct relay_way {
	const struct trial *trial;
	int near, far;        /* sockets toward the caller and toward the listener */
	unsigned near_port;   /* where the caller finds the relay */
	struct road road[TRIAL_ROADS];
	struct trial_turns turns;
	bool joined;          /* the caller is known */
};

/* A packet on its way. */
struct relay_parcel {
	int64_t due; /* ns of CLOCK_MONOTONIC; */
	uint64_t nth; /* of two at the same moment the one that came first leaves first */
	int fd;
	unsigned len;
	uint8_t data[RELAY_BUFFER];
};

/*
 * Roads in real time: a thread that takes packets from sockets on loopback and
 * lets each of them out when its fate says so, or never.
 */
struct relay {
	struct relay_way way[RELAY_WAYS];
	unsigned ways;
	int64_t began;
	struct relay_parcel *parcel;
	unsigned *idle, idle_count;
	unsigned *heap, heap_count; /* by when they are due */
	uint64_t histogram[1000]; /* of how late they left, by 10 us; the last: or later */
	uint64_t in, out, full;
	bool running;
	atomic_bool over;
	pthread_t thread;
};

/* False with a word on stderr when it cannot be. */
bool relay_init(struct relay *r);
void relay_finish(struct relay *r);

/* The port of loopback to call in place of the listener's; 0 with a word on stderr. */
unsigned relay_add(struct relay *r, const struct trial *t, unsigned listener_port);

bool relay_start(struct relay *r);
void relay_stop(struct relay *r);

/* How late all but one of a hundred left at most, us. */
uint64_t relay_p99(const struct relay *r);

#endif
