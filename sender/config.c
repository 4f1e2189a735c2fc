/* SPDX-License-Identifier: MIT */
#include "sender/config.h"

#include <string.h>

#include "sender/ifaces.h"
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

static bool check_host(const char *text, char why[ARGUMENTS_WHY])
{
	const char *host;

	return arguments_host(text, "--srtla-host", &host, why);
}

static bool check_uplinks(const char *text, char why[ARGUMENTS_WHY])
{
	return text[0] ? true : arguments_wrong(why, "--uplinks", text, "not a file");
}

static bool check_names(const char *option, const char *text, char why[ARGUMENTS_WHY])
{
	const char *wrong = ifaces_names_wrong(text);

	return !wrong || arguments_wrong(why, option, text, wrong);
}

static bool check_iface(const char *text, char why[ARGUMENTS_WHY])
{
	return check_names("--iface", text, why);
}

static bool check_exclude(const char *text, char why[ARGUMENTS_WHY])
{
	return check_names("--exclude", text, why);
}

static bool check_listen(const char *text, char why[ARGUMENTS_WHY])
{
	struct endpoint at;

	return arguments_address(text, "--listen", &at, why);
}

static bool check_hint(const char *text, char why[ARGUMENTS_WHY])
{
	struct endpoint at;

	return arguments_endpoint(text, "--priority-bind", &at, why);
}

static bool check_http(const char *text, char why[ARGUMENTS_WHY])
{
	struct endpoint at;

	return strcmp(text, "off") == 0 || arguments_endpoint(text, "--http", &at, why);
}

static bool check_stats(const char *text, char why[ARGUMENTS_WHY])
{
	if (text[0] == '\0')
		return arguments_wrong(why, "--stats-file", text, "not a file");
#ifndef HAVE_JANSSON
	return arguments_wrong(why, "--stats-file", text,
			       "this program was built without jansson");
#else
	return true;
#endif
}

static bool check_level(const char *text, char why[ARGUMENTS_WHY])
{
	enum log_level level;

	return log_level_parse(text, &level) ||
	       arguments_wrong(why, "--log-level", text, "not one of error, warn, info, debug");
}

/*
 * The rows without help text are aliases, and options of other senders: a
 * control panel that was written for one of those starts us unchanged.
 */
