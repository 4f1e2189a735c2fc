/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SIM_VERDICT_H
#define TESTS_SIM_VERDICT_H

/* What stories are held to; for tests, which include cmocka.h first. */

#include "tests/sim/story.h"

enum { PER_SECOND = 760 }; /* packets of 1316 bytes at 8 Mbit/s */

/* Goes on for so long, in which every packet of 8 Mbit/s is played. */
static inline void assert_streams_well(struct story *s, usspan how_long)
{
	uint64_t before = story_stream(s, 0)->delivered;
	uint64_t whole = (uint64_t)how_long * PER_SECOND / 1000000;

	story_run(s, how_long);
	assert_in_range(story_stream(s, 0)->delivered - before, whole * 99 / 100,
			whole * 101 / 100);
}

/* Goes on for so long, in which nothing is late, whatever the stream is like. */
static inline void assert_plays_on(struct story *s, usspan how_long)
{
	uint64_t late = story_stream(s, 0)->late, before = story_stream(s, 0)->delivered;
	uint64_t whole = s->bond[0].cfg.caller.media.rate / 8 * (uint64_t)how_long / 1000000 /
			 ENCODER_PAYLOAD;

	story_run(s, how_long);
	assert_int_equal(story_stream(s, 0)->late, late);
	assert_true((story_stream(s, 0)->delivered - before) * 100 >= whole * 97);
}

/* A story of which twenty seconds have been told, and nothing was late of the last five. */
static inline struct story *story_under_way(const struct plan *plan)
{
	struct story *s = story_begin(plan);

	story_start_encoders(s);
	story_run(s, SEC(15));
	assert_plays_on(s, SEC(5));
	return s;
}

/* A story of which twenty seconds have been told, and all is well. */
static inline struct story *story_streaming(const struct plan *plan)
{
	struct story *s = story_begin(plan);

	story_start_encoders(s);
	story_run(s, SEC(15));
	assert_streams_well(s, SEC(5));
	return s;
}

#endif
