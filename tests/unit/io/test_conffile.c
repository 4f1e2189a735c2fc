/* SPDX-License-Identifier: MIT */
#include "shared/io/conffile.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "shared/base/time.h"

struct settings {
	bool quiet;
	uint64_t groups;
	usspan patience;
	const char *stats, *host;
	int mode;
	struct option_list tune;
};

#define FIELD(f) offsetof(struct settings, f)

static bool check_host(const char *text, char why[ARGUMENTS_WHY])
{
	return text[0] ? true : arguments_wrong(why, "--srt-host", text, "not a host");
}

static const struct option_row rows[] = {
	{.name = "quiet", .kind = OPTION_FLAG, .offset = FIELD(quiet), .help = "say less"},
	{.name = "max-groups", .kind = OPTION_NUMBER, .offset = FIELD(groups), .min = 1, .max = 64,
	 .help = "how many"},
	{.name = "patience", .kind = OPTION_SPAN, .offset = FIELD(patience), .min = MSEC(1),
	 .max = SEC(9), .help = "how long"},
	{.name = "stats-file", .kind = OPTION_TEXT, .offset = FIELD(stats), .help = "where"},
	{.name = "srt-host", .kind = OPTION_TEXT, .offset = FIELD(host), .help = "whom",
	 .check = check_host},
	{.name = "mode", .kind = OPTION_CHOICE, .offset = FIELD(mode), .words = "slow|fast",
	 .help = "how"},
	{.name = "tune", .kind = OPTION_LIST, .offset = FIELD(tune), .help = "what"},
	{.name = "old", .kind = OPTION_IGNORED},
	{.name = "version", .kind = OPTION_FLAG, .offset = FIELD(quiet), .help = "tell",
	 .typed = true},
};

enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

static struct settings set;
static struct conffile file;
static char why[ARGUMENTS_WHY];

static int parse_bytes(const char *bytes, size_t len)
{
	conffile_finish(&file);
	memset(&set, 0, sizeof(set));
	why[0] = '\0';
	return conffile_parse(&file, bytes, len, "program", rows, ROWS, &set, why);
}

static int parse(const char *text)
{
	return parse_bytes(text, strlen(text));
}

static void refuses(const char *text, unsigned line, const char *reason)
{
	assert_int_equal(parse(text), EX_CONFIG);
	assert_string_equal(why, reason);
	assert_int_equal(file.line, line);
}

static void each_kind_of_option_is_set_from_its_line(void **state)
{
	(void)state;
	assert_int_equal(parse("# all of them\n"
			       "[program]\n"
			       "quiet = yes\n"
			       "max-groups = 12\n"
			       "patience=250ms\n"
			       "\n"
			       "stats-file = /run/a file.json\n"
			       "  srt-host = srt.example.org   ; behind a blank\n"
			       "mode: fast # the same\n"
			       "tune = a=1\n"
			       "tune = b=2\n"
			       "old = yes\n"), 0);
	assert_true(set.quiet);
	assert_int_equal(set.groups, 12);
	assert_int_equal(set.patience, MSEC(250));
	assert_string_equal(set.stats, "/run/a file.json");
	assert_string_equal(set.host, "srt.example.org");
	assert_int_equal(set.mode, 1);
	assert_int_equal(set.tune.count, 2);
	assert_string_equal(set.tune.at[0], "a=1");
	assert_string_equal(set.tune.at[1], "b=2");
}

static void what_is_not_in_the_file_stays_as_it_was(void **state)
{
	struct settings before = {.groups = 7, .mode = 1};
	struct conffile f;

	(void)state;
	assert_int_equal(conffile_parse(&f, "quiet=on\n", 9, "program", rows, ROWS, &before, why),
			 0);
	assert_int_equal(before.groups, 7);
	assert_int_equal(before.mode, 1);
	assert_true(before.quiet);
	conffile_finish(&f);
	assert_int_equal(parse(""), 0);
}

