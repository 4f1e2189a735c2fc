/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "receiver/core/lag.h"

/* A third of a latency of two seconds. */
#define MOST MSEC(667)

/* Below this nobody is given up, however prompt it was. */
#define LEAST MSEC(20)

static struct lag fresh(void)
{
	struct lag l;

	memset(&l, 0, sizeof(l));
	return l;
}

/* So many packets, one each so often, the last of them at *now. */
static void deliver(struct lag *l, int count, usspan between, ustime *now)
{
	while (count-- > 0) {
		*now += between;
		lag_packet(l, *now, *now);
	}
}

static void stranger_has_some_patience_but_never_more_than_the_most(void **state)
{
	struct lag l = fresh();

	(void)state;
	assert_in_range(lag_patience(&l, MOST), LEAST, MSEC(100));
	assert_int_equal(lag_patience(&l, MSEC(5)), MSEC(5));
	assert_int_equal(lag_patience(&l, 0), 0);
}

static void prompt_member_still_has_the_least(void **state)
{
	struct lag l = fresh();
	ustime now = SEC(1000);

	(void)state;
	for (int i = 0; i < 1000; i++) {
		deliver(&l, 1, MSEC(1), &now);
		lag_filled(&l, USEC(200), now);
	}
	assert_in_range(lag_patience(&l, MOST), LEAST, LEAST + MSEC(5));
}

static void member_that_delivers_seldom_is_waited_for_longer(void **state)
{
	struct lag often = fresh(), seldom = fresh();
	ustime now = SEC(1000);

	(void)state;
	deliver(&often, 500, MSEC(2), &now);
	lag_filled(&often, MSEC(10), now);
	deliver(&seldom, 500, MSEC(80), &now);
	lag_filled(&seldom, MSEC(10), now);
	/* At least until two of its packets have failed to come. */
	assert_true(lag_patience(&seldom, MOST) >= MSEC(160));
	assert_true(lag_patience(&often, MOST) < MSEC(60));
}

static void gap_that_filled_late_is_remembered(void **state)
{
	/* One in a hundred comes 130 ms late: more than the half percent that may be missed. */
	struct lag l = fresh();
	ustime now = SEC(1000);

	(void)state;
	for (int i = 0; i < 1000; i++) {
		deliver(&l, 1, MSEC(2), &now);
		lag_filled(&l, i % 100 == 50 ? MSEC(130) : MSEC(4), now);
	}
	assert_in_range(lag_patience(&l, MOST), MSEC(130), MSEC(280));
	assert_int_equal(lag_patience(&l, MSEC(70)), MSEC(70));
}

static void one_in_a_thousand_is_not_waited_for(void **state)
{
	struct lag l = fresh();
	ustime now = SEC(1000);

	(void)state;
	for (int i = 0; i < 1000; i++) {
		deliver(&l, 1, MSEC(2), &now);
		lag_filled(&l, i == 500 ? MSEC(400) : MSEC(4), now);
	}
	assert_true(lag_patience(&l, MOST) < MSEC(50));
}

static void what_was_late_long_ago_is_forgotten(void **state)
{
	struct lag l = fresh();
	ustime now = SEC(1000);

	(void)state;
	for (int i = 0; i < 500; i++) {
		deliver(&l, 1, MSEC(2), &now);
		lag_filled(&l, MSEC(250), now);
	}
	assert_true(lag_patience(&l, MOST) >= MSEC(250));
	/* As many as before come on time, for half a minute. */
	for (int i = 0; i < 15000; i++) {
		deliver(&l, 1, MSEC(2), &now);
		lag_filled(&l, MSEC(4), now);
	}
	assert_true(lag_patience(&l, MOST) < MSEC(50));
}

static void silence_of_an_idle_stream_is_no_pace(void **state)
{
	/* An encoder that paused for ten minutes. */
	struct lag l = fresh();
	ustime now = SEC(1000);

	(void)state;
	deliver(&l, 500, MSEC(2), &now);
	lag_filled(&l, MSEC(4), now);
	now += SEC(600);
	deliver(&l, 1, MSEC(2), &now);
	assert_true(lag_patience(&l, MOST) < MSEC(60));
}

static void flood_of_samples_does_not_wrap(void **state)
{
	/* A million in one window of time: 65536 late ones are not none. */
	struct lag l = fresh();
	ustime now = SEC(1000);

	(void)state;
	for (int i = 0; i < 1000000; i++)
		lag_filled(&l, MSEC(180), now + i);
	assert_true(lag_patience(&l, MOST) >= MSEC(180));
}

/* Ten packets, one each 4 ms, are seen together every 40 ms. */
static void packets_that_are_seen_in_heaps_count_as_they_came(void **state)
{
	struct lag l = fresh();

	(void)state;
	for (int i = 0; i < 1000; i++)
		lag_packet(&l, SEC(1000) + MSEC(4) * i, SEC(1000) + MSEC(40) * (i / 10 + 1));
	assert_in_range(l.between, MSEC(4) - 20, MSEC(4));
	assert_int_equal(l.last, SEC(1004));
}

static void packet_that_came_before_the_one_before_it_came_with_it(void **state)
{
	struct lag l = fresh();

	(void)state;
	for (int i = 0; i < 100; i++)
		lag_packet(&l, SEC(1000) - MSEC(i), SEC(1000) + MSEC(i));
	assert_int_equal(l.between, 0);
	lag_packet(&l, SEC(1000) + MSEC(16), SEC(1001));
	assert_int_equal(l.between, MSEC(1));
}

static void lateness_beyond_the_scale_counts_as_its_end(void **state)
{
	struct lag l = fresh();

	(void)state;
	for (int i = 0; i < 10; i++)
		lag_filled(&l, SEC(3600), SEC(5000));
	assert_in_range(lag_patience(&l, MOST), MSEC(400), MOST);
	for (int i = 0; i < 10000; i++)
		lag_filled(&l, 0, SEC(5000));
	assert_int_equal(lag_patience(&l, MOST), LEAST);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stranger_has_some_patience_but_never_more_than_the_most),
		cmocka_unit_test(prompt_member_still_has_the_least),
		cmocka_unit_test(member_that_delivers_seldom_is_waited_for_longer),
		cmocka_unit_test(gap_that_filled_late_is_remembered),
		cmocka_unit_test(one_in_a_thousand_is_not_waited_for),
		cmocka_unit_test(what_was_late_long_ago_is_forgotten),
		cmocka_unit_test(silence_of_an_idle_stream_is_no_pace),
		cmocka_unit_test(flood_of_samples_does_not_wrap),
		cmocka_unit_test(packets_that_are_seen_in_heaps_count_as_they_came),
		cmocka_unit_test(packet_that_came_before_the_one_before_it_came_with_it),
		cmocka_unit_test(lateness_beyond_the_scale_counts_as_its_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
