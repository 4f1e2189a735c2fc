/* SPDX-License-Identifier: MIT */
#include "shared/io/pace.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#define SPAN USEC(800)
#define LONG MSEC(400) /* an SRT latency for which it is worth it */

/* Packets come at some rate; it is asked at each wake-up, which comes with them or later. */
struct day {
	struct pace pace;
	ustime now;
	ustime woke; /* the latest wake-up */
	uint64_t came;
	uint64_t wakes;
	usspan last;      /* answer */
	unsigned changes; /* of the answer */
};

static void ask(struct day *d, usspan latency)
{
	usspan answer;

	d->wakes++;
	d->woke = d->now;
	answer = pace_span(&d->pace, d->came, d->wakes, latency, d->now);
	d->changes += answer != d->last;
	d->last = answer;
}

static void pass(struct day *d, usspan time, unsigned a_second, usspan latency)
{
	for (ustime end = d->now + time; d->now < end;) {
		d->now += SEC(1) / a_second;
		d->came++;
		if (d->now - d->woke >= d->last)
			ask(d, latency);
	}
}

static struct day morning(usspan most)
{
	return (struct day){.pace = {.most = most}, .now = SEC(5000)};
}

static void nothing_waits_unless_asked_for(void **state)
{
	struct day d = morning(0);

	(void)state;
	pass(&d, SEC(2), 20000, LONG);
	assert_int_equal(d.last, 0);
	assert_int_equal(d.changes, 0);
}

static void busy_streams_with_time_to_spare_wait_and_others_do_not(void **state)
{
	const struct {
		unsigned a_second;
		usspan latency;
		usspan span;
	} cases[] = {
		{20000, LONG, SPAN},     {5000, LONG, SPAN},    {2500, LONG, SPAN},
		{1900, LONG, 0},         {100, LONG, 0},        {480, SEC(8), 0},
		{20000, 0, 0},           {20000, MSEC(120), 0}, {5000, MSEC(199), 0},
		{5000, MSEC(201), SPAN},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct day d = morning(SPAN);

		pass(&d, SEC(2), cases[i].a_second, cases[i].latency);
		assert_int_equal(d.last, cases[i].span);
		assert_true(d.changes <= 1); /* steady times, steady answer */
	}
}

static void rate_that_falls_so_far_that_nothing_is_gained_ends_it(void **state)
{
	struct day d = morning(SPAN);

	(void)state;
	pass(&d, SEC(1), 5000, LONG);
	assert_int_equal(d.last, SPAN);
	pass(&d, SEC(1), 1000, LONG);
	assert_int_equal(d.last, 0);
}

static void wake_ups_without_packets_are_no_reason(void **state)
{
	struct day d = morning(SPAN);

	(void)state;
	for (unsigned i = 0; i < 5000; i++) {
		d.now += USEC(200);
		d.came += i % 50 == 0; /* 100 a second */
		ask(&d, LONG);
	}
	assert_int_equal(d.last, 0);
}

static void more_than_can_be_handled_one_by_one_come_together_by_themselves(void **state)
{
	struct day d = morning(SPAN);

	(void)state;
	pass(&d, SEC(1), 5000, LONG);
	assert_int_equal(d.last, SPAN);
	for (unsigned i = 0; i < 1000; i++) {
		d.now += MSEC(1);
		d.came += 150;
		ask(&d, LONG);
	}
	assert_int_equal(d.last, 0);
}

static void it_takes_less_than_a_second_to_begin_and_to_end(void **state)
{
	struct day d = morning(SPAN);

	(void)state;
	assert_int_equal(pace_span(&d.pace, 0, 0, LONG, d.now), 0);
	pass(&d, MSEC(500), 5000, LONG);
	assert_int_equal(d.last, SPAN);
	pass(&d, MSEC(500), 200, LONG);
	assert_int_equal(d.last, 0);
	pass(&d, MSEC(500), 5000, LONG);
	assert_int_equal(d.last, SPAN);
	pass(&d, MSEC(500), 5000, MSEC(120)); /* a stream that cannot wait has joined */
	assert_int_equal(d.last, 0);
	pass(&d, MSEC(500), 5000, LONG);
	assert_int_equal(d.last, SPAN);
	pass(&d, MSEC(500), 5000, 0); /* all have gone */
	assert_int_equal(d.last, 0);
}

static void pictures_in_bursts_wait_for_nothing(void **state)
{
	struct day d = morning(SPAN);

	(void)state;
	pass(&d, SEC(1), 3000, LONG);
	for (unsigned frame = 0; frame < 90; frame++) { /* 30 a second, of 100 packets each */
		for (unsigned wake = 0; wake < 10; wake++) {
			d.now += USEC(300);
			d.came += 10;
			ask(&d, LONG);
		}
		d.now += MSEC(30);
	}
	assert_int_equal(d.last, 0);
	assert_int_equal(d.changes, 2); /* on while they came one by one, and then off */
}

static void a_burst_after_a_long_silence_waits_for_nothing(void **state)
{
	struct day d = morning(SPAN);

	(void)state;
	pass(&d, SEC(1), 5000, LONG);
	d.now += SEC(60);
	ask(&d, LONG);
	assert_int_equal(d.last, 0);
	d.now += SEC(3600);
	d.came += 600;
	ask(&d, LONG);
	assert_int_equal(d.last, 0);
}

static void years_of_packets_are_no_rate(void **state)
{
	struct day d = morning(SPAN);

	(void)state;
	d.now = SEC(INT64_C(10) * 365 * 86400);
	d.came = UINT64_C(1) << 62;
	ask(&d, LONG);
	d.now += SEC(1);
	ask(&d, LONG);
	assert_int_equal(d.last, 0);
	pass(&d, SEC(1), 5000, LONG);
	assert_int_equal(d.last, SPAN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_waits_unless_asked_for),
		cmocka_unit_test(busy_streams_with_time_to_spare_wait_and_others_do_not),
		cmocka_unit_test(it_takes_less_than_a_second_to_begin_and_to_end),
		cmocka_unit_test(rate_that_falls_so_far_that_nothing_is_gained_ends_it),
		cmocka_unit_test(wake_ups_without_packets_are_no_reason),
		cmocka_unit_test(
			more_than_can_be_handled_one_by_one_come_together_by_themselves),
		cmocka_unit_test(pictures_in_bursts_wait_for_nothing),
		cmocka_unit_test(a_burst_after_a_long_silence_waits_for_nothing),
		cmocka_unit_test(years_of_packets_are_no_rate),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
