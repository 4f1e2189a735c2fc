/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "lab/census_json.h"
#include "shared/wire/be.h"

enum { DATA = 1332 };

static struct census census;

static void send_data(unsigned link, ustime now, uint32_t seq, enum road_end end)
{
	struct road_fate fate = {.end = end, .left = (now + MSEC(4)) * 1000, .arrives = NEVER};
	uint8_t p[DATA] = {0};

	put_be32(p, seq);
	census_up(&census, link, now, p, DATA, &fate);
	if (end == ROAD_ARRIVES)
		census_arrived(&census, link, now + MSEC(30), now, p, DATA);
}

/* The value at the end of a way of names, with array places as numbers. */
static json_t *at(json_t *all, const char *first, ...)
{
	json_t *v = json_object_get(all, first);
	const char *name;
	va_list names;

	va_start(names, first);
	while (v && (name = va_arg(names, const char *)))
		v = json_is_array(v) ? json_array_get(v, (size_t)(name[0] - '0'))
				     : json_object_get(v, name);
	va_end(names);
	assert_non_null(v);
	return v;
}

#define NUMBER(...) json_number_value(at(__VA_ARGS__, (const char *)NULL))
#define VALUE(...)  at(__VA_ARGS__, (const char *)NULL)

static void census_is_told_as_other_programs_read_it(void **state)
{
	json_t *j;

	(void)state;
	assert_true(census_init(&census, 2));
	census_expect_outage(&census, 0, MSEC(200), MSEC(300));
	census_expect_outage(&census, 1, MSEC(200), MSEC(300));
	send_data(0, MSEC(10), 1, ROAD_ARRIVES);
	send_data(0, MSEC(250), 2, ROAD_DARK);
	send_data(0, MSEC(310), 3, ROAD_ARRIVES);
	send_data(1, MSEC(20), 4, ROAD_LOST);
	j = census_json(&census);
	assert_non_null(j);
	assert_int_equal(NUMBER(j, "links", "1", "link"), 2);
	assert_true(NUMBER(j, "links", "0", "share") == 0.75);
	assert_int_equal(NUMBER(j, "links", "0", "sent", "first", "packets"), 3);
	assert_int_equal(NUMBER(j, "links", "0", "sent", "false_resent", "bytes"), 0);
	assert_int_equal(NUMBER(j, "links", "0", "dropped", "dark"), 1);
	assert_int_equal(NUMBER(j, "links", "0", "queue_p95_ms"), 4);
	assert_int_equal(NUMBER(j, "wire"), 1);
	assert_int_equal(NUMBER(j, "false_naks"), 0);
	assert_int_equal(NUMBER(j, "outages", "0", "last_into_dead_ms"), 50);
	assert_int_equal(NUMBER(j, "outages", "0", "back_in_use_ms"), 10);
	assert_true(json_is_null(VALUE(j, "outages", "1", "last_into_dead_ms")));
	assert_true(json_is_null(VALUE(j, "outages", "1", "back_in_use_ms")));
	assert_true(NUMBER(j, "series", "bin_s") == 0.1);
	assert_int_equal(NUMBER(j, "marks", "0", "t") * 1000, 250);
	assert_true(json_is_true(VALUE(j, "marks", "1", "lost")));
	json_decref(j);
	census_finish(&census);
}

static void series_of_all_links_are_equally_long(void **state)
{
	json_t *j;

	(void)state;
	assert_true(census_init(&census, 2));
	send_data(0, MSEC(10), 1, ROAD_ARRIVES);
	send_data(0, MSEC(510), 2, ROAD_ARRIVES);
	send_data(1, MSEC(110), 3, ROAD_ARRIVES);
	j = census_json(&census);
	assert_non_null(j);
	for (unsigned i = 0; i < 2; i++) {
		const char *link = i ? "1" : "0", *name;
		json_t *value;

		json_object_foreach(VALUE(j, "series", "links", link), name, value)
			assert_int_equal(json_array_size(value), 6);
	}
	assert_true(NUMBER(j, "series", "links", "1", "in_mbps", "1") == DATA * 8 / 1e5);
	assert_true(NUMBER(j, "series", "links", "1", "delay_ms", "1") == 30);
	assert_true(json_is_null(VALUE(j, "series", "links", "1", "delay_ms", "5")));
	json_decref(j);
	census_finish(&census);
}

static void tally_is_told_in_milliseconds(void **state)
{
	struct tally t = {.made = 400, .late = 100, .lasts = SEC(2), .stall = 1500,
			  .delay_p999 = 30250};
	json_t *j = tally_json(&t);

	(void)state;
	assert_non_null(j);
	assert_int_equal(NUMBER(j, "made"), 400);
	assert_true(NUMBER(j, "late_share") == 0.25);
	assert_true(NUMBER(j, "lasts_s") == 2);
	assert_true(NUMBER(j, "stall_ms") == 1.5);
	assert_true(NUMBER(j, "delay_p999_ms") == 30.25);
	json_decref(j);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(census_is_told_as_other_programs_read_it),
		cmocka_unit_test(series_of_all_links_are_equally_long),
		cmocka_unit_test(tally_is_told_in_milliseconds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
