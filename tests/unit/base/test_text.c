/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "shared/base/text.h"

static void number_must_be_digits_alone_and_in_range(void **state)
{
	static const char *const wrong[] = {"",
					    " 1",
					    "1 ",
					    "+1",
					    "-1",
					    "0x1",
					    "1e3",
					    "1.0",
					    "a",
					    "1a",
					    "101",
					    "4",
					    "18446744073709551616",
					    "99999999999999999999999"};
	uint64_t n = 77;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_false(text_number(wrong[i], 5, 100, &n));
	assert_int_equal(n, 77);
	assert_true(text_number("5", 5, 100, &n) && n == 5);
	assert_true(text_number("100", 5, 100, &n) && n == 100);
	assert_true(text_number("0007", 5, 100, &n) && n == 7);
	assert_true(text_number("0", 0, 0, &n) && n == 0);
}

static void number_may_fill_all_64_bits(void **state)
{
	uint64_t n;

	(void)state;
	assert_true(text_number("18446744073709551615", 0, UINT64_MAX, &n));
	assert_true(n == UINT64_MAX);
	assert_false(text_number("18446744073709551616", 0, UINT64_MAX, &n));
}

static void span_knows_its_units_and_bare_milliseconds(void **state)
{
	static const struct {
		const char *text;
		int64_t us;
	} rows[] = {
		{"250ms", 250000}, {"1.5s", 1500000},
		{"40us", 40},      {"120", 120000},
		{"0", 0},          {"0.25", 250},
		{"0.001ms", 1},    {"1.000000s", 1000000},
		{"3.0us", 3},      {"86400s", INT64_C(86400000000)},
	};
	int64_t us;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_true(text_span(rows[i].text, &us));
		assert_int_equal(us, rows[i].us);
	}
}

static void span_that_is_not_exact_or_not_one_is_refused(void **state)
{
	static const char *const wrong[] = {
		"",
		"ms",
		"s",
		".5s",
		"1.s",
		"1.",
		"-1s",
		"1 s",
		"1m",
		"1min",
		"1S",
		"1sec",
		"1.5us",
		"0.0001",
		"1.0000001s",
		"1s ",
		" 1s",
		"1..5s",
		"1.5.5",
		"9223372036854775807s",
		"99999999999999999999s",
		"1,5s",
	};
	int64_t us = 42;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		if (text_span(wrong[i], &us))
			fail_msg("read: \"%s\"", wrong[i]);
	assert_int_equal(us, 42);
}

static void lines_end_with_lf_or_crlf_and_the_last_with_neither(void **state)
{
	const char all[] = "one\r\n\ntwo\rx\n\r\nlast";
	const char *text = all;
	size_t left = sizeof(all) - 1;
	char buf[16];

	(void)state;
	assert_int_equal(text_line(&text, &left, buf, sizeof(buf)), 3);
	assert_string_equal(buf, "one");
	assert_int_equal(text_line(&text, &left, buf, sizeof(buf)), 0);
	assert_int_equal(text_line(&text, &left, buf, sizeof(buf)), 5);
	assert_string_equal(buf, "two\rx");
	assert_int_equal(text_line(&text, &left, buf, sizeof(buf)), 0);
	assert_int_equal(text_line(&text, &left, buf, sizeof(buf)), 4);
	assert_string_equal(buf, "last");
	assert_int_equal(text_line(&text, &left, buf, sizeof(buf)), -1);
	assert_int_equal(left, 0);
}

static void long_line_is_cut_but_skipped_whole(void **state)
{
	const char all[] = "0123456789\nnext";
	const char *text = all;
	size_t left = sizeof(all) - 1;
	char buf[5];

	(void)state;
	assert_int_equal(text_line(&text, &left, buf, sizeof(buf)), 10);
	assert_string_equal(buf, "0123");
	assert_int_equal(text_line(&text, &left, buf, sizeof(buf)), 4);
	assert_string_equal(buf, "next");
	assert_int_equal(text_line(&text, &left, buf, sizeof(buf)), -1);
}

