/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "lab/supply.h"

#define NS_MS(n) ((int64_t)(n) * 1000000)
#define NS_S(n)  ((int64_t)(n) * 1000000000)

static int64_t chance_at[] = {MSEC(10), MSEC(10), MSEC(15), MSEC(40)};
static struct recording chances = {
	.kind = RECORDING_CHANCES, .value = chance_at, .count = 4, .lasts = MSEC(40)};

static int64_t rate_of[] = {1000000, 0, 0, 4000000};
static struct recording rates = {
	.kind = RECORDING_RATES, .value = rate_of, .count = 4, .step = MSEC(100), .lasts = MSEC(400)};

static void constant_rate_takes_the_time_of_the_bits(void **state)
{
	struct supply_config cfg = {.rate = 8000000};
	struct supply s;

	(void)state;
	supply_init(&s, &cfg);
	assert_int_equal(supply_serve(&s, 0, 1000), NS_MS(1));
	assert_int_equal(supply_serve(&s, NS_MS(1), 1500), NS_MS(1) + 1500000);
	assert_int_equal(supply_serve(&s, NS_S(86400), 1), NS_S(86400) + 1000);
	assert_true(supply_serve(&s, NEVER, 1) == NEVER);
	supply_finish(&s);
}

static void extreme_rates_do_not_overflow(void **state)
{
	struct supply_config fast = {.rate = UINT64_C(100000000000)}, slow = {.rate = 1};
	struct supply s;

	(void)state;
	supply_init(&s, &fast);
	assert_int_equal(supply_serve(&s, NS_S(100000000), 1250), NS_S(100000000) + 100);
	assert_int_equal(supply_serve(&s, NS_S(100000000), 1 << 30), NS_S(100000000) + 85899345);
	supply_finish(&s);
	supply_init(&s, &slow);
	assert_int_equal(supply_serve(&s, 0, 65535), NS_S(524280));
	assert_int_equal(supply_serve(&s, 0, 1 << 30), NS_S(INT64_C(8) << 30));
	assert_true(supply_serve(&s, NEVER - NS_S(8), 2) == NEVER);
	supply_finish(&s);
}

static void no_rate_is_no_limit(void **state)
{
	struct supply_config cfg = {0};
	struct supply s;

	(void)state;
	supply_init(&s, &cfg);
	assert_int_equal(supply_serve(&s, 12345, 1 << 20), 12345);
	supply_step(&s, SEC(1), 8000000);
	assert_int_equal(supply_serve(&s, NS_S(1) - 1, 1000), NS_S(1) - 1);
	assert_int_equal(supply_serve(&s, NS_S(1), 1000), NS_S(1) + NS_MS(1));
	supply_finish(&s);
}

static void packet_across_steps_leaves_when_its_last_bit_does(void **state)
{
	struct supply_config cfg = {.rate = 1000000};
	struct supply s;

	(void)state;
	supply_init(&s, &cfg);
	/* In any order: 1 Mbit/s, nothing from 10 ms, 2 Mbit/s from 30 ms, 500 kbit/s from 32 ms. */
	supply_step(&s, MSEC(30), 2000000);
	supply_step(&s, MSEC(32), 500000);
	supply_step(&s, MSEC(10), 0);
	/* 20 000 bits from 5 ms: 5000 until 10, 4000 until 32, 11 000 take 22 ms. */
	assert_int_equal(supply_serve(&s, NS_MS(5), 2500), NS_MS(54));
	supply_finish(&s);

	supply_init(&s, &cfg);
	supply_step(&s, MSEC(10), 0);
	supply_step(&s, MSEC(10), 2000000); /* the later word counts */
	assert_int_equal(supply_serve(&s, NS_MS(9), 375), NS_MS(11));
	supply_step(&s, MSEC(20), 0);
	assert_int_equal(supply_serve(&s, NS_MS(19), 250), NS_MS(20));
	assert_true(supply_serve(&s, NS_MS(20), 1) == NEVER);
	/* It is never too late to go on. */
	supply_step(&s, MSEC(500), 1000000);
	assert_int_equal(supply_serve(&s, NS_MS(20), 125), NS_MS(501));
	supply_finish(&s);
}

static void chance_carries_what_waits_and_is_lost_on_what_comes_after(void **state)
{
	struct supply_config cfg = {.recording = &chances};
	struct supply s;

	(void)state;
	supply_init(&s, &cfg);
	/* Three of 700 wait: two share the first chance, the third has 100 of it and the second. */
	assert_int_equal(supply_serve(&s, 0, 700), NS_MS(10));
	assert_int_equal(supply_serve(&s, NS_MS(10), 700), NS_MS(10));
	assert_int_equal(supply_serve(&s, NS_MS(10), 700), NS_MS(10));
	/* What comes a nanosecond later finds neither the rest nor any other of then. */
	assert_int_equal(supply_serve(&s, NS_MS(10) + 1, 700), NS_MS(15));
	assert_int_equal(supply_serve(&s, NS_MS(16), 700), NS_MS(40));
	supply_finish(&s);
}

