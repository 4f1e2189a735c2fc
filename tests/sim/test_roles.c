/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/sim/verdict.h"
#include "tests/sim/witness.h"

/* U-18: what the owner wants of a link. */

enum { FIRST, SECOND, THIRD };

static struct plan plan_late(unsigned links, uint64_t rate)
{
	struct plan plan = plan_links(links, rate, MSEC(50));

	plan.bond[0].mode = SENDER_BALANCE;
	return plan;
}

static struct story *begin(struct plan *plan, struct witness **w)
{
	struct story *s = story_under_way(plan);

	*w = witness_begin(s);
	return s;
}

/* Of a thousand bytes on all links in so long. */
static uint64_t share(struct story *s, struct witness *w, unsigned link, usspan how_long)
{
	uint64_t all = witness_bytes(w), own = w->link[link].bytes;

	story_run(s, how_long);
	return (w->link[link].bytes - own) * 1000 / (witness_bytes(w) - all);
}

static void terms(struct story *s, unsigned link, enum sender_role role, uint64_t cap)
{
	bond_terms(&s->bond[0], link, &(struct sender_terms){.role = role, .cap = cap});
}

/* How long until the link carries something new, at most so long. */
static usspan until_used(struct story *s, struct witness *w, unsigned link, usspan at_most)
{
	ustime since = s->world.now;
	uint64_t first = w->link[link].first;

	while (w->link[link].first == first && s->world.now - since < at_most)
		story_run(s, MSEC(1));
	return s->world.now - since;
}

static void a_backup_carries_less_than_one_percent_while_others_do(void **state)
{
	struct plan plan = plan_late(3, 6000000);
	struct witness *w;
	struct story *s;

	(void)state;
	plan.bond[0].terms[THIRD].role = SENDER_BACKUP;
	plan.bond[0].caller.media.fps = 30;
	s = begin(&plan, &w);
	assert_true(share(s, w, THIRD, SEC(60)) < 10);
	assert_true(w->link[THIRD].control > 0);
	assert_int_equal(story_stream(s, 0)->late, 0);
	story_end(s);
}

static void a_backup_takes_over_within_half_a_second_and_gives_back(void **state)
{
	struct plan plan = plan_late(3, 12000000);
	struct witness *w;
	struct story *s;

	(void)state;
	plan.bond[0].terms[THIRD].role = SENDER_BACKUP;
	s = begin(&plan, &w);
	witness_let(w, FIRST, TAKES_ALL);
	witness_let(w, SECOND, TAKES_ALL);
	assert_true(until_used(s, w, THIRD, SEC(5)) <= MSEC(500));
	assert_plays_on(s, SEC(10));
	assert_true(share(s, w, THIRD, SEC(10)) > 900);
	witness_let(w, FIRST, TAKES_NOTHING);
	witness_let(w, SECOND, TAKES_NOTHING);
	story_run(s, SEC(10));
	assert_true(share(s, w, THIRD, SEC(30)) < 10);
	assert_int_equal(story_stream(s, 0)->late, 0);
	story_end(s);
}

static void a_backup_helps_when_the_others_become_too_narrow(void **state)
{
	struct plan plan = plan_late(3, 6000000);
	struct witness *w;
	struct story *s;
	ustime at;

	(void)state;
	plan.bond[0].terms[THIRD].role = SENDER_BACKUP;
	s = begin(&plan, &w);
	for (unsigned i = FIRST; i <= SECOND; i++) {
		at = s->world.now - s->bond[0].link[i].up.began;
		road_change(&s->bond[0].link[i].up.road, at, ROAD_RATE, 2000000);
	}
	assert_true(until_used(s, w, THIRD, SEC(5)) <= MSEC(500));
	assert_plays_on(s, SEC(10));
	/* 4 Mbit/s of 8 is its part. */
	assert_in_range(share(s, w, THIRD, SEC(10)), 400, 750);
	assert_int_equal(story_stream(s, 0)->late, 0);
	story_end(s);
}

static void an_overflow_link_rests_while_the_normal_ones_have_room(void **state)
{
	struct plan plan = plan_late(2, 20000000);
	struct witness *w;
	struct story *s;

	(void)state;
	plan.bond[0].terms[SECOND].role = SENDER_OVERFLOW;
	s = begin(&plan, &w);
	assert_true(share(s, w, SECOND, SEC(30)) < 20);
	story_end(s);
}

