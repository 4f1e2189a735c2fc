/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "lab/emulator/commands.h"
#include "lab/emulator/options.h"

/* What the last byte of a text says; the others say nothing. */
static enum command feed(struct commands *c, const char *text)
{
	enum command last = COMMAND_NONE;

	for (; *text; text++) {
		assert_int_equal(last, COMMAND_NONE);
		last = commands_feed(c, *text);
	}
	return last;
}

static void lines_are_commands_however_they_are_cut(void **state)
{
	struct commands c = {0};

	(void)state;
	assert_int_equal(feed(&c, "sta"), COMMAND_NONE);
	assert_int_equal(feed(&c, "rt\n"), COMMAND_START);
	assert_int_equal(feed(&c, "rebind 2 13\n"), COMMAND_REBIND);
	assert_int_equal(c.vehicle, 2);
	assert_int_equal(c.link, 13);
	assert_int_equal(feed(&c, "\n"), COMMAND_NONE);
	assert_int_equal(feed(&c, "stop\n"), COMMAND_STOP);
}

static void what_is_no_command_is_named(void **state)
{
	const char *strange[] = {"begin\n",      "rebind 1\n", "rebind 0 1\n",
				 "rebind 1 x\n", "rebind \n",  "start now\n"};
	struct commands c = {0};
	char flood[300];

	(void)state;
	for (size_t i = 0; i < sizeof(strange) / sizeof(strange[0]); i++)
		assert_int_equal(feed(&c, strange[i]), COMMAND_STRANGE);
	memset(flood, 'x', sizeof(flood));
	flood[298] = '\n';
	flood[299] = '\0';
	assert_int_equal(feed(&c, flood), COMMAND_STRANGE);
	assert_int_equal(feed(&c, "stop\n"), COMMAND_STOP);
}

static enum options_verdict read_words(struct options *o, char *why, const char *text)
{
	static char copy[400];
	char *word[30] = {"linklab-emulator"};
	int words = 1;

	strcpy(copy, text);
	for (char *w = strtok(copy, " "); w; w = strtok(NULL, " "))
		word[words++] = w;
	return options_read(o, words, word, why);
}

static void a_run_needs_seed_namespaces_and_report(void **state)
{
	struct options o;
	char why[OPTIONS_WHY];

	(void)state;
	assert_int_equal(read_words(&o, why,
				    "a.scn --seed 3 --road /r --car /a --car /b "
				    "--report /f --lasts 1.5s --traces /t"),
			 OPTIONS_RUN);
	assert_string_equal(o.scenario, "a.scn");
	assert_int_equal(o.seed, 3);
	assert_int_equal(o.cars, 2);
	assert_string_equal(o.car[1], "/b");
	assert_int_equal(o.lasts, MSEC(1500));
	assert_int_equal(read_words(&o, why, "a.scn --road /r --car /a --report /f"),
			 OPTIONS_WRONG);
	assert_string_equal(why, "--seed is wanted; see --help");
	assert_int_equal(read_words(&o, why, "--seed 1 --road /r --car /a --report /f"),
			 OPTIONS_WRONG);
	assert_string_equal(why, "a scenario is wanted; see --help");
}

static void wrong_values_and_words_are_refused(void **state)
{
	const char *wrong[] = {"--seed x",         "--lasts 0",    "--lasts soon",
			       "--lasts 2592001s", "--vehicles 9", "--strange",
			       "--seed",           "a.scn b.scn",  "--describe a.scn b.scn"};
	struct options o;
	char why[OPTIONS_WHY];

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		why[0] = '\0';
		assert_int_equal(read_words(&o, why, wrong[i]), OPTIONS_WRONG);
		assert_true(why[0]);
	}
	assert_int_equal(read_words(&o, why, "--describe a.scn --vehicles 5"), OPTIONS_DESCRIBE);
	assert_int_equal(o.vehicles, 5);
	assert_int_equal(read_words(&o, why, "--help"), OPTIONS_HELP);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_commands_however_they_are_cut),
		cmocka_unit_test(what_is_no_command_is_named),
		cmocka_unit_test(a_run_needs_seed_namespaces_and_report),
		cmocka_unit_test(wrong_values_and_words_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
