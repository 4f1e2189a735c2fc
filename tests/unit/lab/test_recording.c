/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lab/supply.h"

static char path[] = "/tmp/test_recording.XXXXXX";
static char error[RECORDING_ERROR];

static const char *file(const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
	return path;
}

static int make_file(void **state)
{
	int fd = mkstemp(path);

	(void)state;
	return fd < 0 ? -1 : close(fd);
}

static int remove_file(void **state)
{
	(void)state;
	return unlink(path);
}

static void refuses_chances(const char *text, const char *why)
{
	assert_null(recording_read_chances(file(text), error));
	assert_non_null(strstr(error, path));
	if (!strstr(error, why))
		fail_msg("\"%s\" does not say \"%s\"", error, why);
}

static void refuses_table(const char *text, struct recording_place place, const char *why)
{
	place.step = MSEC(100);
	assert_null(recording_read_table(file(text), RECORDING_RATES, &place, error));
	assert_non_null(strstr(error, path));
	if (!strstr(error, why))
		fail_msg("\"%s\" does not say \"%s\"", error, why);
}

static struct recording *read_table(const char *text, enum recording_kind kind,
				    struct recording_place place)
{
	struct recording *r;

	if (place.step == 0)
		place.step = MSEC(100);
	r = recording_read_table(file(text), kind, &place, error);
	if (!r)
		fail_msg("%s", error);
	return r;
}

static void chances_are_milliseconds_line_by_line(void **state)
{
	struct recording *r = recording_read_chances(file("0\n0\n7\r\n\n12\n12"), error);

	(void)state;
	assert_non_null(r);
	assert_int_equal(r->kind, RECORDING_CHANCES);
	assert_int_equal(r->count, 5);
	assert_int_equal(r->value[1], 0);
	assert_int_equal(r->value[2], MSEC(7));
	assert_int_equal(r->value[4], MSEC(12));
	assert_int_equal(r->lasts, MSEC(12));
	recording_destroy(r);
}

static void what_is_no_recording_of_chances_is_refused_with_its_line(void **state)
{
	(void)state;
	refuses_chances("", "holds nothing");
	refuses_chances("0\n0\n", "never moves");
	refuses_chances("1\n2\nthree\n", "line 3: ");
	refuses_chances("1\n2.5\n", "line 2: ");
	refuses_chances("-1\n2\n", "line 1: ");
	refuses_chances("1 2\n", "line 1: ");
	refuses_chances("5\n9\n8\n", "line 3: runs backwards, from 9 to 8 ms");
	refuses_chances("99999999999999999999\n", "line 1: ");
	assert_null(recording_read_chances("/nonexistent/x", error));
	assert_string_equal(error, "/nonexistent/x: No such file or directory");
}

static void sentence_that_is_too_long_is_cut(void **state)
{
	char far[2 * RECORDING_ERROR];

	(void)state;
	memset(far, 'x', sizeof(far));
	far[sizeof(far) - 1] = '\0';
	assert_null(recording_read_chances(far, error));
	assert_int_equal(strlen(error), RECORDING_ERROR - 1);
}

static const char table[] =
	"# made by hand\n"
	"epoch,up,down\n"
	"1700000000,1.5,20\n"
	"1700000001,0,21\n"
	"1700000002,0.0123456789,22\n";

static void column_is_found_by_name_or_number(void **state)
{
	struct recording *named, *third;

	(void)state;
	named = read_table(table, RECORDING_RATES, (struct recording_place){.name = "up"});
	assert_int_equal(named->count, 3);
	assert_int_equal(named->value[0], 1500000);
	assert_int_equal(named->value[1], 0);
	assert_int_equal(named->value[2], 12345); /* whole bits */
	assert_int_equal(named->step, MSEC(100));
	assert_int_equal(named->lasts, MSEC(300));
	third = read_table(table, RECORDING_RATES, (struct recording_place){.column = 3});
	assert_int_equal(third->value[2], 22000000);
	recording_destroy(named);
	recording_destroy(third);
}

static void row_is_read_from_its_column_on(void **state)
{
	struct recording *r = read_table("# three drives\n1,2,3\n4,5,6,7\n8\n", RECORDING_RATES,
					 (struct recording_place){.row = 2, .column = 2});

	(void)state;
	assert_int_equal(r->count, 3);
	assert_int_equal(r->value[0], 5000000);
	assert_int_equal(r->value[2], 7000000);
	recording_destroy(r);
}

