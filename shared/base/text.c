/* SPDX-License-Identifier: MIT */
#include "shared/base/text.h"

#include <assert.h>
#include <limits.h>
#include <string.h>

static const char hex[] = "0123456789abcdef";

static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Steps over the digits at *s; false when there is none or they exceed max. */
static bool digits(const char **s, uint64_t max, uint64_t *out)
{
	uint64_t v = 0;

	if (!digit(**s))
		return false;
	for (; digit(**s); (*s)++) {
		unsigned d = (unsigned)(**s - '0');

		if (d > max || v > (max - d) / 10)
			return false;
		v = v * 10 + d;
	}
	*out = v;
	return true;
}

bool text_number(const char *s, uint64_t min, uint64_t max, uint64_t *out)
{
	uint64_t v;

	if (!digits(&s, max, &v) || *s || v < min)
		return false;
	*out = v;
	return true;
}

/* Microseconds in the unit that a span ends with, 0 for none we know. */
static uint64_t unit(const char *s)
{
	if (strcmp(s, "us") == 0)
		return 1;
	if (strcmp(s, "ms") == 0 || *s == '\0')
		return 1000;
	return strcmp(s, "s") == 0 ? 1000000 : 0;
}

bool text_span(const char *s, int64_t *us)
{
	uint64_t whole, part = 0, scale = 1, size;

	if (!digits(&s, INT64_MAX / 1000000 - 1, &whole))
		return false;
	if (*s == '.') {
		const char *from = ++s;

		if (!digits(&s, 999999, &part) || s - from > 6)
			return false;
		for (; from < s; from++)
			scale *= 10;
	}
	size = unit(s);
	/* Finer than a microsecond is a mistake, not something to round. */
	if (size == 0 || part * size % scale != 0)
		return false;
	*us = (int64_t)(whole * size + part * size / scale);
	return true;
}

long text_line(const char **text, size_t *left, char *buf, size_t size)
{
	const char *line = *text;
	const char *end;
	size_t len, step, fits;

	assert(size > 0 && *left <= LONG_MAX);
	if (*left == 0)
		return -1;
	end = memchr(line, '\n', *left);
	len = end ? (size_t)(end - line) : *left;
	step = end ? len + 1 : len;
	if (end && len > 0 && line[len - 1] == '\r')
		len--;
	fits = len < size - 1 ? len : size - 1;
	memcpy(buf, line, fits);
	buf[fits] = '\0';
	*text += step;
	*left -= step;
	return (long)len;
}

char *text_trim(char *s)
{
	size_t len;

	while (blank(*s))
		s++;
	len = strlen(s);
	while (len > 0 && blank(s[len - 1]))
		len--;
	s[len] = '\0';
	return s;
}

char *text_escape(const char *s, size_t len, char *buf, size_t size)
{
	size_t at = 0;

	assert(size > 0);
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)s[i];
		bool plain = c >= 0x20 && c != 0x7f && c != '"' && c != '\\';

		if (size - 1 - at < (plain ? 1u : 4u))
			break; /* half an escape would read as something else */
		if (plain) {
			buf[at++] = s[i];
			continue;
		}
		buf[at++] = '\\';
		buf[at++] = 'x';
		buf[at++] = hex[c >> 4];
		buf[at++] = hex[c & 15];
	}
	buf[at] = '\0';
	return buf;
}

void text_hex(const uint8_t *bytes, size_t len, char *text)
{
	for (size_t i = 0; i < len; i++) {
		text[2 * i] = hex[bytes[i] >> 4];
		text[2 * i + 1] = hex[bytes[i] & 15];
	}
	text[2 * len] = '\0';
}

static int nibble(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool text_unhex(const char *text, uint8_t *bytes, size_t len)
{
	if (strlen(text) != 2 * len)
		return false;
	for (size_t i = 0; i < len; i++) {
		int high = nibble(text[2 * i]), low = nibble(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		bytes[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}
