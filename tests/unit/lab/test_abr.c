/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "lab/abr.h"

/* An encoder between 0.5 and 10 Mbit/s with a latency of 1500 ms, and its clock. */
struct drive {
	struct abr abr;
	ustime now;
	uint64_t told;
};

static struct drive drive_at(uint64_t rate)
{
	struct abr_config cfg = {.least = 500000, .most = 10000000, .latency = MSEC(1500)};
	struct drive d = {.now = SEC(100), .told = rate};

	abr_init(&d.abr, &cfg, rate);
	return d;
}

static void sample(struct drive *d, usspan rtt, uint32_t waiting)
{
	struct abr_sample s = {.rtt = rtt, .waiting = waiting, .throughput = d->told};

	d->now += MSEC(ABR_EVERY_MS);
	d->told = abr_sample(&d->abr, &s, d->now);
}

static void samples(struct drive *d, usspan how_long, usspan rtt, uint32_t waiting)
{
	for (usspan t = 0; t < how_long; t += MSEC(ABR_EVERY_MS))
		sample(d, rtt, waiting);
}

/* A drive that has been quiet for long, at just that rate. */
static struct drive quiet_at(uint64_t rate)
{
	struct drive d = drive_at(rate);

	samples(&d, SEC(30), MSEC(60), 20);
	d.abr.rate = rate;
	return d;
}

static void rate_climbs_by_a_thirtieth_each_half_second(void **state)
{
	struct drive d = drive_at(500000);

	(void)state;
	sample(&d, MSEC(60), 0);
	assert_int_equal(d.abr.rate, 500000 + 30000 + 500000 / 30);
	samples(&d, MSEC(500), MSEC(60), 0);
	assert_int_equal(d.abr.rate, 546666);
	sample(&d, MSEC(60), 0);
	assert_int_equal(d.abr.rate, 546666 + 30000 + 546666 / 30);
	/* On to 10 Mbit/s in some 60 steps, each at the first sample behind the half second. */
	samples(&d, SEC(30), MSEC(60), 0);
	assert_true(d.told < 10000000);
	samples(&d, SEC(2), MSEC(60), 0);
	assert_int_equal(d.told, 10000000);
}

static void encoder_is_told_whole_tenths_of_a_megabit(void **state)
{
	struct drive d = drive_at(6280000);

	(void)state;
	sample(&d, MSEC(60), 0);
	assert_int_equal(d.abr.rate, 6280000 + 30000 + 6280000 / 30);
	assert_int_equal(d.told, 6500000);
}

static void round_trip_of_a_third_of_the_latency_ends_at_the_least(void **state)
{
	struct drive d = quiet_at(8000000);

	(void)state;
	sample(&d, MSEC(499), 20);
	assert_in_range(d.abr.rate, 7000000, 7200000);
	sample(&d, MSEC(500), 20);
	assert_int_equal(d.told, 500000);
}

static void round_trip_of_a_fifth_of_the_latency_costs_a_tenth_each_time(void **state)
{
	struct drive d = quiet_at(8000000);

	(void)state;
	sample(&d, MSEC(301), 20);
	assert_int_equal(d.abr.rate, 8000000 - 100000 - 800000);
	samples(&d, MSEC(240), MSEC(301), 20);
	assert_int_equal(d.abr.rate, 7100000);
	sample(&d, MSEC(301), 20);
	assert_int_equal(d.abr.rate, 7100000 - 100000 - 710000);
}

static void unusual_round_trip_costs_one_step(void **state)
{
	struct drive d = quiet_at(8000000);

	(void)state;
	/* Slowly, so that the jitter does not excuse it: 15 % above the mean. */
	for (usspan rtt = 60; d.abr.rate >= 8000000 && rtt < 120; rtt++)
		samples(&d, MSEC(40), MSEC(rtt), 20);
	assert_int_equal(d.abr.rate, 7900000);
	assert_in_range(d.abr.rtt_last, 68000, 80000);
	samples(&d, MSEC(180), MSEC(100), 20);
	assert_int_equal(d.abr.rate, 7900000);
}