const struct option_row config_options[] = {
	{.name = "srt-listen-port", .kind = OPTION_NUMBER, .offset = AT(option_listen_port),
	 .min = 1, .max = 65535, .value = "PORT", .help = "the SRT_LISTEN_PORT, as an option"},
	{.name = "srtla-host", .kind = OPTION_TEXT, .offset = AT(host), .value = "HOST",
	 .help = "the SRTLA_HOST, as an option",
	 .check = check_host},
	{.name = "srtla-port", .kind = OPTION_NUMBER, .offset = AT(option_host_port), .min = 1,
	 .max = 65535, .value = "PORT", .help = "the SRTLA_PORT, as an option"},
	{.name = "uplinks", .kind = OPTION_TEXT, .offset = AT(uplinks_path), .value = "FILE",
	 .help = "the BIND_IPS_FILE, as an option",
	 .check = check_uplinks},
	{.name = "iface", .kind = OPTION_TEXT, .offset = AT(iface), .value = "NAMES",
	 .help = "in place of BIND_IPS_FILE: these interfaces, as in usb0,wwan*",
	 .check = check_iface},
	{.name = "auto", .kind = OPTION_FLAG, .offset = AT(automatic),
	 .help = "in place of BIND_IPS_FILE: every interface that leads somewhere"},
	{.name = "exclude", .kind = OPTION_TEXT, .offset = AT(exclude), .value = "NAMES",
	 .help = "with --auto: but not these, as in eth0,docker*", .check = check_exclude},
	{.name = "listen", .kind = OPTION_TEXT, .offset = AT(listen_text), .value = "ADDR",
	 .help = "where the encoder sends to (default: loopback)",
	 .check = check_listen},
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
	 .value = "[ADDR:]PORT", .help = "take hints on what matters most (ADDR: loopback)",
	 .check = check_hint},
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
	{.name = "config", .kind = OPTION_TEXT, .offset = AT(config_path), .value = "FILE",
	 .help = "take options from this file; SIGHUP reads it again", .typed = true},
	{.name = "http", .kind = OPTION_TEXT, .offset = AT(http_text), .value = "[ADDR:]PORT|off",
	 .help = "status page and metrics (default: loopback, SRT_LISTEN_PORT)",
	 .check = check_http},
	{.name = "control-socket", .kind = OPTION_TEXT, .offset = AT(control_path),
	 .value = "PATH|off", .help = "where srtla_ctl reaches us (default: in /run/srtla_send)"},
	{.name = "sandbox", .kind = OPTION_FLAG, .offset = AT(sandbox),
	 .help = "after the start, give up all system calls and files that are not needed"},
	{.name = "stats-file", .kind = OPTION_TEXT, .offset = AT(stats_path), .value = "PATH",
	 .help = "keep figures about the links in this JSON file",
	 .check = check_stats},
	{.name = "stats-file-interval", .kind = OPTION_SPAN, .offset = AT(stats_interval),
	 .min = MSEC(100), .max = SEC(3600), .value = "MS",
	 .help = "how often the file is written (default: 1000)"},
	{.name = "log-level", .kind = OPTION_TEXT, .offset = AT(level_word), .value = "LEVEL",
	 .help = "error, warn, info or debug (default: info)",
	 .check = check_level},
	{.name = "log-format", .kind = OPTION_CHOICE, .offset = AT(format), .words = "text|json",
	 .value = "FORMAT", .help = "text or json (default: text)"},
	{.name = "verbose", .kind = OPTION_FLAG, .offset = AT(verbose),
	 .help = "the same as --log-level debug"},
	{.name = "dry-run", .letter = 'n', .kind = OPTION_FLAG, .offset = AT(dry_run),
	 .help = "check arguments, file, host and addresses, then exit", .typed = true},
	{.name = "version", .letter = 'v', .kind = OPTION_FLAG, .offset = AT(version),
	 .help = "print the version and exit", .typed = true},
	{.name = "help", .letter = 'h', .kind = OPTION_FLAG, .offset = AT(help),
	 .help = "print this and exit", .typed = true},

	{.name = "log_level", .kind = OPTION_TEXT, .offset = AT(level_word),
	 .check = check_level},
	{.name = "conn-timeout-ms", .kind = OPTION_SPAN, .offset = AT(link_timeout),
	 .min = SEC(1), .max = SEC(60)},
	{.name = "debug", .kind = OPTION_FLAG, .offset = AT(verbose)},

	{.name = "metrics-bind", .kind = OPTION_TEXT, .offset = AT(http_text),
	 .check = check_http},

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

/* By default beside the encoder's port, which is ours alone: several senders do not collide. */
static bool read_http(struct config *cfg, char why[CONFIG_WHY])
{
	endpoint_parse("127.0.0.1", &cfg->http);
	cfg->http.port = cfg->listen_port;
	if (!cfg->http_text)
		return true;
	cfg->http_asked = true;
	if (strcmp(cfg->http_text, "off") == 0) {
		cfg->http = (struct endpoint){0};
		return true;
	}
	return arguments_endpoint(cfg->http_text, "--http", &cfg->http, why);
}

static bool missing(const char *argument, const char *option, char why[CONFIG_WHY])
{
	snprintf(why, CONFIG_WHY, "%s is missing; --%s says it too", argument, option);
	return false;
}

/* Without arguments, options and file say it all. */
static bool read_options(struct config *cfg, char why[CONFIG_WHY])
{
	if (!cfg->option_listen_port)
		return missing("SRT_LISTEN_PORT", "srt-listen-port", why);
	if (!cfg->host)
		return missing("SRTLA_HOST", "srtla-host", why);
	if (!cfg->option_host_port)
		return missing("SRTLA_PORT", "srtla-port", why);
	cfg->listen_port = (uint16_t)cfg->option_listen_port;
	cfg->host_port = (uint16_t)cfg->option_host_port;
	return true;
}

/* Three words, or four with the uplinks file; options that stand for them then say the same. */
static bool read_positional(struct config *cfg, int count, char **word, char why[CONFIG_WHY])
{
	if (!arguments_port(word[0], "SRT_LISTEN_PORT", &cfg->listen_port, why) ||
	    !arguments_host(word[1], "SRTLA_HOST", &cfg->host, why) ||
	    !arguments_port(word[2], "SRTLA_PORT", &cfg->host_port, why))
		return false;
	cfg->option_listen_port = cfg->listen_port;
	cfg->option_host_port = cfg->host_port;
	if (count == 3)
		return true;
	if (word[3][0] == '\0')
		return arguments_wrong(why, "BIND_IPS_FILE", word[3], "not a file");
	cfg->uplinks_path = word[3];
	return true;
}