static void trips_are_microseconds_and_below_nought_without_reply(void **state)
{
	struct recording *r = read_table("att\n71.3\n-1\n.25\n", RECORDING_TRIPS,
					 (struct recording_place){.name = "att",
								  .step = MSEC(200)});

	(void)state;
	assert_int_equal(r->kind, RECORDING_TRIPS);
	assert_int_equal(r->value[0], 71300);
	assert_true(r->value[1] < 0);
	assert_int_equal(r->value[2], 250);
	assert_int_equal(r->lasts, MSEC(600));
	recording_destroy(r);
}

static void what_is_no_table_is_refused_with_its_line(void **state)
{
	(void)state;
	refuses_table("", (struct recording_place){.column = 1}, "holds nothing");
	refuses_table("a,b\n", (struct recording_place){.name = "b"}, "holds nothing");
	refuses_table(table, (struct recording_place){.name = "u"}, "no column named u");
	refuses_table(table, (struct recording_place){.column = 4}, "line 3: a number is needed");
	refuses_table("1,2\n", (struct recording_place){.column = 1, .row = 2}, "no such row");
	refuses_table("1,2\n", (struct recording_place){.column = 3, .row = 1}, "no such row");
	refuses_table("1\n1x\n", (struct recording_place){.column = 1}, "line 2: a number");
	refuses_table("1\n\"2\"\n", (struct recording_place){.column = 1}, "there is \"\"2\"\"");
	refuses_table("1\n-0.5\n", (struct recording_place){.column = 1}, "line 2: a rate below 0");
	refuses_table("1\n1000001\n", (struct recording_place){.column = 1}, "line 2: more than");
	refuses_table("1\n.\n", (struct recording_place){.column = 1}, "line 2: a number");
}

static void drive_by_formula_is_the_same_for_the_same_seed(void **state)
{
	struct recording *a = recording_drive(5000000, 3, SEC(600));
	struct recording *b = recording_drive(5000000, 3, SEC(600));
	struct recording *c = recording_drive(5000000, 4, SEC(600));

	(void)state;
	assert_int_equal(a->count, 6000);
	assert_int_equal(a->lasts, SEC(600));
	assert_memory_equal(a->value, b->value, a->count * sizeof(*a->value));
	assert_memory_not_equal(a->value, c->value, a->count * sizeof(*a->value));
	/* Whatever changes these two changes every result that was ever noted. */
	assert_int_equal(a->value[0], 4653220);
	assert_int_equal(a->value[5999], 5690800);
	recording_destroy(a);
	recording_destroy(b);
	recording_destroy(c);
}

static void drive_by_formula_keeps_its_mean_and_fades_like_a_drive(void **state)
{
	struct recording *r = recording_drive(5000000, 1, SEC(3600));
	unsigned fades = 0, gaps = 0;
	int64_t sum = 0;

	(void)state;
	for (size_t i = 0; i < r->count; i++) {
		bool weak = r->value[i] > 0 && r->value[i] < 1000000;
		bool was_weak = i > 0 && r->value[i - 1] > 0 && r->value[i - 1] < 1000000;

		sum += r->value[i];
		fades += weak && !was_weak;
		gaps += r->value[i] == 0 && i > 0 && r->value[i - 1] > 0;
		assert_in_range(r->value[i], 0, 12000000);
	}
	assert_in_range(sum / (int64_t)r->count, 4995000, 5000000);
	assert_in_range(fades, 90, 150);
	assert_in_range(gaps, 40, 80);
	recording_destroy(r);
}

static void shortest_drive_has_one_step(void **state)
{
	struct recording *r = recording_drive(5000000, 1, 1);

	(void)state;
	assert_int_equal(r->count, 1);
	assert_int_equal(r->lasts, MSEC(100));
	recording_destroy(r);
}

/* Recordings that are too large, or not ours, to be kept in the tree. */

static const char *trace(char buf[512], const char *name)
{
	const char *dir = getenv("LAB_TRACES");

	snprintf(buf, 512, "%s/%s", dir ? dir : "../shared/traces", name);
	return access(buf, R_OK) == 0 ? buf : NULL;
}

