/* SPDX-License-Identifier: MIT */
#include "late_rig.h"

/* What the sender shows of itself beyond plain counters. */

static struct rig r;

static int end(void **state)
{
	(void)state;
	rig_finish(&r);
	return 0;
}

static void data_count_as_forwarded_with_the_time_that_they_waited(void **state)
{
	struct sender_view v;

	(void)state;
	late_start(&r, SENDER_BALANCE, 1);
	rig_data(&r, 100);
	v = rig_whole(&r);
	assert_int_equal(v.forward[FLOW_DATA].count, 1);
	assert_int_equal(v.forward[FLOW_DATA].sum, 0);
	assert_int_equal(v.held, 1);
	assert_int_equal(v.held_room, 8192);
	assert_true(v.pool_used > 0 && v.pool_used < v.pool_room);
}

static void packet_that_waits_for_a_link_counts_with_its_wait(void **state)
{
	struct sender_terms off = {.role = SENDER_OFF}, on = {0};
	struct sender_view v;

	(void)state;
	late_start(&r, SENDER_BALANCE, 1);
	sender_link_terms(r.s, 1, &off, r.now, &r.out);
	late_feed(&r, 100, 1);
	r.now += MSEC(40);
	sender_link_terms(r.s, 1, &on, r.now, &r.out);
	rig_collect(&r);
	v = rig_whole(&r);
	assert_int_equal(v.forward[FLOW_DATA].count, 1);
	assert_int_equal(v.forward[FLOW_DATA].sum, MSEC(40));
}

static void what_leaves_again_counts_from_when_it_was_known_to_be_lost(void **state)
{
	struct sender_view v;
	unsigned lost;

	(void)state;
	late_start(&r, SENDER_BALANCE, 2);
	late_feed(&r, 100, 4);
	lost = late_seen(&r, 1, SEQ_NONE);
	assert_true(lost > 0);
	rig_until(&r, r.now + MSEC(30));
	sender_link_carrier(r.s, 1, "no carrier", r.now, &r.out);
	rig_collect(&r);
	v = rig_whole(&r);
	assert_int_equal(v.forward[FLOW_RETRANSMISSION].count, lost);
	assert_int_equal(v.forward[FLOW_RETRANSMISSION].sum, 0);
	assert_int_equal(rig_view(&r, 2).resent, lost);
}

static void control_packets_have_a_count_of_their_own(void **state)
{
	uint8_t buf[16];

	(void)state;
	late_start(&r, SENDER_BALANCE, 1);
	rig_app(&r, buf, rig_make_control(buf, SRT_KEEPALIVE, 0, sizeof(buf)));
	assert_int_equal(rig_whole(&r).forward[FLOW_CONTROL].count, 1);
	assert_int_equal(rig_whole(&r).forward[FLOW_DATA].count, 0);
}

static void modes_that_bind_at_once_count_too(void **state)
{
	(void)state;
	late_start(&r, SENDER_CLASSIC, 1);
	rig_data(&r, 100);
	assert_int_equal(rig_whole(&r).forward[FLOW_DATA].count, 1);
}

static void round_trips_of_keepalives_are_on_the_path(void **state)
{
	struct sender_link_view v;

	(void)state;
	late_start(&r, SENDER_BALANCE, 1);
	rig_until(&r, r.now + MSEC(150));
	r.now += MSEC(80);
	late_echo(&r, 1);
	v = rig_view(&r, 1);
	assert_true(v.path.count >= 1);
	assert_true(v.path.sum >= (uint64_t)MSEC(80));
}

static void link_says_why_it_is_out_of_use_and_since_when(void **state)
{
	struct sender_link_view v;

	(void)state;
	late_start(&r, SENDER_BALANCE, 2);
	assert_null(rig_view(&r, 1).why);
	sender_link_carrier(r.s, 1, "no carrier", r.now, &r.out);
	rig_collect(&r);
	r.now += SEC(3);
	v = rig_view(&r, 1);
	assert_string_equal(v.why, "no carrier");
	assert_int_equal(v.since, SEC(3));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(
			data_count_as_forwarded_with_the_time_that_they_waited, end),
		cmocka_unit_test_teardown(packet_that_waits_for_a_link_counts_with_its_wait, end),
		cmocka_unit_test_teardown(
			what_leaves_again_counts_from_when_it_was_known_to_be_lost, end),
		cmocka_unit_test_teardown(control_packets_have_a_count_of_their_own, end),
		cmocka_unit_test_teardown(modes_that_bind_at_once_count_too, end),
		cmocka_unit_test_teardown(round_trips_of_keepalives_are_on_the_path, end),
		cmocka_unit_test_teardown(link_says_why_it_is_out_of_use_and_since_when, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
