/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/sim/story.h"

/* Links that do nothing wrong. */

/* The encoder ends, what is on its way arrives and is played. */
static void finish_stream(struct story *s)
{
	for (unsigned i = 0; i < s->bonds; i++)
		srt_caller_stop(&s->bond[i].caller, false);
	story_run(s, SEC(4));
}

static void assert_all_played(struct story *s, unsigned bond)
{
	const struct srt_stream *x = story_stream(s, bond);

	assert_int_equal(x->delivered, s->bond[bond].caller.tally.data);
	assert_int_equal(x->late, 0);
	assert_int_equal(x->damaged, 0);
	assert_int_equal(x->sessions, 1);
}

static void three_clean_links_deliver_everything_in_time(void **state)
{
	struct plan plan = plan_links(3, 6000000, MSEC(50));
	struct sender_view v;
	struct story *s;

	(void)state;
	s = story_begin(&plan);
	story_start_encoders(s);
	story_run(s, SEC(60));
	finish_stream(s);
	assert_true(s->bond[0].caller.tally.data > 45000);
	assert_all_played(s, 0);
	story_view(s, &v);
	assert_int_equal(v.live, 3);
	for (unsigned i = 0; i < 3; i++)
		assert_true(v.link[i].data_out > 5000);
	assert_int_equal(story_stream(s, 0)->received,
			 s->bond[0].caller.tally.data + s->bond[0].caller.tally.resent);
	/* S10: each ACK once, though the receiver sends it over every link. */
	assert_int_equal(s->bond[0].caller.tally.acks_again, 0);
	assert_int_equal(s->bond[0].caller.tally.odd, 0);
	assert_int_equal(s->site.wrong_address + s->site.to_nobody + s->bond[0].to_strangers, 0);
	assert_int_equal(s->site.server.most_open, 1);
	story_end(s);
}

static uint64_t fingerprint(uint64_t seed)
{
	struct plan plan = plan_links(3, 4000000, MSEC(60));
	struct story *s;
	uint64_t print;

	plan.seed = seed;
	for (unsigned i = 0; i < 3; i++) {
		plan.bond[0].up[i].loss = 20000;
		plan.bond[0].up[i].jitter = MSEC(20);
		plan.bond[0].down[i].loss = 5000;
	}
	s = story_begin(&plan);
	story_start_encoders(s);
	story_run(s, SEC(20));
	bond_cut(&s->bond[0], 1, true);
	story_run(s, SEC(10));
	assert_true(story_stream(s, 0)->delivered > 15000);
	print = story_stream(s, 0)->fingerprint;
	story_end(s);
	return print;
}

static void equal_seeds_tell_equal_stories(void **state)
{
	uint64_t one = fingerprint(77);

	(void)state;
	assert_true(fingerprint(77) == one);
	assert_true(fingerprint(78) != one);
}

static void bond_is_live_three_round_trips_after_its_start(void **state)
{
	/* S1, S5: REG2 and REG_NGP, REG1 and REG2, REG2 and REG3. */
	struct plan plan = plan_links(3, 0, MSEC(50));
	struct sender_view v;
	struct story *s;

	(void)state;
	s = story_begin(&plan);
	story_run(s, MSEC(154));
	assert_in_range(story_first(s, SIDE_SENDER, SENDER_LINK_UP), MSEC(150), MSEC(155));
	story_view(s, &v);
	assert_int_equal(v.live, 3);
	story_end(s);
}

static void slow_links_join_in_one_round_trip_of_their_own(void **state)
{
	/* Their answers to the first probes come long after the group is made. */
	struct plan plan = plan_links(3, 0, MSEC(20));
	struct story *s;

	(void)state;
	plan.bond[0].up[1].delay = plan.bond[0].down[1].delay = MSEC(100);
	plan.bond[0].up[2].delay = plan.bond[0].down[2].delay = MSEC(300);
	s = story_begin(&plan);
	assert_in_range(story_run_until_live(s, 1, SEC(5)), MSEC(60), MSEC(65));
	story_run_until_live(s, 3, SEC(5));
	assert_in_range(s->world.now - s->began, MSEC(640), MSEC(645));
	assert_int_equal(story_noted(s, SIDE_SENDER, SENDER_LINK_ELSEWHERE), 0);
	story_end(s);
}