static void dashes_and_underscores_are_the_same(void **state)
{
	(void)state;
	assert_int_equal(parse("max_groups = 3\nstats_file = x"), 0);
	assert_int_equal(set.groups, 3);
	assert_string_equal(set.stats, "x");
}

static void windows_writes_the_same_file(void **state)
{
	(void)state;
	assert_int_equal(parse("\xef\xbb\xbfquiet = true\r\nmax-groups = 4\r\n"), 0);
	assert_true(set.quiet);
	assert_int_equal(set.groups, 4);
}

static void quotes_around_a_value_are_not_part_of_it(void **state)
{
	(void)state;
	assert_int_equal(parse("stats-file = \"/run/x.json\"\nsrt-host = \"h"), 0);
	assert_string_equal(set.stats, "/run/x.json");
	assert_string_equal(set.host, "\"h");
}

static void a_flag_takes_the_words_that_people_write(void **state)
{
	static const char *const yes[] = {"yes", "true", "on", "1", "Yes", "TRUE"};
	static const char *const no[] = {"no", "false", "off", "0", "No"};
	char line[64];

	(void)state;
	for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++) {
		snprintf(line, sizeof(line), "quiet = %s\n", yes[i]);
		assert_int_equal(parse(line), 0);
		assert_true(set.quiet);
	}
	for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++) {
		snprintf(line, sizeof(line), "quiet = yes\nquiet = %s\n", no[i]);
		assert_int_equal(parse(line), 0);
		assert_false(set.quiet);
	}
	refuses("quiet = perhaps\n", 1, "option --quiet: \"perhaps\" is neither yes nor no");
	refuses("quiet =\n", 1, "option --quiet: \"\" is neither yes nor no");
}

static void a_wrong_name_is_told_with_its_line_and_the_nearest(void **state)
{
	(void)state;
	refuses("quiet = yes\n\n# more\nstats-fiel = /x\n", 4,
		"unknown option \"stats-fiel\": did you mean stats-file?");
	refuses("colour = red\n", 1, "unknown option \"colour\"");
	refuses("= red\n", 1, "unknown option \"\"");
	/* in full only: a file outlives the options of today */
	refuses("patien = 1s\n", 1, "unknown option \"patien\": did you mean patience?");
}

static void a_wrong_value_is_told_with_its_line_and_what_would_do(void **state)
{
	(void)state;
	refuses("\nmax-groups = 65\n", 2, "option --max-groups: \"65\" is out of range (1..64)");
	refuses("patience = soon\n", 1, "option --patience: \"soon\" is not a time (250ms, 4s)");
	refuses("mode = brisk\n", 1, "option --mode: \"brisk\" is none of slow|fast");
	refuses("srt-host =\n", 1, "--srt-host \"\": not a host");
}

static void what_is_for_the_command_line_alone_is_refused(void **state)
{
	(void)state;
	refuses("version = yes\n", 1, "option --version is for the command line alone");
}

static void a_line_that_says_nothing_is_told(void **state)
{
	(void)state;
	refuses("quiet = yes\nmax-groups 7\nmode = brisk\n", 2,
		"neither \"name = value\" nor [program]");
	refuses("[program\n", 1, "neither \"name = value\" nor [program]");
	/* more of the line above, some programs think */
	refuses("stats-file = /run/x\n    .json\n", 2, "neither \"name = value\" nor [program]");
}

static void the_first_mistake_is_the_one_that_is_told(void **state)
{
	(void)state;
	refuses("mode = brisk\nnonsense\nmax-groups = 65\n", 1,
		"option --mode: \"brisk\" is none of slow|fast");
}

static void another_programs_section_is_refused(void **state)
{
	(void)state;
	refuses("[other]\nquiet = yes\n", 2,
		"section \"other\": the only one there is here is [program]");
}

