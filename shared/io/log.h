/* SPDX-License-Identifier: MIT */
#ifndef SHARED_IO_LOG_H
#define SHARED_IO_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/base/time.h"

/*
 * Lines on standard error, for people and for machines: one line for one state
 * change, "event=link_up link=usb0 after_ms=61".  Writing never blocks and
 * never kills: what the reader does not take is dropped and counted.  Beyond
 * 20 lines a second (100 at once) lines are dropped, and one says how many.
 */
enum log_level {
	LOG_LEVEL_ERROR,
	LOG_LEVEL_WARN,
	LOG_LEVEL_INFO,
	LOG_LEVEL_DEBUG,
};

enum log_format {
	LOG_FORMAT_TEXT,
	LOG_FORMAT_JSON,
};

struct log_config {
	const char *program;
	enum log_level level;
	enum log_format format;
};

/*
 * First thing in main(): a descriptor of 0 to 2 that is closed is opened on
 * /dev/null, so that no socket or file gets its number and with it our lines.
 * Ignores SIGPIPE.
 */
void log_guard_stdio(void);

/* Before this, and in tests, lines go out as text at level info. */
void log_init(const struct log_config *cfg);

/* "error", "warn", "info", "debug", as --log-level takes them (and "trace", "critical"). */
bool log_level_parse(const char *word, enum log_level *level);

/*
 * A line: a sentence, or key=value pairs whose first key is "event".  In JSON
 * the pairs become members and a sentence becomes "message".
 */
void log_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/*
 * A start-up mistake: "srtla_send: uplinks file /x: No such file or directory"
 * and the end of the program with this sysexits code.
 */
_Noreturn void log_fatal(int code, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/*
 * Exactly these words on a line of their own, in either format and beyond the
 * limit: for control panels that look for them.  At most 500 bytes.
 */
void log_raw(const char *line);

/* The level in force from now on. */
void log_set_level(enum log_level level);
enum log_level log_level(void);

/* "error", "warn", "info", "debug". */
const char *log_level_name(enum log_level level);

enum { LOG_RECENT = 128, LOG_RECENT_TEXT = 320 };

/* A line that was printed, cut where it is longer than that. */
struct log_recent {
	int64_t wall_ms; /* since 1970 */
	enum log_level level;
	char text[LOG_RECENT_TEXT];
};

/*
 * The latest lines, at most LOG_RECENT of them, the oldest first: how many there are.  They are
 * kept in memory of our own, so that who looks at a page sees what has happened.
 */
unsigned log_recent_count(void);

/* i < log_recent_count() */
const struct log_recent *log_recent(unsigned i);

/* How many lines have been printed in all: the latest has this number. */
uint64_t log_said(void);

/* Lines that standard error did not take since log_init(). */
uint64_t log_lost(void);

#endif
