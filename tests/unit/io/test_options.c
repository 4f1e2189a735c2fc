/* SPDX-License-Identifier: MIT */
#include "shared/io/options.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "shared/base/time.h"

struct settings {
	bool verbose;
	uint64_t groups;
	usspan latency;
	usspan patience;
	const char *stats;
	int mode;
	struct option_list tune;
};

#define FIELD(f) offsetof(struct settings, f)

static const struct option_row rows[] = {
	{"verbose", 'v', OPTION_FLAG, FIELD(verbose), 0, 0, NULL, NULL, "say more"},
	{"groups", 'g', OPTION_NUMBER, FIELD(groups), 1, 60000, NULL, "COUNT",
	 "how many streams at once; a number that is large enough for everything that may ever "
	 "come "
	 "in at the same time, and then some"},
	{"latency", 0, OPTION_SPAN, FIELD(latency), MSEC(20), SEC(60), NULL, "TIME",
	 "of the stream"},
	{"patience", 0, OPTION_SPAN, FIELD(patience), MSEC(1), 0, NULL, NULL,
	 "until silence counts"},
	{"stats-file", 0, OPTION_TEXT, FIELD(stats), 0, 0, NULL, "PATH", "where to write figures"},
	{"stats-file-interval", 0, OPTION_NUMBER, FIELD(groups), 1, 60000, NULL, "MS", "how often"},
	{"mode", 'm', OPTION_CHOICE, FIELD(mode), 0, 0, "classic|fast|classical", NULL,
	 "how to share"},
	{"tune", 0, OPTION_LIST, FIELD(tune), 0, 0, NULL, "NAME=VALUE", "set a figure"},
	{"debug", 0, OPTION_FLAG, FIELD(verbose), 0, 0, NULL, NULL, NULL},
	{"no-quality", 0, OPTION_IGNORED, 0, 0, 0, NULL, NULL, NULL},
	{"config", 0, OPTION_IGNORED_VALUE, 0, 0, 0, NULL, "FILE", NULL},
};

enum { ROWS = sizeof(rows) / sizeof(rows[0]), WORDS = 16 };

static char *argv[WORDS + 1];
static char why[256];
static struct settings set;

/* Parses one line of words, over settings that are all zero. */
static int parse(const char *line)
{
	static char copy[256];
	int argc = 1;
	char *save, *word;

	memset(&set, 0, sizeof(set));
	why[0] = '\0';
	argv[0] = (char *)(uintptr_t) "srtla_send";
	strcpy(copy, line);
	for (word = strtok_r(copy, " ", &save); word; word = strtok_r(NULL, " ", &save)) {
		assert_true(argc < WORDS);
		argv[argc++] = word;
	}
	argv[argc] = NULL;
	return options_parse(rows, ROWS, argc, argv, &set, why, sizeof(why));
}

static void refuses(const char *line, const char *reason)
{
	assert_int_equal(parse(line), -1);
	assert_string_equal(why, reason);
}

static void options_may_stand_anywhere(void **state)
{
	int first;

	(void)state;
	first = parse("9000 --groups 7 rec.example.org -v 5000 --mode=fast ips");
	assert_int_equal(first, 5);
	assert_string_equal(argv[first], "9000");
	assert_string_equal(argv[first + 1], "rec.example.org");
	assert_string_equal(argv[first + 2], "5000");
	assert_string_equal(argv[first + 3], "ips");
	assert_true(set.verbose);
	assert_int_equal(set.groups, 7);
	assert_int_equal(set.mode, 1);
}

static void two_dashes_end_the_options(void **state)
{
	int first;

	(void)state;
	first = parse("-v -- --mode ips");
	assert_int_equal(first, 3);
	assert_string_equal(argv[first], "--mode");
}

static void parsing_again_starts_afresh(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++) {
		assert_int_equal(parse("-vg3 a b"), 2);
		assert_int_equal(set.groups, 3);
		refuses("-vx", "option -x: unknown"); /* stops within a word */
	}
}

static void values_take_each_form(void **state)
{
	(void)state;
	assert_int_equal(parse("--latency 250ms"), 3);
	assert_int_equal(set.latency, MSEC(250));
	assert_int_equal(parse("--latency=4s"), 2);
	assert_int_equal(set.latency, SEC(4));
	assert_int_equal(parse("--latency 2000"), 3);
	assert_int_equal(set.latency, SEC(2));
	assert_int_equal(parse("--stats-file /run/x -g 60000 -m classical"), 7);
	assert_string_equal(set.stats, "/run/x");
	assert_int_equal(set.groups, 60000);
	assert_int_equal(set.mode, 2);
	assert_int_equal(parse("-g1 -g2"), 3); /* the last one counts */
	assert_int_equal(set.groups, 2);
	assert_int_equal(parse("--stats-file=--mode"), 2);
	assert_string_equal(set.stats, "--mode");
}

static void a_list_takes_all_its_values_in_their_order(void **state)
{
	(void)state;
	assert_int_equal(parse("--tune a=1 -v --tune b=2 --tune=c"), 7);
	assert_int_equal(set.tune.count, 3);
	assert_string_equal(set.tune.at[0], "a=1");
	assert_string_equal(set.tune.at[1], "b=2");
	assert_string_equal(set.tune.at[2], "c");
	assert_int_equal(parse("-v"), 2);
	assert_int_equal(set.tune.count, 0);
}

