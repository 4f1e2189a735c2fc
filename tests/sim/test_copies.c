/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/sim/verdict.h"
#include "tests/sim/witness.h"

/* U-17: what travels more than once, by mode. */

enum { LINKS = 3 };

/* Each link has twice the rate of the stream; there is no time to send anything again. */
static struct plan plan_copies(enum sender_mode mode)
{
	struct plan plan = plan_links(LINKS, 16000000, MSEC(80));

	plan.bond[0].mode = mode;
	plan.bond[0].copies = 2;
	plan.bond[0].caller.latency = 150;
	plan.site.server.latency = 150;
	return plan;
}

static uint64_t sum(const struct witness *w, bool again)
{
	uint64_t bytes = 0;

	for (unsigned i = 0; i < LINKS; i++)
		bytes += again ? w->link[i].again_bytes : w->link[i].first_bytes;
	return bytes;
}

static void every_packet_travels_twice_on_two_links(void **state)
{
	struct plan plan = plan_copies(SENDER_REDUNDANT);
	struct story *s = story_under_way(&plan);
	struct witness *w = witness_begin(s);
	uint64_t numbers, twice;

	(void)state;
	story_run(s, SEC(20));
	numbers = witness_travelled(w, 1);
	twice = witness_travelled(w, 2);
	assert_true(numbers > 19 * PER_SECOND);
	assert_true(twice * 1000 >= numbers * 999);
	assert_int_equal(w->same_link, 0);
	assert_int_equal(w->plain_again, 0);
	assert_int_equal(story_stream(s, 0)->late, 0);
	story_end(s);
}

static void a_link_that_dies_costs_no_packet(void **state)
{
	struct plan plan = plan_copies(SENDER_REDUNDANT);

	(void)state;
	for (unsigned victim = 0; victim < LINKS; victim++) {
		struct story *s = story_under_way(&plan);

		bond_cut(&s->bond[0], victim, true);
		story_run(s, SEC(10));
		assert_int_equal(story_stream(s, 0)->late, 0);
		assert_true(story_stream(s, 0)->delivered > 29 * PER_SECOND);
		story_end(s);
	}
}

static void a_link_that_comes_back_costs_no_packet_either(void **state)
{
	struct plan plan = plan_copies(SENDER_REDUNDANT);

	(void)state;
	plan.bond[0].caller.latency = plan.site.server.latency = 300;
	for (unsigned victim = 0; victim < LINKS; victim++) {
		struct story *s = story_under_way(&plan);

		bond_cut(&s->bond[0], victim, true);
		story_run(s, SEC(10));
		bond_cut(&s->bond[0], victim, false);
		story_run(s, SEC(10));
		assert_int_equal(story_stream(s, 0)->late, 0);
		story_end(s);
	}
}

static void copies_stay_within_their_budget(void **state)
{
	struct plan plan = plan_copies(SENDER_REDUNDANT);
	struct witness *w;
	struct story *s;

	(void)state;
	plan.bond[0].extra = 20;
	s = story_under_way(&plan);
	w = witness_begin(s);
	story_run(s, SEC(20));
	assert_in_range(sum(w, true) * 100 / sum(w, false), 10, 22);
	story_end(s);
}

static void balance_sends_each_packet_once_while_nothing_is_wrong(void **state)
{
	struct plan plan = plan_copies(SENDER_BALANCE);
	struct story *s = story_under_way(&plan);
	struct witness *w = witness_begin(s);

	(void)state;
	story_run(s, SEC(20));
	/* A link without traffic is kept fresh by a copy now and then. */
	assert_true(sum(w, true) * 100 <= sum(w, false) * 2);
	assert_int_equal(w->plain_again, 0);
	story_end(s);
}

static void auto_copies_what_is_at_risk_and_little_else(void **state)
{
	struct plan plan = plan_copies(SENDER_AUTO);
	struct story *s = story_under_way(&plan);
	struct witness *w = witness_begin(s);
	uint64_t quiet, again, first;

	(void)state;
	story_run(s, SEC(20));
	quiet = sum(w, true) * 1000 / sum(w, false);
	assert_true(quiet <= 110);
	again = sum(w, true);
	first = sum(w, false);
	witness_let(w, 0, TAKES_ALL); /* which carries most of it */
	story_run(s, SEC(2));
	assert_true((sum(w, true) - again) * 1000 / (sum(w, false) - first) > quiet + 10);
	assert_int_equal(w->plain_again, 0);
	story_end(s);
}

static void the_mode_changes_while_the_stream_goes_on(void **state)
{
	struct plan plan = plan_copies(SENDER_BALANCE);
	struct story *s = story_under_way(&plan);
	struct witness *w = witness_begin(s);
	uint64_t again, first;

	(void)state;
	bond_mode(&s->bond[0], SENDER_REDUNDANT);
	assert_int_equal(story_noted(s, SIDE_SENDER, SENDER_MODE), 1);
	story_run(s, SEC(1));
	again = sum(w, true);
	first = sum(w, false);
	story_run(s, SEC(5));
	assert_in_range((sum(w, true) - again) * 100 / (sum(w, false) - first), 98, 104);
	bond_mode(&s->bond[0], SENDER_CLASSIC);
	story_run(s, SEC(1));
	again = sum(w, true);
	story_run(s, SEC(5));
	assert_int_equal(sum(w, true), again);
	bond_mode(&s->bond[0], SENDER_BALANCE);
	assert_plays_on(s, SEC(5));
	assert_int_equal(story_stream(s, 0)->late, 0);
	assert_int_equal(story_stream(s, 0)->sessions, 1);
	story_end(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(every_packet_travels_twice_on_two_links, story_teardown),
		cmocka_unit_test_teardown(a_link_that_dies_costs_no_packet, story_teardown),
		cmocka_unit_test_teardown(a_link_that_comes_back_costs_no_packet_either,
					  story_teardown),
		cmocka_unit_test_teardown(copies_stay_within_their_budget, story_teardown),
		cmocka_unit_test_teardown(balance_sends_each_packet_once_while_nothing_is_wrong,
					  story_teardown),
		cmocka_unit_test_teardown(auto_copies_what_is_at_risk_and_little_else,
					  story_teardown),
		cmocka_unit_test_teardown(the_mode_changes_while_the_stream_goes_on,
					  story_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
