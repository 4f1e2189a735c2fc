/* SPDX-License-Identifier: MIT */
#include "lab/units.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "shared/base/text.h"

enum { WORD = 32 };

/* Of anything that is read here; products with it stay in range. */
#define MOST UINT64_C(1000000000000)

/* "12.345" -> thousandths and the like: `digits` of them behind the point at most. */
static bool read_decimal(const char *s, unsigned digits, uint64_t *value)
{
	const char *point = strchr(s, '.');
	size_t whole = point ? (size_t)(point - s) : strlen(s);
	char all[WORD];
	size_t len = strlen(s);

	if (len == 0 || whole == 0 || len + digits >= WORD || (point && !point[1]))
		return false;
	memcpy(all, s, whole);
	if (point) {
		size_t behind = len - whole - 1;

		if (behind > digits)
			return false;
		memcpy(all + whole, point + 1, behind);
		whole += behind;
		digits -= (unsigned)behind;
	}
	memset(all + whole, '0', digits);
	all[whole + digits] = '\0';
	return text_number(all, 0, MOST, value);
}

/* Cuts the end off a copy of the word; false when it has another. */
static bool cut(const char *s, const char *end, char word[WORD])
{
	size_t len = strlen(s), tail = strlen(end);

	if (len < tail || len >= WORD || strcmp(s + len - tail, end) != 0)
		return false;
	memcpy(word, s, len - tail);
	word[len - tail] = '\0';
	return true;
}

/* A bare number, or one in thousands. */
static bool read_scaled(const char *s, uint64_t *value)
{
	char word[WORD];

	if (cut(s, "G", word))
		return read_decimal(word, 9, value);
	if (cut(s, "M", word))
		return read_decimal(word, 6, value);
	if (cut(s, "k", word))
		return read_decimal(word, 3, value);
	return text_number(s, 0, MOST, value);
}

/* A span needs its unit here, so that nobody wonders what a bare number is. */
static bool read_span(const char *s, uint64_t *value)
{
	int64_t us;

	if (!strchr(s, 's') || !text_span(s, &us) || (uint64_t)us > MOST)
		return false;
	*value = (uint64_t)us;
	return true;
}

bool units_read(enum unit u, const char *s, uint64_t *value)
{
	char word[WORD];

	switch (u) {
	case UNIT_COUNT:
		return text_number(s, 0, MOST, value);
	case UNIT_RATE:
	case UNIT_BYTES:
		return read_scaled(s, value);
	case UNIT_SPAN:
		return read_span(s, value);
	case UNIT_SHARE:
		return cut(s, "%", word) && read_decimal(word, 4, value);
	case UNIT_PERCENT:
		return cut(s, "%", word) && text_number(word, 0, MOST, value);
	case UNIT_RATIO:
		return read_decimal(s, 3, value);
	}
	return false;
}

/* value / scale without the noughts at its end. */
static void write_decimal(uint64_t value, uint64_t scale, const char *unit, char *buf, size_t size)
{
	uint64_t part = value % scale;
	int digits = 0;

	for (uint64_t left = scale; left > 1; left /= 10)
		digits++;
	if (part == 0) {
		snprintf(buf, size, "%" PRIu64 "%s", value / scale, unit);
		return;
	}
	for (; part % 10 == 0; part /= 10)
		digits--;
	snprintf(buf, size, "%" PRIu64 ".%0*" PRIu64 "%s", value / scale, digits, part, unit);
}

/* In the unit of its size. */
static void write_scaled(uint64_t value, const char *const unit[3], char *buf, size_t size)
{
	if (value >= 1000000)
		write_decimal(value, 1000000, unit[2], buf, size);
	else if (value >= 1000)
		write_decimal(value, 1000, unit[1], buf, size);
	else
		write_decimal(value, 1, unit[0], buf, size);
}

void units_text(enum unit u, uint64_t value, char *buf, size_t size)
{
	static const char *const rates[] = {" bit/s", " kbit/s", " Mbit/s"};
	static const char *const bytes[] = {" B", " kB", " MB"};

	switch (u) {
	case UNIT_COUNT:
		write_decimal(value, 1, "", buf, size);
		break;
	case UNIT_RATE:
		write_scaled(value, rates, buf, size);
		break;
	case UNIT_BYTES:
		write_scaled(value, bytes, buf, size);
		break;
	case UNIT_SPAN:
		if (value < 1000000)
			write_decimal(value, 1000, " ms", buf, size);
		else
			write_decimal(value, 1000000, " s", buf, size);
		break;
	case UNIT_SHARE:
		write_decimal(value, 10000, " %", buf, size);
		break;
	case UNIT_PERCENT:
		write_decimal(value, 1, " %", buf, size);
		break;
	case UNIT_RATIO:
		write_decimal(value, 1000, "", buf, size);
		break;
	}
}

const char *units_example(enum unit u)
{
	static const char *const example[] = {
		[UNIT_COUNT] = "a whole number",
		[UNIT_RATE] = "a rate such as 5M or 300k",
		[UNIT_BYTES] = "bytes such as 375k or 1500",
		[UNIT_SPAN] = "a span such as 25ms or 1.5s",
		[UNIT_SHARE] = "a share such as 5% or 0.02%",
		[UNIT_PERCENT] = "whole percent such as 500%",
		[UNIT_RATIO] = "a number such as 1.02",
	};

	return example[u];
}
