/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sender/core/sched_capacity.h"

enum { SIZE = 1332 };

/* 1 MB/s, 30 ms long; holds 20 kB by itself and takes 80 kB. */
static struct sched_path usual(unsigned port)
{
	return (struct sched_path){.port = port,
				   .open = true,
				   .forward = MSEC(30),
				   .rate = 1000000,
				   .window = 80000,
				   .holds = 20000};
}

static unsigned picked(const struct sched_path *path, unsigned count, uint64_t avoid,
		       usspan waited)
{
	int at = sched_capacity_pick(path, count, SIZE, avoid, waited);

	return at < 0 ? 0 : path[at].port;
}

static void empty_link_delivers_after_its_own_length(void **state)
{
	struct sched_path p = usual(1);

	(void)state;
	assert_in_range(sched_capacity_delay(&p, SIZE), MSEC(30), MSEC(31));
	p.bytes = p.holds - SIZE; /* which is no queue, though nearly one */
	assert_in_range(sched_capacity_delay(&p, SIZE), MSEC(30), MSEC(40));
}

static void what_stands_in_a_queue_takes_its_time_at_the_rate_of_the_link(void **state)
{
	struct sched_path p = usual(1);
	usspan delay;

	(void)state;
	p.bytes = p.holds + 50000 - SIZE;
	delay = sched_capacity_delay(&p, SIZE);
	assert_in_range(delay, MSEC(80), MSEC(95));
	p.cost = MSEC(7);
	assert_int_equal(sched_capacity_delay(&p, SIZE), delay + MSEC(7));
	p.bytes += 100000;
	assert_in_range(sched_capacity_delay(&p, SIZE) - delay, MSEC(107), MSEC(125));
}

static void link_has_room_up_to_its_window(void **state)
{
	struct sched_path p = usual(1);

	(void)state;
	p.bytes = p.window - SIZE;
	assert_int_equal(sched_capacity_wait(&p, SIZE), 0);
	p.bytes = p.window;
	assert_int_equal(sched_capacity_wait(&p, SIZE), SIZE);
	p.rate = 8000;
	assert_int_equal(sched_capacity_wait(&p, SIZE), 166500);
}

static void packet_takes_the_link_where_it_arrives_first(void **state)
{
	struct sched_path path[3] = {usual(4), usual(7), usual(9)};

	(void)state;
	path[1].forward = MSEC(20);
	assert_int_equal(picked(path, 3, 0, 0), 7);
	path[1].bytes = path[1].holds + 15000; /* 15 ms and itself */
	assert_int_equal(picked(path, 3, 0, 0), 4);
	path[0].cost = MSEC(10);
	assert_int_equal(picked(path, 3, 0, 0), 9);
}

static void first_of_equals_is_taken(void **state)
{
	struct sched_path path[2] = {usual(8), usual(3)};

	(void)state;
	assert_int_equal(picked(path, 2, 0, 0), 8);
}

static void full_link_is_waited_for_when_the_other_would_be_slower_still(void **state)
{
	struct sched_path path[2] = {usual(1), usual(2)};

	(void)state;
	path[0].bytes = path[0].window;
	path[1].forward = MSEC(500);
	assert_int_equal(picked(path, 2, 0, 0), 1);
	assert_true(sched_capacity_wait(&path[0], SIZE) > 0);
}

static void closed_and_avoided_links_are_left_out(void **state)
{
	struct sched_path path[3] = {usual(1), usual(2), usual(64)};

	(void)state;
	path[0].open = false;
	assert_int_equal(picked(path, 3, 0, 0), 2);
	assert_int_equal(picked(path, 3, UINT64_C(1) << 1, 0), 64);
	assert_int_equal(picked(path, 3, UINT64_C(1) << 63 | UINT64_C(1) << 1, 0), 0);
	assert_int_equal(picked(path, 0, 0, 0), 0);
}