static int64_t kbit_of(struct recording *r)
{
	struct supply_config cfg = {.recording = r};
	struct supply s;
	int64_t at = 0, bits = 0;

	if (!r)
		fail_msg("%s", error);
	supply_init(&s, &cfg);
	while ((at = supply_serve(&s, at, 1500)) <= r->lasts * 1000)
		bits += 1500 * 8;
	supply_finish(&s);
	bits = bits * 1000 / r->lasts;
	recording_destroy(r);
	return bits;
}

static void recorded_links_have_the_means_that_their_list_says(void **state)
{
	static const struct {
		const char *name;
		int64_t kbit;
	} listed[] = {
		{"mahimahi/att-lte-driving-2016.up", 1910},
		{"mahimahi/tmobile-umts-driving.up", 940},
		{"mahimahi/tmobile-lte-short.up", 13300},
		{"mahimahi/tmobile-lte-driving-121s.up", 10100},
		{"mahimahi/verus-city-driving.up", 3960},
	};
	char buf[512];

	(void)state;
	for (size_t i = 0; i < sizeof(listed) / sizeof(listed[0]); i++) {
		int64_t kbit;

		if (!trace(buf, listed[i].name))
			skip();
		kbit = kbit_of(recording_read_chances(buf, error));
		assert_in_range(kbit, listed[i].kbit * 99 / 100, listed[i].kbit * 101 / 100);
	}
}

static void recorded_rates_have_the_means_that_their_list_says(void **state)
{
	struct recording_place row = {.row = 1, .column = 1, .step = MSEC(100)};
	struct recording_place up = {.name = "upload_mbps", .step = SEC(1)};
	struct recording_place moving = {.name = "uplink_mbps", .step = SEC(1)};
	char buf[512];

	(void)state;
	if (!trace(buf, "rate/boston-lte-driving-uplink-100ms.csv"))
		skip();
	for (; row.row <= 10; row.row++)
		assert_in_range(kbit_of(recording_read_table(buf, RECORDING_RATES, &row, error)),
				29600, 36600);
	if (!trace(buf, "rate/starlink-autobahn-1s.csv"))
		skip();
	assert_in_range(kbit_of(recording_read_table(buf, RECORDING_RATES, &up, error)),
			15500, 15700);
	if (!trace(buf, "rate/starlink-mobility-driving-uplink-1s.csv"))
		skip();
	assert_in_range(kbit_of(recording_read_table(buf, RECORDING_RATES, &moving, error)),
			21300, 21500);
}

static void recorded_trips_are_as_many_as_their_list_says(void **state)
{
	static const char *const operator[] = {"att", "tmobile", "verizon"};
	static const int64_t silent[] = {46, 90, 58}; /* of ten thousand */
	char buf[512];

	(void)state;
	if (!trace(buf, "rtt/us-driving-3op-rtt-200ms.csv"))
		skip();
	for (unsigned i = 0; i < 3; i++) {
		struct recording_place place = {.name = operator[i], .step = MSEC(200)};
		struct recording *r = recording_read_table(buf, RECORDING_TRIPS, &place, error);
		int64_t none = 0;

		assert_non_null(r);
		assert_int_equal(r->count, 10450);
		for (size_t n = 0; n < r->count; n++)
			none += r->value[n] < 0;
		assert_int_equal((none * 10000 + 5225) / 10450, silent[i]);
		recording_destroy(r);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(chances_are_milliseconds_line_by_line),
		cmocka_unit_test(what_is_no_recording_of_chances_is_refused_with_its_line),
		cmocka_unit_test(sentence_that_is_too_long_is_cut),
		cmocka_unit_test(column_is_found_by_name_or_number),
		cmocka_unit_test(row_is_read_from_its_column_on),
		cmocka_unit_test(trips_are_microseconds_and_below_nought_without_reply),
		cmocka_unit_test(what_is_no_table_is_refused_with_its_line),
		cmocka_unit_test(drive_by_formula_is_the_same_for_the_same_seed),
		cmocka_unit_test(drive_by_formula_keeps_its_mean_and_fades_like_a_drive),
		cmocka_unit_test(shortest_drive_has_one_step),
		cmocka_unit_test(recorded_links_have_the_means_that_their_list_says),
		cmocka_unit_test(recorded_rates_have_the_means_that_their_list_says),
		cmocka_unit_test(recorded_trips_are_as_many_as_their_list_says),
	};

	return cmocka_run_group_tests(tests, make_file, remove_file);
}
