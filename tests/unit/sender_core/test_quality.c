/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sender/core/link.h"
#include "sender/core/quality.h"

/* Factors in these tests are in thousandths. */
static long factor(const struct quality *q, usspan rtt, unsigned without, ustime now)
{
	return lround(1000.0 * quality_factor(q, rtt, without, now) / QUALITY_ONE);
}

static const ustime start = SEC(100);

static struct quality grown_up(void)
{
	struct quality q;

	quality_init(&q, start - SEC(60));
	return q;
}

static struct quality hurt(unsigned naks)
{
	struct quality q = grown_up();

	for (unsigned i = 0; i < naks; i++)
		quality_nak(&q, start);
	return q;
}

static void decay_is_exp_within_a_thousandth_while_it_counts(void **state)
{
	(void)state;
	for (usspan age = 0; age <= SEC(25); age += 997) {
		double should = exp(-(double)age / 2e6);
		double is = quality_decay(age) / 2147483648.0;

		if (fabs(is - should) > should / 1000)
			fail_msg("age %" PRId64 " us: %.9f, should be %.9f", age, is, should);
	}
}

static void decay_never_rises_and_ends_at_nothing(void **state)
{
	uint32_t before = UINT32_MAX;

	(void)state;
	for (usspan age = -SEC(1); age <= SEC(31); age += 251) {
		assert_true(quality_decay(age) <= before);
		before = quality_decay(age);
	}
	assert_int_equal(quality_decay(-1), UINT32_C(1) << 31);
	assert_int_equal(quality_decay(0), UINT32_C(1) << 31);
	assert_int_equal(quality_decay(SEC(25) + 1), 0);
	assert_int_equal(quality_decay(INT64_MAX), 0);
}

static void link_without_losses_counts_a_tenth_more(void **state)
{
	struct quality q = grown_up();

	(void)state;
	assert_int_equal(factor(&q, 0, 0, start), 1100);
	quality_init(&q, start);
	assert_int_equal(factor(&q, 0, 0, start), 1100);
}

static void link_counts_half_after_a_loss_and_recovers_over_seconds(void **state)
{
	struct quality q = hurt(1);

	(void)state;
	assert_int_equal(factor(&q, 0, 0, start), 500);
	assert_int_equal(factor(&q, 0, 0, start + SEC(1)), 697);
	assert_int_equal(factor(&q, 0, 0, start + SEC(2)), 816);
	assert_int_equal(factor(&q, 0, 0, start + SEC(8)), 991);
	assert_int_equal(factor(&q, 0, 0, start + SEC(40)), 1000);
}

static void loss_costs_a_new_link_next_to_nothing(void **state)
{
	struct quality q;

	(void)state;
	quality_init(&q, start);
	for (unsigned i = 0; i < 10; i++)
		quality_nak(&q, start + SEC(29));
	assert_int_equal(factor(&q, 0, 0, start + SEC(29)), 980);
	assert_int_equal(factor(&q, 0, 0, start + SEC(30)), 488); /* 0.697 x 0.7 */
	assert_int_equal(factor(&q, 0, SENDER_QUALITY_GRACE, start + SEC(29)), 350);
}

static void five_losses_in_a_row_are_a_burst_for_three_seconds(void **state)
{
	struct quality four = hurt(4), five = hurt(5);

	(void)state;
	assert_int_equal(factor(&four, 0, 0, start), 500);
	assert_int_equal(factor(&five, 0, 0, start), 350);
	assert_int_equal(factor(&five, 0, 0, start + SEC(3) - 1), 622); /* 0.888 x 0.7 */
	assert_int_equal(factor(&five, 0, 0, start + SEC(3)), 888);
	assert_int_equal(factor(&five, 0, SENDER_QUALITY_BURSTS, start), 500);
}

static void losses_a_second_apart_are_no_burst(void **state)
{
	struct quality q = grown_up();
	struct quality close = grown_up();

	(void)state;
	for (int i = 0; i < 9; i++) {
		quality_nak(&q, start + SEC(i));
		quality_nak(&close, start + (SEC(1) - 1) * i);
	}
	assert_int_equal(q.burst, 1);
	assert_int_equal(close.burst, 9);
}

