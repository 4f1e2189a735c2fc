/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "lab/tally.h"
#include "shared/base/rng.h"

#define START SEC(50)

enum { PACKETS = 10000 }; /* one each ms */

/* Ten seconds of packets that take 30 ms and are played after one second, but for a range. */
static struct ledger stream(size_t late_from, size_t late_until)
{
	struct ledger l;

	ledger_init(&l);
	for (size_t i = 0; i < PACKETS; i++) {
		ustime made = START + MSEC((ustime)i);

		ledger_make(&l, i, made);
		if (i >= late_from && i < late_until)
			continue;
		ledger_arrive(&l, i, made + MSEC(30));
		ledger_play(&l, i, made + SEC(1));
	}
	return l;
}

static struct tally judge(struct ledger *l, ustime from, ustime until)
{
	struct tally_span span = {from, until};
	struct tally t;

	assert_true(tally_ledger(l, &span, &t));
	ledger_finish(l);
	return t;
}

static void clean_stream_has_nothing_to_blame(void **state)
{
	struct ledger l = stream(0, 0);
	struct tally t = judge(&l, START, START + SEC(10));

	(void)state;
	assert_int_equal(t.made, PACKETS);
	assert_int_equal(t.arrived, PACKETS);
	assert_int_equal(t.late, 0);
	assert_int_equal(tally_late_ppm(&t), 0);
	assert_int_equal(t.glitch_seconds, 0);
	assert_int_equal(t.stall, 0);
	assert_int_equal(t.stalls, 0);
	assert_int_equal(t.lasts, SEC(10));
	assert_int_equal(t.delay_p50, MSEC(30));
	assert_int_equal(t.delay_most, MSEC(30));
}

static void stall_lasts_from_the_first_late_packet_to_the_next_that_plays(void **state)
{
	struct ledger l = stream(1950, 2300);
	struct tally t = judge(&l, START, START + SEC(10));

	(void)state;
	assert_int_equal(t.late, 350);
	assert_int_equal(tally_late_ppm(&t), 35000);
	assert_int_equal(t.stall, MSEC(350));
	assert_int_equal(t.stalls, 1);
	assert_int_equal(t.glitch_seconds, 2);
}

static void only_runs_longer_than_a_tenth_of_a_second_are_stalls(void **state)
{
	struct ledger l = stream(500, 600), longer = stream(500, 601);
	struct tally t = judge(&l, START, NEVER);

	(void)state;
	assert_int_equal(t.stall, MSEC(100));
	assert_int_equal(t.stalls, 0);
	t = judge(&longer, START, NEVER);
	assert_int_equal(t.stall, MSEC(101));
	assert_int_equal(t.stalls, 1);
}

static void stall_that_does_not_end_lasts_to_the_last_packet(void **state)
{
	struct ledger l = stream(9000, PACKETS);
	struct tally t = judge(&l, START, NEVER);

	(void)state;
	assert_int_equal(t.stall, MSEC(999));
	assert_int_equal(t.lasts, MSEC(9999));
	assert_int_equal(t.stalls, 1);
}

static void what_is_made_outside_of_the_span_is_not_judged(void **state)
{
	struct ledger l = stream(0, 3000);
	struct tally t = judge(&l, START + SEC(2), START + SEC(6));

	(void)state;
	assert_int_equal(t.made, 4000);
	assert_int_equal(t.late, 1000);
	assert_int_equal(t.glitch_seconds, 1);
	assert_int_equal(t.stall, SEC(1));
	l = stream(5500, 9000);
	t = judge(&l, START + SEC(2), START + SEC(6));
	assert_int_equal(t.late, 500);
	assert_int_equal(t.stall, MSEC(500));
}

static void packet_that_came_but_was_not_played_is_late(void **state)
{
	struct ledger l = stream(10, 11);
	struct tally t;

	(void)state;
	ledger_arrive(&l, 10, START + SEC(3));
	t = judge(&l, START, NEVER);
	assert_int_equal(t.late, 1);
	assert_int_equal(t.arrived, PACKETS);
	assert_int_equal(t.delay_most, SEC(3) - MSEC(10));
}

