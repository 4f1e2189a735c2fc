/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "shared/estimate/low.h"

static void without_a_sample_it_says_so(void **state)
{
	struct low l;

	(void)state;
	low_init(&l);
	assert_true(l.least == LOW_NONE);
	assert_true(low_recent(&l, LOW_BINS) == LOW_NONE);
}

static void least_of_many_samples_is_kept(void **state)
{
	struct low l;

	(void)state;
	low_init(&l);
	low_sample(&l, MSEC(80), SEC(100));
	low_sample(&l, MSEC(60), SEC(101));
	low_sample(&l, MSEC(95), SEC(102));
	assert_int_equal(l.least, MSEC(60));
}

static void differences_of_two_clocks_may_be_negative(void **state)
{
	struct low l;

	(void)state;
	low_init(&l);
	low_sample(&l, -SEC(500), SEC(1));
	low_sample(&l, -SEC(500) + MSEC(3), SEC(2));
	assert_int_equal(l.least, -SEC(500));
}

static void way_that_has_become_longer_is_believed_after_the_window(void **state)
{
	ustime now = SEC(10), last_short;
	struct low l;

	(void)state;
	low_init(&l);
	for (; now < SEC(12); now += MSEC(100))
		low_sample(&l, MSEC(40), now);
	last_short = now;
	for (; now < last_short + SEC(15); now += MSEC(100)) {
		low_sample(&l, MSEC(90), now);
		assert_int_equal(l.least, MSEC(40));
	}
	for (; now < last_short + SEC(23); now += MSEC(100))
		low_sample(&l, MSEC(90), now);
	assert_int_equal(l.least, MSEC(90));
}

static void way_that_has_become_shorter_is_believed_at_once(void **state)
{
	struct low l;

	(void)state;
	low_init(&l);
	for (ustime now = SEC(1); now < SEC(30); now += MSEC(100))
		low_sample(&l, MSEC(90), now);
	low_sample(&l, MSEC(41), SEC(30));
	assert_int_equal(l.least, MSEC(41));
}

static void recent_bins_know_less_than_all(void **state)
{
	struct low l;

	(void)state;
	low_init(&l);
	low_sample(&l, MSEC(40), SEC(10));
	for (ustime now = SEC(11); now < SEC(18); now += MSEC(100))
		low_sample(&l, MSEC(70), now);
	assert_int_equal(low_recent(&l, LOW_BINS), MSEC(40));
	assert_int_equal(low_recent(&l, 2), MSEC(70));
	assert_int_equal(low_recent(&l, 1000), MSEC(40));
}

static void samples_come_after_any_silence(void **state)
{
	struct low l;

	(void)state;
	low_init(&l);
	low_sample(&l, MSEC(40), SEC(10));
	low_sample(&l, MSEC(90), SEC(1000000));
	assert_int_equal(l.least, MSEC(90));
	low_sample(&l, MSEC(95), SEC(1000001));
	assert_int_equal(l.least, MSEC(90));
}

static void it_is_fresh_for_some_seconds_after_a_sample(void **state)
{
	struct low l;

	(void)state;
	low_init(&l);
	assert_false(low_fresh(&l, SEC(10)));
	low_sample(&l, MSEC(40), SEC(10));
	assert_true(low_fresh(&l, SEC(11)));
	assert_false(low_fresh(&l, SEC(30)));
	low_sample(&l, MSEC(90), SEC(30)); /* it begins anew */
	assert_true(low_fresh(&l, SEC(31)));
	assert_int_equal(l.least, MSEC(90));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_sample_it_says_so),
		cmocka_unit_test(least_of_many_samples_is_kept),
		cmocka_unit_test(differences_of_two_clocks_may_be_negative),
		cmocka_unit_test(way_that_has_become_longer_is_believed_after_the_window),
		cmocka_unit_test(way_that_has_become_shorter_is_believed_at_once),
		cmocka_unit_test(recent_bins_know_less_than_all),
		cmocka_unit_test(samples_come_after_any_silence),
		cmocka_unit_test(it_is_fresh_for_some_seconds_after_a_sample),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
