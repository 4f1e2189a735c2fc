/* SPDX-License-Identifier: MIT */
#include "receiver/config.h"

#include <string.h>

#include "receiver/core/view.h"
#include "shared/base/text.h"
#include "shared/io/batch.h"

enum { GROUPS_MOST = 16384 }; /* each needs a socket, and the system has 28 000 ports for those */

#define AT(field) offsetof(struct config, field)

/* Where SRTLA receivers and the SRT servers behind them are mostly found. */
#define LISTEN_PORT 5000
#define HOST        "127.0.0.1"
#define HOST_PORT   4001

/* 0: auto; below: off. */
static bool read_hold(const char *text, usspan *hold)
{
	*hold = 0;
	if (!text || strcmp(text, "auto") == 0)
		return true;
	if (strcmp(text, "off") == 0) {
		*hold = -1;
		return true;
	}
	return text_span(text, hold) && *hold >= MSEC(1) && *hold <= SEC(60);
}

static bool check_host(const char *text, char why[ARGUMENTS_WHY])
{
	const char *host;

	return arguments_host(text, "--srt-hostname", &host, why);
}

static bool check_bind(const char *text, char why[ARGUMENTS_WHY])
{
	struct endpoint at;

	return arguments_address(text, "--bind", &at, why);
}

static bool check_hold(const char *text, char why[ARGUMENTS_WHY])
{
	usspan hold;

	return read_hold(text, &hold) ||
	       arguments_wrong(why, "--hold", text, "not off, auto, or a span of 1ms to 60s");
}

static bool check_http(const char *text, char why[ARGUMENTS_WHY])
{
	struct endpoint at;

	return strcmp(text, "off") == 0 || arguments_endpoint(text, "--http", &at, why);
}

static bool check_metrics_port(const char *text, char why[ARGUMENTS_WHY])
{
	uint16_t port;

	return arguments_port(text, "--metrics-port", &port, why);
}

static bool check_level(const char *text, char why[ARGUMENTS_WHY])
{
	enum log_level level;

	return log_level_parse(text, &level) ||
	       arguments_wrong(why, "--log-level", text, "not one of error, warn, info, debug");
}

/*
 * The rows without help text are aliases, and options of other receivers: what
 * was written to start one of those starts us unchanged.
 */
