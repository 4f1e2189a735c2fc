/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sender/config.h"
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
	argv[0] = (char[]){"srtla_send"};
	for (char *word = strtok(copy, " "); word && argc <= WORDS; word = strtok(NULL, " "))
		argv[argc++] = word;
	argv[argc] = NULL;
	return config_read(&cfg, argc, argv, why);
}

#define FORM "9000 rec.example.org 5000 /tmp/srtla_ips"

static void assert_wrong(const char *line, const char *object)
{
	assert_int_equal(read_line(line), CONFIG_WRONG);
	if (!strstr(why, object))
		fail_msg("\"%s\" does not name %s", why, object);
}

static void the_form_of_old_control_panels_is_understood(void **state)
{
	(void)state;
	assert_int_equal(read_line(FORM), CONFIG_RUN);
	assert_int_equal(cfg.listen_port, 9000);
	assert_string_equal(cfg.host, "rec.example.org");
	assert_int_equal(cfg.host_port, 5000);
	assert_string_equal(cfg.uplinks_path, "/tmp/srtla_ips");
	assert_int_equal(cfg.listen.family, FAMILY_NONE);
	assert_int_equal(cfg.mode, SENDER_BALANCE);
	assert_int_equal(cfg.copies, 0);
	assert_int_equal(cfg.extra, 0);
	assert_int_equal(cfg.link_timeout, 0); /* the mode's own */
	assert_int_equal(cfg.hint.family, FAMILY_NONE);
	assert_int_equal(cfg.stats_interval, MSEC(1000));
	assert_null(cfg.stats_path);
	assert_false(cfg.any_source);
	assert_int_equal(cfg.level, LOG_LEVEL_INFO);
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
	assert_int_equal(cfg.listen_port, 9000);
}

static void each_option_sets_its_field(void **state)
{
	(void)state;
	assert_int_equal(read_line("--listen 192.0.2.7 --link-timeout 2500ms --any-source " FORM),
			 CONFIG_RUN);
	assert_int_equal(cfg.listen.family, FAMILY_V4);
	assert_int_equal(cfg.listen.port, 9000);
	assert_int_equal(cfg.link_timeout, MSEC(2500));
	assert_true(cfg.any_source);

	assert_int_equal(read_line("--log-level warn --log-format json --dns 192.0.2.53 " FORM),
			 CONFIG_RUN);
	assert_int_equal(cfg.level, LOG_LEVEL_WARN);
	assert_int_equal(cfg.format, LOG_FORMAT_JSON);
	assert_string_equal(cfg.dns, "192.0.2.53");

	assert_int_equal(read_line("--listen :: --mode classic --dry-run " FORM), CONFIG_RUN);
	assert_int_equal(cfg.listen.family, FAMILY_V6);
	assert_int_equal(cfg.mode, SENDER_CLASSIC);
	assert_true(cfg.dry_run);

	assert_int_equal(read_line("--mode redundant --copies 3 --extra 150 " FORM), CONFIG_RUN);
	assert_int_equal(cfg.mode, SENDER_REDUNDANT);
	assert_int_equal(cfg.copies, 3);
	assert_int_equal(cfg.extra, 150);
}

static void packets_cross_to_the_kernel_in_the_way_that_was_asked_for(void **state)
{
	static const enum batch_io ways[] = {BATCH_PLAIN, BATCH_MMSG, BATCH_GSO, BATCH_AUTO};
	char line[128];

	(void)state;
	assert_int_equal(read_line(FORM), CONFIG_RUN);
	assert_int_equal(cfg.io, BATCH_AUTO);
	assert_int_equal(cfg.coalesce, 0);
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		snprintf(line, sizeof(line), "--io %s " FORM, batch_io_name(ways[i]));
		assert_int_equal(read_line(line), CONFIG_RUN);
		assert_int_equal(cfg.io, ways[i]);
	}
	assert_wrong("--io uring " FORM, "uring");
	assert_int_equal(read_line("--coalesce 1 " FORM), CONFIG_RUN);
	assert_int_equal(cfg.coalesce, MSEC(1));
	assert_int_equal(read_line("--coalesce 250us " FORM), CONFIG_RUN);
	assert_int_equal(cfg.coalesce, 250);
	assert_wrong("--coalesce 1001us " FORM, "--coalesce");
}

