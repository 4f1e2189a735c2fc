/* SPDX-License-Identifier: MIT */
#ifndef SENDER_CONFIG_H
#define SENDER_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "sender/core/sender.h"
#include "shared/base/endpoint.h"
#include "shared/base/time.h"
#include "shared/io/arguments.h"
#include "shared/io/conffile.h"
#include "shared/io/log.h"
#include "shared/io/options.h"

/* What command line and config file ask for.  Texts point into argv, or into `file`. */
struct config {
	/* Positional arguments, in this order, or the options that stand for them. */
	uint16_t listen_port;
	const char *host;
	uint16_t host_port;
	const char *uplinks_path; /* NULL: the links are those of `iface` or `automatic` */
	uint64_t option_listen_port, option_host_port; /* the same as above, once all is read */

	int mode_word; /* its place in the table */
	bool classic;  /* --classic: whatever the word says */
	enum sender_mode mode;
	bool no_quality, no_stickiness;
	unsigned quality_without; /* enum sender_quality_part */
	uint64_t copies; /* 0: as many as the core likes */
	uint64_t extra;  /* percent; 0: the mode's own */
	const char *listen_text;
	struct endpoint listen; /* family FAMILY_NONE: loopback */
	bool any_source;
	usspan link_timeout; /* 0: the mode's own */
	const char *hint_text;
	struct endpoint hint; /* family FAMILY_NONE: nobody listens for hints */
	const char *state_dir;  /* NULL: the default for whoever runs us */
	const char *dns;        /* NULL: those of resolv.conf */
	int io;           /* enum batch_io */
	usspan coalesce;  /* 0: off */
	const char *iface;      /* names with commas between them, or NULL */
	bool automatic;         /* every interface that leads somewhere, */
	const char *exclude;    /* but these; names with commas, "docker*" */
	const char *http_text;
	struct endpoint http;   /* family FAMILY_NONE: no HTTP */
	bool http_asked;        /* by option: not to be had is a mistake then */
	const char *control_path; /* NULL: the usual place; "off": none */
	const char *config_path;  /* NULL: none */
	bool sandbox;
	const char *stats_path; /* NULL: no stats file */
	usspan stats_interval;
	const char *level_word;
	enum log_level level;
	int format; /* enum log_format */
	bool verbose;
	bool dry_run;
	bool version;
	bool help;

	/* Where all this was read, so that it can be read again. */
	int argc;
	char **argv;
	struct conffile file;
	int file_wrong; /* with CONFIG_WRONG_FILE: a sysexits code */
};

/* Every option there is; parsing, help and the check of the manual read it. */
extern const struct option_row config_options[];
extern const size_t config_option_count;

enum config_verdict {
	CONFIG_RUN,
	CONFIG_HELP,
	CONFIG_VERSION,
	CONFIG_WRONG,
	CONFIG_WRONG_FILE,
};

/* Longest sentence about a mistake, its closing zero included. */
enum { CONFIG_WHY = ARGUMENTS_WHY };

/*
 * Reads a command line over the config file that it names, that over the defaults, and opens
 * nothing else.  CONFIG_WRONG leaves one sentence in why: which argument, which value, what would
 * do; so does CONFIG_WRONG_FILE, of the place that is config_path and file.line.  Only after
 * CONFIG_RUN is there anything to finish.
 */
enum config_verdict config_read(struct config *cfg, int argc, char **argv, char why[CONFIG_WHY]);
void config_finish(struct config *cfg);

/* One line that shows the form. */
void config_usage(FILE *to);

/* The form and every option. */
void config_help(FILE *to);

#endif