static void an_overflow_link_takes_what_the_normal_ones_cannot(void **state)
{
	struct plan plan = plan_late(2, 6000000);
	struct witness *w;
	struct story *s;

	(void)state;
	plan.bond[0].terms[SECOND].role = SENDER_OVERFLOW;
	s = begin(&plan, &w);
	/* 6 Mbit/s of 8 fit through the other one. */
	assert_in_range(share(s, w, SECOND, SEC(30)), 230, 400);
	assert_int_equal(story_stream(s, 0)->late, 0);
	story_end(s);
}

static void a_link_that_is_off_stays_registered_and_carries_no_media(void **state)
{
	struct plan plan = plan_late(2, 12000000);
	struct sender_view v;
	struct witness *w;
	struct story *s;

	(void)state;
	plan.bond[0].terms[SECOND].role = SENDER_OFF;
	s = begin(&plan, &w);
	story_run(s, SEC(30));
	assert_int_equal(w->link[SECOND].first + w->link[SECOND].again, 0);
	assert_true(w->link[SECOND].control >= 25);
	story_view(s, &v);
	assert_int_equal(v.live, 2);

	terms(s, SECOND, SENDER_NORMAL, 0);
	assert_true(until_used(s, w, SECOND, SEC(5)) <= MSEC(500));
	terms(s, SECOND, SENDER_OFF, 0);
	story_run(s, SEC(1));
	assert_true(s->world.now - w->link[SECOND].first_at >= MSEC(900));
	assert_int_equal(story_stream(s, 0)->late, 0);
	story_end(s);
}

static void a_link_that_is_off_is_not_used_even_when_it_is_the_last(void **state)
{
	struct plan plan = plan_late(2, 12000000);
	struct witness *w;
	struct story *s;

	(void)state;
	plan.bond[0].terms[SECOND].role = SENDER_OFF;
	s = begin(&plan, &w);
	witness_let(w, FIRST, TAKES_ALL);
	story_run(s, SEC(3));
	assert_int_equal(w->link[SECOND].first + w->link[SECOND].again, 0);
	story_end(s);
}

static void a_rate_cap_holds(void **state)
{
	struct plan plan = plan_late(2, 12000000);
	struct witness *w;
	struct story *s;
	uint64_t before;

	(void)state;
	plan.bond[0].terms[FIRST].cap = 2000000;
	plan.bond[0].up[SECOND].supply.rate = 8000000; /* not quite what the stream takes */
	s = begin(&plan, &w);
	/* 2 Mbit/s over ten seconds, and a burst. */
	before = w->link[FIRST].bytes;
	story_run(s, SEC(10));
	assert_in_range(w->link[FIRST].bytes - before, 250000, 2500000 * 105 / 100);
	assert_int_equal(story_stream(s, 0)->late, 0);
	terms(s, FIRST, SENDER_NORMAL, 500000);
	story_run(s, SEC(1));
	before = w->link[FIRST].bytes;
	story_run(s, SEC(10));
	assert_in_range(w->link[FIRST].bytes - before, 250000, 625000 * 105 / 100);
	story_end(s);
}

static void the_heavier_of_two_links_carries_more(void **state)
{
	struct plan plan = plan_late(2, 12000000);
	struct witness *w;
	struct story *s;

	(void)state;
	plan.bond[0].terms[FIRST].weight = 5;
	plan.bond[0].terms[SECOND].weight = 50;
	plan.bond[0].caller.media.fps = 30;
	s = begin(&plan, &w);
	assert_true(share(s, w, SECOND, SEC(30)) > 550);
	assert_int_equal(story_stream(s, 0)->late, 0);
	story_end(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(a_backup_carries_less_than_one_percent_while_others_do,
					  story_teardown),
		cmocka_unit_test_teardown(a_backup_takes_over_within_half_a_second_and_gives_back,
					  story_teardown),
		cmocka_unit_test_teardown(a_backup_helps_when_the_others_become_too_narrow,
					  story_teardown),
		cmocka_unit_test_teardown(an_overflow_link_rests_while_the_normal_ones_have_room,
					  story_teardown),
		cmocka_unit_test_teardown(an_overflow_link_takes_what_the_normal_ones_cannot,
					  story_teardown),
		cmocka_unit_test_teardown(a_link_that_is_off_stays_registered_and_carries_no_media,
					  story_teardown),
		cmocka_unit_test_teardown(a_link_that_is_off_is_not_used_even_when_it_is_the_last,
					  story_teardown),
		cmocka_unit_test_teardown(a_rate_cap_holds, story_teardown),
		cmocka_unit_test_teardown(the_heavier_of_two_links_carries_more, story_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
