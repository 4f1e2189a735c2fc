/* SPDX-License-Identifier: MIT */
#include "sender/today.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* 2026-03-01, 12:00 in UTC, 13:00 where these tests are. */
#define NOON (INT64_C(1772366400) * 1000)
#define HOUR INT64_C(3600000)

static struct today today;

static int clean(void **state)
{
	(void)state;
	memset(&today, 0, sizeof(today));
	return 0;
}

static uint64_t count(const char *name, unsigned port, uint64_t sent, int64_t at)
{
	return today_count(&today, name, port, sent, at);
}

static void what_a_counter_grows_by_is_of_today(void **state)
{
	(void)state;
	assert_int_equal(count("usb0", 1, 1000, NOON), 1000);
	assert_int_equal(count("usb0", 1, 1500, NOON + 1000), 1500);
	assert_int_equal(count("usb1", 2, 70, NOON + 1000), 70);
	assert_int_equal(count("usb0", 1, 1500, NOON + 2000), 1500);
}

static void a_day_begins_at_midnight_of_this_place(void **state)
{
	(void)state;
	count("usb0", 1, 1000, NOON);
	count("usb1", 2, 5000, NOON);
	assert_int_equal(count("usb0", 1, 1800, NOON + 11 * HOUR - 1), 1800);
	assert_int_equal(count("usb0", 1, 1900, NOON + 11 * HOUR), 100);
	assert_int_equal(count("usb1", 2, 5000, NOON + 11 * HOUR), 0);
	assert_int_equal(count("usb0", 1, 2000, NOON + 34 * HOUR), 200);
}

static void a_modem_that_is_put_in_again_goes_on(void **state)
{
	(void)state;
	count("usb0", 1, 1000, NOON);
	assert_int_equal(count("usb0", 3, 40, NOON + HOUR), 1040);
	assert_int_equal(count("usb0", 3, 60, NOON + HOUR), 1060);
	assert_int_equal(count("usb0", 1, 1100, NOON + HOUR), 2160);
}

static void a_counter_that_begins_anew_counts_from_nothing(void **state)
{
	(void)state;
	count("usb0", 1, 1000, NOON);
	assert_int_equal(count("usb0", 1, 40, NOON), 1040);
}

static void the_link_that_is_gone_for_the_longest_makes_room(void **state)
{
	char name[UPLINK_NAME];

	(void)state;
	for (unsigned i = 0; i < TODAY_LINKS; i++) {
		snprintf(name, sizeof(name), "usb%u", i);
		count(name, 1 + i, 1000, NOON + i);
	}
	count("usb0", 1, 1100, NOON + TODAY_LINKS);
	assert_int_equal(count("new", 1, 7, NOON + HOUR), 7);
	assert_int_equal(count("usb0", 1, 1200, NOON + HOUR), 1200);
	assert_int_equal(count("usb2", 3, 1200, NOON + HOUR), 1200);
	/* It was the second, and is one that nobody knows. */
	assert_int_equal(count("usb1", 9, 5, NOON + 2 * HOUR), 5);
}

static void a_clock_that_is_set_back_is_another_day(void **state)
{
	(void)state;
	count("usb0", 1, 1000, NOON);
	assert_int_equal(count("usb0", 1, 1001, 0), 1);
	assert_int_equal(count("usb0", 1, 1003, NOON), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(what_a_counter_grows_by_is_of_today, clean),
		cmocka_unit_test_setup(a_day_begins_at_midnight_of_this_place, clean),
		cmocka_unit_test_setup(a_modem_that_is_put_in_again_goes_on, clean),
		cmocka_unit_test_setup(a_counter_that_begins_anew_counts_from_nothing, clean),
		cmocka_unit_test_setup(the_link_that_is_gone_for_the_longest_makes_room, clean),
		cmocka_unit_test_setup(a_clock_that_is_set_back_is_another_day, clean),
	};

	setenv("TZ", "CET-1", 1);
	tzset();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
