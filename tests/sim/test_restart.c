/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/sim/verdict.h"

/* A receiver, or a sender, that ends and comes back with its state directory. */

static struct story *streaming(void)
{
	struct plan plan = plan_links(3, 6000000, MSEC(50));

	return story_streaming(&plan);
}

/* How long from now until another packet of media reaches the SRT server. */
static usspan until_media(struct story *s)
{
	uint64_t before = story_stream(s, 0)->received;
	ustime began = s->world.now;

	while (story_stream(s, 0)->received == before && s->world.now - began < SEC(10))
		story_run(s, MSEC(1));
	return s->world.now - began;
}

static void assert_nobody_noticed(struct story *s)
{
	assert_int_equal(s->bond[0].caller.tally.sessions, 1);
	assert_int_equal(s->bond[0].caller.tally.broken, 0);
	assert_int_equal(story_stream(s, 0)->sessions, 1);
	assert_int_equal(s->site.server.strays, 0);
	assert_int_equal(story_noted(s, SIDE_RECEIVER, RECEIVER_GROUP_NEW), 1);
	assert_int_equal(story_noted(s, SIDE_SENDER, SENDER_GROUP_LOST), 0);
}

static void killed_receiver_goes_on_with_the_next_packet(void **state)
{
	/* F02: no registration is needed first. */
	struct story *s = streaming();

	(void)state;
	for (unsigned i = 1; i <= 3; i++) {
		site_stop_receiver(&s->site);
		story_run(s, MSEC(200));
		site_start_receiver(&s->site, true);
		assert_true(until_media(s) <= MSEC(30));
		assert_int_equal(story_noted(s, SIDE_RECEIVER, RECEIVER_GROUP_RESTORED), i);
		assert_int_equal(story_noted(s, SIDE_RECEIVER, RECEIVER_MEMBER_NEW), 3);
		story_run(s, SEC(3));
	}
	assert_streams_well(s, SEC(5));
	assert_int_equal(story_stream(s, 0)->late, 0);
	assert_nobody_noticed(s);
	story_end(s);
}

static void killed_sender_goes_on_in_its_group_and_session(void **state)
{
	/* F08: a round trip for REG2 and REG3, and half a one for the packet. */
	struct story *s = streaming();

	(void)state;
	for (unsigned i = 1; i <= 3; i++) {
		bond_stop_sender(&s->bond[0]);
		story_run(s, MSEC(200));
		bond_resume_sender(&s->bond[0]);
		assert_true(until_media(s) <= MSEC(110));
		assert_int_equal(story_noted(s, SIDE_RECEIVER, RECEIVER_MEMBER_NEW), 3);
		story_run(s, SEC(3));
	}
	assert_streams_well(s, SEC(5));
	assert_int_equal(story_stream(s, 0)->late, 0);
	assert_nobody_noticed(s);
	story_end(s);
}

static void sender_that_comes_back_when_its_group_has_gone_makes_another(void **state)
{
	struct story *s = streaming();

	(void)state;
	bond_stop_sender(&s->bond[0]);
	story_run(s, SEC(60)); /* a member is patient for 15 s, a group for 30 s */
	bond_resume_sender(&s->bond[0]);
	story_run(s, SEC(10));
	assert_int_equal(story_noted(s, SIDE_RECEIVER, RECEIVER_GROUP_NEW), 2);
	assert_int_equal(s->bond[0].caller.tally.sessions, 2);
	assert_streams_well(s, SEC(5));
	story_end(s);
}

static void both_ends_may_restart_at_a_time(void **state)
{
	struct story *s = streaming();

	(void)state;
	bond_stop_sender(&s->bond[0]);
	site_stop_receiver(&s->site);
	story_run(s, MSEC(200));
	bond_resume_sender(&s->bond[0]);
	site_start_receiver(&s->site, true);
	story_run(s, SEC(3));
	assert_streams_well(s, SEC(5));
	assert_int_equal(story_stream(s, 0)->late, 0);
	assert_nobody_noticed(s);
	story_end(s);
}

static void receiver_that_is_asked_to_end_loses_nothing_that_it_had(void **state)
{
	/* F01 without its pause: what it held goes to the server first. */
	struct plan plan = plan_links(3, 6000000, MSEC(50));
	struct story *s;
	uint64_t resent;

	(void)state;
	plan.bond[0].up[1].delay = MSEC(80); /* so that something is held */
	s = story_streaming(&plan);
	resent = s->bond[0].caller.tally.resent;
	site_end_receiver(&s->site);
	assert_int_equal(s->site.pool.in_use, 0);
	site_start_receiver(&s->site, true);
	assert_streams_well(s, SEC(5));
	/* What one link had not yet delivered of the numbers around the end is asked for once. */
	assert_true(s->bond[0].caller.tally.resent - resent < 40);
	assert_int_equal(story_stream(s, 0)->late, 0);
	assert_nobody_noticed(s);
	story_end(s);
}

