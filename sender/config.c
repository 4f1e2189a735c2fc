/* SPDX-License-Identifier: MIT */
#include "sender/config.h"

#include <string.h>

#include "shared/io/batch.h"

#define AT(field) offsetof(struct config, field)

/* What each word of --mode means, in the order of its row; the second line is of other senders. */
static const enum sender_mode modes[] = {
	SENDER_BALANCE, SENDER_REDUNDANT, SENDER_AUTO, SENDER_QUALITY, SENDER_CLASSIC,
	SENDER_QUALITY, SENDER_BALANCE, SENDER_BALANCE,
};

#define MODES "balance|redundant|auto|quality|classic|enhanced|rtt-threshold|edpf"

/* What makes SENDER_QUALITY look at losses and round trips at all. */
#define SCORES                                                                                     \
	(SENDER_QUALITY_AGE | SENDER_QUALITY_GRACE | SENDER_QUALITY_BURSTS | SENDER_QUALITY_RTT)

/*
 * The rows without help text are aliases, and options of other senders: a
 * control panel that was written for one of those starts us unchanged.
 */
const struct option_row config_options[] = {
	{.name = "listen", .kind = OPTION_TEXT, .offset = AT(listen_text), .value = "ADDR",
	 .help = "where the encoder sends to (default: loopback)"},
	{.name = "mode", .kind = OPTION_CHOICE, .offset = AT(mode_word), .words = MODES,
	 .value = "MODE",
	 .help = "balance, redundant, auto, quality or classic (default: balance)"},
	{.name = "copies", .kind = OPTION_NUMBER, .offset = AT(copies), .min = 2, .max = 4,
	 .value = "N", .help = "redundant: how often each packet travels (default: 2)"},
	{.name = "extra", .kind = OPTION_NUMBER, .offset = AT(extra), .min = 1, .max = 300,
	 .value = "PERCENT",
	 .help = "what copies may add to the bytes (default: auto 10, redundant all they need)"},
	{.name = "link-timeout", .kind = OPTION_SPAN, .offset = AT(link_timeout), .min = SEC(1),
	 .max = SEC(60), .value = "SPAN",
	 .help = "silence after which a link counts as down (default: 15s; quality and classic 4s)"},
	{.name = "priority-bind", .kind = OPTION_TEXT, .offset = AT(hint_text),
	 .value = "[ADDR:]PORT", .help = "take hints on what matters most (ADDR: loopback)"},
	{.name = "any-source", .kind = OPTION_FLAG, .offset = AT(any_source),
	 .help = "take answers from any address, not the receiver's alone"},
	{.name = "state-dir", .kind = OPTION_TEXT, .offset = AT(state_dir), .value = "DIR",
	 .help = "where group and session outlive a restart"},
	{.name = "io", .kind = OPTION_CHOICE, .offset = AT(io), .words = BATCH_IO_WORDS, .value = "WAY",
	 .help = "packets by plain, mmsg or gso calls (default: the last that works)"},
	{.name = "coalesce", .kind = OPTION_SPAN, .offset = AT(coalesce), .max = MSEC(1),
	 .value = "SPAN", .help = "under load, wake up at most once in so long (default: 0, at once)"},
	{.name = "dns", .kind = OPTION_TEXT, .offset = AT(dns), .value = "SERVERS",
	 .help = "ask these name servers, as in 192.0.2.53,2001:db8::53"},
	{.name = "stats-file", .kind = OPTION_TEXT, .offset = AT(stats_path), .value = "PATH",
	 .help = "keep figures about the links in this JSON file"},
	{.name = "stats-file-interval", .kind = OPTION_SPAN, .offset = AT(stats_interval),
	 .min = MSEC(100), .max = SEC(3600), .value = "MS",
	 .help = "how often the file is written (default: 1000)"},
	{.name = "log-level", .kind = OPTION_TEXT, .offset = AT(level_word), .value = "LEVEL",
	 .help = "error, warn, info or debug (default: info)"},
	{.name = "log-format", .kind = OPTION_CHOICE, .offset = AT(format), .words = "text|json",
	 .value = "FORMAT", .help = "text or json (default: text)"},
	{.name = "verbose", .kind = OPTION_FLAG, .offset = AT(verbose),
	 .help = "the same as --log-level debug"},
	{.name = "dry-run", .letter = 'n', .kind = OPTION_FLAG, .offset = AT(dry_run),
	 .help = "check arguments, file, host and addresses, then exit"},
	{.name = "version", .letter = 'v', .kind = OPTION_FLAG, .offset = AT(version),
	 .help = "print the version and exit"},
	{.name = "help", .letter = 'h', .kind = OPTION_FLAG, .offset = AT(help),
	 .help = "print this and exit"},

	{.name = "log_level", .kind = OPTION_TEXT, .offset = AT(level_word)},
	{.name = "conn-timeout-ms", .kind = OPTION_SPAN, .offset = AT(link_timeout),
	 .min = SEC(1), .max = SEC(60)},
	{.name = "debug", .kind = OPTION_FLAG, .offset = AT(verbose)},

	{.name = "config", .kind = OPTION_TEXT, .offset = AT(unused_config)},
	{.name = "control-socket", .kind = OPTION_TEXT, .offset = AT(unused_control)},
	{.name = "metrics-bind", .kind = OPTION_TEXT, .offset = AT(unused_metrics)},

	{.name = "classic", .kind = OPTION_FLAG, .offset = AT(classic)},
	{.name = "no-quality", .kind = OPTION_FLAG, .offset = AT(no_quality)},
	{.name = "no-stickiness", .kind = OPTION_FLAG, .offset = AT(no_stickiness)},

	{.name = "exploration", .kind = OPTION_IGNORED},
	{.name = "no-rehome", .kind = OPTION_IGNORED},
	{.name = "earned-ack-window", .kind = OPTION_IGNORED},
	{.name = "rtt-delta-ms", .kind = OPTION_IGNORED_VALUE},
	{.name = "stall-deselect", .kind = OPTION_IGNORED},
	{.name = "no-stall-deselect", .kind = OPTION_IGNORED},
	{.name = "stall-min-in-flight", .kind = OPTION_IGNORED_VALUE},
	{.name = "stall-ack-stale-ms", .kind = OPTION_IGNORED_VALUE},
	{.name = "stall-reprobe-ms", .kind = OPTION_IGNORED_VALUE},
};

