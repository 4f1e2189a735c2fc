/* SPDX-License-Identifier: MIT */
#ifndef LAB_SRT_PROGRAM_H
#define LAB_SRT_PROGRAM_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "shared/base/time.h"

enum {
	PROGRAM_LEDGER_ROOM = 1 << 24, /* packets: four hours of 12 Mbit/s; the file is sparse */
	PROGRAM_ID = 64,               /* of a stream, with its end */
};

/* SIGINT and SIGTERM are counted from here on, and libsrt is there. */
void program_init(const char *name);
void program_finish(void);

/* How often it was told to end. */
unsigned program_told(void);

/* `NAME: ...` on standard error. */
void program_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Can it be the name of a file?  Letters, digits, '-' and '_'. */
bool program_stream_id(const char *id);

/* Opens a file, or standard output for NULL.  NULL when it cannot be written, which is said. */
FILE *program_report(const char *path);

/* Writes it and takes both; false when that fails, which is said. */
bool program_write(FILE *out, json_t *report);

/* Whole numbers and seconds as JSON has them. */
json_t *program_whole(uint64_t v);
json_t *program_seconds(usspan s);

/* What the process used so far: {"user_s", "system_s"}. */
json_t *program_cpu(void);

#endif