static void the_stats_file_is_refused_without_its_library_and_taken_with_it(void **state)
{
	(void)state;
#ifdef HAVE_JANSSON
	assert_int_equal(read_line("--stats-file /run/s.json --stats-file-interval 500 " FORM),
			 CONFIG_RUN);
	assert_string_equal(cfg.stats_path, "/run/s.json");
	assert_int_equal(cfg.stats_interval, MSEC(500));
#else
	assert_wrong("--stats-file /run/s.json " FORM, "--stats-file");
#endif
}

static void other_spellings_mean_the_same(void **state)
{
	(void)state;
	assert_int_equal(read_line("--log_level debug --conn-timeout-ms 5000 " FORM), CONFIG_RUN);
	assert_int_equal(cfg.level, LOG_LEVEL_DEBUG);
	assert_int_equal(cfg.link_timeout, SEC(5));
	assert_int_equal(read_line("--debug " FORM), CONFIG_RUN);
	assert_int_equal(cfg.level, LOG_LEVEL_DEBUG);
}

static void each_mode_has_its_word_and_those_of_other_senders_mean_the_nearest(void **state)
{
	const struct {
		const char *word;
		enum sender_mode mode;
	} words[] = {
		{"balance", SENDER_BALANCE},     {"redundant", SENDER_REDUNDANT},
		{"auto", SENDER_AUTO},           {"quality", SENDER_QUALITY},
		{"classic", SENDER_CLASSIC},     {"enhanced", SENDER_QUALITY},
		{"rtt-threshold", SENDER_BALANCE}, {"edpf", SENDER_BALANCE},
	};
	char line[128];

	(void)state;
	for (unsigned i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		snprintf(line, sizeof(line), "--mode %s " FORM, words[i].word);
		assert_int_equal(read_line(line), CONFIG_RUN);
		assert_int_equal(cfg.mode, words[i].mode);
	}
	for (unsigned i = 0; i < SENDER_MODES; i++) {
		snprintf(line, sizeof(line), "--mode %s " FORM,
			 sender_mode_name((enum sender_mode)i));
		assert_int_equal(read_line(line), CONFIG_RUN);
		assert_int_equal(cfg.mode, i);
	}
	assert_int_equal(read_line("--classic " FORM), CONFIG_RUN);
	assert_int_equal(cfg.mode, SENDER_CLASSIC);
	assert_wrong("--mode best " FORM, "--mode");
}

static void quality_does_without_what_other_senders_switch_off(void **state)
{
	const unsigned scores = SENDER_QUALITY_AGE | SENDER_QUALITY_GRACE |
				SENDER_QUALITY_BURSTS | SENDER_QUALITY_RTT;

	(void)state;
	assert_int_equal(read_line("--mode enhanced " FORM), CONFIG_RUN);
	assert_int_equal(cfg.quality_without, 0);
	assert_int_equal(read_line("--mode enhanced --no-quality " FORM), CONFIG_RUN);
	assert_int_equal(cfg.mode, SENDER_QUALITY);
	assert_int_equal(cfg.quality_without, scores);
	assert_int_equal(read_line("--no-stickiness --no-quality " FORM), CONFIG_RUN);
	assert_int_equal(cfg.mode, SENDER_BALANCE);
	assert_int_equal(cfg.quality_without, scores | SENDER_QUALITY_STICK);
}

static void assert_hint(const char *value, const char *address)
{
	char line[128], text[ENDPOINT_TEXT];

	snprintf(line, sizeof(line), "--priority-bind=%s " FORM, value);
	if (read_line(line) != CONFIG_RUN)
		fail_msg("%s", why);
	assert_string_equal(endpoint_print(&cfg.hint, text), address);
}