static void a_list_has_an_end(void **state)
{
	static const struct option_row one[] = {
		{"t", 't', OPTION_LIST, 0, 0, 0, NULL, "X", "again and again"}};
	char *words[OPTION_LIST_MOST + 3] = {"x"};
	struct option_list list = {0};

	(void)state;
	for (int i = 1; i < OPTION_LIST_MOST + 2; i++)
		words[i] = "-tx";
	assert_int_equal(options_parse(one, 1, OPTION_LIST_MOST + 1, words, &list, why,
				       sizeof(why)),
			 OPTION_LIST_MOST + 1);
	list.count = 0;
	assert_int_equal(options_parse(one, 1, OPTION_LIST_MOST + 2, words, &list, why,
				       sizeof(why)),
			 -1);
	assert_string_equal(why, "option --t is given more than 16 times");
}

static void old_options_are_accepted_and_do_nothing(void **state)
{
	struct settings none = {0};

	(void)state;
	assert_int_equal(parse("--no-quality --config /etc/x 9000"), 4);
	assert_memory_equal(&set, &none, sizeof(none));
	assert_int_equal(parse("--debug"), 2);
	assert_true(set.verbose);
}

static void wrong_value_names_option_value_and_what_would_do(void **state)
{
	(void)state;
	refuses("--groups abc", "option --groups: \"abc\" is not a number (1..60000)");
	refuses("-g -5", "option --groups: \"-5\" is not a number (1..60000)");
	refuses("-g 60001", "option --groups: \"60001\" is out of range (1..60000)");
	refuses("-g 0", "option --groups: \"0\" is out of range (1..60000)");
	refuses("-g 99999999999999999999999",
		"option --groups: \"99999999999999999999999\" is not a number (1..60000)");
	refuses("--latency soon", "option --latency: \"soon\" is not a time (250ms, 4s)");
	refuses("--latency 19ms", "option --latency: \"19ms\" is out of range (20ms..60s)");
	refuses("--patience 0", "option --patience: \"0\" is less than 1ms");
	refuses("--mode clas", "option --mode: \"clas\" is none of classic|fast|classical");
	refuses("--mode classic|fast",
		"option --mode: \"classic|fast\" is none of classic|fast|classical");
}

static void missing_or_needless_value_is_said(void **state)
{
	(void)state;
	refuses("9000 --groups", "option --groups: COUNT is missing");
	refuses("-m", "option --mode: its value is missing");
	refuses("--verbose=yes", "option --verbose: takes no value");
}

static void unknown_option_suggests_what_was_meant(void **state)
{
	(void)state;
	refuses("--mdoe fast", "option --mdoe: unknown; did you mean --mode?");
	refuses("9000 --latencies=3", "option --latencies: unknown; did you mean --latency?");
	refuses("--stats_file x", "option --stats_file: unknown; did you mean --stats-file?");
	refuses("--telepathy", "option --telepathy: unknown");
	refuses("--debgu", "option --debgu: unknown"); /* hidden ones are not recommended */
	refuses("--stats x", "option --stats: several begin so; write it in full");
	refuses("-x", "option -x: unknown");
}

static void beginning_of_a_name_is_enough(void **state)
{
	(void)state;
	assert_int_equal(parse("--lat 30"), 3);
	assert_int_equal(set.latency, MSEC(30));
}

/* F64 */
static void hostile_words_are_shown_harmless_and_short(void **state)
{
	static char endless[2 << 20] = "--";
	char *words[] = {endless, endless, NULL};

	(void)state;
	refuses("--\x1b[2J", "option --\\x1b[2J: unknown");
	refuses("-\x01", "option -\\x01: unknown");
	memset(endless + 2, 'a', sizeof(endless) - 3);
	assert_int_equal(options_parse(rows, ROWS, 2, words, &set, why, sizeof(why)), -1);
	assert_true(strlen(why) < 100);
	memcpy(endless, "--groups=", 9);
	assert_int_equal(options_parse(rows, ROWS, 2, words, &set, why, sizeof(why)), -1);
	assert_true(strlen(why) < 120);
	assert_int_equal(options_parse(rows, ROWS, 0, words, &set, why, sizeof(why)), 0);
}

static void help_names_each_shown_option_within_eighty_columns(void **state)
{
	char *text, *save, *line;
	size_t size;
	FILE *to = open_memstream(&text, &size);

	(void)state;
	options_help(rows, ROWS, to);
	fclose(to);
	assert_non_null(strstr(text, "  -v, --verbose             say more\n"));
	assert_non_null(strstr(text, "      --latency TIME        of the stream\n"));
	assert_non_null(
		strstr(text, "      --stats-file-interval MS\n                            how "));
	assert_non_null(strstr(text, "  -m, --mode classic|fast|classical\n"));
	assert_null(strstr(text, "--debug"));
	assert_null(strstr(text, "--config"));
	for (line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		assert_true(strlen(line) <= 80);
		assert_int_not_equal(line[strlen(line) - 1], ' ');
	}
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_may_stand_anywhere),
		cmocka_unit_test(two_dashes_end_the_options),
		cmocka_unit_test(parsing_again_starts_afresh),
		cmocka_unit_test(values_take_each_form),
		cmocka_unit_test(a_list_takes_all_its_values_in_their_order),
		cmocka_unit_test(a_list_has_an_end),
		cmocka_unit_test(old_options_are_accepted_and_do_nothing),
		cmocka_unit_test(wrong_value_names_option_value_and_what_would_do),
		cmocka_unit_test(missing_or_needless_value_is_said),
		cmocka_unit_test(unknown_option_suggests_what_was_meant),
		cmocka_unit_test(beginning_of_a_name_is_enough),
		cmocka_unit_test(hostile_words_are_shown_harmless_and_short),
		cmocka_unit_test(help_names_each_shown_option_within_eighty_columns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
