/* SPDX-License-Identifier: MIT */
#include "shared/io/exposition.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

static struct exposition e;

static void assert_written(const char *wanted)
{
	size_t len;
	char *text = exposition_close(&e, &len);

	assert_non_null(text);
	assert_string_equal(text, wanted);
	assert_int_equal(len, strlen(wanted));
	free(text);
}

static void a_family_has_one_head_before_all_its_samples(void **state)
{
	(void)state;
	exposition_open(&e);
	exposition_family(&e, EXPOSITION_COUNTER, "drops_total", "Packets that ended here.");
	exposition_number(&e, 3, "cause", "runt", NULL);
	exposition_number(&e, UINT64_MAX, "cause", "pool", "link", "usb0", NULL);
	exposition_family(&e, EXPOSITION_GAUGE, "links", "Links.");
	exposition_number(&e, 2, NULL);
	assert_written("# HELP drops_total Packets that ended here.\n"
		       "# TYPE drops_total counter\n"
		       "drops_total{cause=\"runt\"} 3\n"
		       "drops_total{cause=\"pool\",link=\"usb0\"} 18446744073709551615\n"
		       "# HELP links Links.\n"
		       "# TYPE links gauge\n"
		       "links 2\n");
}

static void a_family_without_samples_does_not_show(void **state)
{
	(void)state;
	exposition_open(&e);
	exposition_family(&e, EXPOSITION_GAUGE, "none", "Nothing.");
	exposition_family(&e, EXPOSITION_GAUGE, "one", "Something.");
	exposition_number(&e, 1, NULL);
	assert_written("# HELP one Something.\n# TYPE one gauge\none 1\n");
}

static void no_name_can_break_a_line_or_a_scrape(void **state)
{
	(void)state;
	exposition_open(&e);
	exposition_family(&e, EXPOSITION_GAUGE, "up", "Up.");
	exposition_number(&e, 1, "link", "a\"b\\c\nd\xff", NULL);
	assert_written("# HELP up Up.\n# TYPE up gauge\n"
		       "up{link=\"a\\\"b\\\\c\\\\x0ad\\\\xff\"} 1\n");
}

static void spans_are_told_in_seconds_to_the_microsecond(void **state)
{
	(void)state;
	exposition_open(&e);
	exposition_family(&e, EXPOSITION_GAUGE, "s", "Spans.");
	exposition_seconds(&e, USEC(1), NULL);
	exposition_seconds(&e, MSEC(42) + 600, NULL);
	exposition_seconds(&e, SEC(100), NULL);
	exposition_seconds(&e, 0, NULL);
	exposition_seconds(&e, -MSEC(1500), NULL);
	exposition_seconds(&e, SEC(1700000000) + MSEC(120), NULL);
	assert_written("# HELP s Spans.\n# TYPE s gauge\n"
		       "s 0.000001\ns 0.0426\ns 100\ns 0\ns -1.5\ns 1700000000.12\n");
}

static void a_ratio_is_a_part_of_one(void **state)
{
	(void)state;
	exposition_open(&e);
	exposition_family(&e, EXPOSITION_GAUGE, "r", "Parts.");
	exposition_ratio(&e, 0, NULL);
	exposition_ratio(&e, 7, NULL);
	exposition_ratio(&e, 250, "link", "a", NULL);
	exposition_ratio(&e, 1000, NULL);
	assert_written("# HELP r Parts.\n# TYPE r gauge\nr 0\nr 0.007\nr{link=\"a\"} 0.25\nr 1\n");
}

static void buckets_add_up_and_their_bounds_are_exact(void **state)
{
	struct histogram h = {0};

	(void)state;
	histogram_add(&h, 3);
	histogram_add(&h, 4);
	histogram_add(&h, 7);
	histogram_add(&h, 20);
	exposition_open(&e);
	exposition_family(&e, EXPOSITION_HISTOGRAM, "wait_seconds", "Waits.");
	exposition_histogram(&e, &h, 2, 4, "class", "data", NULL);
	assert_written("# HELP wait_seconds Waits.\n# TYPE wait_seconds histogram\n"
		       "wait_seconds_bucket{class=\"data\",le=\"0.000004\"} 1\n"
		       "wait_seconds_bucket{class=\"data\",le=\"0.000008\"} 3\n"
		       "wait_seconds_bucket{class=\"data\",le=\"0.000016\"} 3\n"
		       "wait_seconds_bucket{class=\"data\",le=\"+Inf\"} 4\n"
		       "wait_seconds_count{class=\"data\"} 4\n"
		       "wait_seconds_sum{class=\"data\"} 0.000034\n");
}

static void a_histogram_needs_no_label_and_reaches_a_minute(void **state)
{
	struct histogram h = {0};

	(void)state;
	exposition_open(&e);
	exposition_family(&e, EXPOSITION_HISTOGRAM, "w", "Waits.");
	exposition_histogram(&e, &h, HISTOGRAM_TOP, HISTOGRAM_TOP, NULL);
	assert_written("# HELP w Waits.\n# TYPE w histogram\n"
		       "w_bucket{le=\"67.108864\"} 0\nw_bucket{le=\"+Inf\"} 0\n"
		       "w_count 0\nw_sum 0\n");
}

static void short_memory_is_told_once_at_the_end(void **state)
{
	size_t len;

	(void)state;
	memset(&e, 0, sizeof(e)); /* as after an open_memstream() that failed */
	exposition_family(&e, EXPOSITION_GAUGE, "up", "Up.");
	exposition_number(&e, 1, "link", "a", NULL);
	exposition_seconds(&e, 1, NULL);
	exposition_ratio(&e, 1, NULL);
	exposition_histogram(&e, &(struct histogram){0}, 2, 3, NULL);
	assert_null(exposition_close(&e, &len));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_family_has_one_head_before_all_its_samples),
		cmocka_unit_test(a_family_without_samples_does_not_show),
		cmocka_unit_test(no_name_can_break_a_line_or_a_scrape),
		cmocka_unit_test(spans_are_told_in_seconds_to_the_microsecond),
		cmocka_unit_test(a_ratio_is_a_part_of_one),
		cmocka_unit_test(buckets_add_up_and_their_bounds_are_exact),
		cmocka_unit_test(a_histogram_needs_no_label_and_reaches_a_minute),
		cmocka_unit_test(short_memory_is_told_once_at_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
