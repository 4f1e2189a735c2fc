/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "shared/wire/srtla.h"
#include "tests/sim/verdict.h"

/* Registration when something goes wrong with it. */

enum { EACH_WAY = 12 }; /* registration packets; a clean start of three links has fewer */

static void three_of_four_links_are_black_holes_and_the_bond_is_up_in_time(void **state)
{
	(void)state;
	for (unsigned good = 0; good < 4; good++) {
		struct plan plan = plan_links(4, 10000000, MSEC(80));
		struct story *s = story_begin(&plan);

		for (unsigned i = 0; i < 4; i++)
			bond_cut(&s->bond[0], i, i != good);
		story_start_encoders(s);
		story_run(s, SEC(20));
		assert_true(story_first(s, SIDE_SENDER, SENDER_LINK_UP) <= MSEC(1500));
		assert_true(s->bond[0].caller.tally.connected - s->began <= MSEC(1800));
		assert_streams_well(s, SEC(10));
		story_end(s);
	}
}

static void answers_of_all_but_one_link_are_lost_and_the_bond_is_up_in_time(void **state)
{
	/* What the receiver sees of them makes no second group. */
	(void)state;
	for (unsigned good = 0; good < 4; good++) {
		struct plan plan = plan_links(4, 10000000, MSEC(80));
		struct story *s = story_begin(&plan);

		for (unsigned i = 0; i < 4; i++)
			s->bond[0].link[i].down.cut = i != good;
		story_run(s, SEC(5));
		assert_true(story_first(s, SIDE_SENDER, SENDER_LINK_UP) <= MSEC(1500));
		assert_int_equal(story_noted(s, SIDE_RECEIVER, RECEIVER_GROUP_NEW), 1);
		story_end(s);
	}
}

static void link_that_goes_deaf_while_it_asks_for_the_group_gives_way(void **state)
{
	/* The REG1 leaves, then everything on that link is lost. */
	struct plan plan = plan_links(3, 10000000, MSEC(80));
	struct story *s;

	(void)state;
	plan.bond[0].down[0].delay = MSEC(10); /* first to be told that there is no group */
	s = story_begin(&plan);
	story_run(s, MSEC(60));
	bond_cut(&s->bond[0], 0, true);
	story_run(s, SEC(5));
	assert_true(story_first(s, SIDE_SENDER, SENDER_LINK_UP) <= MSEC(1500));
	assert_int_equal(story_noted(s, SIDE_RECEIVER, RECEIVER_GROUP_NEW), 1);
	story_end(s);
}

/* Loses the nth registration packet that a direction of the bond sees. */
struct thief {
	unsigned wanted, seen;
	bool took;
};

static bool steal(void *who, const uint8_t *data, size_t len)
{
	struct thief *t = who;
	enum srtla_type type = srtla_type(data, len);

	if (type < SRTLA_REG1 || type > SRTLA_REG_NGP)
		return false;
	if (t->seen++ != t->wanted)
		return false;
	t->took = true;
	return true;
}

static bool join_without(unsigned nth, bool up)
{
	struct plan plan = plan_links(3, 10000000, MSEC(80));
	struct thief thief = {.wanted = nth};
	struct story *s = story_begin(&plan);

	for (unsigned i = 0; i < 3; i++) {
		struct path *p = up ? &s->bond[0].link[i].up : &s->bond[0].link[i].down;

		p->spoil = steal;
		p->spoiler = &thief;
	}
	/* The first packets have left already: they are counted from the second on. */
	story_start_encoders(s);
	assert_true(story_run_until_streams(s, SEC(10)) <= MSEC(2500));
	story_run_until_live(s, 3, SEC(10));
	assert_true(s->world.now - s->began <= MSEC(2500));
	story_run(s, SEC(3)); /* the latency, and a little */
	assert_streams_well(s, SEC(5));
	assert_int_equal(story_stream(s, 0)->sessions, 1);
	assert_int_equal(s->site.server.most_open, 1);
	assert_int_equal(story_noted(s, SIDE_RECEIVER, RECEIVER_GROUP_NEW), 1);
	story_end(s);
	return thief.took;
}

static void loss_of_any_one_registration_packet_is_survived(void **state)
{
	unsigned took = 0;

	(void)state;
	for (unsigned nth = 0; nth < EACH_WAY; nth++) {
		took += join_without(nth, true);
		took += join_without(nth, false);
	}
	/* Up: REG1 and three REG2; down: three REG_NGP, REG2, three REG3. */
	assert_true(took >= 11);
}

static bool join_without_first(unsigned link)
{
	struct plan plan = plan_links(3, 10000000, MSEC(80));
	struct story *s;
	usspan took;

	for (unsigned i = 0; i < 3; i++)
		plan.bond[0].up[i].loss = i == link ? 1000000 : 0;
	s = story_begin(&plan);
	s->bond[0].link[link].up.road.cfg.loss = 0;
	took = story_run_until_live(s, 3, SEC(10));
	assert_int_equal(s->bond[0].link[link].up.road.tally.lost, 1);
	story_end(s);
	return took <= MSEC(1500);
}

static void loss_of_a_first_probe_is_survived(void **state)
{
	(void)state;
	for (unsigned link = 0; link < 3; link++)
		assert_true(join_without_first(link));
}

