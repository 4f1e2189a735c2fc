/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/sim/verdict.h"

/* Links that fall silent and come back. */

static void short_total_outage_resumes_the_same_group_and_session(void **state)
{
	/* F13: 3 s, well below the patience of either side. */
	struct plan plan = plan_links(3, 6000000, MSEC(50));
	struct story *s;

	(void)state;
	s = story_streaming(&plan);
	bond_cut_all(&s->bond[0], true);
	story_run(s, SEC(3));
	bond_cut_all(&s->bond[0], false);
	story_run(s, SEC(5));
	assert_int_equal(s->bond[0].caller.tally.sessions, 1);
	assert_int_equal(story_noted(s, SIDE_RECEIVER, RECEIVER_GROUP_NEW), 1);
	/* What was made in the outage can only be mended if it is still worth it. */
	assert_true(story_stream(s, 0)->late <= 3 * PER_SECOND);
	assert_streams_well(s, SEC(5));
	story_end(s);
}

static void links_that_return_before_the_receiver_gives_up_resume_their_group(void **state)
{
	/* S14: silent beyond the sender's time-out, not the receiver's. */
	struct plan plan = plan_links(3, 6000000, MSEC(50));
	struct story *s;

	(void)state;
	s = story_streaming(&plan);
	bond_cut_all(&s->bond[0], true);
	story_run(s, SEC(25));
	assert_int_equal(story_noted(s, SIDE_SENDER, SENDER_NO_LINKS), 1);
	bond_cut_all(&s->bond[0], false);
	assert_true(story_run_until_live(s, 1, SEC(10)) <= MSEC(1060));
	assert_true(story_run_until_live(s, 3, SEC(10)) <= MSEC(1000));
	assert_int_equal(story_noted(s, SIDE_SENDER, SENDER_GROUP_LOST), 0);
	assert_int_equal(story_noted(s, SIDE_RECEIVER, RECEIVER_GROUP_NEW), 1);
	story_run(s, SEC(5));
	assert_streams_well(s, SEC(5));
	story_end(s);
}

static void assert_back_after(usspan outage)
{
	struct plan plan = plan_links(3, 6000000, MSEC(50));
	struct sender_view before, after;
	struct story *s = story_streaming(&plan);
	uint64_t probes;

	bond_cut_all(&s->bond[0], true);
	story_run(s, outage / 2);
	story_view(s, &before);
	story_run(s, outage / 2);
	story_view(s, &after);
	assert_int_equal(after.live, 0);
	for (unsigned i = 0; i < 3; i++) {
		/* F04: once a second, no more and no less. */
		probes = after.link[i].packets_out - before.link[i].packets_out;
		assert_in_range(probes, (uint64_t)(outage / SEC(2)) - 1,
				(uint64_t)(outage / SEC(2)) + 1);
	}
	bond_cut_all(&s->bond[0], false);
	/* The receiver may have forgotten the group: at most three round trips. */
	assert_true(story_run_until_live(s, 1, SEC(10)) <= MSEC(1160));
	assert_true(story_run_until_live(s, 3, SEC(10)) <= MSEC(1000));
	story_run(s, SEC(6)); /* the encoder's next try, and the latency */
	assert_streams_well(s, SEC(5));
	assert_int_equal(s->site.server.most_open, 1);
	story_end(s);
}

static void bond_is_back_a_second_after_a_minute_without_any_link(void **state)
{
	(void)state;
	assert_back_after(SEC(60));
}

static void bond_is_back_a_second_after_an_hour_without_any_link(void **state)
{
	(void)state;
	assert_back_after(SEC(3600));
}

static void stream_goes_on_when_one_of_three_links_falls_silent(void **state)
{
	/* F12, by the classic rule: some packets are late until the link is given up. */
	struct plan plan = plan_links(3, 6000000, MSEC(50));
	struct sender_view v;
	struct story *s;
	uint64_t late, into_the_hole;

	(void)state;
	s = story_streaming(&plan);
	bond_cut(&s->bond[0], 1, true);
	story_run(s, SEC(4) + MSEC(200));
	story_view(s, &v);
	assert_int_equal(v.live, 2);
	into_the_hole = path_lost(&s->bond[0].link[1].up);
	story_run(s, SEC(4));
	late = story_stream(s, 0)->late;
	assert_true(late < 100);
	assert_streams_well(s, SEC(10));
	assert_int_equal(story_stream(s, 0)->late, late);
	/* Nothing but a probe a second goes there now. */
	assert_in_range(path_lost(&s->bond[0].link[1].up) - into_the_hole, 13, 16);
	assert_int_equal(s->bond[0].caller.tally.sessions, 1);

	bond_cut(&s->bond[0], 1, false);
	assert_true(story_run_until_live(s, 3, SEC(5)) <= MSEC(1060));
	story_run(s, SEC(10));
	assert_int_equal(story_stream(s, 0)->late, late);
	story_end(s);
}

static void link_whose_way_back_is_cut_is_given_up_too(void **state)
{
	struct plan plan = plan_links(3, 6000000, MSEC(50));
	struct sender_view v;
	struct story *s;

	(void)state;
	s = story_streaming(&plan);
	s->bond[0].link[2].down.cut = true;
	story_run(s, SEC(4) + MSEC(200));
	story_view(s, &v);
	assert_int_equal(v.live, 2);
	assert_streams_well(s, SEC(10));
	assert_int_equal(story_stream(s, 0)->late, 0);
	story_end(s);
}

static void one_way_back_of_three_brings_two_acknowledgements_of_three(void **state)
{
	/* R7: whichever one it is.  For less than the patience of the links without. */
	(void)state;
	for (unsigned good = 0; good < 3; good++) {
		struct plan plan = plan_links(3, 6000000, MSEC(50));
		struct story *s = story_streaming(&plan);
		uint64_t sent, came;

		for (unsigned i = 0; i < 3; i++)
			s->bond[0].link[i].down.cut = i != good;
		story_run(s, MSEC(50));
		sent = story_stream(s, 0)->acks + story_stream(s, 0)->light_acks;
		came = s->bond[0].caller.tally.acks;
		story_run(s, SEC(3));
		sent = story_stream(s, 0)->acks + story_stream(s, 0)->light_acks - sent;
		came = s->bond[0].caller.tally.acks - came;
		/* Each goes to the two that spoke last, and each says what the one before said. */
		assert_in_range(came, sent * 6 / 10, sent);
		assert_true(sent > 250);
		story_end(s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(short_total_outage_resumes_the_same_group_and_session,
					  story_teardown),
		cmocka_unit_test_teardown(
			links_that_return_before_the_receiver_gives_up_resume_their_group,
			story_teardown),
		cmocka_unit_test_teardown(bond_is_back_a_second_after_a_minute_without_any_link,
					  story_teardown),
		cmocka_unit_test_teardown(bond_is_back_a_second_after_an_hour_without_any_link,
					  story_teardown),
		cmocka_unit_test_teardown(stream_goes_on_when_one_of_three_links_falls_silent,
					  story_teardown),
		cmocka_unit_test_teardown(link_whose_way_back_is_cut_is_given_up_too,
					  story_teardown),
		cmocka_unit_test_teardown(one_way_back_of_three_brings_two_acknowledgements_of_three,
					  story_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
