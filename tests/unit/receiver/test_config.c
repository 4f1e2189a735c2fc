/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "receiver/config.h"
#include "receiver/core/view.h"
#include "shared/io/batch.h"
#include "tests/unit/manual.h"

enum { WORDS = 16 };

static struct config cfg;
static char why[CONFIG_WHY];

/* Reads a command line given as one string. */
static enum config_verdict read_line(const char *line)
{
	static char copy[1024];
	static char *argv[WORDS + 2];
	int argc = 1;

	why[0] = '\0';
	snprintf(copy, sizeof(copy), "%s", line);
	argv[0] = (char[]){"srtla_rec"};
	for (char *word = strtok(copy, " "); word && argc <= WORDS; word = strtok(NULL, " "))
		argv[argc++] = word;
	argv[argc] = NULL;
	return config_read(&cfg, argc, argv, why);
}

#define FORM "5000 srt.example.org 4001"

static void assert_wrong(const char *line, const char *object)
{
	assert_int_equal(read_line(line), CONFIG_WRONG);
	if (!strstr(why, object))
		fail_msg("\"%s\" does not name %s", why, object);
}

static void assert_arguments(uint16_t listen_port, const char *host, uint16_t host_port)
{
	assert_int_equal(cfg.listen_port, listen_port);
	assert_string_equal(cfg.host, host);
	assert_int_equal(cfg.host_port, host_port);
}

static void the_form_of_old_control_panels_is_understood(void **state)
{
	(void)state;
	assert_int_equal(read_line("10000 127.0.0.1 7000"), CONFIG_RUN);
	assert_arguments(10000, "127.0.0.1", 7000);
	assert_int_equal(cfg.bind.family, FAMILY_NONE);
	assert_int_equal(cfg.max_groups, 1024);
	assert_int_equal(cfg.max_members, 16);
	assert_int_equal(cfg.member_timeout, SEC(15));
	assert_int_equal(cfg.group_timeout, SEC(30));
	assert_int_equal(cfg.level, LOG_LEVEL_INFO);
	assert_false(cfg.dry_run);
}

static void the_arguments_may_be_options(void **state)
{
	(void)state;
	assert_int_equal(read_line("--srtla_port 5001 --srt_hostname srt --srt_port 4002"),
			 CONFIG_RUN);
	assert_arguments(5001, "srt", 4002);
	assert_int_equal(read_line("--srtla-port=5001 --srt-hostname=srt --srt-port=4002"),
			 CONFIG_RUN);
	assert_arguments(5001, "srt", 4002);
}

static void options_that_are_not_given_have_the_usual_values(void **state)
{
	(void)state;
	assert_int_equal(read_line("--srtla_port 6000"), CONFIG_RUN);
	assert_arguments(6000, "127.0.0.1", 4001);
	assert_int_equal(read_line("--srt_hostname srt"), CONFIG_RUN);
	assert_arguments(5000, "srt", 4001);
	assert_int_equal(read_line("--srt_port 8890"), CONFIG_RUN);
	assert_arguments(5000, "127.0.0.1", 8890);
}

static void an_argument_is_not_given_twice(void **state)
{
	(void)state;
	assert_wrong("--srtla_port 6000 " FORM, "--srtla-port");
	assert_wrong(FORM " --srt_port 6000", "--srt-port");
	assert_wrong(FORM " --srt_hostname srt", "--srt-hostname");
}

static void without_any_argument_it_does_not_start(void **state)
{
	(void)state;
	assert_wrong("", "SRTLA_LISTEN_PORT SRT_HOST SRT_PORT");
	assert_wrong("--verbose", "SRTLA_LISTEN_PORT SRT_HOST SRT_PORT");
	assert_wrong("5000 srt", "2 given");
	assert_wrong(FORM " more", "4 given");
	assert_wrong("5000 --srt_port 4001", "1 given");
}

static void a_lone_v_asks_for_the_version(void **state)
{
	(void)state;
	assert_int_equal(read_line("-v"), CONFIG_VERSION);
	assert_int_equal(read_line("--version"), CONFIG_VERSION);
}

