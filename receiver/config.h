/* SPDX-License-Identifier: MIT */
#ifndef RECEIVER_CONFIG_H
#define RECEIVER_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

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

	const char *bind_text;
	struct endpoint bind; /* family FAMILY_NONE: all addresses */
	uint64_t max_groups;
	uint64_t max_members;
	usspan member_timeout;
	usspan group_timeout;
	const char *hold_text;
	usspan hold;          /* as in receiver_config */
	int gate;             /* index of on, off */
	bool plain_srt;
	const char *stream_keys; /* file or directory; NULL: every key is good */
	const char *state_dir;   /* NULL: the default for whoever runs us */
	const char *dns;      /* NULL: those of resolv.conf */
	const char *http_text, *http_port_text;
	struct endpoint http;     /* family FAMILY_NONE: no HTTP */
	bool http_asked;          /* by option: not to be had is a mistake then */
	const char *control_path; /* NULL: the usual place; "off": none */
	const char *config_path;  /* NULL: none */
	const char *group_files;  /* directory; NULL: the usual place; "off": none */
	bool sandbox;
	int io;               /* enum batch_io */
	usspan coalesce;      /* 0: off */
	const char *level_word;
	enum log_level level;
	int format; /* enum log_format */
	bool verbose;
	bool dry_run;
	bool version;
	bool help;

	/* As options; 0 and NULL when they were not given, until all is read. */
	uint64_t option_listen_port;
	const char *option_host;
	uint64_t option_host_port;

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
