/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SIM_PATH_H
#define TESTS_SIM_PATH_H

#include <stdbool.h>

#include "shared/base/endpoint.h"
#include "tests/sim/world.h"

enum { PATH_OUTAGES = 16 };

/* What one direction of a link does to packets. */
struct path_config {
	uint64_t rate;     /* bit/s, IP and UDP headers included; 0: no limit */
	size_t queue;      /* bytes that wait at most, then the newest is dropped; 0: no limit */
	usspan delay;      /* one way, besides the queue */
	usspan jitter;     /* up to so much more, at random, order kept */
	uint32_t loss;     /* how many of a million are lost */
	uint32_t twice;    /* how many of a million arrive twice */
	uint32_t astray;   /* how many of a million take a detour, so that others overtake */
	usspan detour;     /* of at most so long */
	uint32_t damage;   /* how many of a million arrive with one bit turned */
};

struct path_tally {
	uint64_t packets_in, bytes_in;
	uint64_t packets_out, bytes_out;
	uint64_t overflow; /* dropped by the full queue */
	uint64_t lost;     /* at random, by an outage, or picked out */
	uint64_t doubled;
	uint64_t damaged;
};

struct parcel;

/*
 * One direction of one link.  Bytes that go in are copied; they come out of
 * arrive() later, or never.  The mark travels with them: the address that
 * they came from or go to.
 */
struct path {
	struct world *world;
	struct path_config cfg;
	struct path_tally tally;
	struct rng rng;
	int64_t busy_until; /* ns: when the last packet of the queue has left it */
	ustime last_out;
	struct {
		ustime from, until;
	} outage[PATH_OUTAGES];
	unsigned outages;
	bool cut;           /* an outage without an end */

	/* May pick packets out: true loses this one. */
	bool (*spoil)(void *spoiler, const uint8_t *data, size_t len);
	void *spoiler;

	void (*arrive)(void *who, const uint8_t *data, size_t len, const struct endpoint *mark);
	void *who;

	struct parcel *idle;
	struct parcel *chunks;
};

void path_init(struct path *p, struct world *w, const struct path_config *cfg);
void path_finish(struct path *p);
void path_send(struct path *p, const uint8_t *data, size_t len, const struct endpoint *mark);

/* What is sent from `from` to before `until` is lost. */
void path_outage(struct path *p, ustime from, ustime until);

/* What waits in the queue, bytes. */
uint64_t path_backlog(const struct path *p);

#endif
