/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "lab/emulator/timing.h"

static struct timing t;

static void add(unsigned times, int64_t us)
{
	for (unsigned i = 0; i < times; i++)
		timing_add(&t, us * 1000);
}

static void one_late_packet_in_a_hundred_is_valid_and_two_are_not(void **state)
{
	(void)state;
	timing_init(&t);
	add(99, 100);
	add(1, 5000);
	assert_int_equal(timing_percentile(&t, 990), 101);
	assert_true(timing_valid(&t));
	add(1, 5000);
	assert_int_equal(timing_percentile(&t, 990), 5001);
	assert_false(timing_valid(&t));
}

static void too_early_is_as_wrong_as_too_late(void **state)
{
	(void)state;
	timing_init(&t);
	add(10, -299);
	assert_int_equal(timing_percentile(&t, 500), 300);
	assert_int_equal(t.most, 299000);
	assert_true(timing_valid(&t));
	add(10, -300);
	assert_false(timing_valid(&t));
}

static void errors_beyond_the_histogram_show_the_worst(void **state)
{
	(void)state;
	timing_init(&t);
	add(10, 2 * TIMING_BINS);
	assert_int_equal(timing_percentile(&t, 500), 2 * TIMING_BINS);
}

static void percentiles_are_those_of_the_sorted_errors(void **state)
{
	(void)state;
	timing_init(&t);
	assert_int_equal(timing_percentile(&t, 990), 0);
	for (int64_t us = 1; us <= 1000; us++)
		add(1, us);
	assert_int_equal(timing_percentile(&t, 500), 501);
	assert_int_equal(timing_percentile(&t, 990), 991);
	assert_int_equal(timing_percentile(&t, 1000), 1001);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_late_packet_in_a_hundred_is_valid_and_two_are_not),
		cmocka_unit_test(too_early_is_as_wrong_as_too_late),
		cmocka_unit_test(errors_beyond_the_histogram_show_the_worst),
		cmocka_unit_test(percentiles_are_those_of_the_sorted_errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
