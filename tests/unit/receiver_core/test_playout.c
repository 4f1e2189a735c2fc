/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "receiver/core/playout.h"

#define BEGAN SEC(5000)

enum { STAMP = 123456 }; /* the caller's clock when its conclusion passed */

static struct playout agreed(uint32_t stamp, usspan latency)
{
	struct playout p;

	playout_init(&p);
	playout_begin(&p, stamp, BEGAN);
	p.latency = latency;
	return p;
}

static void nothing_is_known_before_the_conclusion_and_the_latency(void **state)
{
	struct playout p;

	(void)state;
	playout_init(&p);
	assert_int_equal(playout_time(&p, 5), NEVER);
	playout_ackack(&p, 5, MSEC(50), BEGAN);
	playout_begin(&p, STAMP, BEGAN);
	assert_int_equal(playout_time(&p, STAMP), NEVER);
	p.latency = SEC(1);
	assert_int_equal(playout_time(&p, STAMP), BEGAN + SEC(1));
}

static void packet_is_played_its_latency_after_the_moment_of_its_timestamp(void **state)
{
	struct playout p = agreed(STAMP, SEC(2));

	(void)state;
	assert_int_equal(playout_time(&p, STAMP + 40000), BEGAN + MSEC(40) + SEC(2));
	/* An older one, as one that is sent again. */
	assert_int_equal(playout_time(&p, STAMP + 10000), BEGAN + MSEC(10) + SEC(2));
	assert_int_equal(playout_time(&p, STAMP - 3000), BEGAN - MSEC(3) + SEC(2));
}

static void conclusion_said_again_moves_the_base(void **state)
{
	/* The server saw the later one only. */
	struct playout p = agreed(STAMP, SEC(2));

	(void)state;
	playout_begin(&p, STAMP + 250000, BEGAN + MSEC(280));
	assert_int_equal(playout_time(&p, STAMP + 250000), BEGAN + MSEC(280) + SEC(2));
}

static void timestamps_wrap_after_71_minutes(void **state)
{
	/* Ten hours, a packet each ten seconds, and each time one from three seconds before. */
	struct playout p = agreed(UINT32_MAX - 5000000, SEC(2));

	(void)state;
	for (usspan t = 0; t < SEC(36000); t += SEC(10)) {
		uint32_t stamp = UINT32_MAX - 5000000 + (uint32_t)t;

		assert_int_equal(playout_time(&p, stamp), BEGAN + t + SEC(2));
		assert_int_equal(playout_time(&p, stamp - 3000000), BEGAN + t - SEC(1));
	}
}

static void restart_goes_on_with_the_base_of_before(void **state)
{
	struct playout p;

	(void)state;
	playout_init(&p);
	playout_resume(&p, STAMP, BEGAN);
	p.latency = SEC(1);
	assert_int_equal(playout_time(&p, STAMP + 7000), BEGAN + MSEC(7) + SEC(1));
}

/* The caller's clock is wrong by so many millionths: what it says after so long. */
static uint32_t stamp_after(usspan t, int64_t ppm)
{
	return (uint32_t)(STAMP + t + t * ppm / 1000000);
}

/* The round trip when the conclusion came: what is more of it makes ACKACKs late by half. */
#define FIRST_RTT MSEC(40)

/* An ACKACK each 10 ms with that round trip. */
static void answer_acks(struct playout *p, usspan from, usspan until, int64_t ppm, usspan rtt)
{
	for (usspan t = from; t < until; t += MSEC(10))
		playout_ackack(p, stamp_after(t, ppm), rtt, BEGAN + t + (rtt - FIRST_RTT) / 2);
}

static void clocks_that_drift_apart_are_followed_within_ten_milliseconds(void **state)
{
	(void)state;
	for (int64_t ppm = -50; ppm <= 50; ppm += 50) {
		struct playout p = agreed(STAMP, SEC(2));

		for (usspan t = 0; t < SEC(4 * 3600);) {
			usspan off;

			answer_acks(&p, t, t + SEC(60), ppm, FIRST_RTT);
			t += SEC(60);
			off = playout_time(&p, stamp_after(t, ppm)) - (BEGAN + t + SEC(2));
			assert_true(off > -MSEC(10) && off < MSEC(10));
		}
	}
}

static void longer_round_trip_is_no_drift(void **state)
{
	struct playout p = agreed(STAMP, SEC(2));
	ustime before;

	(void)state;
	answer_acks(&p, 0, SEC(60), 0, FIRST_RTT);
	before = playout_time(&p, stamp_after(SEC(60), 0));
	/* 400 ms more, evenly on both ways: only the half of it that is ours counts. */
	answer_acks(&p, SEC(60), SEC(120), 0, FIRST_RTT + MSEC(400));
	assert_int_equal(playout_time(&p, stamp_after(SEC(60), 0)), before);
}

static void ackack_without_a_round_trip_teaches_nothing(void **state)
{
	struct playout p = agreed(STAMP, SEC(2));

	(void)state;
	for (int i = 0; i < 5000; i++)
		playout_ackack(&p, STAMP, 0, BEGAN + SEC(1));
	assert_int_equal(playout_time(&p, STAMP), BEGAN + SEC(2));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_known_before_the_conclusion_and_the_latency),
		cmocka_unit_test(
			packet_is_played_its_latency_after_the_moment_of_its_timestamp),
		cmocka_unit_test(conclusion_said_again_moves_the_base),
		cmocka_unit_test(timestamps_wrap_after_71_minutes),
		cmocka_unit_test(restart_goes_on_with_the_base_of_before),
		cmocka_unit_test(clocks_that_drift_apart_are_followed_within_ten_milliseconds),
		cmocka_unit_test(longer_round_trip_is_no_drift),
		cmocka_unit_test(ackack_without_a_round_trip_teaches_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