static void zero_byte_in_a_line_is_one_byte_of_it(void **state)
{
	const char all[] = "a\0b\nc";
	const char *text = all;
	size_t left = sizeof(all) - 1;
	char buf[8];

	(void)state;
	assert_int_equal(text_line(&text, &left, buf, sizeof(buf)), 3);
	assert_memory_equal(buf, "a\0b", 4);
	assert_int_equal(text_line(&text, &left, buf, sizeof(buf)), 1);
	assert_string_equal(buf, "c");
}

static void blanks_are_cut_from_both_ends_only(void **state)
{
	char both[] = " \t a b\r\n ";
	char none[] = "ab";
	char all[] = " \t ";
	char empty[] = "";

	(void)state;
	assert_string_equal(text_trim(both), "a b");
	assert_string_equal(text_trim(none), "ab");
	assert_string_equal(text_trim(all), "");
	assert_string_equal(text_trim(empty), "");
}

static void bytes_become_hexadecimal_digits_and_come_back(void **state)
{
	static const uint8_t bytes[] = {0x00, 0x09, 0x7f, 0xa5, 0xff};
	uint8_t back[sizeof(bytes)];
	char text[2 * sizeof(bytes) + 1];

	(void)state;
	text_hex(bytes, sizeof(bytes), text);
	assert_string_equal(text, "00097fa5ff");
	assert_true(text_unhex(text, back, sizeof(back)));
	assert_memory_equal(back, bytes, sizeof(bytes));
}

static void what_is_not_exactly_so_many_digits_is_refused(void **state)
{
	static const char *const wrong[] = {"", "00", "00097", "000970", "00 9", "0x09", "00fG", "00FF"};
	uint8_t bytes[2];

	(void)state;
	assert_true(text_unhex("0009", bytes, 2));
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_false(text_unhex(wrong[i], bytes, 2));
}

static void what_could_steer_a_terminal_is_written_as_hex(void **state)
{
	char buf[64];

	(void)state;
	assert_string_equal(text_escape("a\x1b[2J\n\"\\\x7f", 9, buf, sizeof(buf)),
			    "a\\x1b[2J\\x0a\\x22\\x5c\\x7f");
	assert_string_equal(text_escape("\0x", 2, buf, sizeof(buf)), "\\x00x");
	assert_string_equal(text_escape("gr\xc3\xbc\xc3\x9f", 6, buf, sizeof(buf)),
			    "gr\xc3\xbc\xc3\x9f");
	assert_string_equal(text_escape("", 0, buf, sizeof(buf)), "");
}

static void escaped_text_is_cut_without_half_an_escape(void **state)
{
	char buf[8];

	(void)state;
	assert_string_equal(text_escape("abcdefghij", 10, buf, sizeof(buf)), "abcdefg");
	assert_string_equal(text_escape("abc\n", 4, buf, sizeof(buf)), "abc\\x0a");
	assert_string_equal(text_escape("abcd\nz", 6, buf, sizeof(buf)), "abcd");
	assert_string_equal(text_escape("abc", 3, buf, 1), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(number_must_be_digits_alone_and_in_range),
		cmocka_unit_test(number_may_fill_all_64_bits),
		cmocka_unit_test(span_knows_its_units_and_bare_milliseconds),
		cmocka_unit_test(span_that_is_not_exact_or_not_one_is_refused),
		cmocka_unit_test(lines_end_with_lf_or_crlf_and_the_last_with_neither),
		cmocka_unit_test(long_line_is_cut_but_skipped_whole),
		cmocka_unit_test(zero_byte_in_a_line_is_one_byte_of_it),
		cmocka_unit_test(blanks_are_cut_from_both_ends_only),
		cmocka_unit_test(bytes_become_hexadecimal_digits_and_come_back),
		cmocka_unit_test(what_is_not_exactly_so_many_digits_is_refused),
		cmocka_unit_test(what_could_steer_a_terminal_is_written_as_hex),
		cmocka_unit_test(escaped_text_is_cut_without_half_an_escape),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
