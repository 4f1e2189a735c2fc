/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "receiver/jsontext.h"

static struct jsontext j;

static int begin(void **state)
{
	(void)state;
	j = (struct jsontext){0};
	return 0;
}

static void assert_text(const char *wanted)
{
	size_t len = 0;
	char *text = jsontext_finish(&j, &len);

	assert_non_null(text);
	assert_string_equal(text, wanted);
	assert_int_equal(len, strlen(wanted));
	free(text);
}

static void what_stands_side_by_side_is_parted_by_commas(void **state)
{
	(void)state;
	jsontext_open(&j, NULL, '{');
	jsontext_number(&j, "a", 1);
	jsontext_open(&j, "b", '[');
	jsontext_close(&j, ']');
	jsontext_open(&j, "c", '[');
	jsontext_number(&j, NULL, 0);
	jsontext_null(&j, NULL);
	jsontext_open(&j, NULL, '{');
	jsontext_word(&j, "d", "e");
	jsontext_close(&j, '}');
	jsontext_close(&j, ']');
	jsontext_null(&j, "f");
	jsontext_close(&j, '}');
	assert_text("{\"a\":1,\"b\":[],\"c\":[0,null,{\"d\":\"e\"}],\"f\":null}");
}

static void numbers_are_whole_at_both_ends(void **state)
{
	(void)state;
	jsontext_open(&j, NULL, '[');
	jsontext_number(&j, NULL, 10);
	jsontext_number(&j, NULL, INT64_MAX);
	jsontext_maybe(&j, NULL, true, -1);
	jsontext_maybe(&j, NULL, true, INT64_MIN);
	jsontext_maybe(&j, NULL, false, 5);
	jsontext_close(&j, ']');
	assert_text("[10,9223372036854775807,-1,-9223372036854775808,null]");
}

static void no_word_ends_its_string(void **state)
{
	(void)state;
	jsontext_word(&j, NULL, "a\"b\\c\n\x7f\xc3\xa9");
	assert_text("\"a\\u0022b\\u005cc\\u000a\\u007f\\u00c3\\u00a9\"");
}

static void it_grows_with_what_is_written(void **state)
{
	(void)state;
	jsontext_open(&j, NULL, '[');
	for (unsigned i = 0; i < 100000; i++)
		jsontext_number(&j, NULL, 7);
	jsontext_close(&j, ']');
	assert_int_equal(j.len, 200001);
	assert_memory_equal(j.text + j.len - 4, "7,7]", 4);
	free(j.text);
}

int main(void)
{
#define RUNS(f) cmocka_unit_test_setup(f, begin)
	const struct CMUnitTest tests[] = {
		RUNS(what_stands_side_by_side_is_parted_by_commas),
		RUNS(numbers_are_whole_at_both_ends),
		RUNS(no_word_ends_its_string),
		RUNS(it_grows_with_what_is_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
