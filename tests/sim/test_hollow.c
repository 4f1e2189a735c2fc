/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/sim/verdict.h"
#include "tests/sim/witness.h"

/*
 * U-09: a link over which data no longer arrives, though its keepalives come
 * back.  Nothing new is put on it until data has got through.
 */

#define PATIENCE MSEC(250) /* or two round trips */

static struct story *begin(usspan rtt, struct witness **w)
{
	struct plan plan = plan_links(3, 6000000, MSEC(50));
	struct story *s;

	plan.bond[0].mode = SENDER_BALANCE;
	plan.bond[0].caller.media.fps = 30;
	plan.bond[0].up[1].delay = plan.bond[0].down[1].delay = rtt / 2;
	/* Of a long way it is used only when the others do not do. */
	if (rtt > MSEC(50))
		plan.bond[0].up[0].supply.rate = plan.bond[0].up[2].supply.rate = 3500000;
	s = story_under_way(&plan);
	*w = witness_begin(s);
	story_run(s, SEC(2));
	assert_true((*w)->link[1].first > 0);
	return s;
}

static void out_of_use_within(usspan rtt, usspan at_most)
{
	struct witness *w;
	struct story *s = begin(rtt, &w);
	ustime since = s->world.now;
	struct sender_view v;

	witness_let(w, 1, TAKES_DATA);
	story_run(s, SEC(10));
	assert_true(w->link[1].first_at - since <= at_most);
	story_view(s, &v);
	assert_int_equal(v.link[1].state, LINK_UP); /* its keepalives return */
	story_end(s);
}

static void a_hollow_link_is_out_of_use_within_a_quarter_of_a_second(void **state)
{
	(void)state;
	out_of_use_within(MSEC(50), PATIENCE);
	out_of_use_within(MSEC(100), PATIENCE);
}

static void a_hollow_link_of_a_long_way_is_out_of_use_within_two_round_trips(void **state)
{
	(void)state;
	out_of_use_within(MSEC(300),
			  MSEC(600) + MSEC(60)); /* what its modem holds adds to its way */
}

static void a_hollow_link_is_tried_with_nothing_but_duplicates(void **state)
{
	struct witness *w;
	struct story *s = begin(MSEC(50), &w);
	uint64_t first, again;

	(void)state;
	witness_let(w, 1, TAKES_DATA);
	story_run(s, SEC(1));
	first = w->link[1].first;
	again = w->link[1].again;
	story_run(s, SEC(20));
	assert_int_equal(w->link[1].first, first);
	/* Five times a second, more or less. */
	assert_in_range(w->link[1].again - again, 20 * 3, 20 * 8);
	assert_int_equal(story_stream(s, 0)->late, 0);
	story_end(s);
}

static void a_hollow_link_is_back_a_second_after_data_gets_through(void **state)
{
	struct witness *w;
	struct story *s = begin(MSEC(50), &w);
	ustime since;
	uint64_t first;

	(void)state;
	witness_let(w, 1, TAKES_DATA);
	story_run(s, SEC(30));
	since = s->world.now;
	first = w->link[1].first;
	witness_let(w, 1, TAKES_NOTHING);
	while (w->link[1].first == first && s->world.now - since < SEC(5))
		story_run(s, MSEC(1));
	/* A probe, its way there and the report. */
	assert_true(s->world.now - since <= MSEC(300));
	story_run(s, SEC(10));
	assert_true(w->link[1].first > first + 500);
	assert_int_equal(story_stream(s, 0)->late, 0);
	story_end(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(a_hollow_link_is_out_of_use_within_a_quarter_of_a_second,
					  story_teardown),
		cmocka_unit_test_teardown(
			a_hollow_link_of_a_long_way_is_out_of_use_within_two_round_trips,
			story_teardown),
		cmocka_unit_test_teardown(a_hollow_link_is_tried_with_nothing_but_duplicates,
					  story_teardown),
		cmocka_unit_test_teardown(a_hollow_link_is_back_a_second_after_data_gets_through,
					  story_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
