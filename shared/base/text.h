/* SPDX-License-Identifier: MIT */
#ifndef SHARED_BASE_TEXT_H
#define SHARED_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Strict readers of text that people write: the whole string must fit, no
 * sign, no blanks, no other locale.
 */
bool text_number(const char *s, uint64_t min, uint64_t max, uint64_t *out);

/* "250ms", "1.5s", "40us", or a bare number of milliseconds -> microseconds. */
bool text_span(const char *s, int64_t *us);

/*
 * Copies the next line of text into buf without its end (LF or CRLF), and
 * steps *text and *left past it.  A line longer than size - 1 is cut in buf
 * but skipped whole.  A zero byte counts as any other.  Returns its full
 * length, or -1 when the text has ended.
 */
long text_line(const char **text, size_t *left, char *buf, size_t size);

/* Cuts blanks from both ends, in place; returns the new start. */
char *text_trim(char *s);

/* Bytes as lower-case hexadecimal digits: 2 * len of them and a closing zero into text. */
void text_hex(const uint8_t *bytes, size_t len, char *text);

/* The reverse.  False unless text is exactly 2 * len such digits. */
bool text_unhex(const char *text, uint8_t *bytes, size_t len);

/*
 * Writes s so that it can stand in a log line or a terminal: bytes below 0x20,
 * 0x7f, '"' and '\' become \xNN.  Cuts at size - 1.  Returns buf.
 */
char *text_escape(const char *s, size_t len, char *buf, size_t size);

#endif