static void the_hint_socket_is_a_port_on_loopback_or_what_it_says(void **state)
{
	(void)state;
	assert_hint("9001", "127.0.0.1:9001");
	assert_hint("192.0.2.7:9001", "192.0.2.7:9001");
	assert_hint("0.0.0.0:9001", "0.0.0.0:9001");
	assert_hint("[::1]:9001", "[::1]:9001");
	assert_wrong("--priority-bind 0 " FORM, "--priority-bind");
	assert_wrong("--priority-bind 127.0.0.1: " FORM, "--priority-bind");
	assert_wrong("--priority-bind :9001 " FORM, "--priority-bind");
	assert_wrong("--priority-bind ::1:9001 " FORM, "--priority-bind");
	assert_wrong("--priority-bind [127.0.0.1]:9001 " FORM, "--priority-bind");
	assert_wrong("--priority-bind [::1] " FORM, "--priority-bind");
	assert_wrong("--priority-bind 224.0.0.1:9001 " FORM, "--priority-bind");
	assert_wrong("--priority-bind localhost:9001 " FORM, "--priority-bind");
}

static void options_of_other_senders_change_nothing(void **state)
{
	(void)state;
	assert_int_equal(read_line("--exploration --no-rehome --earned-ack-window --stall-deselect " FORM),
			 CONFIG_RUN);
	assert_int_equal(read_line("--no-stall-deselect --stall-min-in-flight 32 --rtt-delta-ms 30 "
				   "--stall-ack-stale-ms 3000 --stall-reprobe-ms=1000 " FORM),
			 CONFIG_RUN);
	assert_int_equal(read_line("--config /c --control-socket /s --metrics-bind 127.0.0.1:9099 "
				   FORM),
			 CONFIG_RUN);
	assert_string_equal(cfg.unused_config, "/c");
	assert_string_equal(cfg.unused_control, "/s");
}

static void every_row_of_the_table_can_be_given(void **state)
{
	(void)state;
	for (size_t i = 0; i < config_option_count; i++) {
		const struct option_row *row = &config_options[i];
		const char *value = strcmp(row->name, "io") == 0         ? "mmsg"
				    : strcmp(row->name, "coalesce") == 0 ? "500us"
				    : row->kind == OPTION_CHOICE
					    ? strcmp(row->name, "mode") == 0 ? "classic" : "text"
				    : row->kind == OPTION_SPAN          ? "1500"
				    : row->kind == OPTION_IGNORED_VALUE ? "7"
				    : row->kind == OPTION_NUMBER        ? "3"
				    : row->kind != OPTION_TEXT          ? ""
				    : strstr(row->name, "priority")     ? "9001"
				    : strcmp(row->name, "listen") == 0  ? "127.0.0.1"
				    : strstr(row->name, "level")        ? "info"
									: "x";
		char line[256];
		enum config_verdict wanted = CONFIG_RUN;

#ifndef HAVE_JANSSON
		if (strcmp(row->name, "stats-file") == 0)
			continue;
#endif
		if (strcmp(row->name, "help") == 0)
			wanted = CONFIG_HELP;
		if (strcmp(row->name, "version") == 0)
			wanted = CONFIG_VERSION;
		snprintf(line, sizeof(line), "--%s%s%s %s", row->name, *value ? "=" : "", value,
			 FORM);
		if (read_line(line) != wanted)
			fail_msg("%s: %s", line, why);
	}
}

