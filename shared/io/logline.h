/* SPDX-License-Identifier: MIT */
#ifndef SHARED_IO_LOGLINE_H
#define SHARED_IO_LOGLINE_H

#include <stddef.h>

#include "shared/io/log.h"

/* Longest line, its end included: what a pipe takes whole or not at all (PIPE_BUF). */
enum { LOGLINE_MOST = 4096 };

/*
 * One line of the log as data.  What it says may hold anything: control
 * characters and bytes that are no UTF-8 come out as \xNN, and what does not
 * fit is cut between two characters.
 */
struct logline {
	const char *program;
	const char *time; /* RFC 3339, for JSON */
	const char *mark; /* "warning: ", for text */
	enum log_level level;
	const char *says;
};

/* Both return the length, the line feed at the end included; JSON is whole in any case. */
size_t logline_text(const struct logline *l, char buf[LOGLINE_MOST]);
size_t logline_json(const struct logline *l, char buf[LOGLINE_MOST]);

/* "error", "warn", "info", "debug". */
const char *logline_level(enum log_level level);

#endif
