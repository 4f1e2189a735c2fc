/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/sim/verdict.h"
#include "tests/sim/witness.h"

/* Silence, copies, disorder and losses, for a sender that binds late: F12, F13, F31-F33. */

enum { LINKS = 3 };

static struct plan plan_late(void)
{
	struct plan plan = plan_links(LINKS, 6000000, MSEC(50));

	plan.bond[0].mode = SENDER_BALANCE;
	plan.bond[0].caller.media.fps = 30;
	return plan;
}

/* What is on its way arrives and is played. */
static void assert_all_played(struct story *s)
{
	srt_caller_stop(&s->bond[0].caller, false);
	story_run(s, SEC(6));
	assert_int_equal(story_stream(s, 0)->delivered, s->bond[0].caller.tally.data);
	assert_int_equal(story_stream(s, 0)->late, 0);
	assert_int_equal(story_stream(s, 0)->sessions, 1);
}

static void one_silent_link_of_three_is_left_within_300_ms(void **state)
{
	/* F12 */
	struct plan plan = plan_late();
	struct witness *w;
	struct story *s;
	ustime since;

	(void)state;
	plan.bond[0].caller.latency = 1000;
	s = story_under_way(&plan);
	w = witness_begin(s);
	since = s->world.now;
	witness_let(w, 1, TAKES_ALL);
	story_run(s, SEC(30));
	assert_true(w->link[1].first_at - since <= MSEC(300));
	assert_int_equal(story_stream(s, 0)->late, 0);
	witness_let(w, 1, TAKES_NOTHING);
	story_run(s, SEC(10));
	assert_true(s->world.now - w->link[1].first_at < SEC(10));
	assert_all_played(s);
	story_end(s);
}

static void all_links_silent_for_three_seconds_cost_no_session(void **state)
{
	/* F13 */
	struct plan plan = plan_late();
	struct story *s = story_under_way(&plan);

	(void)state;
	bond_cut_all(&s->bond[0], true);
	story_run(s, SEC(3));
	bond_cut_all(&s->bond[0], false);
	story_run(s, SEC(5));
	assert_int_equal(s->bond[0].caller.tally.sessions, 1);
	assert_true(story_stream(s, 0)->late <= 3 * PER_SECOND);
	assert_plays_on(s, SEC(5));
	story_end(s);
}

static void back_after(usspan outage)
{
	struct plan plan = plan_late();
	struct sender_view v;
	struct story *s = story_under_way(&plan);

	bond_cut_all(&s->bond[0], true);
	story_run(s, outage);
	story_view(s, &v);
	assert_int_equal(v.live, 0);
	bond_cut_all(&s->bond[0], false);
	assert_true(story_run_until_live(s, 1, SEC(10)) <= MSEC(1160));
	assert_true(story_run_until_live(s, LINKS, SEC(10)) <= MSEC(1000));
	story_run(s, SEC(6)); /* the encoder's next try, and the latency */
	assert_plays_on(s, SEC(5));
	story_end(s);
}

static void all_links_silent_for_a_minute_or_an_hour_come_back_in_a_second(void **state)
{
	/* F13 */
	(void)state;
	back_after(SEC(60));
	back_after(SEC(3600));
}

static void packets_that_all_come_twice_are_counted_once(void **state)
{
	/* F31 */
	struct plan plan = plan_late();
	struct sender_view v;
	struct story *s;

	(void)state;
	for (unsigned i = 0; i < LINKS; i++)
		plan.bond[0].up[i].twice = plan.bond[0].down[i].twice = ROAD_MILLION;
	s = story_under_way(&plan);
	story_run(s, SEC(30));
	story_view(s, &v);
	for (unsigned i = 0; i < LINKS; i++) {
		assert_true(v.link[i].acked <= v.link[i].data_out);
		assert_in_range(v.link[i].in_flight, 0, 200);
	}
	assert_all_played(s);
	assert_int_equal(story_stream(s, 0)->doubled, 0);
	story_end(s);
}

