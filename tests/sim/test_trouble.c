/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/sim/verdict.h"

/* Links whose sockets refuse, whose addresses change, and which lose packets. */

/* A server that asks once for what is overtaken or lost: so one can tell which of them it was. */
static void asks_once(struct plan *plan)
{
	plan->site.server.silent_gaps = true;
}

/* All that was asked for arrived all the same: it had only been overtaken. */
static void assert_nothing_lost(struct story *s)
{
	const struct srt_stream *x = story_stream(s, 0);

	assert_int_equal(x->late, 0);
	assert_int_equal(s->bond[0].caller.tally.resent, x->false_naks);
}

static void socket_without_a_way_takes_its_link_down_and_loses_nothing(void **state)
{
	/* F22 */
	static const int errors[] = {ENETUNREACH, EHOSTUNREACH, EPERM, EACCES, ENODEV, EINVAL};
	struct plan plan = plan_links(3, 6000000, MSEC(50));

	(void)state;
	asks_once(&plan);
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		struct story *s = story_streaming(&plan);
		struct sender_view v;

		bond_break(&s->bond[0], 0, errors[i]);
		story_run(s, MSEC(100));
		story_view(s, &v);
		assert_int_equal(v.live, 2);
		assert_int_equal(v.drops.no_link, 0);
		story_run(s, SEC(10));
		bond_break(&s->bond[0], 0, 0);
		assert_true(story_run_until_live(s, 3, SEC(5)) <= MSEC(1060));
		story_run(s, SEC(5));
		assert_nothing_lost(s);
		story_end(s);
	}
}

static void full_socket_costs_a_link_some_window_and_nothing_else(void **state)
{
	/* F21: half a second without room in the socket of one link. */
	struct plan plan = plan_links(3, 6000000, MSEC(50));
	struct sender_view v;
	struct story *s;

	(void)state;
	asks_once(&plan);
	s = story_streaming(&plan);
	bond_break(&s->bond[0], 0, EAGAIN);
	story_run(s, MSEC(500));
	bond_break(&s->bond[0], 0, 0);
	story_view(s, &v);
	assert_int_equal(v.live, 3);
	assert_true(v.link[0].refused > 0);
	story_run(s, SEC(5));
	assert_nothing_lost(s);
	story_end(s);
}

static void refused_everywhere_is_survived(void **state)
{
	/* F24 on all links at once: the receiver's machine says that nobody listens. */
	struct plan plan = plan_links(3, 6000000, MSEC(50));
	struct story *s;

	(void)state;
	s = story_streaming(&plan);
	for (unsigned i = 0; i < 3; i++)
		bond_break(&s->bond[0], i, ECONNREFUSED);
	story_run(s, SEC(30));
	for (unsigned i = 0; i < 3; i++)
		bond_break(&s->bond[0], i, 0);
	assert_true(story_run_until_live(s, 3, SEC(5)) <= MSEC(1160));
	story_run(s, SEC(6));
	assert_streams_well(s, SEC(5));
	story_end(s);
}

static void rebound_nat_port_is_joined_again_within_four_seconds(void **state)
{
	/* F51 */
	struct plan plan = plan_links(3, 6000000, MSEC(50));
	struct sender_view v;
	struct story *s;
	uint64_t late;

	(void)state;
	s = story_streaming(&plan);
	bond_rebind(&s->bond[0], 0);
	story_run(s, SEC(4));
	assert_int_equal(story_noted(s, SIDE_RECEIVER, RECEIVER_MEMBER_NEW), 4);
	story_view(s, &v);
	assert_int_equal(v.live, 3);
	story_run(s, SEC(3));
	late = story_stream(s, 0)->late;
	assert_streams_well(s, SEC(10));
	assert_int_equal(story_stream(s, 0)->late, late);
	assert_int_equal(s->bond[0].caller.tally.sessions, 1);
	story_end(s);
}

