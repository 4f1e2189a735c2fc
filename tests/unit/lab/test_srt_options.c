/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "lab/srt/options.h"

/* Where the values of the tests go. */
static struct {
	const char *text, *word[2];
	bool flag;
	uint64_t rate, span, percent, range[2];
} got;

static const struct option_word table[] = {
	{"text", OPTION_TEXT, &got.text, UNIT_COUNT, 0, 0},
	{"flag", OPTION_FLAG, &got.flag, UNIT_COUNT, 0, 0},
	{"rate", OPTION_FIGURE, &got.rate, UNIT_RATE, 1000, 100000000},
	{"span", OPTION_FIGURE, &got.span, UNIT_SPAN, 0, 60000000},
	{"percent", OPTION_FIGURE, &got.percent, UNIT_PERCENT, 0, 1000},
	{"range", OPTION_RANGE, got.range, UNIT_RATE, 1000, 100000000},
	{NULL, OPTION_FLAG, NULL, UNIT_COUNT, 0, 0},
};

static char why[OPTIONS_WHY];

/* The words end with NULL. */
static enum options_verdict read_words(char **argv)
{
	int argc = 0;

	while (argv[argc])
		argc++;
	return options_read(table, argc, argv, got.word, 2, why);
}

static void each_kind_is_read_wherever_it_stands(void **state)
{
	char *argv[] = {"x",	 "host",      "--text", "T",	   "--rate=6M",	    "4001", "--flag",
			"--span", "1.5s", "--percent", "500%", "--range", "300k:6M", NULL};

	(void)state;
	assert_int_equal(read_words(argv), OPTIONS_FINE);
	assert_string_equal(got.word[0], "host");
	assert_string_equal(got.word[1], "4001");
	assert_string_equal(got.text, "T");
	assert_true(got.flag);
	assert_int_equal(got.rate, 6000000);
	assert_int_equal(got.span, 1500000);
	assert_int_equal(got.percent, 500);
	assert_int_equal(got.range[0], 300000);
	assert_int_equal(got.range[1], 6000000);
}

static void a_percentage_may_stand_without_its_sign(void **state)
{
	char *argv[] = {"x", "a", "b", "--percent", "600", NULL};

	(void)state;
	assert_int_equal(read_words(argv), OPTIONS_FINE);
	assert_int_equal(got.percent, 600);
}

static void what_is_wrong_is_said_with_what_would_be_right(void **state)
{
	char *low[] = {"x", "a", "b", "--rate", "10", NULL};
	char *unit[] = {"x", "a", "b", "--span", "10", NULL};
	char *unknown[] = {"x", "a", "b", "--loud", NULL};
	char *missing[] = {"x", "a", "b", "--rate", NULL};
	char *few[] = {"x", "a", NULL};

	(void)state;
	assert_int_equal(read_words(low), OPTIONS_WRONG);
	assert_string_equal(why, "--rate: 10: wanted is a rate such as 5M or 300k, "
				 "from 1 kbit/s to 100 Mbit/s");
	assert_int_equal(read_words(unit), OPTIONS_WRONG);
	assert_string_equal(why, "--span: 10: wanted is a span such as 25ms or 1.5s, "
				 "from 0 ms to 60 s");
	assert_int_equal(read_words(unknown), OPTIONS_WRONG);
	assert_string_equal(why, "--loud: unknown, or its value is missing; see --help");
	assert_int_equal(read_words(missing), OPTIONS_WRONG);
	assert_int_equal(read_words(few), OPTIONS_WRONG);
	assert_string_equal(why, "2 plain words are wanted, not 1; see --help");
}

static void a_range_runs_upward(void **state)
{
	char *down[] = {"x", "a", "b", "--range", "6M:1M", NULL};
	char *half[] = {"x", "a", "b", "--range", "6M:", NULL};
	char *single[] = {"x", "a", "b", "--range", "6M", NULL};
	char *endless[] = {"x", "a", "b", "--range", "1000000000000000000000000000000000:1M", NULL};

	(void)state;
	assert_int_equal(read_words(down), OPTIONS_WRONG);
	assert_int_equal(read_words(half), OPTIONS_WRONG);
	assert_int_equal(read_words(single), OPTIONS_WRONG);
	assert_int_equal(read_words(endless), OPTIONS_WRONG);
}

static void help_counts_wherever_it_stands(void **state)
{
	char *argv[] = {"x", "--rate", "6M", "--help", NULL};

	(void)state;
	assert_int_equal(read_words(argv), OPTIONS_HELP);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kind_is_read_wherever_it_stands),
		cmocka_unit_test(a_percentage_may_stand_without_its_sign),
		cmocka_unit_test(what_is_wrong_is_said_with_what_would_be_right),
		cmocka_unit_test(a_range_runs_upward),
		cmocka_unit_test(help_counts_wherever_it_stands),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
