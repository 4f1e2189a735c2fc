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

/* A program that cannot hear of interfaces says so. */
static void links_are_those_of_a_file_or_of_interfaces(void **state)
{
	(void)state;
#ifdef HAVE_MNL
	assert_int_equal(read_line("--iface usb0,wwan* 9000 rec.example.org 5000"), CONFIG_RUN);
	assert_string_equal(cfg.iface, "usb0,wwan*");
	assert_null(cfg.uplinks_path);
	assert_int_equal(read_line("9000 rec.example.org 5000 --auto --exclude eth0"), CONFIG_RUN);
	assert_true(cfg.automatic);
	assert_string_equal(cfg.exclude, "eth0");
#else
	assert_wrong("--iface usb0 9000 rec.example.org 5000", "--iface");
	assert_wrong("--auto 9000 rec.example.org 5000", "libmnl");
#endif
	assert_wrong("9000 rec.example.org 5000", "BIND_IPS_FILE");
	assert_wrong("--auto " FORM, "--auto");
	assert_wrong("--iface usb0 " FORM, "--iface");
	assert_wrong("--iface usb0 --auto 9000 rec.example.org 5000", "--auto");
	assert_wrong("--exclude eth0 " FORM, "--exclude");
	assert_wrong("--iface , 9000 rec.example.org 5000", "--iface");
	assert_wrong("--auto --exclude /dev/eth0 9000 rec.example.org 5000", "--exclude");
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
	assert_int_equal(read_line("--control-socket /s --metrics-bind 127.0.0.1:9099 " FORM),
			 CONFIG_RUN);
	assert_string_equal(cfg.control_path, "/s");
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
				    : strcmp(row->name, "http") == 0    ? "9100"
				    : strstr(row->name, "metrics")      ? "9100"
				    : strstr(row->name, "level")        ? "info"
									: "x";
		const char *form = FORM;
		char line[256];
		enum config_verdict wanted = CONFIG_RUN;

		if (row->help && (strncmp(row->name, "srt", 3) == 0 ||
				  strcmp(row->name, "uplinks") == 0))
			form = "--srt-listen-port 9 --srtla-host h --srtla-port 7 --uplinks f";
		if (strcmp(row->name, "iface") == 0 || strcmp(row->name, "auto") == 0)
			form = "9000 rec.example.org 5000";
		if (strcmp(row->name, "exclude") == 0)
			form = "--auto 9000 rec.example.org 5000";
		if (strcmp(row->name, "config") == 0)
			wanted = CONFIG_WRONG_FILE; /* there is none of that name */
#ifndef HAVE_JANSSON
		if (strcmp(row->name, "stats-file") == 0)
			continue;
#endif
#ifndef HAVE_MNL
		if (strstr("iface auto exclude", row->name))
			continue;
#endif
		if (strcmp(row->name, "help") == 0)
			wanted = CONFIG_HELP;
		if (strcmp(row->name, "version") == 0)
			wanted = CONFIG_VERSION;
		snprintf(line, sizeof(line), "--%s%s%s %s", row->name, *value ? "=" : "", value,
			 form);
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

static void the_arguments_are_given_in_one_way(void **state)
{
	(void)state;
	assert_int_equal(read_line("--srt-listen-port 9 --srtla-host h --srtla-port 7 --uplinks f"),
			 CONFIG_RUN);
	assert_int_equal(cfg.listen_port, 9);
	assert_int_equal(cfg.host_port, 7);
	assert_wrong("--srtla-port 7 " FORM, "one or the other");
	assert_wrong("--srt-listen-port 9 --srtla-host h --srtla-port 7", "BIND_IPS_FILE");
	assert_wrong("--srt-listen-port 9 --srtla-port 7 --uplinks f", "SRTLA_HOST is missing");
	assert_wrong("--srtla-host h --srtla-port 7 --uplinks f", "SRT_LISTEN_PORT is missing");
	assert_wrong("--srtla-host h --srt-listen-port 7 --uplinks f", "SRTLA_PORT is missing");
}

static void help_needs_no_file(void **state)
{
	(void)state;
	assert_int_equal(read_line("--config /no/such/file --help"), CONFIG_HELP);
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

#define FILE_FORM                                                                                  \
	"srt-listen-port = 9001\nsrtla-host = other.example.org\nsrtla-port = 5001\n"             \
	"uplinks = /etc/ips\n"

static void a_file_says_all_that_a_command_line_says(void **state)
{
	(void)state;
	assert_int_equal(read_over("[srtla_send]\n" FILE_FORM "mode = redundant\nsandbox = yes\n"
				   "link_timeout = 5s\nlisten = ::1\n", ""), CONFIG_RUN);
	assert_int_equal(cfg.listen_port, 9001);
	assert_string_equal(cfg.host, "other.example.org");
	assert_int_equal(cfg.host_port, 5001);
	assert_string_equal(cfg.uplinks_path, "/etc/ips");
	assert_int_equal(cfg.mode, SENDER_REDUNDANT);
	assert_int_equal(cfg.link_timeout, SEC(5));
	assert_int_equal(cfg.listen.port, 9001);
	assert_int_equal(cfg.http.port, 9001);
	assert_true(cfg.sandbox);
}

static void the_command_line_counts_more_than_the_file_and_that_more_than_nothing(void **state)
{
	(void)state;
	assert_int_equal(read_over(FILE_FORM "mode = redundant\ncopies = 3\nlog-level = warn\n",
				   "--mode classic --log-level error"), CONFIG_RUN);
	assert_int_equal(cfg.mode, SENDER_CLASSIC);
	assert_int_equal(cfg.level, LOG_LEVEL_ERROR);
	assert_int_equal(cfg.copies, 3);
	assert_int_equal(cfg.stats_interval, MSEC(1000));
	assert_int_equal(read_over(FILE_FORM "extra = 20\n", FORM), CONFIG_RUN);
	assert_int_equal(cfg.listen_port, 9000);
	assert_string_equal(cfg.host, "rec.example.org");
	assert_string_equal(cfg.uplinks_path, "/tmp/srtla_ips");
	assert_int_equal(cfg.extra, 20);
	/* One option is enough to say another thing of four. */
	assert_int_equal(read_over(FILE_FORM, "--srtla-port 5005"), CONFIG_RUN);
	assert_int_equal(cfg.host_port, 5005);
	assert_int_equal(cfg.listen_port, 9001);
}

static void what_the_links_are_is_typed_or_in_the_file(void **state)
{
	(void)state;
	assert_int_equal(read_over(FILE_FORM, "--iface usb0"), CONFIG_RUN);
	assert_null(cfg.uplinks_path);
	assert_string_equal(cfg.iface, "usb0");
	assert_int_equal(read_over("iface = usb0\nexclude = eth0\n", FORM), CONFIG_RUN);
	assert_null(cfg.iface);
	assert_string_equal(cfg.uplinks_path, "/tmp/srtla_ips");
	assert_int_equal(read_over("auto = yes\n", "9000 host 5000"), CONFIG_RUN);
	assert_true(cfg.automatic);
	assert_int_equal(read_over(FILE_FORM "auto = yes\n", ""), CONFIG_WRONG);
	assert_non_null(strstr(why, "more than one of BIND_IPS_FILE, --iface and --auto"));
	assert_int_equal(read_line("--auto 9000 host 5000"), CONFIG_RUN);
	assert_wrong("--auto " FORM, "more than one");
	assert_wrong("9000 host 5000", "four");
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
	assert_wrong_file("\nstats-fiel = /x\n", 2, "did you mean stats-file?");
	assert_wrong_file("http = nowhere\n", 1, "--http \"nowhere\"");
	assert_wrong_file("listen = 224.0.0.1\n", 1, "--listen");
	assert_wrong_file("priority-bind = :0\n", 1, "--priority-bind");
	assert_wrong_file("log-level = loud\n", 1, "--log-level");
	assert_wrong_file("uplinks =\n", 1, "--uplinks");
	assert_wrong_file("srtla-host =\n", 1, "--srtla-host");
	assert_wrong_file("help = yes\n", 1, "command line alone");
	assert_wrong_file("config = /etc/more\n", 1, "command line alone");
	assert_wrong_file("dry-run = yes\n", 1, "command line alone");
	assert_int_equal(read_line("--config /no/such/file " FORM), CONFIG_WRONG_FILE);
	assert_int_equal(cfg.file_wrong, EX_NOINPUT);
	assert_string_equal(cfg.config_path, "/no/such/file");
}

/* But for those that are typed. */
static void the_example_and_every_option_can_stand_in_a_file(void **state)
{
	static char lines[8192];
	size_t len = 0;

	(void)state;
#ifdef HAVE_JANSSON
	assert_int_equal(read_line("--config " EXAMPLES "/srtla_send.conf"), CONFIG_RUN);
	assert_int_equal(cfg.listen_port, 9000);
	assert_true(cfg.sandbox);
#endif
	for (size_t i = 0; i < config_option_count; i++) {
		const struct option_row *row = &config_options[i];

		if (!row->typed && row->help && row->kind == OPTION_FLAG)
			len += (size_t)snprintf(lines + len, sizeof(lines) - len, "%s = no\n",
						row->name);
	}
	assert_true(len > 30);
	assert_int_equal(read_over(lines, FORM), CONFIG_RUN);
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
	assert_manual_shows(MANUAL_OF_FILE, EXAMPLES "/srtla_send.conf");
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
		cmocka_unit_test(links_are_those_of_a_file_or_of_interfaces),
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
		cmocka_unit_test(the_arguments_are_given_in_one_way),
		cmocka_unit_test(help_needs_no_file),
#ifdef HAVE_INIH
		cmocka_unit_test(a_file_says_all_that_a_command_line_says),
		cmocka_unit_test(
			the_command_line_counts_more_than_the_file_and_that_more_than_nothing),
		cmocka_unit_test(what_the_links_are_is_typed_or_in_the_file),
		cmocka_unit_test(mistakes_in_the_file_name_the_line),
		cmocka_unit_test(the_example_and_every_option_can_stand_in_a_file),
#endif
		cmocka_unit_test(the_manual_names_every_option),
		cmocka_unit_test(the_manual_of_the_file_shows_the_example),
		cmocka_unit_test(the_manual_names_no_option_that_does_not_exist),
		cmocka_unit_test(help_shows_every_option_that_has_a_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