static void buffer_above_the_usual_costs_a_step_and_far_above_a_tenth(void **state)
{
	struct drive d = quiet_at(8000000);

	(void)state;
	assert_in_range(d.abr.waiting_mean, 19500, 20500);
	/* Slowly: 50 packets are few, twice the mean is much. */
	for (uint32_t waiting = 20; waiting < 50; waiting++)
		samples(&d, MSEC(200), MSEC(60), waiting);
	assert_true(d.abr.rate >= 8000000);
	d.abr.rate = 8000000;
	d.abr.next_up = NEVER;
	sample(&d, MSEC(60), 51);
	assert_int_equal(d.abr.rate, 7900000);
	/* Now steadily, by two packets each time: jitter does not excuse it. */
	for (uint32_t waiting = 51; waiting < 300 && d.abr.rate % 100000 == 0; waiting += 2)
		sample(&d, MSEC(60), waiting);
	/* Ten samples pass before the rate may fall again. */
	assert_in_range(d.abr.waiting_last, 2 * d.abr.waiting_mean, 2 * d.abr.waiting_mean + 20000);
}

/* Usually it is empty, so even a few packets are many if they do not come at once. */
static void buffer_out_of_all_proportion_ends_at_the_least(void **state)
{
	struct drive d = drive_at(10000000);
	uint32_t waiting = 0;

	(void)state;
	samples(&d, SEC(10), MSEC(60), 0);
	while (d.told > 500000 && waiting < 100)
		sample(&d, MSEC(60), ++waiting);
	assert_int_equal(d.told, 500000);
	assert_in_range(waiting, 5, 6);
}

static void decrease_waits_after_a_fall_to_the_least(void **state)
{
	struct drive d = quiet_at(8000000);

	(void)state;
	sample(&d, MSEC(600), 20);
	assert_int_equal(d.told, 500000);
	assert_int_equal(d.abr.next_down, d.now + MSEC(200));
	d.abr.rate = 3000000;
	samples(&d, MSEC(200), MSEC(301), 20);
	assert_int_equal(d.abr.rate, 3000000);
	sample(&d, MSEC(301), 20);
	assert_int_equal(d.abr.rate, 2600000);
}

static void rising_round_trip_stops_the_climb(void **state)
{
	struct drive d = quiet_at(4000000);

	(void)state;
	for (usspan rtt = 60; rtt < 68; rtt++)
		samples(&d, MSEC(40), MSEC(rtt), 20);
	assert_true(d.abr.rate < 4300000);
	assert_true(d.abr.rtt_slope > 0);
}

static void longer_road_is_taken_for_usual_in_the_end(void **state)
{
	struct drive d = quiet_at(1000000);
	uint64_t rate;

	(void)state;
	samples(&d, SEC(8), MSEC(140), 20);
	rate = d.abr.rate;
	assert_true(rate < 4000000);
	samples(&d, SEC(2), MSEC(140), 20);
	assert_int_equal(d.abr.rate, rate);
	samples(&d, SEC(60), MSEC(140), 20);
	assert_int_equal(d.told, 10000000);
}

static void rate_stays_within_its_bounds(void **state)
{
	struct drive d = quiet_at(700000);

	(void)state;
	for (unsigned i = 0; i < 20; i++)
		samples(&d, SEC(1), MSEC(310), 20);
	assert_int_equal(d.told, 500000);
	samples(&d, SEC(200), MSEC(310), 20);
	assert_int_equal(d.told, 500000);
	samples(&d, SEC(100), MSEC(60), 0);
	assert_int_equal(d.told, 10000000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rate_climbs_by_a_thirtieth_each_half_second),
		cmocka_unit_test(encoder_is_told_whole_tenths_of_a_megabit),
		cmocka_unit_test(round_trip_of_a_third_of_the_latency_ends_at_the_least),
		cmocka_unit_test(round_trip_of_a_fifth_of_the_latency_costs_a_tenth_each_time),
		cmocka_unit_test(unusual_round_trip_costs_one_step),
		cmocka_unit_test(buffer_above_the_usual_costs_a_step_and_far_above_a_tenth),
		cmocka_unit_test(buffer_out_of_all_proportion_ends_at_the_least),
		cmocka_unit_test(decrease_waits_after_a_fall_to_the_least),
		cmocka_unit_test(rising_round_trip_stops_the_climb),
		cmocka_unit_test(longer_road_is_taken_for_usual_in_the_end),
		cmocka_unit_test(rate_stays_within_its_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
