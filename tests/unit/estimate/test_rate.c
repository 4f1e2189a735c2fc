/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "shared/base/rng.h"
#include "shared/estimate/rate.h"

static void steady_stream_reads_true_after_one_second(void **state)
{
	struct rate r;
	ustime now = SEC(7);

	(void)state;
	rate_init(&r, now);
	/* 1 316 bytes each millisecond. */
	for (int i = 0; i < 1000; i++)
		rate_add(&r, 1316, now += MSEC(1));
	for (int i = 0; i < 5000; i++) {
		rate_add(&r, 1316, now += MSEC(1));
		assert_int_equal(rate_bytes_per_second(&r, now), 1316000);
	}
}

static void one_packet_never_makes_it_jump(void **state)
{
	struct rate r;

	(void)state;
	rate_init(&r, 0);
	rate_add(&r, 900, MSEC(10));
	assert_int_equal(rate_bytes_per_second(&r, MSEC(99)), 0);
	assert_int_equal(rate_bytes_per_second(&r, MSEC(100)), 1000);
	assert_int_equal(rate_bytes_per_second(&r, MSEC(999)), 1000);
	assert_int_equal(rate_bytes_per_second(&r, MSEC(1000)), 0);
}

static void silence_is_forgotten_within_a_second(void **state)
{
	struct rate r;
	ustime now = 0;

	(void)state;
	rate_init(&r, now);
	for (int i = 0; i < 2000; i++)
		rate_add(&r, 1000, now += MSEC(1));
	assert_int_equal(rate_bytes_per_second(&r, now), 1000000);
	assert_in_range(rate_bytes_per_second(&r, now + MSEC(500)), 400000, 600000);
	assert_int_equal(rate_bytes_per_second(&r, now + SEC(1)), 0);
}

/* A sleep of ten minutes, or of a century: one step, not one per bin. */
static void long_sleep_clears_everything_in_one_step(void **state)
{
	const ustime century = SEC(INT64_C(3155760000));
	struct rate r;

	(void)state;
	rate_init(&r, 0);
	rate_add(&r, 5000, MSEC(50));
	assert_int_equal(rate_bytes_per_second(&r, SEC(600)), 0);
	rate_add(&r, 9000, century + MSEC(30));
	assert_int_equal(rate_bytes_per_second(&r, century + MSEC(30)), 0);
	assert_int_equal(rate_bytes_per_second(&r, century + MSEC(130)), 10000);
}

/* Beside a plain list of everything that was ever added. */
static void window_holds_the_nine_whole_bins_behind_now(void **state)
{
	enum { EVENTS = 3000 };
	static ustime when[EVENTS];
	static uint64_t size[EVENTS];
	struct rng rng;
	struct rate r;
	ustime now = 0;

	(void)state;
	rng_init(&rng, 99);
	rate_init(&r, 0);
	for (int i = 0; i < EVENTS; i++) {
		uint64_t sum = 0;
		ustime edge;

		now += (usspan)rng_below(&rng, rng_below(&rng, 50) ? MSEC(20) : SEC(3));
		when[i] = now;
		size[i] = rng_below(&rng, 1500);
		rate_add(&r, size[i], now);
		edge = now - now % MSEC(100);
		for (int k = 0; k <= i; k++)
			sum += when[k] < edge && when[k] >= edge - MSEC(900) ? size[k] : 0;
		assert_int_equal(rate_bytes_per_second(&r, now), sum * 10 / 9);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(steady_stream_reads_true_after_one_second),
		cmocka_unit_test(one_packet_never_makes_it_jump),
		cmocka_unit_test(silence_is_forgotten_within_a_second),
		cmocka_unit_test(long_sleep_clears_everything_in_one_step),
		cmocka_unit_test(window_holds_the_nine_whole_bins_behind_now),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