const size_t config_option_count = sizeof(config_options) / sizeof(config_options[0]);

static void defaults(struct config *cfg)
{
	memset(cfg, 0, sizeof(*cfg));
	cfg->stats_interval = MSEC(1000);
	cfg->level = LOG_LEVEL_INFO;
	cfg->format = LOG_FORMAT_TEXT;
	cfg->io = BATCH_AUTO;
}

static bool read_listen(struct config *cfg, char why[CONFIG_WHY])
{
	if (!arguments_address(cfg->listen_text, "--listen", &cfg->listen, why))
		return false;
	cfg->listen.port = cfg->listen_port;
	return true;
}

static void read_mode(struct config *cfg)
{
	cfg->mode = cfg->classic ? SENDER_CLASSIC : modes[cfg->mode_word];
	if (cfg->no_quality)
		cfg->quality_without |= SCORES;
	if (cfg->no_stickiness)
		cfg->quality_without |= SENDER_QUALITY_STICK;
}

static bool read_hint(struct config *cfg, char why[CONFIG_WHY])
{
	if (!cfg->hint_text)
		return true;
	endpoint_parse("127.0.0.1", &cfg->hint);
	return arguments_endpoint(cfg->hint_text, "--priority-bind", &cfg->hint, why);
}

static bool read_positional(struct config *cfg, char **word, char why[CONFIG_WHY])
{
	if (!arguments_port(word[0], "SRT_LISTEN_PORT", &cfg->listen_port, why))
		return false;
	if (!arguments_host(word[1], "SRTLA_HOST", &cfg->host, why))
		return false;
	if (!arguments_port(word[2], "SRTLA_PORT", &cfg->host_port, why))
		return false;
	if (word[3][0] == '\0')
		return arguments_wrong(why, "BIND_IPS_FILE", word[3], "not a file");
	cfg->uplinks_path = word[3];
	return true;
}

static bool read_rest(struct config *cfg, char why[CONFIG_WHY])
{
	if (cfg->level_word && !log_level_parse(cfg->level_word, &cfg->level))
		return arguments_wrong(why, "--log-level", cfg->level_word,
			     "not one of error, warn, info, debug");
	if (cfg->verbose)
		cfg->level = LOG_LEVEL_DEBUG;
	if (cfg->stats_path && cfg->stats_path[0] == '\0')
		return arguments_wrong(why, "--stats-file", cfg->stats_path, "not a file");
#ifndef HAVE_JANSSON
	if (cfg->stats_path)
		return arguments_wrong(why, "--stats-file", cfg->stats_path,
			     "this program was built without jansson");
#endif
	read_mode(cfg);
	return read_listen(cfg, why) && read_hint(cfg, why);
}

enum config_verdict config_read(struct config *cfg, int argc, char **argv, char why[CONFIG_WHY])
{
	int first;

	defaults(cfg);
	first = options_parse(config_options, config_option_count, argc, argv, cfg, why,
			      CONFIG_WHY);
	if (first < 0)
		return CONFIG_WRONG;
	if (cfg->help)
		return CONFIG_HELP;
	if (cfg->version)
		return CONFIG_VERSION;
	if (argc - first != 4) {
		snprintf(why, CONFIG_WHY, "four arguments are wanted, %d given: "
			 "SRT_LISTEN_PORT SRTLA_HOST SRTLA_PORT BIND_IPS_FILE", argc - first);
		return CONFIG_WRONG;
	}
	if (!read_positional(cfg, argv + first, why) || !read_rest(cfg, why))
		return CONFIG_WRONG;
	return CONFIG_RUN;
}

void config_usage(FILE *to)
{
	fputs("usage: srtla_send [options] SRT_LISTEN_PORT SRTLA_HOST SRTLA_PORT BIND_IPS_FILE\n",
	      to);
}

void config_help(FILE *to)
{
	config_usage(to);
	fputs("\nSends an SRT stream to an SRTLA receiver over several uplinks.\n"
	      "BIND_IPS_FILE lists the uplinks: one local address a line, or ADDR%INTERFACE,\n"
	      "and behind it, if wanted, role=backup, weight=5, cap=4M.\n\n",
	      to);
	options_help(config_options, config_option_count, to);
	fputs("\nSIGHUP reads BIND_IPS_FILE again, SIGUSR1 goes to the next mode.\n"
	      "The manual: srtla_send(1).\n", to);
}
