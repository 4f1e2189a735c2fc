/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SIM_STORY_H
#define TESTS_SIM_STORY_H

#include "tests/sim/bond.h"

enum { STORY_BONDS = 2 };

/* What a story starts from. */
struct plan {
	uint64_t seed;
	ustime start;
	unsigned bonds;
	struct site_config site;
	struct bond_config bond[STORY_BONDS];
};

/*
 * One bond of so many equal links, each of this rate in both directions and
 * with half of this round trip each way, under an encoder of 8 Mbit/s with a
 * latency of two seconds.  A test changes what it is about.
 */
struct plan plan_links(unsigned links, uint64_t rate, usspan rtt);

/* A world with a site and bonds.  There is one at a time. */
struct story {
	struct world world;
	struct timeline line;
	struct site site;
	struct bond bond[STORY_BONDS];
	unsigned bonds;
	ustime began;
};

/* With everything running but the encoders. */
struct story *story_begin(const struct plan *plan);

/* A test that does not come to this line has failed; its time line is printed. */
void story_end(struct story *s);

/* The teardown of every test that tells a story. */
int story_teardown(void **state);

void story_start_encoders(struct story *s);
void story_run(struct story *s, usspan how_long);

/* Runs until the encoder of bond 0 streams, at most so long; how long that took. */
usspan story_run_until_streams(struct story *s, usspan at_most);

/* Likewise until so many links of bond 0 are up. */
usspan story_run_until_live(struct story *s, unsigned links, usspan at_most);

/* What the SRT server saw of a bond's stream. */
const struct srt_stream *story_stream(struct story *s, unsigned bond);

/* How often a side noted this kind, and when first, counted from the beginning. */
uint64_t story_noted(const struct story *s, enum timeline_side side, unsigned kind);
usspan story_first(const struct story *s, enum timeline_side side, unsigned kind);

void story_view(struct story *s, struct sender_view *v);

#endif