static void help_needs_no_arguments(void **state)
{
	(void)state;
	assert_int_equal(read_line("-h"), CONFIG_HELP);
	assert_int_equal(read_line("--help"), CONFIG_HELP);
}

static void options_may_stand_before_and_after_the_arguments(void **state)
{
	(void)state;
	assert_int_equal(read_line("-n " FORM " --verbose"), CONFIG_RUN);
	assert_true(cfg.dry_run);
	assert_int_equal(cfg.level, LOG_LEVEL_DEBUG);
	assert_arguments(5000, "srt.example.org", 4001);
}

static void each_option_sets_its_field(void **state)
{
	(void)state;
	assert_int_equal(read_line("--bind 192.0.2.7 --max-groups 40 --max-members 8 " FORM),
			 CONFIG_RUN);
	assert_int_equal(cfg.bind.family, FAMILY_V4);
	assert_int_equal(cfg.max_groups, 40);
	assert_int_equal(cfg.max_members, 8);

	assert_int_equal(read_line("--member-timeout 10s --group-timeout 90000 " FORM), CONFIG_RUN);
	assert_int_equal(cfg.member_timeout, SEC(10));
	assert_int_equal(cfg.group_timeout, SEC(90));

	assert_int_equal(read_line("--log-level warn --log-format json --dns 192.0.2.53 " FORM),
			 CONFIG_RUN);
	assert_int_equal(cfg.level, LOG_LEVEL_WARN);
	assert_int_equal(cfg.format, LOG_FORMAT_JSON);
	assert_string_equal(cfg.dns, "192.0.2.53");
}

static void a_mapped_address_is_bound_as_what_it_is(void **state)
{
	(void)state;
	assert_int_equal(read_line("--bind ::ffff:192.0.2.7 " FORM), CONFIG_RUN);
	assert_int_equal(cfg.bind.family, FAMILY_V4);
}

static void other_spellings_mean_the_same(void **state)
{
	(void)state;
	assert_int_equal(read_line("--log_level trace " FORM), CONFIG_RUN);
	assert_int_equal(cfg.level, LOG_LEVEL_DEBUG);
	assert_int_equal(read_line("--log_level critical " FORM), CONFIG_RUN);
	assert_int_equal(cfg.level, LOG_LEVEL_ERROR);
	assert_int_equal(read_line("--debug " FORM), CONFIG_RUN);
	assert_int_equal(cfg.level, LOG_LEVEL_DEBUG);
}

static void hold_is_off_or_automatic_or_a_span(void **state)
{
	(void)state;
	assert_int_equal(read_line(FORM), CONFIG_RUN);
	assert_int_equal(cfg.hold, 0);
	assert_int_equal(read_line("--hold auto " FORM), CONFIG_RUN);
	assert_int_equal(cfg.hold, 0);
	assert_int_equal(read_line("--hold off " FORM), CONFIG_RUN);
	assert_true(cfg.hold < 0);
	assert_int_equal(read_line("--hold 250 " FORM), CONFIG_RUN);
	assert_int_equal(cfg.hold, MSEC(250));
	assert_int_equal(read_line("--hold 0 " FORM), CONFIG_WRONG);
	assert_non_null(strstr(why, "--hold"));
	assert_int_equal(read_line("--hold 61s " FORM), CONFIG_WRONG);
	assert_int_equal(read_line("--hold on " FORM), CONFIG_WRONG);
}

static void packets_cross_by_the_best_way_and_at_once_unless_asked(void **state)
{
	(void)state;
	assert_int_equal(read_line(FORM), CONFIG_RUN);
	assert_int_equal(cfg.io, BATCH_AUTO);
	assert_int_equal(cfg.coalesce, 0);
	assert_int_equal(read_line("--io mmsg --coalesce 500us " FORM), CONFIG_RUN);
	assert_int_equal(cfg.io, BATCH_MMSG);
	assert_int_equal(cfg.coalesce, 500);
	assert_wrong("--io uring " FORM, "--io");
	assert_wrong("--coalesce 2ms " FORM, "--coalesce");
}

