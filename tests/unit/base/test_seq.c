/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "shared/base/seq.h"

static void number_behind_the_wrap_is_newer(void **state)
{
	(void)state;
	assert_int_equal(seq_diff(0, SEQ_MASK), 1);
	assert_int_equal(seq_diff(SEQ_MASK, 0), -1);
	assert_true(seq_before(SEQ_MASK - 5, 3));
	assert_false(seq_before(3, SEQ_MASK - 5));
	assert_int_equal(seq_add(SEQ_MASK, 1), 0);
	assert_int_equal(seq_add(SEQ_MASK - 1, 5), 3);
}

static void difference_is_signed_and_whole(void **state)
{
	(void)state;
	assert_int_equal(seq_diff(100, 100), 0);
	assert_int_equal(seq_diff(0x3fffffff, 0), 0x3fffffff);
	assert_int_equal(seq_diff(0, 0x3fffffff), -0x3fffffff);
}

static void first_of_two_opposite_numbers_counts_as_older(void **state)
{
	(void)state;
	assert_int_equal(seq_diff(0x40000000, 0), -0x40000000);
	assert_int_equal(seq_diff(0, 0x40000000), -0x40000000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(number_behind_the_wrap_is_newer),
		cmocka_unit_test(difference_is_signed_and_whole),
		cmocka_unit_test(first_of_two_opposite_numbers_counts_as_older),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