static void short_round_trip_is_worth_up_to_three_percent(void **state)
{
	static const struct {
		usspan rtt;
		long factor;
	} trips[] = {
		{0, 1000},         {1, 1030},         {MSEC(50), 1030},  {MSEC(194), 1030},
		{MSEC(196), 1020}, {MSEC(198), 1010}, {MSEC(200), 1000}, {SEC(9), 1000},
	};
	struct quality q = grown_up();

	(void)state;
	for (size_t i = 0; i < sizeof(trips) / sizeof(trips[0]); i++)
		assert_int_equal(factor(&q, trips[i].rtt, SENDER_QUALITY_AGE, start),
				 trips[i].factor);
	assert_int_equal(factor(&q, MSEC(50), 0, start), 1133);
	assert_int_equal(factor(&q, MSEC(50), SENDER_QUALITY_RTT, start), 1100);
}

static void without_its_parts_every_link_counts_alike(void **state)
{
	struct quality q = hurt(9);

	(void)state;
	assert_int_equal(quality_factor(&q, MSEC(50), ~0U, start), QUALITY_ONE);
}

static void link_is_worth_a_look_from_two_to_ten_seconds_after_a_loss(void **state)
{
	struct quality q = grown_up();

	(void)state;
	assert_false(quality_wants_look(&q, start + SEC(5)));
	quality_nak(&q, start);
	assert_false(quality_wants_look(&q, start + SEC(2) - 1));
	assert_true(quality_wants_look(&q, start + SEC(2)));
	assert_true(quality_wants_look(&q, start + SEC(10) - 1));
	assert_false(quality_wants_look(&q, start + SEC(10)));
}

static void window_grows_once_a_second_the_more_the_longer_all_is_well(void **state)
{
	static const struct {
		usspan unhurt;
		int32_t grown;
	} steps[] = {
		{SEC(1), 0},  {SEC(2), 0},  {SEC(2) + 1, 7}, {SEC(5), 7},
		{SEC(6), 15}, {SEC(8), 30}, {SEC(10), 30},   {SEC(11), 60},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		struct quality q = hurt(1);
		ustime now = start + steps[i].unhurt;

		assert_int_equal(quality_recover(&q, 20000, now), 20000 + steps[i].grown);
		assert_int_equal(quality_recover(&q, 20000, now + SEC(1) - 1), 20000);
	}
}

static void window_of_an_unhurt_link_grows_to_its_ceiling_and_no_further(void **state)
{
	struct quality q = grown_up();

	(void)state;
	assert_int_equal(quality_recover(&q, 30000, start), 30060);
	assert_int_equal(quality_recover(&q, WINDOW_MOST - 20, start + SEC(1)), WINDOW_MOST);
	assert_int_equal(quality_recover(&q, WINDOW_MOST, start + SEC(2)), WINDOW_MOST);
}

static void lost_window_is_won_back_twice_as_fast_and_sooner(void **state)
{
	struct quality q = hurt(1);

	(void)state;
	assert_int_equal(quality_recover(&q, 2001, start + SEC(1)), 2001); /* too soon for it */
	q = hurt(1);
	assert_int_equal(quality_recover(&q, 2000, start + SEC(1)), 2014);
	assert_int_equal(quality_recover(&q, 11999, start + SEC(11)), 12119);
	assert_int_equal(quality_recover(&q, 12000, start + SEC(12)), 12060);
	assert_int_equal(quality_recover(&q, 2001, start + SEC(13)), 2061);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decay_is_exp_within_a_thousandth_while_it_counts),
		cmocka_unit_test(decay_never_rises_and_ends_at_nothing),
		cmocka_unit_test(link_without_losses_counts_a_tenth_more),
		cmocka_unit_test(link_counts_half_after_a_loss_and_recovers_over_seconds),
		cmocka_unit_test(loss_costs_a_new_link_next_to_nothing),
		cmocka_unit_test(five_losses_in_a_row_are_a_burst_for_three_seconds),
		cmocka_unit_test(losses_a_second_apart_are_no_burst),
		cmocka_unit_test(short_round_trip_is_worth_up_to_three_percent),
		cmocka_unit_test(without_its_parts_every_link_counts_alike),
		cmocka_unit_test(link_is_worth_a_look_from_two_to_ten_seconds_after_a_loss),
		cmocka_unit_test(window_grows_once_a_second_the_more_the_longer_all_is_well),
		cmocka_unit_test(window_of_an_unhurt_link_grows_to_its_ceiling_and_no_further),
		cmocka_unit_test(lost_window_is_won_back_twice_as_fast_and_sooner),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
