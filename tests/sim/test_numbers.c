/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "shared/base/seq.h"
#include "tests/sim/story.h"

/* Counters that wrap, clocks that start late, and packets that come twice, late or bent. */

/* What a story came to, in figures that do not depend on where its counters began. */
struct outcome {
	uint64_t delivered, late, resent, naks, received, events;
	int32_t window[3], in_flight[3];
	usspan first_up;
};

static void outcome_of(const struct plan *plan, struct outcome *o)
{
	struct story *s = story_begin(plan);
	struct sender_view v;

	memset(o, 0, sizeof(*o));
	story_start_encoders(s);
	story_run(s, SEC(30));
	assert_int_equal(s->bond[0].caller.tally.sessions, 1);
	story_view(s, &v);
	o->delivered = story_stream(s, 0)->delivered;
	o->late = story_stream(s, 0)->late;
	o->naks = story_stream(s, 0)->naks;
	o->received = story_stream(s, 0)->received;
	o->resent = s->bond[0].caller.tally.resent;
	o->events = s->world.happened;
	o->first_up = story_first(s, SIDE_SENDER, SENDER_LINK_UP);
	for (unsigned i = 0; i < 3; i++) {
		o->window[i] = v.link[i].window;
		o->in_flight[i] = v.link[i].in_flight;
	}
	story_end(s);
}

static struct plan lossy(void)
{
	struct plan plan = plan_links(3, 6000000, MSEC(50));

	for (unsigned i = 0; i < 3; i++)
		plan.bond[0].up[i].loss = 50000;
	return plan;
}

static void sequence_numbers_wrap_in_mid_loss_without_a_trace(void **state)
{
	/* F29: the seam is crossed at 7 s, in the one story of the two. */
	struct plan plan = lossy();
	struct outcome plain, seam;

	(void)state;
	plan.bond[0].caller.isn = 1000000;
	outcome_of(&plan, &plain);
	plan.bond[0].caller.isn = SEQ_MASK - 5000;
	outcome_of(&plan, &seam);
	assert_true(plain.naks > 500);
	assert_true(plain.delivered > 20000);
	assert_memory_equal(&seam, &plain, sizeof(seam));
}

static void sequence_numbers_cross_half_of_the_circle_without_a_trace(void **state)
{
	struct plan plan = lossy();
	struct outcome plain, seam;

	(void)state;
	plan.bond[0].caller.isn = 1000000;
	outcome_of(&plan, &plain);
	plan.bond[0].caller.isn = UINT32_C(0x40000000) - 5000;
	outcome_of(&plan, &seam);
	assert_memory_equal(&seam, &plain, sizeof(seam));
}

static void srt_timestamps_wrap_without_a_trace(void **state)
{
	/* F30: after 71.6 minutes of a session; here after ten seconds. */
	struct plan plan = lossy();
	struct outcome plain, seam;

	(void)state;
	outcome_of(&plan, &plain);
	plan.bond[0].caller.clock = UINT32_MAX - 10000000;
	outcome_of(&plan, &seam);
	assert_memory_equal(&seam, &plain, sizeof(seam));
}

static void time_may_begin_anywhere(void **state)
{
	/* F28: ten seconds before 2^31 ms, 2^32 ms (49.7 days), 2^31 s and 2^32 s. */
	static const ustime starts[] = {
		0,
		1,
		INT64_C(2147483648) * 1000 - SEC(10),
		INT64_C(4294967296) * 1000 - SEC(10),
		INT64_C(2147483648) - SEC(10),
		INT64_C(4294967296) - SEC(10),
		INT64_C(2147483648) * 1000000 - SEC(10),
		INT64_C(4294967296) * 1000000 - SEC(10),
	};
	struct plan plan = lossy();
	struct outcome plain, other;

	(void)state;
	outcome_of(&plan, &plain);
	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
		plan.start = starts[i];
		outcome_of(&plan, &other);
		assert_memory_equal(&other, &plain, sizeof(other));
	}
}

