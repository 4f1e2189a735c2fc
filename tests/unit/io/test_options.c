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
	{.name = "verbose", .letter = 'v', .kind = OPTION_FLAG, .offset = FIELD(verbose),
	 .help = "say more"},
	{.name = "groups", .letter = 'g', .kind = OPTION_NUMBER, .offset = FIELD(groups), .min = 1,
	 .max = 60000, .value = "COUNT",
	 .help = "how many streams at once; a number that is large enough for everything that may "
		 "ever come in at the same time, and then some"},
	{.name = "latency", .kind = OPTION_SPAN, .offset = FIELD(latency), .min = MSEC(20),
	 .max = SEC(60), .value = "TIME", .help = "of the stream"},
	{.name = "patience", .kind = OPTION_SPAN, .offset = FIELD(patience), .min = MSEC(1),
	 .help = "until silence counts"},
	{.name = "stats-file", .kind = OPTION_TEXT, .offset = FIELD(stats), .value = "PATH",
	 .help = "where to write figures"},
	{.name = "stats-file-interval", .kind = OPTION_NUMBER, .offset = FIELD(groups), .min = 1,
	 .max = 60000, .value = "MS", .help = "how often"},
	{.name = "mode", .letter = 'm', .kind = OPTION_CHOICE, .offset = FIELD(mode),
	 .words = "classic|fast|classical", .help = "how to share"},
	{.name = "tune", .kind = OPTION_LIST, .offset = FIELD(tune), .value = "NAME=VALUE",
	 .help = "set a figure"},
	{.name = "debug", .kind = OPTION_FLAG, .offset = FIELD(verbose)},
	{.name = "no-quality", .kind = OPTION_IGNORED},
	{.name = "config", .kind = OPTION_IGNORED_VALUE, .value = "FILE", .typed = true},
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
		{.name = "t", .letter = 't', .kind = OPTION_LIST, .value = "X",
		 .help = "again and again"}};
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

static bool give(const char *name, const char *value)
{
	return options_set(rows, ROWS, name, value, &set, why, sizeof(why));
}

static void an_option_is_set_by_its_whole_name_too(void **state)
{
	(void)state;
	memset(&set, 0, sizeof(set));
	assert_true(give("groups", "12"));
	assert_int_equal(set.groups, 12);
	assert_true(give("stats_file_interval", "13")); /* as files write it */
	assert_int_equal(set.groups, 13);
	assert_true(give("verbose", "Yes"));
	assert_true(set.verbose);
	assert_true(give("verbose", "off"));
	assert_false(set.verbose);
	assert_true(give("no-quality", "whatever"));
	assert_false(give("group", "12"));
	assert_string_equal(why, "unknown option \"group\": did you mean groups?");
	assert_false(give("groups", "0"));
	assert_string_equal(why, "option --groups: \"0\" is out of range (1..60000)");
	assert_false(give("verbose", "2"));
	assert_string_equal(why, "option --verbose: \"2\" is neither yes nor no");
	assert_false(give("config", "/x"));
	assert_string_equal(why, "option --config is for the command line alone");
}

static void only_a_name_that_is_near_is_suggested(void **state)
{
	(void)state;
	assert_string_equal(options_nearest(rows, ROWS, "latencey", 8), "latency");
	assert_string_equal(options_nearest(rows, ROWS, "patiense=4s", 8), "patience");
	assert_null(options_nearest(rows, ROWS, "bitrate", 7));
	assert_null(options_nearest(rows, ROWS, "", 0));
	assert_null(options_nearest(rows, ROWS, "debag", 5)); /* help does not show that one */
}

static void what_differs_is_named_once(void **state)
{
	struct settings one = {.groups = 1, .stats = "/run/x", .tune = {1, {"a"}}};
	struct settings other = one;
	char same[] = "/run/x", names[80], few[12];

	(void)state;
	other.stats = same;
	assert_string_equal(options_differing(rows, ROWS, &one, &other, names, 80), "");
	other.stats = NULL;
	other.groups = 2;
	other.verbose = true;
	assert_string_equal(options_differing(rows, ROWS, &one, &other, names, 80),
			    "verbose,groups,stats-file");
	assert_string_equal(options_differing(rows, ROWS, &one, &other, few, sizeof(few)),
			    "verbose,gro");
	other = one;
	other.latency = MSEC(1);
	other.mode = 1;
	other.tune.at[0] = "b";
	assert_string_equal(options_differing(rows, ROWS, &one, &other, names, 80),
			    "latency,mode,tune");
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
		cmocka_unit_test(an_option_is_set_by_its_whole_name_too),
		cmocka_unit_test(only_a_name_that_is_near_is_suggested),
		cmocka_unit_test(what_differs_is_named_once),
		cmocka_unit_test(help_names_each_shown_option_within_eighty_columns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