/* Whether it says what the links are, and whether any of what arguments say. */
static bool says_links(const struct config *cfg)
{
	return cfg->uplinks_path || cfg->iface || cfg->automatic;
}

static bool by_options(const struct config *cfg)
{
	return cfg->option_listen_port || cfg->host || cfg->option_host_port || cfg->uplinks_path;
}

static bool read_arguments(struct config *cfg, const struct config *typed, int count, char **word,
			   char why[CONFIG_WHY])
{
	if (count == 0 && by_options(cfg))
		return read_options(cfg, why);
	if (count != 4 && !(count == 3 && says_links(cfg))) {
		snprintf(why, CONFIG_WHY, "four arguments are wanted, %d given: "
			 "SRT_LISTEN_PORT SRTLA_HOST SRTLA_PORT BIND_IPS_FILE", count);
		return false;
	}
	if (by_options(typed)) {
		snprintf(why, CONFIG_WHY, "--srt-listen-port, --srtla-host, --srtla-port and "
			 "--uplinks stand for the four arguments: give one or the other");
		return false;
	}
	return read_positional(cfg, count, word, why);
}

/* What can be said of links by interface. */
static bool read_choice(const struct config *cfg, char why[CONFIG_WHY])
{
#ifndef HAVE_MNL
	if (!cfg->uplinks_path) {
		snprintf(why, CONFIG_WHY, "%s: this program was built without libmnl; list the "
			 "uplinks in BIND_IPS_FILE", cfg->iface ? "--iface" : "--auto");
		return false;
	}
#endif
	if (cfg->exclude && !cfg->automatic)
		return arguments_wrong(why, "--exclude", cfg->exclude, "only --auto leaves any out");
	return true;
}

/* One thing says what the links are. */
static bool read_links(const struct config *cfg, char why[CONFIG_WHY])
{
	int ways = (cfg->uplinks_path != NULL) + (cfg->iface != NULL) + cfg->automatic;

	if (ways == 1)
		return read_choice(cfg, why);
	snprintf(why, CONFIG_WHY, "%s of BIND_IPS_FILE, --iface and --auto is given: one of them "
		 "says what the links are", ways ? "more than one" : "none");
	return false;
}

static bool read_rest(struct config *cfg, char why[CONFIG_WHY])
{
	if (cfg->level_word)
		log_level_parse(cfg->level_word, &cfg->level);
	if (cfg->verbose)
		cfg->level = LOG_LEVEL_DEBUG;
	read_mode(cfg);
	return read_links(cfg, why) && read_listen(cfg, why) && read_hint(cfg, why) &&
	       read_http(cfg, why);
}

static int read_line(struct config *cfg, int argc, char **argv, char why[CONFIG_WHY])
{
	return options_parse(config_options, config_option_count, argc, argv, cfg, why, CONFIG_WHY);
}

static bool read_file(struct config *cfg, const char *path, char why[CONFIG_WHY])
{
	cfg->file_wrong = conffile_read(&cfg->file, path, "srtla_send", config_options,
					config_option_count, cfg, why);
	return cfg->file_wrong == 0;
}

/* The file, and over it the command line, of which `typed` is the reading. */
static bool read_both(struct config *cfg, const struct config *typed, int first,
		      char why[CONFIG_WHY])
{
	int count = typed->argc - first;

	/* Whoever types what the links are does not want the file's. */
	if (says_links(typed) || count == 4) {
		cfg->uplinks_path = cfg->iface = cfg->exclude = NULL;
		cfg->automatic = false;
	}
	return read_line(cfg, typed->argc, typed->argv, why) >= 0 &&
	       read_arguments(cfg, typed, count, typed->argv + first, why) && read_rest(cfg, why);
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
	fputs("\nSIGHUP reads BIND_IPS_FILE and the config file again, SIGUSR1 goes to the next\n"
	      "mode.\n"
	      "The manual: srtla_send(1).\n", to);
}
