/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/sim/verdict.h"

/*
 * U-13: what the links can carry, and what an encoder may safely send, as the
 * sender tells it.  The encoder here does as it is told, five times a second.
 */

enum { MEGABIT = 1000000, WIDE = 20 * MEGABIT, NARROW = 4 * MEGABIT };

#define TOLD MSEC(200)

static struct story *set_off(unsigned links)
{
	struct plan plan = plan_links(links, WIDE / links, MSEC(50));
	struct story *s;

	plan.bond[0].mode = SENDER_BALANCE;
	plan.bond[0].caller.media.rate = 3 * MEGABIT;
	plan.bond[0].caller.media.fps = 30;
	s = story_begin(&plan);
	story_start_encoders(s);
	story_run(s, SEC(5));
	return s;
}

/* From now on all links together carry so much. */
static void step(struct story *s, unsigned links, uint64_t rate)
{
	for (unsigned i = 0; i < links; i++) {
		struct path *up = &s->bond[0].link[i].up;

		road_change(&up->road, s->world.now - up->began, ROAD_RATE, rate / links);
	}
}

static uint64_t obey(struct story *s)
{
	struct sender_view v;
	uint64_t rate;

	story_run(s, TOLD);
	story_view(s, &v);
	rate = v.safe_rate;
	if (rate < MEGABIT / 2)
		rate = MEGABIT / 2;
	if (rate > WIDE)
		rate = WIDE;
	encoder_set_rate(&s->bond[0].caller.encoder, rate);
	return v.safe_rate;
}

/* How long until the safe rate is at most, or at least, so much. */
static usspan until(struct story *s, uint64_t rate, bool below, usspan at_most)
{
	ustime since = s->world.now;
	uint64_t safe;

	do
		safe = obey(s);
	while ((below ? safe > rate : safe < rate) && s->world.now - since < at_most);
	return s->world.now - since;
}

static void obeyed(unsigned links)
{
	struct story *s = set_off(links);
	uint64_t before;

	/* From 3 Mbit/s on it leads the encoder to where the links are. */
	assert_true(until(s, WIDE / 10 * 6, false, SEC(60)) <= SEC(30));
	story_run(s, SEC(10));
	for (int i = 0; i < 25; i++)
		assert_true(obey(s) <= WIDE);
	before = obey(s);
	step(s, links, NARROW);
	assert_true(until(s, NARROW, true, SEC(10)) <= SEC(1));
	for (int i = 0; i < 50; i++)
		assert_in_range(obey(s), NARROW / 4, NARROW);
	step(s, links, WIDE);
	assert_true(until(s, before / 10 * 9, false, SEC(60)) <= SEC(15));
	assert_int_equal(story_stream(s, 0)->sessions, 1);
	story_end(s);
}

static void the_safe_rate_of_one_link_follows_a_step_down_and_up(void **state)
{
	(void)state;
	obeyed(1);
}

static void the_safe_rate_of_three_links_follows_a_step_down_and_up(void **state)
{
	(void)state;
	obeyed(3);
}

static void what_is_safe_is_less_than_what_there_is(void **state)
{
	struct story *s = set_off(2);
	struct sender_view v;

	(void)state;
	for (int i = 0; i < 100; i++) {
		obey(s);
		story_view(s, &v);
		assert_true(v.capacity > 0);
		assert_true(v.safe_rate <= v.capacity);
	}
	story_end(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(the_safe_rate_of_one_link_follows_a_step_down_and_up,
					  story_teardown),
		cmocka_unit_test_teardown(the_safe_rate_of_three_links_follows_a_step_down_and_up,
					  story_teardown),
		cmocka_unit_test_teardown(what_is_safe_is_less_than_what_there_is, story_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