static void a_line_that_is_too_long_is_refused_and_never_cut(void **state)
{
	char text[600] = "quiet = yes\nstats-file = ";
	size_t head = strlen(text);

	(void)state;
	memset(text + head, 'x', 150);
	assert_int_equal(parse(text), 0);
	assert_int_equal(strlen(set.stats), 150);
	memset(text + head, 'x', sizeof(text) - head - 1);
	text[sizeof(text) - 1] = '\0';
	assert_int_equal(parse(text), EX_CONFIG);
	assert_int_equal(file.line, 2);
	assert_non_null(strstr(why, "longer than "));
	assert_null(set.stats);
}

static void a_zero_byte_is_refused(void **state)
{
	static const char text[] = "quiet = yes\nmode = fa\0st\n";

	(void)state;
	assert_int_equal(parse_bytes(text, sizeof(text) - 1), EX_CONFIG);
	assert_string_equal(why, "a zero byte");
	assert_int_equal(file.line, 2);
}

static char dir[] = "/tmp/test_conffile.XXXXXX";

static const char *in_dir(const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

static int read_it(const char *path)
{
	conffile_finish(&file);
	memset(&set, 0, sizeof(set));
	return conffile_read(&file, path, "program", rows, ROWS, &set, why);
}

static void a_file_is_read_from_where_it_is(void **state)
{
	FILE *f = fopen(in_dir("good"), "w");

	(void)state;
	assert_non_null(f);
	fputs("stats-file = /run/y", f);
	fclose(f);
	assert_int_equal(read_it(in_dir("good")), 0);
	assert_string_equal(set.stats, "/run/y");
}

static void what_cannot_be_read_is_told(void **state)
{
	FILE *f = fopen(in_dir("large"), "w");

	(void)state;
	assert_int_equal(read_it(in_dir("none")), EX_NOINPUT);
	assert_string_equal(why, "No such file or directory");
	assert_int_equal(file.line, 0);
	assert_int_equal(read_it(dir), EX_NOINPUT);
	assert_string_equal(why, "Is a directory");
	assert_int_equal(mkfifo(in_dir("pipe"), 0600), 0);
	assert_int_equal(read_it(in_dir("pipe")), EX_NOINPUT); /* and waits for nobody */
	assert_string_equal(why, "not a regular file");
	assert_non_null(f);
	for (int i = 0; i < 5000; i++)
		fputs("# fourteen more\n", f);
	fclose(f);
	assert_int_equal(read_it(in_dir("large")), EX_NOINPUT);
	assert_string_equal(why, "File too large");
}

static int make_dir(void **state)
{
	(void)state;
	return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state)
{
	static const char *const names[] = {"good", "pipe", "large"};

	(void)state;
	conffile_finish(&file);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		unlink(in_dir(names[i]));
	return rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kind_of_option_is_set_from_its_line),
		cmocka_unit_test(what_is_not_in_the_file_stays_as_it_was),
		cmocka_unit_test(dashes_and_underscores_are_the_same),
		cmocka_unit_test(windows_writes_the_same_file),
		cmocka_unit_test(quotes_around_a_value_are_not_part_of_it),
		cmocka_unit_test(a_flag_takes_the_words_that_people_write),
		cmocka_unit_test(a_wrong_name_is_told_with_its_line_and_the_nearest),
		cmocka_unit_test(a_wrong_value_is_told_with_its_line_and_what_would_do),
		cmocka_unit_test(what_is_for_the_command_line_alone_is_refused),
		cmocka_unit_test(a_line_that_says_nothing_is_told),
		cmocka_unit_test(the_first_mistake_is_the_one_that_is_told),
		cmocka_unit_test(another_programs_section_is_refused),
		cmocka_unit_test(a_line_that_is_too_long_is_refused_and_never_cut),
		cmocka_unit_test(a_zero_byte_is_refused),
		cmocka_unit_test(a_file_is_read_from_where_it_is),
		cmocka_unit_test(what_cannot_be_read_is_told),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