static void later_tier_gets_what_the_earlier_ones_do_not_carry_in_time(void **state)
{
	struct sched_path path[3] = {usual(1), usual(2), usual(3)};

	(void)state;
	path[0].bytes = path[0].window;
	path[1].tier = 1;
	path[2].tier = 2;
	assert_int_equal(picked(path, 3, 0, 0), 1);
	assert_int_equal(picked(path, 3, 0, SEC(1)), 2);
	path[1].bytes = path[1].window;
	assert_int_equal(picked(path, 3, 0, SEC(1)), 3);
}

static void later_tier_is_used_at_once_while_the_earlier_ones_have_no_link(void **state)
{
	struct sched_path path[2] = {usual(1), usual(2)};

	(void)state;
	path[0].open = false;
	path[1].tier = 2;
	assert_int_equal(picked(path, 2, 0, 0), 2);
	path[0].open = true;
	assert_int_equal(picked(path, 2, UINT64_C(1), 0), 2);
}

static void waiting_does_not_drive_to_a_later_tier_that_is_slower(void **state)
{
	struct sched_path path[2] = {usual(1), usual(2)};

	(void)state;
	path[1].tier = 1;
	path[1].forward = MSEC(31);
	assert_int_equal(picked(path, 2, 0, SEC(1)), 1);
}

/* The first link is fast and full, the second slow and idle. */
static void fast_and_slow(struct sched_path path[2])
{
	path[0] = usual(1);
	path[0].bytes = path[0].window;
	path[1] = usual(2);
	path[1].forward = MSEC(150);
}

static void idle_slow_link_gets_what_would_be_later_by_the_others(void **state)
{
	struct sched_path path[2];
	uint64_t before;

	(void)state;
	fast_and_slow(path);
	before = sched_capacity_skip(path, 2, SIZE, 500000);
	assert_in_range(before, 1000, 100000);
	/* Those before it are the fast link's, so that the next choice falls on the slow one. */
	assert_in_range(path[0].bytes, path[0].window + before, path[0].window + before + SIZE);
	assert_int_equal(picked(path, 2, 0, 0), 2);
}

static void short_queue_waits_for_the_fast_link_whole(void **state)
{
	struct sched_path path[2];

	(void)state;
	fast_and_slow(path);
	assert_true(sched_capacity_skip(path, 2, SIZE, SIZE) == UINT64_MAX);
	assert_int_equal(path[0].bytes, path[0].window);
}

static void nothing_is_skipped_for_links_without_room(void **state)
{
	struct sched_path path[2];

	(void)state;
	fast_and_slow(path);
	path[1].bytes = path[1].window;
	assert_true(sched_capacity_skip(path, 2, SIZE, 500000) == UINT64_MAX);
	path[1].bytes = 0;
	path[1].open = false;
	assert_true(sched_capacity_skip(path, 2, SIZE, 500000) == UINT64_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(empty_link_delivers_after_its_own_length),
		cmocka_unit_test(what_stands_in_a_queue_takes_its_time_at_the_rate_of_the_link),
		cmocka_unit_test(link_has_room_up_to_its_window),
		cmocka_unit_test(packet_takes_the_link_where_it_arrives_first),
		cmocka_unit_test(first_of_equals_is_taken),
		cmocka_unit_test(full_link_is_waited_for_when_the_other_would_be_slower_still),
		cmocka_unit_test(closed_and_avoided_links_are_left_out),
		cmocka_unit_test(later_tier_gets_what_the_earlier_ones_do_not_carry_in_time),
		cmocka_unit_test(later_tier_is_used_at_once_while_the_earlier_ones_have_no_link),
		cmocka_unit_test(waiting_does_not_drive_to_a_later_tier_that_is_slower),
		cmocka_unit_test(idle_slow_link_gets_what_would_be_later_by_the_others),
		cmocka_unit_test(short_queue_waits_for_the_fast_link_whole),
		cmocka_unit_test(nothing_is_skipped_for_links_without_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
