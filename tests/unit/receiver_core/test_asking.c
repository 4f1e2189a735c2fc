/* SPDX-License-Identifier: MIT */
#include "receiver/core/asking.h"

#include "stage.h"

static void the_span_from_a_loss_to_its_nak_is_learnt(void **state)
{
	struct asking a;

	(void)state;
	asking_init(&a);
	assert_int_equal(a.takes, 0);
	asking_missed(&a, 500, SEC(1));
	asking_heard(&a, 501, 600, SEC(1) + MSEC(30));
	assert_int_equal(a.takes, 0);
	asking_heard(&a, 490, 500, SEC(1) + MSEC(107));
	assert_int_equal(a.takes, MSEC(107));
	/* Said again: no news. */
	asking_heard(&a, 490, 500, SEC(3));
	assert_int_equal(a.takes, MSEC(107));
}

static void longer_spans_count_at_once_and_shorter_ones_slowly(void **state)
{
	struct asking a;

	(void)state;
	asking_init(&a);
	asking_missed(&a, 1, SEC(1));
	asking_heard(&a, 1, 1, SEC(1) + MSEC(80));
	asking_missed(&a, 2, SEC(2));
	asking_heard(&a, 2, 2, SEC(2) + MSEC(160));
	assert_int_equal(a.takes, MSEC(160));
	asking_missed(&a, 3, SEC(3));
	asking_heard(&a, 3, 3, SEC(3) + MSEC(80));
	assert_int_equal(a.takes, MSEC(150));
}

static void what_nobody_asks_for_is_forgotten_after_a_second(void **state)
{
	struct asking a;

	(void)state;
	asking_init(&a);
	asking_missed(&a, 1, SEC(1));
	asking_missed(&a, 2, SEC(1) + MSEC(999));
	assert_int_equal(a.missed, 1);
	asking_missed(&a, 3, SEC(2));
	assert_int_equal(a.missed, 3);
	asking_heard(&a, 3, 3, SEC(2) + MSEC(20));
	assert_int_equal(a.takes, MSEC(20));
}

static void numbers_wrap_inside_the_nak(void **state)
{
	struct asking a;

	(void)state;
	asking_init(&a);
	asking_missed(&a, 0, SEC(1));
	asking_heard(&a, SEQ_MASK, 1, SEC(1) + MSEC(5));
	assert_int_equal(a.takes, MSEC(5));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_span_from_a_loss_to_its_nak_is_learnt),
		cmocka_unit_test(longer_spans_count_at_once_and_shorter_ones_slowly),
		cmocka_unit_test(what_nobody_asks_for_is_forgotten_after_a_second),
		cmocka_unit_test(numbers_wrap_inside_the_nak),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
