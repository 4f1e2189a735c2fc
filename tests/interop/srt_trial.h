/* SPDX-License-Identifier: MIT */
#ifndef TESTS_INTEROP_SRT_TRIAL_H
#define TESTS_INTEROP_SRT_TRIAL_H

#include <stdbool.h>

#include "lab/encoder.h"
#include "lab/road.h"

enum {
	TRIAL_LANES = 3,
	TRIAL_DOWN = TRIAL_LANES, /* the way back, beside the lanes up */
	TRIAL_ROADS,
	TRIAL_PLAIN = TRIAL_ROADS, /* no road: as long as the first lane, and nothing happens */
};

/*
 * A live SRT pair and what lies between it.  Data take the lanes in turn and so
 * do the caller's control packets, so that the n-th of them has the same fate
 * whoever sends it.  On how long the handshake takes and on the first round trip
 * libsrt founds its play-out for good: handshakes and the first control packets
 * each way take no road, so that no lot decides on that.
 */
struct trial {
	const char *name;
	struct encoder_config media;
	unsigned latency;    /* ms */
	unsigned lossmaxttl;
	unsigned lanes;
	struct road_config road[TRIAL_ROADS];
	uint64_t seed;
	usspan lasts;        /* of the media */
};

/* How it went, by SRT's own counters. */
struct trial_figures {
	uint64_t made;
	uint64_t late;   /* numbers that the receiver gave up */
	uint64_t resent; /* packets */
	uint64_t naks;   /* packets that the receiver sent */
};

/* How long a session lasts before its media begin: too short for a keepalive. */
#define TRIAL_BEFORE MSEC(500)

/* How long after the media everything has been played or given up. */
#define TRIAL_AFTER MSEC(1500)

void trial_roads(const struct trial *t, struct road road[TRIAL_ROADS]);

/* How many packets have taken a road. */
struct trial_turns {
	uint64_t data, control[2]; /* control: down and up */
};

/* Which road the next packet takes, up or down. */
unsigned trial_road_for(const struct trial *t, struct trial_turns *turns, bool up,
			const uint8_t *data, size_t len);

/* Through the simulator's model, in virtual time. */
void trial_model(const struct trial *t, struct trial_figures *f);

enum trial_verdict {
	TRIAL_FINE,
	TRIAL_LATE,   /* this machine was too busy to carry packets in time */
	TRIAL_FAILED, /* something could not be set up, as was said on stderr */
};

/* Through libsrt, in real time, all at once. */
enum trial_verdict trial_real(const struct trial *t, unsigned count, struct trial_figures *f);

#endif