static void options_of_other_receivers_change_nothing(void **state)
{
	(void)state;
	assert_int_equal(read_line("--metrics_bind :: --metrics_port 9997 --metrics_detail " FORM),
			 CONFIG_RUN);
	assert_arguments(5000, "srt.example.org", 4001);
	assert_int_equal(cfg.http.family, FAMILY_V6);
	assert_int_equal(cfg.http.port, 9997);
}

static void every_row_of_the_table_can_be_given(void **state)
{
	(void)state;
	for (size_t i = 0; i < config_option_count; i++) {
		const struct option_row *row = &config_options[i];
		bool argument = strncmp(row->name, "srt", 3) == 0 &&
				strcmp(row->name, "srt-gate") != 0;
		const char *value = strcmp(row->name, "srt-gate") == 0 ? "off"
				    : strcmp(row->name, "hold") == 0 ? "80ms"
				    : row->kind == OPTION_CHOICE     ? strrchr(row->words, '|') + 1
				    : strcmp(row->name, "coalesce") == 0 ? "1"
				    : row->kind == OPTION_SPAN       ? "1500"
				    : row->kind == OPTION_NUMBER     ? "7"
				    : row->kind != OPTION_TEXT       ? ""
				    : strcmp(row->name, "bind") == 0 ? "127.0.0.1"
				    : strcmp(row->name, "http") == 0 ||
						      strncmp(row->name, "metrics", 7) == 0
					    ? "9100"
				    : strstr(row->name, "level")     ? "info"
								     : "x";
		char line[256];
		enum config_verdict wanted = CONFIG_RUN;

		if (strcmp(row->name, "config") == 0)
			wanted = CONFIG_WRONG_FILE; /* there is none of that name */
		if (strcmp(row->name, "help") == 0)
			wanted = CONFIG_HELP;
		if (strcmp(row->name, "version") == 0)
			wanted = CONFIG_VERSION;
		snprintf(line, sizeof(line), "--%s%s%s %s", row->name, *value ? "=" : "", value,
			 argument ? "" : FORM);
		if (read_line(line) != wanted)
			fail_msg("%s: %s", line, why);
	}
}

static void mistakes_name_the_argument(void **state)
{
	(void)state;
	assert_wrong("0 host 4001", "SRTLA_LISTEN_PORT");
	assert_wrong("65536 host 4001", "SRTLA_LISTEN_PORT");
	assert_wrong("+5000 host 4001", "SRTLA_LISTEN_PORT");
	assert_wrong("5000 host 4001x", "SRT_PORT");
	assert_wrong("5000 host 0", "SRT_PORT");
	assert_wrong("--srtla_port 70000", "srtla_port");
	assert_wrong("--srt_port none", "srt_port");
	assert_wrong("--bind nowhere " FORM, "--bind");
	assert_wrong("--bind 224.0.0.1 " FORM, "--bind");
	assert_wrong("--bind 255.255.255.255 " FORM, "--bind");
	assert_wrong("--log-level loud " FORM, "--log-level");
	assert_wrong("--log-format xml " FORM, "log-format");
	assert_wrong("--max-groups 0 " FORM, "max-groups");
	assert_wrong("--max-groups 1000000 " FORM, "max-groups");
	assert_wrong("--member-timeout 10ms " FORM, "member-timeout");
	assert_wrong("--group-timeout never " FORM, "group-timeout");
	assert_wrong("--colour " FORM, "colour");
	assert_wrong(FORM " --bind", "bind");
}

static void a_group_has_no_more_members_than_the_core_shows(void **state)
{
	char line[64];

	(void)state;
	snprintf(line, sizeof(line), "--max-members %d " FORM, RECEIVER_MEMBERS);
	assert_int_equal(read_line(line), CONFIG_RUN);
	snprintf(line, sizeof(line), "--max-members %d " FORM, RECEIVER_MEMBERS + 1);
	assert_wrong(line, "max-members");
}