static void link_that_was_away_meanwhile_joins_the_same_group_again(void **state)
{
	/* Its cookie is too old to make a group by then: ten minutes after it was given out. */
	struct story *s = streaming();

	(void)state;
	story_run(s, SEC(600));
	bond_cut(&s->bond[0], 2, true);
	story_run(s, SEC(20));
	site_stop_receiver(&s->site);
	site_start_receiver(&s->site, true);
	story_run(s, SEC(5));
	bond_cut(&s->bond[0], 2, false);
	assert_true(story_run_until_live(s, 3, SEC(10)) <= MSEC(1200));
	story_run(s, SEC(3));
	assert_streams_well(s, SEC(5));
	assert_nobody_noticed(s);
	story_end(s);
}

static void group_in_a_tunnel_outlives_a_restart_too(void **state)
{
	/* All links are down and the group is empty when the receiver ends. */
	struct plan plan = plan_links(3, 6000000, MSEC(50));
	struct story *s;

	(void)state;
	s = story_begin(&plan);
	story_run(s, SEC(10));
	bond_cut_all(&s->bond[0], true);
	story_run(s, SEC(20));
	site_stop_receiver(&s->site);
	site_start_receiver(&s->site, true);
	bond_cut_all(&s->bond[0], false);
	assert_true(story_run_until_live(s, 3, SEC(10)) <= MSEC(1200));
	story_start_encoders(s);
	story_run(s, SEC(10));
	assert_streams_well(s, SEC(5));
	assert_int_equal(story_noted(s, SIDE_RECEIVER, RECEIVER_GROUP_NEW), 1);
	assert_int_equal(story_noted(s, SIDE_RECEIVER, RECEIVER_GROUP_RESTORED), 1);
	story_end(s);
}

static void two_groups_come_back_each_to_its_own_session(void **state)
{
	struct plan plan = plan_links(2, 10000000, MSEC(50));
	struct story *s;

	(void)state;
	plan.bonds = 2;
	s = story_streaming(&plan);
	site_stop_receiver(&s->site);
	story_run(s, MSEC(200));
	site_start_receiver(&s->site, true);
	story_run(s, SEC(5));
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(s->bond[i].caller.tally.sessions, 1);
		assert_int_equal(story_stream(s, i)->sessions, 1);
		assert_int_equal(story_stream(s, i)->late, 0);
		assert_int_equal(story_stream(s, i)->damaged, 0);
	}
	assert_int_equal(s->site.server.strays, 0);
	assert_streams_well(s, SEC(5));
	story_end(s);
}

static void held_media_has_the_same_play_out_time_after_a_restart(void **state)
{
	/* One link 300 ms behind the other: no gap may be given up before it has delivered. */
	struct plan plan = plan_links(2, 10000000, MSEC(50));
	struct receiver_group_view v;
	struct story *s;
	unsigned port = 0;

	(void)state;
	plan.bond[0].up[1].delay = MSEC(325);
	s = story_streaming(&plan);
	site_stop_receiver(&s->site);
	site_start_receiver(&s->site, true);
	story_run(s, SEC(20));
	while (!receiver_group_view(s->site.core, ++port, s->world.now, &v))
		assert_true(port < SITE_GROUPS);
	assert_int_equal(v.latency, 2000);
	assert_true(v.order.longest >= MSEC(250));
	assert_int_equal(story_stream(s, 0)->late, 0);
	assert_nobody_noticed(s);
	story_end(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(killed_receiver_goes_on_with_the_next_packet,
					  story_teardown),
		cmocka_unit_test_teardown(killed_sender_goes_on_in_its_group_and_session,
					  story_teardown),
		cmocka_unit_test_teardown(sender_that_comes_back_when_its_group_has_gone_makes_another,
					  story_teardown),
		cmocka_unit_test_teardown(both_ends_may_restart_at_a_time, story_teardown),
		cmocka_unit_test_teardown(receiver_that_is_asked_to_end_loses_nothing_that_it_had,
					  story_teardown),
		cmocka_unit_test_teardown(link_that_was_away_meanwhile_joins_the_same_group_again,
					  story_teardown),
		cmocka_unit_test_teardown(group_in_a_tunnel_outlives_a_restart_too, story_teardown),
		cmocka_unit_test_teardown(two_groups_come_back_each_to_its_own_session,
					  story_teardown),
		cmocka_unit_test_teardown(held_media_has_the_same_play_out_time_after_a_restart,
					  story_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
