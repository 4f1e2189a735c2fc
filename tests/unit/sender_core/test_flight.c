/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sender/core/flight.h"

static struct flight f;

static int begin(void **state)
{
	(void)state;
	flight_init(&f);
	return 0;
}

static void assert_sum(uint64_t sent, uint64_t arrived, uint64_t lost)
{
	assert_int_equal(f.sent, sent);
	assert_int_equal(f.arrived, arrived);
	assert_int_equal(f.lost, lost);
	assert_int_equal(f.count, sent - arrived - lost);
}

static void close(uint32_t place, enum flight_fate fate)
{
	struct flight_entry *e = flight_at(&f, place);

	assert_non_null(e);
	flight_close(&f, e, fate);
}

static void empty_flight_has_no_oldest(void **state)
{
	(void)state;
	assert_null(flight_oldest(&f));
	assert_null(flight_at(&f, 0));
	assert_false(flight_full(&f));
	assert_sum(0, 0, 0);
}

static void packet_is_under_way_until_its_fate_is_known(void **state)
{
	uint32_t place = flight_add(&f, 77, 1332, SEC(3));

	(void)state;
	assert_int_equal(flight_at(&f, place)->seq, 77);
	assert_int_equal(flight_at(&f, place)->sent, SEC(3));
	assert_int_equal(f.bytes, 1332);
	assert_sum(1, 0, 0);
	close(place, FLIGHT_ARRIVED);
	assert_null(flight_at(&f, place));
	assert_null(flight_oldest(&f));
	assert_int_equal(f.bytes, 0);
	assert_sum(1, 1, 0);
}

static void oldest_is_the_first_whose_fate_is_open(void **state)
{
	uint32_t place[5];

	(void)state;
	for (uint32_t i = 0; i < 5; i++)
		place[i] = flight_add(&f, 10 + i, 100, SEC(1));
	close(place[1], FLIGHT_ARRIVED);
	assert_int_equal(flight_oldest(&f)->seq, 10);
	close(place[0], FLIGHT_LOST);
	assert_int_equal(flight_oldest(&f)->seq, 12);
	close(place[3], FLIGHT_ARRIVED);
	close(place[2], FLIGHT_ARRIVED);
	assert_int_equal(flight_oldest(&f)->seq, 14);
	assert_sum(5, 3, 1);
	assert_int_equal(f.bytes, 100);
}

static void it_is_full_while_the_oldest_open_one_holds_the_last_place(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < FLIGHT_ROOM; i++) {
		assert_false(flight_full(&f));
		assert_int_equal(flight_add(&f, i, 10, i), i);
	}
	assert_true(flight_full(&f));
	close(5, FLIGHT_ARRIVED);
	assert_true(flight_full(&f));
	close(0, FLIGHT_LOST);
	assert_false(flight_full(&f));
	assert_int_equal(flight_add(&f, 9999, 10, SEC(1)), FLIGHT_ROOM);
	assert_true(flight_full(&f));
	assert_int_equal(flight_oldest(&f)->seq, 1);
}

static void places_go_on_over_the_end_of_32_bits(void **state)
{
	(void)state;
	f.first = f.next = UINT32_MAX - 1;
	for (uint32_t i = 0; i < 4; i++)
		assert_int_equal(flight_add(&f, i, 10, SEC(1)), UINT32_MAX - 1 + i);
	assert_int_equal(flight_at(&f, UINT32_MAX)->seq, 1);
	assert_int_equal(flight_at(&f, 1)->seq, 3);
	assert_null(flight_at(&f, 2));
	for (uint32_t i = 0; i < 4; i++)
		close(UINT32_MAX - 1 + i, FLIGHT_ARRIVED);
	assert_int_equal(f.first, 2);
	assert_sum(4, 4, 0);
}

static void place_of_long_ago_is_not_that_of_now(void **state)
{
	uint32_t place = flight_add(&f, 1, 10, SEC(1));

	(void)state;
	close(place, FLIGHT_ARRIVED);
	for (uint32_t i = 1; i <= FLIGHT_ROOM; i++) {
		assert_null(flight_at(&f, place));
		flight_add(&f, 1 + i, 10, SEC(2));
	}
	assert_null(flight_at(&f, place));
}

static void those_that_were_asked_for_are_counted_while_they_are_open(void **state)
{
	uint32_t place = flight_add(&f, 1, 10, SEC(1));

	(void)state;
	flight_add(&f, 2, 10, SEC(1));
	flight_at(&f, place)->named = true;
	f.named++;
	close(place, FLIGHT_LOST);
	assert_int_equal(f.named, 0);
}

#define FRESH(t) cmocka_unit_test_setup(t, begin)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FRESH(empty_flight_has_no_oldest),
		FRESH(packet_is_under_way_until_its_fate_is_known),
		FRESH(oldest_is_the_first_whose_fate_is_open),
		FRESH(it_is_full_while_the_oldest_open_one_holds_the_last_place),
		FRESH(places_go_on_over_the_end_of_32_bits),
		FRESH(place_of_long_ago_is_not_that_of_now),
		FRESH(those_that_were_asked_for_are_counted_while_they_are_open),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
