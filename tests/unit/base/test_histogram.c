/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "shared/base/histogram.h"

static struct histogram h;

static int empty(void **state)
{
	(void)state;
	memset(&h, 0, sizeof(h));
	return 0;
}

static void of_nothing_every_percentile_is_0(void **state)
{
	(void)state;
	assert_int_equal(histogram_percentile(&h, 500), 0);
	assert_int_equal(histogram_mean(&h), 0);
}

static void a_percentile_is_at_most_a_fourth_above_the_truth_and_never_below(void **state)
{
	(void)state;
	for (usspan span = 1; span < SEC(60); span = span * 9 / 8 + 1) {
		usspan told;

		memset(&h, 0, sizeof(h));
		histogram_add(&h, span);
		told = histogram_percentile(&h, 500);
		assert_true(told >= span);
		assert_true(told <= span + span / 4);
	}
}

static void percentiles_divide_what_was_added(void **state)
{
	(void)state;
	for (int i = 0; i < 990; i++)
		histogram_add(&h, MSEC(1));
	for (int i = 0; i < 10; i++)
		histogram_add(&h, MSEC(100));
	assert_in_range(histogram_percentile(&h, 500), 1000, 1250);
	assert_in_range(histogram_percentile(&h, 990), 1000, 1250);
	assert_in_range(histogram_percentile(&h, 991), 100000, 125000);
	assert_int_equal(histogram_mean(&h), (990 * 1000 + 10 * 100000) / 1000);
}

static void what_is_below_a_power_of_two_is_counted_exactly(void **state)
{
	(void)state;
	histogram_add(&h, 0);
	histogram_add(&h, 1023);
	histogram_add(&h, 1024);
	histogram_add(&h, 1025);
	assert_int_equal(histogram_below(&h, 10), 2);
	assert_int_equal(histogram_below(&h, 11), 4);
	assert_int_equal(histogram_below(&h, 2), 1);
}

static void spans_below_0_and_beyond_a_minute_have_places_too(void **state)
{
	(void)state;
	histogram_add(&h, -5);
	histogram_add(&h, SEC(3600));
	histogram_add(&h, INT64_MAX);
	assert_int_equal(h.count, 3);
	assert_int_equal(h.place[0], 1);
	assert_int_equal(h.place[HISTOGRAM_PLACES - 1], 2);
	assert_int_equal(histogram_below(&h, HISTOGRAM_TOP), 1);
}

static void a_difference_is_what_came_in_between(void **state)
{
	struct histogram before, between;

	(void)state;
	histogram_add(&h, MSEC(1));
	before = h;
	histogram_add(&h, MSEC(8));
	histogram_since(&between, &h, &before);
	assert_int_equal(between.count, 1);
	assert_int_equal(histogram_mean(&between), MSEC(8));
	assert_in_range(histogram_percentile(&between, 500), 8000, 10000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(of_nothing_every_percentile_is_0, empty),
		cmocka_unit_test_setup(
			a_percentile_is_at_most_a_fourth_above_the_truth_and_never_below, empty),
		cmocka_unit_test_setup(percentiles_divide_what_was_added, empty),
		cmocka_unit_test_setup(what_is_below_a_power_of_two_is_counted_exactly, empty),
		cmocka_unit_test_setup(spans_below_0_and_beyond_a_minute_have_places_too, empty),
		cmocka_unit_test_setup(a_difference_is_what_came_in_between, empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