/* Each of 1..1000 ms once, in a shuffled order. */
static void percentiles_are_those_of_the_sorted_delays(void **state)
{
	struct ledger l;
	struct tally t;

	(void)state;
	ledger_init(&l);
	for (size_t i = 0; i < 1000; i++) {
		ledger_make(&l, i, START + (ustime)i);
		ledger_arrive(&l, i, START + (ustime)i + MSEC((ustime)(i * 617 % 1000) + 1));
	}
	t = judge(&l, START, NEVER);
	assert_int_equal(t.delay_p50, MSEC(500));
	assert_int_equal(t.delay_p95, MSEC(950));
	assert_int_equal(t.delay_p99, MSEC(990));
	assert_int_equal(t.delay_p999, MSEC(999));
	assert_int_equal(t.delay_most, MSEC(1000));
	assert_int_equal(t.late, 1000);
}

/* How many of the delays are below that, and how many are not above it. */
static void assert_ranks(const usspan *delay, size_t count, usspan p, unsigned share)
{
	size_t below = 0, within = 0, rank = (count * share + 999) / 1000;

	for (size_t i = 0; i < count; i++) {
		below += delay[i] < p;
		within += delay[i] <= p;
	}
	assert_true(below < rank && within >= rank);
}

static void percentiles_are_right_for_whatever_delays(void **state)
{
	struct rng rng;

	(void)state;
	rng_init(&rng, 9);
	for (unsigned round = 0; round < 300; round++) {
		size_t count = 1 + (size_t)rng_below(&rng, 200);
		uint64_t kinds = 1 + rng_below(&rng, round % 2 ? 5 : 100000);
		usspan delay[200];
		struct ledger l;
		struct tally t;

		ledger_init(&l);
		for (size_t i = 0; i < count; i++) {
			delay[i] = (usspan)rng_below(&rng, kinds);
			ledger_make(&l, i, START);
			ledger_arrive(&l, i, START + delay[i]);
		}
		t = judge(&l, START, NEVER);
		assert_ranks(delay, count, t.delay_p50, 500);
		assert_ranks(delay, count, t.delay_p95, 950);
		assert_ranks(delay, count, t.delay_p99, 990);
		assert_ranks(delay, count, t.delay_p999, 999);
		assert_ranks(delay, count, t.delay_most, 1000);
	}
}

static void one_late_packet_of_very_many_is_not_none(void **state)
{
	struct tally t = {.made = 30000000, .late = 1};

	(void)state;
	assert_int_equal(tally_late_ppm(&t), 1);
}

static void empty_ledger_is_judged_without_complaint(void **state)
{
	struct ledger l;
	struct tally t;

	(void)state;
	ledger_init(&l);
	t = judge(&l, START, START + SEC(10));
	assert_int_equal(t.made, 0);
	assert_int_equal(t.delay_p99, 0);
	assert_int_equal(tally_late_ppm(&t), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(clean_stream_has_nothing_to_blame),
		cmocka_unit_test(stall_lasts_from_the_first_late_packet_to_the_next_that_plays),
		cmocka_unit_test(only_runs_longer_than_a_tenth_of_a_second_are_stalls),
		cmocka_unit_test(stall_that_does_not_end_lasts_to_the_last_packet),
		cmocka_unit_test(what_is_made_outside_of_the_span_is_not_judged),
		cmocka_unit_test(packet_that_came_but_was_not_played_is_late),
		cmocka_unit_test(percentiles_are_those_of_the_sorted_delays),
		cmocka_unit_test(percentiles_are_right_for_whatever_delays),
		cmocka_unit_test(one_late_packet_of_very_many_is_not_none),
		cmocka_unit_test(empty_ledger_is_judged_without_complaint),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