static void chances_before_the_packet_are_lost(void **state)
{
	struct supply_config cfg = {.recording = &chances};
	struct supply s;

	(void)state;
	supply_init(&s, &cfg);
	assert_int_equal(supply_serve(&s, NS_MS(15), 1500), NS_MS(15));
	assert_int_equal(supply_serve(&s, NS_MS(15), 1500), NS_MS(40));
	/* Three seconds unused are not saved up: one at 3010, one more, and then 3015. */
	assert_int_equal(supply_serve(&s, NS_MS(3001), 1500), NS_MS(3010));
	assert_int_equal(supply_serve(&s, NS_MS(3010), 1500), NS_MS(3010));
	assert_int_equal(supply_serve(&s, NS_MS(3010), 1500), NS_MS(3015));
	supply_finish(&s);
}

static void recording_of_chances_starts_again_at_its_end(void **state)
{
	struct supply_config cfg = {.recording = &chances};
	struct supply s;
	int64_t at = 0;

	(void)state;
	supply_init(&s, &cfg);
	for (unsigned i = 0; i < 4000; i++)
		at = supply_serve(&s, at, 1500);
	assert_int_equal(at, NS_S(40));
	/* The last chance of a pass is there also for who comes when it is over. */
	assert_int_equal(supply_serve(&s, NS_S(80), 1500), NS_S(80));
	supply_finish(&s);
}

static void run_may_begin_within_a_recording_of_chances(void **state)
{
	struct supply_config cfg = {.recording = &chances, .from = MSEC(12)};
	struct supply s;

	(void)state;
	supply_init(&s, &cfg);
	assert_int_equal(supply_serve(&s, 0, 1500), NS_MS(3));
	assert_int_equal(supply_serve(&s, NS_MS(3), 1500), NS_MS(28));
	assert_int_equal(supply_serve(&s, NS_MS(28), 1500), NS_MS(38));
	supply_finish(&s);
	cfg.from += 7 * MSEC(40);
	supply_init(&s, &cfg);
	assert_int_equal(supply_serve(&s, 0, 1500), NS_MS(3));
	supply_finish(&s);
}

static void scale_shrinks_and_swells_chances(void **state)
{
	struct supply_config half = {.recording = &chances, .scale = 500};
	struct supply_config twice = {.recording = &chances, .scale = 2000};
	struct supply s;

	(void)state;
	supply_init(&s, &half); /* 750 bytes each */
	assert_int_equal(supply_serve(&s, 0, 1500), NS_MS(10));
	assert_int_equal(supply_serve(&s, NS_MS(10), 1500), NS_MS(40));
	supply_finish(&s);
	supply_init(&s, &twice);
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(supply_serve(&s, i ? NS_MS(10) : 0, 1500), NS_MS(10));
	assert_int_equal(supply_serve(&s, NS_MS(10), 1500), NS_MS(15));
	supply_finish(&s);
}

static void recorded_rates_are_followed_through_their_gaps(void **state)
{
	struct supply_config cfg = {.recording = &rates};
	struct supply s;

	(void)state;
	supply_init(&s, &cfg);
	/* 50 000 bits at 1 Mbit/s, then nothing until 300 ms, 30 000 bits at 4 Mbit/s. */
	assert_int_equal(supply_serve(&s, NS_MS(50), 10000), NS_MS(300) + 7500000);
	/* The rest of the 4 Mbit/s, 370 000 bits, and 30 000 in the next pass. */
	assert_int_equal(supply_serve(&s, NS_MS(307) + 500000, 50000), NS_MS(430));
	/* A whole pass is 500 000 bits. */
	assert_int_equal(supply_serve(&s, NS_S(400), 62500 * 10), NS_S(404));
	supply_finish(&s);

	cfg.from = MSEC(350);
	cfg.scale = 250;
	supply_init(&s, &cfg);
	assert_int_equal(supply_serve(&s, 0, 125), NS_MS(1));
	assert_int_equal(supply_serve(&s, NS_MS(50), 125), NS_MS(54));
	supply_finish(&s);
}

static void recording_of_nothing_never_serves(void **state)
{
	int64_t none[] = {0, 0};
	struct recording r = {.kind = RECORDING_RATES, .value = none, .count = 2, .step = MSEC(100),
			      .lasts = MSEC(200)};
	struct supply_config cfg = {.recording = &r};
	struct supply s;

	(void)state;
	supply_init(&s, &cfg);
	assert_true(supply_serve(&s, NS_MS(150), 1) == NEVER);
	supply_finish(&s);
}

static void copy_looks_ahead_without_consequence(void **state)
{
	struct supply_config cfg = {.recording = &chances};
	struct supply s, ahead;

	(void)state;
	supply_init(&s, &cfg);
	ahead = s;
	for (unsigned i = 0; i < 10; i++)
		(void)supply_serve(&ahead, NS_MS(40), 1500);
	assert_int_equal(supply_serve(&s, 0, 1500), NS_MS(10));
	supply_finish(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(constant_rate_takes_the_time_of_the_bits),
		cmocka_unit_test(extreme_rates_do_not_overflow),
		cmocka_unit_test(no_rate_is_no_limit),
		cmocka_unit_test(packet_across_steps_leaves_when_its_last_bit_does),
		cmocka_unit_test(chance_carries_what_waits_and_is_lost_on_what_comes_after),
		cmocka_unit_test(chances_before_the_packet_are_lost),
		cmocka_unit_test(recording_of_chances_starts_again_at_its_end),
		cmocka_unit_test(run_may_begin_within_a_recording_of_chances),
		cmocka_unit_test(scale_shrinks_and_swells_chances),
		cmocka_unit_test(recorded_rates_are_followed_through_their_gaps),
		cmocka_unit_test(recording_of_nothing_never_serves),
		cmocka_unit_test(copy_looks_ahead_without_consequence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