static void an_empty_host_is_a_mistake(void **state)
{
	char *argument[] = {"srtla_rec", "5000", "", "4001", NULL};
	char *option[] = {"srtla_rec", "--srt_hostname", "", NULL};

	(void)state;
	assert_int_equal(config_read(&cfg, 4, argument, why), CONFIG_WRONG);
	assert_non_null(strstr(why, "SRT_HOST"));
	assert_int_equal(config_read(&cfg, 3, option, why), CONFIG_WRONG);
	assert_non_null(strstr(why, "--srt-hostname"));
}

static void F64_an_argument_of_two_megabytes_is_refused_in_one_sentence(void **state)
{
	size_t size = 2 * 1024 * 1024;
	char *huge = malloc(size + 1);
	char *argv[] = {"srtla_rec", "5000", huge, "4001", NULL};

	(void)state;
	assert_non_null(huge);
	memset(huge, '\n', size);
	huge[size] = '\0';
	assert_int_equal(config_read(&cfg, 4, argv, why), CONFIG_WRONG);
	assert_non_null(strstr(why, "SRT_HOST"));
	assert_null(strchr(why, '\n'));
	argv[1] = huge;
	assert_int_equal(config_read(&cfg, 4, argv, why), CONFIG_WRONG);
	assert_non_null(strstr(why, "SRTLA_LISTEN_PORT"));
	free(huge);
}

#ifdef HAVE_INIH
/* A config file with these lines, whose name is `path`. */
static const char *path_of(const char *lines)
{
	static char path[] = "/tmp/test_config.XXXXXX";
	static bool made;
	int fd = made ? open(path, O_WRONLY | O_TRUNC) : mkstemp(path);
	FILE *f = fdopen(fd, "w");

	made = true;
	assert_non_null(f);
	fputs(lines, f);
	assert_int_equal(fclose(f), 0);
	return path;
}

/* Reads a command line over such a file. */
static enum config_verdict read_over(const char *lines, const char *line)
{
	char words[512];

	config_finish(&cfg);
	snprintf(words, sizeof(words), "--config %s %s", path_of(lines), line);
	return read_line(words);
}

static void a_file_says_all_that_a_command_line_says(void **state)
{
	(void)state;
	assert_int_equal(read_over("[srtla_rec]\nsrtla_port = 5001\n"
				   "srt-hostname = srt.example.org\nsrt-port = 4002\n"
				   "hold = off\nplain-srt = yes\n", ""), CONFIG_RUN);
	assert_arguments(5001, "srt.example.org", 4002);
	assert_int_equal(cfg.hold, -1);
	assert_true(cfg.plain_srt);
	/* What is not said is usual. */
	assert_int_equal(read_over("max-groups = 7\n", ""), CONFIG_RUN);
	assert_arguments(5000, "127.0.0.1", 4001);
	assert_int_equal(cfg.max_groups, 7);
}

static void the_command_line_counts_more_than_the_file(void **state)
{
	(void)state;
	assert_int_equal(read_over("srtla-port = 5001\nmax-groups = 7\nhold = 80ms\n",
				   "--max-groups 9 " FORM), CONFIG_RUN);
	assert_arguments(5000, "srt.example.org", 4001);
	assert_int_equal(cfg.max_groups, 9);
	assert_int_equal(cfg.hold, MSEC(80));
	assert_int_equal(read_over("srtla-port = 5001\nsrt-port = 4009\n", "--srt-port 4003"),
			 CONFIG_RUN);
	assert_arguments(5001, "127.0.0.1", 4003);
}

static void assert_wrong_file(const char *lines, unsigned line, const char *what)
{
	assert_int_equal(read_over(lines, FORM), CONFIG_WRONG_FILE);
	assert_int_equal(cfg.file_wrong, EX_CONFIG);
	assert_int_equal(cfg.file.line, line);
	if (!strstr(why, what))
		fail_msg("\"%s\" does not name %s", why, what);
}