static void everything_may_come_twice(void **state)
{
	/* F31 */
	struct plan plan = plan_links(3, 12000000, MSEC(50));
	struct story *s;

	(void)state;
	for (unsigned i = 0; i < 3; i++)
		plan.bond[0].up[i].twice = plan.bond[0].down[i].twice = 1000000;
	s = story_begin(&plan);
	story_start_encoders(s);
	story_run(s, SEC(30));
	srt_caller_stop(&s->bond[0].caller, false);
	story_run(s, SEC(3));
	assert_int_equal(story_stream(s, 0)->delivered, s->bond[0].caller.tally.data);
	assert_int_equal(story_stream(s, 0)->late, 0);
	assert_int_equal(s->bond[0].caller.tally.sessions, 1);
	assert_int_equal(s->bond[0].caller.tally.acks_again, 0);
	assert_int_equal(s->site.server.most_open, 1);
	assert_int_equal(story_noted(s, SIDE_SENDER, SENDER_LINK_UP), 3);
	assert_int_equal(story_noted(s, SIDE_SENDER, SENDER_GROUP_JOINED), 1);
	assert_int_equal(story_noted(s, SIDE_RECEIVER, RECEIVER_GROUP_NEW), 1);
	assert_int_equal(story_noted(s, SIDE_RECEIVER, RECEIVER_MEMBER_NEW), 3);
	story_end(s);
}

static void packets_may_overtake_by_two_seconds(void **state)
{
	/* F32: one in ten takes a detour, in both directions. */
	struct plan plan = plan_links(3, 12000000, MSEC(50));
	struct sender_view v;
	struct story *s;

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		plan.bond[0].up[i].astray = plan.bond[0].down[i].astray = 100000;
		plan.bond[0].up[i].detour = plan.bond[0].down[i].detour = SEC(2);
	}
	plan.bond[0].caller.latency = 4000;
	s = story_begin(&plan);
	story_start_encoders(s);
	story_run(s, SEC(60));
	assert_int_equal(s->bond[0].caller.tally.sessions, 1);
	assert_int_equal(story_noted(s, SIDE_SENDER, SENDER_LINK_DOWN), 0);
	assert_true(story_stream(s, 0)->delivered > 40000);
	assert_int_equal(story_stream(s, 0)->late, 0);
	story_view(s, &v);
	for (unsigned i = 0; i < 3; i++)
		assert_in_range(v.link[i].in_flight, 0, 400);
	story_end(s);
}

static void turned_bits_break_nothing_for_good(void **state)
{
	/* F34: three in a hundred packets, any bit, both directions; then it ends. */
	(void)state;
	for (uint64_t seed = 1; seed <= 20; seed++) {
		struct plan plan = plan_links(3, 12000000, MSEC(50));
		struct sender_view v;
		struct story *s;
		uint64_t before;

		plan.seed = seed;
		for (unsigned i = 0; i < 3; i++)
			plan.bond[0].up[i].damage = plan.bond[0].down[i].damage = 30000;
		s = story_begin(&plan);
		story_start_encoders(s);
		story_run(s, SEC(30));
		assert_true(s->bond[0].link[0].up.road.tally.damaged > 100);
		for (unsigned i = 0; i < 3; i++)
			s->bond[0].link[i].up.road.cfg.damage = s->bond[0].link[i].down.road.cfg.damage = 0;
		/* A timestamp with a turned bit is played when it says, and all behind it too. */
		story_run(s, SEC(40));
		before = story_stream(s, 0)->delivered;
		story_run(s, SEC(5));
		assert_in_range(story_stream(s, 0)->delivered - before, 3750, 3850);
		story_view(s, &v);
		assert_int_equal(v.live, 3);
		story_end(s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(sequence_numbers_wrap_in_mid_loss_without_a_trace,
					  story_teardown),
		cmocka_unit_test_teardown(sequence_numbers_cross_half_of_the_circle_without_a_trace,
					  story_teardown),
		cmocka_unit_test_teardown(srt_timestamps_wrap_without_a_trace, story_teardown),
		cmocka_unit_test_teardown(time_may_begin_anywhere, story_teardown),
		cmocka_unit_test_teardown(everything_may_come_twice, story_teardown),
		cmocka_unit_test_teardown(packets_may_overtake_by_two_seconds, story_teardown),
		cmocka_unit_test_teardown(turned_bits_break_nothing_for_good, story_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