const struct option_row config_options[] = {
	{.name = "srtla-port", .kind = OPTION_NUMBER, .offset = AT(option_listen_port), .min = 1,
	 .max = 65535, .value = "PORT", .help = "the SRTLA_LISTEN_PORT, as an option (5000)"},
	{.name = "srt-hostname", .kind = OPTION_TEXT, .offset = AT(option_host), .value = "HOST",
	 .help = "the SRT_HOST, as an option (127.0.0.1)",
	 .check = check_host},
	{.name = "srt-port", .kind = OPTION_NUMBER, .offset = AT(option_host_port), .min = 1,
	 .max = 65535, .value = "PORT", .help = "the SRT_PORT, as an option (4001)"},
	{.name = "bind", .kind = OPTION_TEXT, .offset = AT(bind_text), .value = "ADDR",
	 .help = "where senders reach us (default: all addresses, IPv4 and IPv6)",
	 .check = check_bind},
	{.name = "max-groups", .kind = OPTION_NUMBER, .offset = AT(max_groups), .min = 1,
	 .max = GROUPS_MOST, .value = "N", .help = "streams at a time (default: 1024)"},
	{.name = "max-members", .kind = OPTION_NUMBER, .offset = AT(max_members), .min = 1,
	 .max = RECEIVER_MEMBERS, .value = "N", .help = "links of one stream (default: 16)"},
	{.name = "member-timeout", .kind = OPTION_SPAN, .offset = AT(member_timeout),
	 .min = SEC(1), .max = SEC(600), .value = "SPAN",
	 .help = "silence after which a link is forgotten (default: 15s)"},
	{.name = "group-timeout", .kind = OPTION_SPAN, .offset = AT(group_timeout), .min = SEC(1),
	 .max = SEC(3600), .value = "SPAN",
	 .help = "how long a stream without links is kept (default: 30s)"},
	{.name = "hold", .kind = OPTION_TEXT, .offset = AT(hold_text), .value = "off|auto|SPAN",
	 .help = "how long media may wait for its turn (default: auto)",
	 .check = check_hold},
	{.name = "srt-gate", .kind = OPTION_CHOICE, .offset = AT(gate), .words = "on|off",
	 .value = "on|off", .help = "check SRT control packets before the server sees them (on)"},
	{.name = "plain-srt", .kind = OPTION_FLAG, .offset = AT(plain_srt),
	 .help = "let SRT callers in that do not speak SRTLA"},
	{.name = "stream-keys", .kind = OPTION_TEXT, .offset = AT(stream_keys), .value = "PATH",
	 .help = "let in only the stream ids of this file, or of the files of this directory"},
	{.name = "state-dir", .kind = OPTION_TEXT, .offset = AT(state_dir), .value = "DIR",
	 .help = "where keys and groups outlive a restart"},
	{.name = "io", .kind = OPTION_CHOICE, .offset = AT(io), .words = BATCH_IO_WORDS,
	 .value = "WAY", .help = "packets by plain, mmsg or gso calls (default: the last that works)"},
	{.name = "coalesce", .kind = OPTION_SPAN, .offset = AT(coalesce), .max = MSEC(1),
	 .value = "SPAN", .help = "under load, wake up at most once in so long (default: 0, at once)"},
	{.name = "dns", .kind = OPTION_TEXT, .offset = AT(dns), .value = "SERVERS",
	 .help = "ask these name servers, as in 192.0.2.53,2001:db8::53"},
	{.name = "config", .kind = OPTION_TEXT, .offset = AT(config_path), .value = "FILE",
	 .help = "take options from this file; SIGHUP reads it again", .typed = true},
	{.name = "http", .kind = OPTION_TEXT, .offset = AT(http_text), .value = "[ADDR:]PORT|off",
	 .help = "status page, metrics, scene switchers (default: loopback, SRTLA_LISTEN_PORT)",
	 .check = check_http},
	{.name = "control-socket", .kind = OPTION_TEXT, .offset = AT(control_path),
	 .value = "PATH|off", .help = "where srtla_ctl reaches us (default: in /run/srtla_rec)"},
	{.name = "group-files", .kind = OPTION_TEXT, .offset = AT(group_files), .value = "DIR|off",
	 .help = "tell SRT servers who is behind a stream (default: /run/srtla_rec)"},
	{.name = "sandbox", .kind = OPTION_FLAG, .offset = AT(sandbox),
	 .help = "after the start, give up all system calls and files that are not needed"},
	{.name = "log-level", .kind = OPTION_TEXT, .offset = AT(level_word), .value = "LEVEL",
	 .help = "error, warn, info or debug (default: info)",
	 .check = check_level},
	{.name = "log-format", .kind = OPTION_CHOICE, .offset = AT(format), .words = "text|json",
	 .value = "FORMAT", .help = "text or json (default: text)"},
	{.name = "verbose", .kind = OPTION_FLAG, .offset = AT(verbose),
	 .help = "the same as --log-level debug"},
	{.name = "dry-run", .letter = 'n', .kind = OPTION_FLAG, .offset = AT(dry_run),
	 .help = "check arguments, port and host, then exit", .typed = true},
	{.name = "version", .letter = 'v', .kind = OPTION_FLAG, .offset = AT(version),
	 .help = "print the version and exit", .typed = true},
	{.name = "help", .letter = 'h', .kind = OPTION_FLAG, .offset = AT(help),
	 .help = "print this and exit", .typed = true},

	{.name = "srtla_port", .kind = OPTION_NUMBER, .offset = AT(option_listen_port), .min = 1,
	 .max = 65535},
	{.name = "srt_hostname", .kind = OPTION_TEXT, .offset = AT(option_host),
	 .check = check_host},
	{.name = "srt_port", .kind = OPTION_NUMBER, .offset = AT(option_host_port), .min = 1,
	 .max = 65535},
	{.name = "log_level", .kind = OPTION_TEXT, .offset = AT(level_word),
	 .check = check_level},
	{.name = "debug", .kind = OPTION_FLAG, .offset = AT(verbose)},

	{.name = "metrics-bind", .kind = OPTION_TEXT, .offset = AT(http_text)},
	{.name = "metrics_bind", .kind = OPTION_TEXT, .offset = AT(http_text)},
	{.name = "metrics-port", .kind = OPTION_TEXT, .offset = AT(http_port_text),
	 .check = check_metrics_port},
	{.name = "metrics_port", .kind = OPTION_TEXT, .offset = AT(http_port_text),
	 .check = check_metrics_port},

	{.name = "metrics-detail", .kind = OPTION_IGNORED},
	{.name = "metrics_detail", .kind = OPTION_IGNORED},
};

const size_t config_option_count = sizeof(config_options) / sizeof(config_options[0]);

static void defaults(struct config *cfg)
{
	memset(cfg, 0, sizeof(*cfg));
	cfg->listen_port = LISTEN_PORT;
	cfg->host = HOST;
	cfg->host_port = HOST_PORT;
	cfg->max_groups = 1024;
	cfg->max_members = 16;
	cfg->member_timeout = SEC(15);
	cfg->group_timeout = SEC(30);
	cfg->level = LOG_LEVEL_INFO;
	cfg->format = LOG_FORMAT_TEXT;
	cfg->io = BATCH_AUTO;
}

static bool read_positional(struct config *cfg, char **word, char why[CONFIG_WHY])
{
	if (!arguments_port(word[0], "SRTLA_LISTEN_PORT", &cfg->listen_port, why) ||
	    !arguments_host(word[1], "SRT_HOST", &cfg->host, why) ||
	    !arguments_port(word[2], "SRT_PORT", &cfg->host_port, why))
		return false;
	cfg->option_listen_port = cfg->listen_port;
	cfg->option_host = cfg->host;
	cfg->option_host_port = cfg->host_port;
	return true;
}