static void mistakes_name_the_argument(void **state)
{
	(void)state;
	assert_wrong("", "SRT_LISTEN_PORT");
	assert_wrong("9000 host 5000", "BIND_IPS_FILE");
	assert_wrong(FORM " more", "four");
	assert_wrong("0 host 5000 f", "SRT_LISTEN_PORT");
	assert_wrong("65536 host 5000 f", "SRT_LISTEN_PORT");
	assert_wrong("+9000 host 5000 f", "SRT_LISTEN_PORT");
	assert_wrong("9000 host 5000x f", "SRTLA_PORT");
	assert_wrong("--listen nowhere " FORM, "--listen");
	assert_wrong("--listen 224.0.0.1 " FORM, "--listen");
	assert_wrong("--log-level loud " FORM, "--log-level");
	assert_wrong("--link-timeout 10ms " FORM, "link-timeout");
	assert_wrong("--log-format xml " FORM, "log-format");
	assert_wrong("--copies 1 " FORM, "copies");
	assert_wrong("--copies 5 " FORM, "copies");
	assert_wrong("--extra 0 " FORM, "extra");
	assert_wrong("--extra 10% " FORM, "extra");
	assert_wrong("--colour " FORM, "colour");
	assert_wrong(FORM " --listen", "listen");
}

static void an_empty_argument_is_a_mistake(void **state)
{
	char *no_host[] = {"srtla_send", "9000", "", "5000", "f", NULL};
	char *no_file[] = {"srtla_send", "9000", "h", "5000", "", NULL};

	(void)state;
	assert_int_equal(config_read(&cfg, 5, no_host, why), CONFIG_WRONG);
	assert_non_null(strstr(why, "SRTLA_HOST"));
	assert_int_equal(config_read(&cfg, 5, no_file, why), CONFIG_WRONG);
	assert_non_null(strstr(why, "BIND_IPS_FILE"));
}

static void F64_an_argument_of_two_megabytes_is_refused_in_one_sentence(void **state)
{
	size_t size = 2 * 1024 * 1024;
	char *huge = malloc(size + 1);
	char *argv[] = {"srtla_send", "9000", huge, "5000", "f", NULL};

	(void)state;
	assert_non_null(huge);
	memset(huge, '\n', size);
	huge[size] = '\0';
	assert_int_equal(config_read(&cfg, 5, argv, why), CONFIG_WRONG);
	assert_non_null(strstr(why, "SRTLA_HOST"));
	assert_null(strchr(why, '\n'));
	argv[1] = huge;
	assert_int_equal(config_read(&cfg, 5, argv, why), CONFIG_WRONG);
	assert_non_null(strstr(why, "SRT_LISTEN_PORT"));
	free(huge);
}

static void the_manual_names_every_option(void **state)
{
	(void)state;
	assert_manual_names_options(MANUAL, config_options, config_option_count);
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
	assert_non_null(strstr(text, "SRT_LISTEN_PORT SRTLA_HOST SRTLA_PORT BIND_IPS_FILE"));
	assert_help_shows_options(text, config_options, config_option_count);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_form_of_old_control_panels_is_understood),
		cmocka_unit_test(a_lone_v_asks_for_the_version),
		cmocka_unit_test(help_needs_no_arguments),
		cmocka_unit_test(options_may_stand_before_and_after_the_arguments),
		cmocka_unit_test(each_option_sets_its_field),
		cmocka_unit_test(packets_cross_to_the_kernel_in_the_way_that_was_asked_for),
		cmocka_unit_test(the_stats_file_is_refused_without_its_library_and_taken_with_it),
		cmocka_unit_test(other_spellings_mean_the_same),
		cmocka_unit_test(
			each_mode_has_its_word_and_those_of_other_senders_mean_the_nearest),
		cmocka_unit_test(quality_does_without_what_other_senders_switch_off),
		cmocka_unit_test(the_hint_socket_is_a_port_on_loopback_or_what_it_says),
		cmocka_unit_test(options_of_other_senders_change_nothing),
		cmocka_unit_test(every_row_of_the_table_can_be_given),
		cmocka_unit_test(mistakes_name_the_argument),
		cmocka_unit_test(an_empty_argument_is_a_mistake),
		cmocka_unit_test(F64_an_argument_of_two_megabytes_is_refused_in_one_sentence),
		cmocka_unit_test(the_manual_names_every_option),
		cmocka_unit_test(the_manual_names_no_option_that_does_not_exist),
		cmocka_unit_test(help_shows_every_option_that_has_a_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