static void idle_links_speak_once_a_second_and_stay_up(void **state)
{
	/* S7: the shortest patience in the field is four seconds. */
	struct plan plan = plan_links(3, 6000000, MSEC(50));
	struct sender_view before, after;
	struct story *s;

	(void)state;
	s = story_begin(&plan);
	story_run(s, SEC(5));
	story_view(s, &before);
	story_run(s, SEC(60));
	story_view(s, &after);
	for (unsigned i = 0; i < 3; i++) {
		assert_in_range(after.link[i].packets_out - before.link[i].packets_out, 59, 61);
		assert_in_range(after.link[i].srtt, MSEC(49), MSEC(52));
	}
	assert_int_equal(story_noted(s, SIDE_SENDER, SENDER_LINK_DOWN), 0);
	story_end(s);
}

static void handshake_of_an_early_encoder_waits_for_the_first_link(void **state)
{
	/* S12: the encoder repeats itself each 250 ms; what it said first is not lost. */
	struct plan plan = plan_links(3, 0, MSEC(50));
	struct story *s;

	(void)state;
	s = story_begin(&plan);
	story_start_encoders(s);
	/* Three round trips to join, two for the SRT handshake. */
	assert_in_range(story_run_until_streams(s, SEC(2)), MSEC(249), MSEC(255));
	assert_int_equal(s->bond[0].caller.tally.tries, 1);
	assert_int_equal(s->site.server.inductions, 1);
	story_end(s);
}

static void ipv6_links_carry_a_stream_as_ipv4_ones_do(void **state)
{
	struct plan plan = plan_links(2, 8000000, MSEC(50));
	struct story *s;

	(void)state;
	plan.site.ipv6 = plan.bond[0].ipv6 = true;
	s = story_begin(&plan);
	story_start_encoders(s);
	story_run(s, SEC(10));
	finish_stream(s);
	assert_all_played(s, 0);
	assert_int_equal(s->bond[0].link[0].face.family, FAMILY_V6);
	assert_int_equal(s->site.wrong_address, 0);
	story_end(s);
}

static void two_bonds_at_one_receiver_do_not_disturb_each_other(void **state)
{
	struct plan plan = plan_links(2, 8000000, MSEC(50));
	struct story *s;

	(void)state;
	plan.bonds = 2;
	s = story_begin(&plan);
	story_start_encoders(s);
	story_run(s, SEC(10));
	assert_int_equal(story_noted(s, SIDE_RECEIVER, RECEIVER_GROUP_NEW), 2);
	assert_int_equal(s->site.server.most_open, 2);

	/* One of them falls silent, comes back, and its encoder starts anew. */
	bond_cut_all(&s->bond[1], true);
	story_run(s, SEC(20));
	bond_cut_all(&s->bond[1], false);
	story_run(s, SEC(10));
	finish_stream(s);
	assert_all_played(s, 0);
	assert_true(story_stream(s, 0)->gap < MSEC(3));
	assert_int_equal(story_stream(s, 1)->sessions, 2);
	assert_true(story_stream(s, 1)->gap < SEC(1)); /* it was a new session each time */
	story_end(s);
}

static void bursts_of_frames_arrive_whole(void **state)
{
	struct plan plan = plan_links(3, 6000000, MSEC(50));
	struct story *s;

	(void)state;
	plan.bond[0].caller.media.fps = 30;
	s = story_begin(&plan);
	story_start_encoders(s);
	story_run(s, SEC(30));
	finish_stream(s);
	assert_all_played(s, 0);
	story_end(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(three_clean_links_deliver_everything_in_time,
					  story_teardown),
		cmocka_unit_test_teardown(equal_seeds_tell_equal_stories, story_teardown),
		cmocka_unit_test_teardown(bond_is_live_three_round_trips_after_its_start,
					  story_teardown),
		cmocka_unit_test_teardown(slow_links_join_in_one_round_trip_of_their_own,
					  story_teardown),
		cmocka_unit_test_teardown(idle_links_speak_once_a_second_and_stay_up,
					  story_teardown),
		cmocka_unit_test_teardown(handshake_of_an_early_encoder_waits_for_the_first_link,
					  story_teardown),
		cmocka_unit_test_teardown(ipv6_links_carry_a_stream_as_ipv4_ones_do,
					  story_teardown),
		cmocka_unit_test_teardown(two_bonds_at_one_receiver_do_not_disturb_each_other,
					  story_teardown),
		cmocka_unit_test_teardown(bursts_of_frames_arrive_whole, story_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
