/* SPDX-License-Identifier: MIT */
#include "shared/io/logline.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum {
	TAIL = 4,          /* room kept for the end: "} and a line feed */
	EXACT_DIGITS = 15, /* a longer number is not exact in every reader (RFC 8259, 6) */
};

/* Where the line goes; a piece goes in whole or not at all. */
struct sheet {
	char *buf;
	size_t len;
};

static bool put(struct sheet *s, const char *piece, size_t len)
{
	if (s->len + len > LOGLINE_MOST - TAIL)
		return false;
	memcpy(s->buf + s->len, piece, len);
	s->len += len;
	return true;
}

static bool put_word(struct sheet *s, const char *word)
{
	return put(s, word, strlen(word));
}

static size_t finish(struct sheet *s, const char *end)
{
	size_t len = strlen(end);

	memcpy(s->buf + s->len, end, len);
	return s->len + len;
}

/*
 * Bytes of the UTF-8 character at s, 0 when there is none: shortest form, no
 * surrogates (RFC 3629 section 4).  A zero byte ends every attempt.
 */
static size_t utf8_length(const uint8_t *s)
{
	uint8_t low = 0x80, high = 0xbf;
	size_t len;

	if (s[0] < 0x80)
		return 1;
	if (s[0] < 0xc2 || s[0] > 0xf4)
		return 0;
	len = s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
	if (s[0] == 0xe0)
		low = 0xa0;
	else if (s[0] == 0xed)
		high = 0x9f;
	else if (s[0] == 0xf0)
		low = 0x90;
	else if (s[0] == 0xf4)
		high = 0x8f;
	if (s[1] < low || s[1] > high)
		return 0;
	for (size_t i = 2; i < len; i++) {
		if (s[i] < 0x80 || s[i] > 0xbf)
			return 0;
	}
	return len;
}

/* One character of `text`; returns the bytes read, 0 when the sheet is full. */
static size_t put_character(struct sheet *s, const char *text, bool json)
{
	uint8_t c = (uint8_t)text[0];
	size_t len = utf8_length((const uint8_t *)text);
	char escape[8];

	if (len == 0 || (len == 1 && (c < 0x20 || c == 0x7f))) {
		snprintf(escape, sizeof(escape), json ? "\\\\x%02x" : "\\x%02x", c);
		return put_word(s, escape) ? 1 : 0;
	}
	if (json && (c == '"' || c == '\\'))
		return put(s, c == '"' ? "\\\"" : "\\\\", 2) ? 1 : 0;
	return put(s, text, len) ? len : 0;
}

static void put_text(struct sheet *s, const char *text, size_t len, bool json)
{
	size_t i = 0;

	while (i < len) {
		size_t n = put_character(s, text + i, json);

		if (!n)
			return;
		i += n;
	}
}

/* "key": with what stands before it; all or nothing. */
static bool put_key(struct sheet *s, const char *key, size_t len)
{
	size_t start = s->len;

	if (put_word(s, ",\"") && put(s, key, len) && put_word(s, "\":"))
		return true;
	s->len = start;
	return false;
}

static bool put_string(struct sheet *s, const char *key, const char *value, size_t len)
{
	size_t start = s->len;

	if (!put_key(s, key, strlen(key)) || !put_word(s, "\"")) {
		s->len = start;
		return false;
	}
	put_text(s, value, len, true);
	s->buf[s->len++] = '"'; /* in the room kept for it */
	return true;
}

/* A number as JSON writes it, without exponent: -?(0|[1-9][0-9]*)(.[0-9]+)? */
static bool is_number(const char *s, size_t len)
{
	size_t i = len > 0 && s[0] == '-';
	size_t whole = strspn(s + i, "0123456789"), part;

	if (whole == 0 || whole > EXACT_DIGITS || (whole > 1 && s[i] == '0'))
		return false;
	i += whole;
	if (i == len)
		return true;
	if (s[i] != '.')
		return false;
	part = strspn(s + i + 1, "0123456789");
	return part > 0 && part <= EXACT_DIGITS && i + 1 + part == len;
}

/* Length of the key when "key=" stands at s, else 0. */
static size_t key_length(const char *s)
{
	size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789_");

	return s[n] == '=' ? n : 0;
}

/* A value is quoted, or reaches to the next key: "why=no reply port=3" has two. */
static size_t value_length(const char *s)
{
	const char *quote = s[0] == '"' ? strchr(s + 1, '"') : NULL;
	size_t n = 0;

	if (quote && (quote[1] == ' ' || quote[1] == '\0'))
		return (size_t)(quote + 1 - s);
	while (s[n] && !(s[n] == ' ' && key_length(s + n + 1)))
		n++;
	while (n > 0 && s[n - 1] == ' ')
		n--;
	return n;
}

static bool put_value(struct sheet *s, const char *value, size_t len)
{
	size_t start = s->len;

	if (is_number(value, len))
		return put(s, value, len);
	if (len >= 2 && value[0] == '"' && value[len - 1] == '"') {
		value++;
		len -= 2;
	}
	if (!put_word(s, "\"")) {
		s->len = start;
		return false;
	}
	put_text(s, value, len, true);
	s->buf[s->len++] = '"';
	return true;
}

static void put_pairs(struct sheet *s, const char *at)
{
	size_t key;

	while ((key = key_length(at))) {
		const char *value = at + key + 1;
		size_t len = value_length(value), start = s->len;

		if (!put_key(s, at, key) || !put_value(s, value, len)) {
			s->len = start;
			return;
		}
		at = value + len;
		at += strspn(at, " ");
	}
}

const char *logline_level(enum log_level level)
{
	static const char *const words[] = {"error", "warn", "info", "debug"};

	return words[level];
}

size_t logline_text(const struct logline *l, char buf[LOGLINE_MOST])
{
	struct sheet s = {.buf = buf};

	put_text(&s, l->program, strlen(l->program), false);
	if (s.len > 0)
		put_word(&s, ": ");
	put_word(&s, l->mark);
	put_text(&s, l->says, strlen(l->says), false);
	return finish(&s, "\n");
}

size_t logline_json(const struct logline *l, char buf[LOGLINE_MOST])
{
	const char *level = logline_level(l->level);
	struct sheet s = {.buf = buf};

	put_word(&s, "{\"time\":\"");
	put_word(&s, l->time);
	put_word(&s, "\"");
	put_string(&s, "level", level, strlen(level));
	put_string(&s, "program", l->program, strlen(l->program));
	if (strncmp(l->says, "event=", 6) == 0)
		put_pairs(&s, l->says);
	else
		put_string(&s, "message", l->says, strlen(l->says));
	return finish(&s, "}\n");
}
