/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "shared/estimate/delivery.h"

static struct delivery d;
static uint64_t rate;
static usspan queue;

static int begin(void **state)
{
	(void)state;
	delivery_init(&d);
	rate = 77;
	queue = 77;
	return 0;
}

static void before_two_marks_nothing_is_said(void **state)
{
	(void)state;
	assert_false(delivery_rate(&d, MSEC(100), &rate, &queue));
	delivery_mark(&d, 13320, 0, SEC(1));
	assert_false(delivery_rate(&d, MSEC(100), &rate, &queue));
	assert_int_equal(rate, 77);
	assert_int_equal(queue, 77);
}

static void steady_arrivals_read_true(void **state)
{
	ustime at = SEC(5);

	(void)state;
	/* 13 320 bytes each 10 ms. */
	for (unsigned i = 0; i < 300; i++, at += MSEC(10)) {
		delivery_mark(&d, 13320, 0, at);
		if (i == 0)
			continue;
		assert_true(delivery_rate(&d, MSEC(100), &rate, &queue));
		assert_int_equal(rate, 1332000);
	}
}

static void first_bytes_arrived_before_the_time_began(void **state)
{
	(void)state;
	delivery_mark(&d, 1000000, 0, SEC(1));
	delivery_mark(&d, 1000, 0, SEC(1) + MSEC(10));
	assert_true(delivery_rate(&d, MSEC(100), &rate, &queue));
	assert_int_equal(rate, 100000);
}

static void older_arrivals_than_the_window_do_not_count(void **state)
{
	ustime at = SEC(1);

	(void)state;
	for (; at < SEC(2); at += MSEC(10))
		delivery_mark(&d, 20000, 0, at);
	for (; at < SEC(2) + MSEC(120); at += MSEC(10))
		delivery_mark(&d, 5000, 0, at);
	assert_true(delivery_rate(&d, MSEC(100), &rate, &queue));
	assert_int_equal(rate, 500000);
	assert_true(delivery_rate(&d, MSEC(500), &rate, &queue));
	assert_true(rate > 1000000);
}

static void many_marks_at_once_are_one(void **state)
{
	(void)state;
	delivery_mark(&d, 1000, MSEC(9), SEC(1));
	for (unsigned i = 0; i < 3 * DELIVERY_MARKS; i++)
		delivery_mark(&d, 100, MSEC(4), SEC(1) + MSEC(50));
	assert_true(delivery_rate(&d, MSEC(100), &rate, &queue));
	assert_int_equal(rate, 3 * DELIVERY_MARKS * 100 * 20);
}

static void mark_from_before_the_latest_adds_its_bytes_to_that(void **state)
{
	(void)state;
	delivery_mark(&d, 1000, 0, SEC(1));
	delivery_mark(&d, 1000, 0, SEC(1) + MSEC(100));
	delivery_mark(&d, 500, 0, SEC(1) + MSEC(40)); /* reordered on its way */
	assert_true(delivery_rate(&d, MSEC(100), &rate, &queue));
	assert_int_equal(rate, 15000);
}

static void least_queue_of_the_window_is_told(void **state)
{
	(void)state;
	delivery_mark(&d, 1000, MSEC(1), SEC(1)); /* too long ago */
	delivery_mark(&d, 1000, MSEC(30), SEC(1) + MSEC(200));
	delivery_mark(&d, 1000, MSEC(20), SEC(1) + MSEC(250));
	delivery_mark(&d, 1000, MSEC(40), SEC(1) + MSEC(290));
	assert_true(delivery_rate(&d, MSEC(100), &rate, &queue));
	assert_int_equal(queue, MSEC(20));
}

static void marks_closer_than_the_memory_reaches_still_give_a_rate(void **state)
{
	(void)state;
	/* A mark each quarter of a millisecond: 64 of them are 16 ms. */
	for (unsigned i = 0; i < 1000; i++)
		delivery_mark(&d, 250, 0, SEC(1) + (ustime)i * 250);
	assert_true(delivery_rate(&d, MSEC(100), &rate, &queue));
	assert_int_equal(rate, 1000000);
}

#define FRESH(f) cmocka_unit_test_setup(f, begin)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FRESH(before_two_marks_nothing_is_said),
		FRESH(steady_arrivals_read_true),
		FRESH(first_bytes_arrived_before_the_time_began),
		FRESH(older_arrivals_than_the_window_do_not_count),
		FRESH(many_marks_at_once_are_one),
		FRESH(mark_from_before_the_latest_adds_its_bytes_to_that),
		FRESH(least_queue_of_the_window_is_told),
		FRESH(marks_closer_than_the_memory_reaches_still_give_a_rate),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