static void registration_gets_through_heavy_loss(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 50; seed++) {
		struct plan plan = plan_links(3, 10000000, MSEC(80));
		struct story *s;

		plan.seed = seed;
		for (unsigned i = 0; i < 3; i++)
			plan.bond[0].up[i].loss = plan.bond[0].down[i].loss = 400000;
		s = story_begin(&plan);
		assert_true(story_run_until_live(s, 1, SEC(60)) <= SEC(20));
		story_run(s, SEC(30));
		assert_true(story_noted(s, SIDE_RECEIVER, RECEIVER_GROUP_NEW) <= 2);
		story_end(s);
	}
}

static void receiver_that_restarts_with_new_keys_is_joined_anew_at_once(void **state)
{
	/* S15: every link hears REG_NGP, and nobody waits for a time-out. */
	struct plan plan = plan_links(3, 6000000, MSEC(50));
	struct story *s;

	(void)state;
	s = story_begin(&plan);
	story_start_encoders(s);
	story_run(s, SEC(20));
	assert_int_equal(story_noted(s, SIDE_RECEIVER, RECEIVER_GROUP_NEW), 1);
	site_stop_receiver(&s->site);
	site_start_receiver(&s->site, false);
	story_run(s, SEC(2));
	assert_int_equal(story_noted(s, SIDE_SENDER, SENDER_GROUP_LOST), 1);
	assert_int_equal(story_noted(s, SIDE_SENDER, SENDER_GROUP_JOINED), 2);
	assert_int_equal(story_noted(s, SIDE_RECEIVER, RECEIVER_GROUP_NEW), 2);
	assert_true(story_run_until_live(s, 3, SEC(5)) <= MSEC(500));
	/* The SRT session is lost with the receiver; the encoder finds a new one by itself. */
	story_run(s, SEC(10));
	assert_streams_well(s, SEC(5));
	assert_int_equal(story_stream(s, 0)->sessions, 2);
	story_end(s);
}

static void receiver_that_comes_back_after_a_while_is_joined_within_a_second(void **state)
{
	struct plan plan = plan_links(3, 6000000, MSEC(50));
	struct story *s;

	(void)state;
	s = story_begin(&plan);
	story_run(s, SEC(10));
	site_stop_receiver(&s->site);
	story_run(s, SEC(30));
	site_start_receiver(&s->site, false);
	assert_true(story_run_until_live(s, 1, SEC(10)) <= MSEC(1160));
	assert_true(story_run_until_live(s, 3, SEC(10)) <= MSEC(1000));
	story_end(s);
}

static void sender_that_restarts_is_taken_in_beside_its_former_self(void **state)
{
	struct plan plan = plan_links(2, 8000000, MSEC(50));
	struct story *s;

	(void)state;
	s = story_begin(&plan);
	story_start_encoders(s);
	story_run(s, SEC(10));
	bond_restart_sender(&s->bond[0]);
	assert_true(story_run_until_live(s, 2, SEC(5)) <= MSEC(160));
	story_run(s, SEC(15));
	assert_streams_well(s, SEC(5));
	story_end(s);
}

static void link_that_finds_no_place_has_the_next_that_falls_free(void **state)
{
	/* A receiver that takes two members of a group; REG_ERR is no life sign. */
	struct plan plan = plan_links(3, 8000000, MSEC(50));
	struct sender_view v;
	struct story *s;
	unsigned live = 0;

	(void)state;
	plan.site.members = 2;
	s = story_begin(&plan);
	story_start_encoders(s);
	story_run(s, SEC(10));
	story_view(s, &v);
	assert_int_equal(v.live, 2);
	assert_in_range(story_noted(s, SIDE_SENDER, SENDER_LINK_REFUSED), 1, 6);
	assert_streams_well(s, SEC(5));
	while (v.link[live].state != LINK_UP)
		live++;
	bond_cut(&s->bond[0], live, true);
	story_run(s, SEC(12));
	story_view(s, &v);
	assert_int_equal(v.live, 2);
	assert_int_equal(v.link[live].state, LINK_DOWN);
	story_end(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(
			three_of_four_links_are_black_holes_and_the_bond_is_up_in_time,
			story_teardown),
		cmocka_unit_test_teardown(
			answers_of_all_but_one_link_are_lost_and_the_bond_is_up_in_time,
			story_teardown),
		cmocka_unit_test_teardown(link_that_goes_deaf_while_it_asks_for_the_group_gives_way,
					  story_teardown),
		cmocka_unit_test_teardown(loss_of_any_one_registration_packet_is_survived,
					  story_teardown),
		cmocka_unit_test_teardown(loss_of_a_first_probe_is_survived, story_teardown),
		cmocka_unit_test_teardown(registration_gets_through_heavy_loss, story_teardown),
		cmocka_unit_test_teardown(
			receiver_that_restarts_with_new_keys_is_joined_anew_at_once,
			story_teardown),
		cmocka_unit_test_teardown(
			receiver_that_comes_back_after_a_while_is_joined_within_a_second,
			story_teardown),
		cmocka_unit_test_teardown(sender_that_restarts_is_taken_in_beside_its_former_self,
					  story_teardown),
		cmocka_unit_test_teardown(link_that_finds_no_place_has_the_next_that_falls_free,
					  story_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
