/* SPDX-License-Identifier: MIT */
#include "lab/units.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct good {
	enum unit unit;
	const char *word;
	uint64_t value;
	const char *text;
} goods[] = {
	{UNIT_COUNT, "0", 0, "0"},
	{UNIT_COUNT, "17", 17, "17"},
	{UNIT_RATE, "5M", 5000000, "5 Mbit/s"},
	{UNIT_RATE, "300k", 300000, "300 kbit/s"},
	{UNIT_RATE, "1.5G", 1500000000, "1500 Mbit/s"},
	{UNIT_RATE, "8.4M", 8400000, "8.4 Mbit/s"},
	{UNIT_RATE, "20", 20, "20 bit/s"},
	{UNIT_RATE, "1.000001M", 1000001, "1.000001 Mbit/s"},
	{UNIT_BYTES, "375k", 375000, "375 kB"},
	{UNIT_BYTES, "1500", 1500, "1.5 kB"},
	{UNIT_SPAN, "25ms", 25000, "25 ms"},
	{UNIT_SPAN, "1.5s", 1500000, "1.5 s"},
	{UNIT_SPAN, "40us", 40, "0.04 ms"},
	{UNIT_SPAN, "0s", 0, "0 ms"},
	{UNIT_SHARE, "5%", 50000, "5 %"},
	{UNIT_SHARE, "0.02%", 200, "0.02 %"},
	{UNIT_SHARE, "0.0001%", 1, "0.0001 %"},
	{UNIT_PERCENT, "500%", 500, "500 %"},
	{UNIT_RATIO, "1.02", 1020, "1.02"},
	{UNIT_RATIO, "1", 1000, "1"},
	{UNIT_RATIO, "0.005", 5, "0.005"},
};

enum { GOODS = sizeof(goods) / sizeof(goods[0]) };

static void figures_are_read_in_their_unit_and_written_as_people_read_them(void **state)
{
	(void)state;
	for (unsigned i = 0; i < GOODS; i++) {
		uint64_t value = UINT64_MAX;
		char text[32];

		assert_true(units_read(goods[i].unit, goods[i].word, &value));
		assert_int_equal(value, goods[i].value);
		units_text(goods[i].unit, value, text, sizeof(text));
		assert_string_equal(text, goods[i].text);
	}
}

/* "1.5 Mbit/s" without what no word has in it is a word again. */
static void what_is_written_reads_as_the_same_figure(void **state)
{
	(void)state;
	for (unsigned i = 0; i < GOODS; i++) {
		char text[32], word[32];
		uint64_t value = UINT64_MAX;
		size_t len = 0;

		units_text(goods[i].unit, goods[i].value, text, sizeof(text));
		for (const char *c = text; *c && !(c > text && strchr("bB", *c)); c++)
			if (*c != ' ')
				word[len++] = *c;
		word[len] = '\0';
		assert_true(units_read(goods[i].unit, word, &value));
		assert_int_equal(value, goods[i].value);
	}
}

static void whatever_is_no_figure_of_the_unit_is_refused(void **state)
{
	static const struct {
		enum unit unit;
		const char *word;
	} bads[] = {
		{UNIT_COUNT, ""},        {UNIT_COUNT, "-1"},      {UNIT_COUNT, "1.5"},
		{UNIT_COUNT, "1k"},      {UNIT_RATE, "M"},        {UNIT_RATE, "5m"},
		{UNIT_RATE, "5.M"},      {UNIT_RATE, ".5M"},      {UNIT_RATE, "1.5"},
		{UNIT_RATE, "5 M"},      {UNIT_RATE, "+5M"},      {UNIT_RATE, "1e6"},
		{UNIT_RATE, "1.0005k0"}, {UNIT_RATE, "1.0005k"},  {UNIT_RATE, "99999999G"},
		{UNIT_BYTES, "12MB"},    {UNIT_SPAN, "25"},       {UNIT_SPAN, "25m"},
		{UNIT_SPAN, "s"},        {UNIT_SPAN, "0.0001ms"}, {UNIT_SPAN, "99999999999s"},
		{UNIT_SHARE, "5"},       {UNIT_SHARE, "%"},       {UNIT_SHARE, "0.00001%"},
		{UNIT_SHARE, "-5%"},     {UNIT_PERCENT, "5.5%"},  {UNIT_PERCENT, "500"},
		{UNIT_RATIO, "1.0005"},  {UNIT_RATIO, "1,02"},    {UNIT_RATIO, "1.0.2"},
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(bads) / sizeof(bads[0]); i++) {
		uint64_t value;

		if (units_read(bads[i].unit, bads[i].word, &value))
			fail_msg("\"%s\" was read as %llu", bads[i].word,
				 (unsigned long long)value);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(figures_are_read_in_their_unit_and_written_as_people_read_them),
		cmocka_unit_test(what_is_written_reads_as_the_same_figure),
		cmocka_unit_test(whatever_is_no_figure_of_the_unit_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