static void mistakes_in_the_file_name_the_line(void **state)
{
	(void)state;
	assert_wrong_file("\nmax-group = 3\n", 2, "did you mean max-groups?");
	assert_wrong_file("hold = sometimes\n", 1, "--hold \"sometimes\"");
	assert_wrong_file("bind = nowhere\n", 1, "--bind");
	assert_wrong_file("http = nowhere\n", 1, "--http");
	assert_wrong_file("metrics-port = 0\n", 1, "--metrics-port");
	assert_wrong_file("log-level = loud\n", 1, "--log-level");
	assert_wrong_file("srt-hostname =\n", 1, "--srt-hostname");
	assert_wrong_file("version = yes\n", 1, "command line alone");
	assert_wrong_file("[srtla_send]\nhold = off\n", 2, "[srtla_rec]");
	assert_int_equal(read_line("--config /no/such/file " FORM), CONFIG_WRONG_FILE);
	assert_int_equal(cfg.file_wrong, EX_NOINPUT);
}

static void the_example_can_be_used(void **state)
{
	(void)state;
	assert_int_equal(read_line("--config " EXAMPLES "/srtla_rec.conf"), CONFIG_RUN);
	assert_arguments(5000, "127.0.0.1", 4001);
	assert_true(cfg.sandbox);
}
#endif

static void the_manual_names_every_option(void **state)
{
	(void)state;
	assert_manual_names_options(MANUAL, config_options, config_option_count);
}

static void the_manual_of_the_file_shows_the_example(void **state)
{
	(void)state;
	assert_manual_shows(MANUAL_OF_FILE, EXAMPLES "/srtla_rec.conf");
}

static void the_manual_names_no_option_that_does_not_exist(void **state)
{
	(void)state;
	assert_manual_invents_no_options(MANUAL, config_options, config_option_count);
}

static void help_shows_every_option_that_has_a_text(void **state)
{
	char *text = NULL;
	size_t size = 0;
	FILE *to = open_memstream(&text, &size);

	(void)state;
	assert_non_null(to);
	config_help(to);
	fclose(to);
	assert_non_null(strstr(text, "SRTLA_LISTEN_PORT SRT_HOST SRT_PORT"));
	assert_help_shows_options(text, config_options, config_option_count);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_form_of_old_control_panels_is_understood),
		cmocka_unit_test(the_arguments_may_be_options),
		cmocka_unit_test(options_that_are_not_given_have_the_usual_values),
		cmocka_unit_test(an_argument_is_not_given_twice),
		cmocka_unit_test(without_any_argument_it_does_not_start),
		cmocka_unit_test(a_lone_v_asks_for_the_version),
		cmocka_unit_test(help_needs_no_arguments),
		cmocka_unit_test(options_may_stand_before_and_after_the_arguments),
		cmocka_unit_test(each_option_sets_its_field),
		cmocka_unit_test(a_mapped_address_is_bound_as_what_it_is),
		cmocka_unit_test(other_spellings_mean_the_same),
		cmocka_unit_test(hold_is_off_or_automatic_or_a_span),
		cmocka_unit_test(packets_cross_by_the_best_way_and_at_once_unless_asked),
		cmocka_unit_test(options_of_other_receivers_change_nothing),
		cmocka_unit_test(every_row_of_the_table_can_be_given),
		cmocka_unit_test(mistakes_name_the_argument),
		cmocka_unit_test(a_group_has_no_more_members_than_the_core_shows),
		cmocka_unit_test(an_empty_host_is_a_mistake),
		cmocka_unit_test(F64_an_argument_of_two_megabytes_is_refused_in_one_sentence),
#ifdef HAVE_INIH
		cmocka_unit_test(a_file_says_all_that_a_command_line_says),
		cmocka_unit_test(the_command_line_counts_more_than_the_file),
		cmocka_unit_test(mistakes_in_the_file_name_the_line),
		cmocka_unit_test(the_example_can_be_used),
#endif
		cmocka_unit_test(the_manual_names_every_option),
		cmocka_unit_test(the_manual_of_the_file_shows_the_example),
		cmocka_unit_test(the_manual_names_no_option_that_does_not_exist),
		cmocka_unit_test(help_shows_every_option_that_has_a_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