static void link_with_a_new_address_is_joined_in_one_round_trip(void **state)
{
	/* F15 */
	struct plan plan = plan_links(3, 6000000, MSEC(50));
	struct story *s;

	(void)state;
	s = story_streaming(&plan);
	bond_readdress(&s->bond[0], 2, "192.0.2.77");
	assert_true(story_run_until_live(s, 3, SEC(5)) <= MSEC(60));
	story_run(s, SEC(3));
	assert_streams_well(s, SEC(5));
	assert_int_equal(story_noted(s, SIDE_RECEIVER, RECEIVER_GROUP_NEW), 1);
	assert_int_equal(s->bond[0].caller.tally.sessions, 1);
	story_end(s);
}

static void machine_that_slept_catches_up_once(void **state)
{
	/* F27: ten minutes pass at once. */
	struct plan plan = plan_links(3, 6000000, MSEC(50));
	struct sender_view before, after;
	struct story *s;
	uint64_t runs;

	(void)state;
	s = story_streaming(&plan);
	bond_suspend(&s->bond[0], SEC(600));
	story_run(s, SEC(600) - 1);
	story_view(s, &before);
	runs = s->bond[0].runs;
	story_run(s, 1);
	story_view(s, &after);
	assert_true(s->bond[0].runs - runs <= 2);
	for (unsigned i = 0; i < 3; i++)
		assert_in_range(after.link[i].packets_out - before.link[i].packets_out, 1, 3);
	assert_true(story_run_until_live(s, 3, SEC(10)) <= MSEC(1160));
	story_run(s, SEC(6));
	assert_streams_well(s, SEC(5));
	story_end(s);
}

static struct story *lossy(uint32_t loss, uint64_t seed)
{
	struct plan plan = plan_links(3, 10000000, MSEC(50));

	plan.seed = seed;
	for (unsigned i = 0; i < 3; i++)
		plan.bond[0].up[i].loss = plan.bond[0].down[i].loss = loss;
	struct story *s = story_begin(&plan);

	story_start_encoders(s);
	story_run(s, SEC(60));
	return s;
}

static void one_and_ten_percent_of_loss_disconnect_nobody(void **state)
{
	/* F33: at one percent a few resends mend everything. */
	struct story *s;

	(void)state;
	for (uint64_t seed = 1; seed <= 5; seed++) {
		s = lossy(10000, seed);
		assert_int_equal(s->bond[0].caller.tally.sessions, 1);
		assert_int_equal(story_stream(s, 0)->late, 0);
		assert_true(story_stream(s, 0)->delivered > 55 * PER_SECOND);
		story_end(s);

		s = lossy(100000, seed);
		assert_int_equal(s->bond[0].caller.tally.sessions, 1);
		assert_true(story_stream(s, 0)->delivered > 55 * PER_SECOND);
		assert_true(story_stream(s, 0)->late < 10);
		story_end(s);
	}
}

static void forty_percent_of_loss_stop_nothing(void **state)
{
	/* The stream suffers; the bond stays, and is whole when the loss ends. */
	struct story *s;

	(void)state;
	s = lossy(400000, 1);
	for (unsigned i = 0; i < 3; i++)
		s->bond[0].link[i].up.road.cfg.loss = s->bond[0].link[i].down.road.cfg.loss = 0;
	assert_true(story_run_until_live(s, 3, SEC(10)) <= SEC(5));
	story_run(s, SEC(15));
	assert_streams_well(s, SEC(5));
	assert_true(story_noted(s, SIDE_RECEIVER, RECEIVER_GROUP_NEW) <= 2);
	story_end(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(
			socket_without_a_way_takes_its_link_down_and_loses_nothing, story_teardown),
		cmocka_unit_test_teardown(full_socket_costs_a_link_some_window_and_nothing_else,
					  story_teardown),
		cmocka_unit_test_teardown(refused_everywhere_is_survived, story_teardown),
		cmocka_unit_test_teardown(rebound_nat_port_is_joined_again_within_four_seconds,
					  story_teardown),
		cmocka_unit_test_teardown(link_with_a_new_address_is_joined_in_one_round_trip,
					  story_teardown),
		cmocka_unit_test_teardown(machine_that_slept_catches_up_once, story_teardown),
		cmocka_unit_test_teardown(one_and_ten_percent_of_loss_disconnect_nobody,
					  story_teardown),
		cmocka_unit_test_teardown(forty_percent_of_loss_stop_nothing, story_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
