/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "shared/base/rng.h"

static void numbers_are_those_of_the_published_generator(void **state)
{
	static const uint64_t expected[] = {
		11520,
		0,
		1509978240,
		UINT64_C(1215971899390074240),
		UINT64_C(1216172134540287360),
		UINT64_C(607988272756665600),
		UINT64_C(16172922978634559625),
		UINT64_C(8476171486693032832),
	};
	struct rng r = {.state = {1, 2, 3, 4}};

	(void)state;
	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++)
		assert_true(rng_next(&r) == expected[i]);
}

static void seed_is_spread_as_published(void **state)
{
	struct rng r;

	(void)state;
	rng_init(&r, 1234567);
	assert_true(r.state[0] == UINT64_C(6457827717110365317));
	assert_true(r.state[1] == UINT64_C(3203168211198807973));
	assert_true(r.state[2] == UINT64_C(9817491932198370423));
	assert_true(r.state[3] == UINT64_C(4593380528125082431));
}

static void seed_zero_is_as_good_as_any(void **state)
{
	struct rng r;

	(void)state;
	rng_init(&r, 0);
	assert_true(rng_next(&r) != rng_next(&r));
}

static void below_stays_below_and_reaches_every_value(void **state)
{
	struct rng r;
	unsigned hits[7] = {0};

	(void)state;
	rng_init(&r, 7);
	for (int i = 0; i < 70000; i++) {
		uint64_t v = rng_below(&r, 7);

		assert_in_range(v, 0, 6);
		hits[v]++;
	}
	for (size_t i = 0; i < 7; i++)
		assert_in_range(hits[i], 9500, 10500);
}

/* With a plain remainder the lower half would come twice as often as the upper. */
static void below_is_even_for_a_bound_that_divides_badly(void **state)
{
	const uint64_t bound = UINT64_C(3) << 62;
	struct rng r;
	unsigned low = 0;

	(void)state;
	rng_init(&r, 11);
	for (int i = 0; i < 30000; i++)
		low += rng_below(&r, bound) < UINT64_C(1) << 62;
	assert_in_range(low, 9500, 10500);
}

static void below_none_or_one_is_zero(void **state)
{
	struct rng r;

	(void)state;
	rng_init(&r, 3);
	assert_int_equal(rng_below(&r, 0), 0);
	assert_int_equal(rng_below(&r, 1), 0);
}

static void fill_writes_the_draws_lowest_byte_first_and_nothing_beyond(void **state)
{
	uint8_t buf[16];
	struct rng r, twin;
	uint64_t first, second;

	(void)state;
	rng_init(&r, 42);
	twin = r;
	first = rng_next(&twin);
	second = rng_next(&twin);
	memset(buf, 0xee, sizeof(buf));
	rng_fill(&r, buf, 11);
	for (size_t i = 0; i < 8; i++)
		assert_int_equal(buf[i], (first >> (8 * i)) & 0xff);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(buf[8 + i], (second >> (8 * i)) & 0xff);
	for (size_t i = 11; i < sizeof(buf); i++)
		assert_int_equal(buf[i], 0xee);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_those_of_the_published_generator),
		cmocka_unit_test(seed_is_spread_as_published),
		cmocka_unit_test(seed_zero_is_as_good_as_any),
		cmocka_unit_test(below_stays_below_and_reaches_every_value),
		cmocka_unit_test(below_is_even_for_a_bound_that_divides_badly),
		cmocka_unit_test(below_none_or_one_is_zero),
		cmocka_unit_test(fill_writes_the_draws_lowest_byte_first_and_nothing_beyond),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