/* One packet of fifty takes a detour of up to so long. */
static void in_disorder(usspan detour, uint16_t latency)
{
	struct plan plan = plan_late();
	struct witness *w;
	struct story *s;
	uint64_t again = 0, first = 0;

	plan.bond[0].caller.latency = latency;
	for (unsigned i = 0; i < LINKS; i++) {
		plan.bond[0].up[i].astray = 20000;
		plan.bond[0].up[i].detour = detour;
	}
	s = story_under_way(&plan);
	w = witness_begin(s);
	story_run(s, SEC(30));
	for (unsigned i = 0; i < LINKS; i++) {
		first += w->link[i].first;
		again += w->link[i].again;
		assert_true(w->link[i].first > 30 * PER_SECOND / 10); /* none has collapsed */
	}
	/* What strays may be sent again, twice if need be, and nothing else. */
	assert_true(again * 100 <= first * 6);
	assert_all_played(s);
	story_end(s);
}

static void disorder_of_two_thousand_packets_raises_no_storm(void **state)
{
	/* F32: 2 000 packets are 2.6 s. */
	(void)state;
	in_disorder(MSEC(2600), 5000);
}

static void disorder_of_two_seconds_raises_no_storm(void **state)
{
	/* F32 */
	(void)state;
	in_disorder(SEC(2), 2500);
}

static void losses_of_1_and_10_percent_are_mended(void **state)
{
	/* F33 */
	static const uint32_t loss[] = {10000, 100000};

	(void)state;
	for (unsigned i = 0; i < sizeof(loss) / sizeof(loss[0]); i++) {
		struct plan plan = plan_late();
		struct story *s;

		for (unsigned k = 0; k < LINKS; k++)
			plan.bond[0].up[k].loss = plan.bond[0].down[k].loss = loss[i];
		s = story_under_way(&plan);
		story_run(s, SEC(60));
		assert_all_played(s);
		story_end(s);
	}
}

static void a_link_that_loses_40_percent_carries_little(void **state)
{
	/* F33: the rate shifts to the others. */
	struct plan plan = plan_late();
	struct witness *w;
	struct story *s;
	uint64_t first = 0;

	(void)state;
	plan.bond[0].up[1].loss = plan.bond[0].down[1].loss = 400000;
	s = story_under_way(&plan);
	w = witness_begin(s);
	story_run(s, SEC(60));
	for (unsigned i = 0; i < LINKS; i++)
		first += w->link[i].first;
	assert_true(w->link[1].first * 100 < first * 20);
	assert_all_played(s);
	story_end(s);
}

static void bursts_of_half_a_second_are_mended(void **state)
{
	/* F33: each link in its turn, once in ten seconds. */
	struct plan plan = plan_late();
	struct story *s;

	(void)state;
	s = story_under_way(&plan);
	for (unsigned i = 0; i < 6 * LINKS; i++) {
		s->bond[0].link[i % LINKS].up.cut = true;
		story_run(s, MSEC(500));
		s->bond[0].link[i % LINKS].up.cut = false;
		story_run(s, MSEC(2800));
	}
	assert_all_played(s);
	story_end(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(one_silent_link_of_three_is_left_within_300_ms,
					  story_teardown),
		cmocka_unit_test_teardown(all_links_silent_for_three_seconds_cost_no_session,
					  story_teardown),
		cmocka_unit_test_teardown(
			all_links_silent_for_a_minute_or_an_hour_come_back_in_a_second,
			story_teardown),
		cmocka_unit_test_teardown(packets_that_all_come_twice_are_counted_once,
					  story_teardown),
		cmocka_unit_test_teardown(disorder_of_two_thousand_packets_raises_no_storm,
					  story_teardown),
		cmocka_unit_test_teardown(disorder_of_two_seconds_raises_no_storm, story_teardown),
		cmocka_unit_test_teardown(losses_of_1_and_10_percent_are_mended, story_teardown),
		cmocka_unit_test_teardown(a_link_that_loses_40_percent_carries_little,
					  story_teardown),
		cmocka_unit_test_teardown(bursts_of_half_a_second_are_mended, story_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
