/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/bench/load_spread.h"

static struct load_spread spread;

static int empty(void **state)
{
	(void)state;
	load_spread_clear(&spread);
	return 0;
}

static void a_thousand_different_spans_have_their_median_and_99th(void **state)
{
	(void)state;
	for (uint64_t us = 1; us <= 1000; us++)
		load_spread_add(&spread, us * 1000);
	assert_int_equal(spread.total, 1000);
	assert_in_range(load_spread_at(&spread, 500), 500000, 500000 + 500000 / 16);
	assert_in_range(load_spread_at(&spread, 990), 990000, 1000000);
	assert_int_equal(load_spread_at(&spread, 1000), 1000000);
}

/* A figure is never too low, nor by more than a sixteenth too high, whatever its size. */
static void every_span_is_in_a_bucket_that_ends_just_above_it(void **state)
{
	(void)state;
	for (unsigned shift = 0; shift < 64; shift++) {
		for (uint64_t low = 0; low < 3; low++) {
			uint64_t ns = (UINT64_C(1) << shift) + low - 1, told;

			load_spread_clear(&spread);
			load_spread_add(&spread, ns);
			load_spread_add(&spread, UINT64_MAX);
			told = load_spread_at(&spread, 500);
			assert_in_range(told, ns,
					ns > UINT64_MAX - ns / 16 ? UINT64_MAX : ns + ns / 16);
		}
	}
}

static void nothing_told_has_no_figures(void **state)
{
	(void)state;
	assert_int_equal(load_spread_at(&spread, 500), 0);
	load_spread_add(&spread, 7);
	load_spread_clear(&spread);
	assert_int_equal(load_spread_at(&spread, 990), 0);
	assert_int_equal(spread.most, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_thousand_different_spans_have_their_median_and_99th,
				       empty),
		cmocka_unit_test_setup(every_span_is_in_a_bucket_that_ends_just_above_it, empty),
		cmocka_unit_test_setup(nothing_told_has_no_figures, empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
