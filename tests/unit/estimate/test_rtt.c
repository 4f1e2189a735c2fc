/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "shared/estimate/rtt.h"

static void first_sample_is_believed_whole(void **state)
{
	struct rtt r;

	(void)state;
	rtt_init(&r);
	assert_int_equal(r.smoothed, 0);
	rtt_sample(&r, MSEC(80), SEC(3));
	assert_int_equal(r.smoothed, MSEC(80));
	assert_int_equal(r.spread, MSEC(40));
	assert_int_equal(r.least, MSEC(80));
	assert_int_equal(r.latest, MSEC(80));
	assert_int_equal(r.sampled, SEC(3));
}

/* RFC 6298 2.3: RTTVAR = 3/4 RTTVAR + 1/4 |SRTT - R|, then SRTT = 7/8 SRTT + 1/8 R. */
static void later_samples_weigh_an_eighth_and_a_quarter(void **state)
{
	struct rtt r;

	(void)state;
	rtt_init(&r);
	rtt_sample(&r, MSEC(80), SEC(1));
	rtt_sample(&r, MSEC(160), SEC(2));
	assert_int_equal(r.spread, MSEC(50));
	assert_int_equal(r.smoothed, MSEC(90));
	rtt_sample(&r, MSEC(10), SEC(3));
	assert_int_equal(r.spread, USEC(57500));
	assert_int_equal(r.smoothed, MSEC(80));
	assert_int_equal(r.least, MSEC(10));
	assert_int_equal(r.latest, MSEC(10));
	assert_int_equal(r.sampled, SEC(3));
}

static void steady_path_ends_with_its_own_time_and_little_spread(void **state)
{
	struct rtt r;

	(void)state;
	rtt_init(&r);
	rtt_sample(&r, MSEC(900), 0);
	for (int i = 1; i < 200; i++)
		rtt_sample(&r, MSEC(60), SEC(i));
	assert_in_range(r.smoothed, MSEC(60), MSEC(60) + 10);
	assert_in_range(r.spread, 0, 10);
	assert_int_equal(r.least, MSEC(60));
}

static void patience_is_a_second_before_anything_is_known(void **state)
{
	struct rtt r;

	(void)state;
	rtt_init(&r);
	assert_int_equal(rtt_patience(&r), SEC(1));
}

static void patience_is_the_mean_and_four_spreads_but_never_below_the_floor(void **state)
{
	struct rtt r;

	(void)state;
	rtt_init(&r);
	rtt_sample(&r, MSEC(80), SEC(1));
	assert_int_equal(rtt_patience(&r), MSEC(80 + 4 * 40));
	rtt_init(&r);
	rtt_sample(&r, MSEC(1), SEC(1));
	assert_int_equal(rtt_patience(&r), MSEC(50));
}

static void sample_of_nothing_or_less_counts_as_the_shortest(void **state)
{
	struct rtt r;

	(void)state;
	rtt_init(&r);
	rtt_sample(&r, 0, SEC(1));
	assert_int_equal(r.smoothed, 1);
	assert_int_equal(rtt_patience(&r), MSEC(50));
	rtt_sample(&r, -MSEC(5), SEC(2));
	assert_int_equal(r.least, 1);
	assert_int_equal(r.latest, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_sample_is_believed_whole),
		cmocka_unit_test(later_samples_weigh_an_eighth_and_a_quarter),
		cmocka_unit_test(steady_path_ends_with_its_own_time_and_little_spread),
		cmocka_unit_test(patience_is_a_second_before_anything_is_known),
		cmocka_unit_test(patience_is_the_mean_and_four_spreads_but_never_below_the_floor),
		cmocka_unit_test(sample_of_nothing_or_less_counts_as_the_shortest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
