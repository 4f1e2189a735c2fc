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
#include "shared/io/log.h"
#include "shared/io/options.h"

/* What the command line asks for.  Texts point into argv. */
struct config {
	/* Positional arguments, in this order. */
	uint16_t listen_port;
	const char *host;
	uint16_t host_port;
	const char *uplinks_path;

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
	const char *stats_path; /* NULL: no stats file */
	usspan stats_interval;
	const char *level_word;
	enum log_level level;
	int format; /* enum log_format */
	bool verbose;
	bool dry_run;
	bool version;
	bool help;

	/* Of other senders; taken, and reported as unused. */
	const char *unused_config;
	const char *unused_control;
	const char *unused_metrics;
};

/* Every option there is; parsing, help and the check of the manual read it. */
extern const struct option_row config_options[];
extern const size_t config_option_count;

enum config_verdict {
	CONFIG_RUN,
	CONFIG_HELP,
	CONFIG_VERSION,
	CONFIG_WRONG,
};

/* Longest sentence about a mistake, its closing zero included. */
enum { CONFIG_WHY = ARGUMENTS_WHY };

/*
 * Reads a command line and opens nothing.  CONFIG_WRONG leaves one sentence in
 * why: which argument, which value, what would do.
 */
enum config_verdict config_read(struct config *cfg, int argc, char **argv, char why[CONFIG_WHY]);

/* One line that shows the form. */
void config_usage(FILE *to);

/* The form and every option. */
void config_help(FILE *to);

#endif