/* Any of the three options that stand for the arguments. */
static bool by_options(const struct config *cfg)
{
	return cfg->option_listen_port || cfg->option_host || cfg->option_host_port;
}

static void read_options(struct config *cfg)
{
	if (cfg->option_listen_port)
		cfg->listen_port = (uint16_t)cfg->option_listen_port;
	if (cfg->option_host)
		cfg->host = cfg->option_host;
	if (cfg->option_host_port)
		cfg->host_port = (uint16_t)cfg->option_host_port;
}

static bool read_arguments(struct config *cfg, const struct config *typed, int count, char **word,
			   char why[CONFIG_WHY])
{
	if (count == 0 && (by_options(cfg) || cfg->config_path)) {
		read_options(cfg);
		return true;
	}
	if (count != 3) {
		snprintf(why, CONFIG_WHY, "three arguments are wanted, %d given: "
			 "SRTLA_LISTEN_PORT SRT_HOST SRT_PORT", count);
		return false;
	}
	if (by_options(typed)) {
		snprintf(why, CONFIG_WHY, "--srtla-port, --srt-hostname and --srt-port stand for "
			 "the three arguments: give one or the other");
		return false;
	}
	return read_positional(cfg, word, why);
}

/* As other receivers have it: address and port apart. */
static bool read_metrics(struct config *cfg, char why[CONFIG_WHY])
{
	return arguments_address(cfg->http_text, "--metrics-bind", &cfg->http, why) &&
	       arguments_port(cfg->http_port_text, "--metrics-port", &cfg->http.port, why);
}

/* By default beside the public port, which is ours alone: several receivers do not collide. */
static bool read_http(struct config *cfg, char why[CONFIG_WHY])
{
	endpoint_parse("127.0.0.1", &cfg->http);
	cfg->http.port = cfg->listen_port;
	cfg->http_asked = cfg->http_text || cfg->http_port_text;
	if (cfg->http_text && strcmp(cfg->http_text, "off") == 0) {
		cfg->http = (struct endpoint){0};
		return true;
	}
	if (cfg->http_port_text)
		return read_metrics(cfg, why);
	if (!cfg->http_text)
		return true;
	return arguments_endpoint(cfg->http_text, "--http", &cfg->http, why);
}

static bool read_rest(struct config *cfg, char why[CONFIG_WHY])
{
	if (cfg->level_word)
		log_level_parse(cfg->level_word, &cfg->level);
	if (cfg->verbose)
		cfg->level = LOG_LEVEL_DEBUG;
	read_hold(cfg->hold_text, &cfg->hold);
	return read_http(cfg, why) && arguments_address(cfg->bind_text, "--bind", &cfg->bind, why);
}

static int read_line(struct config *cfg, int argc, char **argv, char why[CONFIG_WHY])
{
	return options_parse(config_options, config_option_count, argc, argv, cfg, why, CONFIG_WHY);
}

static bool read_file(struct config *cfg, const char *path, char why[CONFIG_WHY])
{
	cfg->file_wrong = conffile_read(&cfg->file, path, "srtla_rec", config_options,
					config_option_count, cfg, why);
	return cfg->file_wrong == 0;
}

/* Over the file the command line, of which `typed` is the reading. */
static bool read_both(struct config *cfg, const struct config *typed, int first,
		      char why[CONFIG_WHY])
{
	return read_line(cfg, typed->argc, typed->argv, why) >= 0 &&
	       read_arguments(cfg, typed, typed->argc - first, typed->argv + first, why) &&
	       read_rest(cfg, why);
}

enum config_verdict config_read(struct config *cfg, int argc, char **argv, char why[CONFIG_WHY])
{
	struct config typed;
	int first;

	defaults(&typed);
	typed.argc = argc;
	typed.argv = argv;
	first = read_line(&typed, argc, argv, why);
	defaults(cfg);
	cfg->argc = argc;
	cfg->argv = argv;
	cfg->config_path = typed.config_path;
	if (first < 0)
		return CONFIG_WRONG;
	if (typed.help)
		return CONFIG_HELP;
	if (typed.version)
		return CONFIG_VERSION;
	if (typed.config_path && !read_file(cfg, typed.config_path, why)) {
		config_finish(cfg);
		return CONFIG_WRONG_FILE;
	}
	if (!read_both(cfg, &typed, first, why)) {
		config_finish(cfg);
		return CONFIG_WRONG;
	}
	return CONFIG_RUN;
}

void config_finish(struct config *cfg)
{
	conffile_finish(&cfg->file);
}

void config_usage(FILE *to)
{
	fputs("usage: srtla_rec [options] SRTLA_LISTEN_PORT SRT_HOST SRT_PORT\n", to);
}

void config_help(FILE *to)
{
	config_usage(to);
	fputs("\nReceives SRT streams from SRTLA senders and hands them to an SRT server.\n\n", to);
	options_help(config_options, config_option_count, to);
	fputs("\nSIGHUP reads the stream keys and the config file again.\n"
	      "The manual: srtla_rec(1).\n", to);
}
