/* SPDX-License-Identifier: MIT */
#include "lab/recording.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	FIRST_TEXT = 1 << 16,
	FIRST_VALUES = 1024,
	RATE_DIGITS = 6, /* decimals of a Mbit/s that bits/s have */
	TRIP_DIGITS = 3, /* and of a ms that us have */
};

/* Of anything: 1 Tbit/s, or days without a reply.  It keeps sums in their range. */
#define MOST INT64_C(1000000000000)

/* A file as text, its path and line for what is said of it, and the recording that it becomes. */
struct reader {
	const char *path;
	char *text;
	const char *at;
	size_t line;
	char *error;
	struct recording *r;
	size_t room;
};

static bool fail(struct reader *in, const char *why, ...) __attribute__((format(printf, 2, 3)));

/* Writes the sentence; always false. */
static bool fail(struct reader *in, const char *why, ...)
{
	int said = in->line > 0
		? snprintf(in->error, RECORDING_ERROR, "%s, line %zu: ", in->path, in->line)
		: snprintf(in->error, RECORDING_ERROR, "%s: ", in->path);
	va_list args;

	if (said < 0 || said >= RECORDING_ERROR)
		return false;
	va_start(args, why);
	vsnprintf(in->error + said, (size_t)(RECORDING_ERROR - said), why, args);
	va_end(args);
	return false;
}

/* All of the file, with a 0 behind it. */
static bool slurp(struct reader *in, FILE *f)
{
	size_t len = 0, room = FIRST_TEXT;
	size_t got;

	do {
		char *text = realloc(in->text, room);

		if (!text)
			return fail(in, "no memory");
		in->text = text;
		got = fread(text + len, 1, room - len - 1, f);
		len += got;
		room *= 2;
	} while (got > 0);
	if (ferror(f))
		return fail(in, "cannot be read: %s", strerror(errno));
	in->text[len] = '\0';
	if (strlen(in->text) != len)
		return fail(in, "not a text file");
	return true;
}

static bool begin(struct reader *in, const char *path, enum recording_kind kind, usspan step,
		  char *error)
{
	FILE *f;
	bool ok;

	*in = (struct reader){.path = path, .error = error};
	f = fopen(path, "r");
	if (!f)
		return fail(in, "%s", strerror(errno));
	ok = slurp(in, f);
	fclose(f);
	if (!ok)
		return false;
	in->at = in->text;
	in->r = calloc(1, sizeof(*in->r));
	if (!in->r)
		return fail(in, "no memory");
	in->r->kind = kind;
	in->r->step = step;
	return true;
}

static struct recording *end(struct reader *in, bool ok)
{
	free(in->text);
	if (ok)
		return in->r;
	recording_destroy(in->r);
	return NULL;
}

static bool add(struct reader *in, int64_t value)
{
	struct recording *r = in->r;

	if (r->count == in->room) {
		size_t room = in->room ? 2 * in->room : FIRST_VALUES;
		int64_t *all = realloc(r->value, room * sizeof(*all));

		if (!all)
			return fail(in, "no memory");
		r->value = all;
		in->room = room;
	}
	r->value[r->count++] = value;
	return true;
}

/* Cuts the next line that is neither empty nor a remark (#) out of the text. */
static char *next_line(struct reader *in)
{
	while (*in->at) {
		char *line = in->text + (in->at - in->text);
		size_t len = strcspn(line, "\n");

		in->line++;
		in->at += len + (line[len] == '\n');
		line[len] = '\0';
		if (len > 0 && line[len - 1] == '\r')
			line[--len] = '\0';
		if (len > 0 && line[0] != '#')
			return line;
	}
	return NULL;
}

/*
 * A decimal number times ten to `digits`; what it has behind them is cut off.
 * NULL when it is none, else what follows it.
 */
static const char *parse(const char *s, unsigned digits, int64_t *value)
{
	bool minus = *s == '-';
	bool any = false, point = false;
	int64_t v = 0;

	for (s += minus; (*s >= '0' && *s <= '9') || (*s == '.' && !point); s++) {
		if (*s == '.') {
			point = true;
			continue;
		}
		any = true;
		if (point && digits == 0)
			continue;
		if (v >= MOST / 10)
			return NULL;
		v = 10 * v + (*s - '0');
		digits -= point;
	}
	for (; digits > 0; digits--)
		v *= 10;
	*value = minus ? -v : v;
	return any ? s : NULL;
}

static bool read_chances(struct reader *in)
{
	int64_t last = 0;
	const char *line;

	while ((line = next_line(in))) {
		int64_t ms;
		const char *rest = parse(line, 0, &ms);

		if (!rest || *rest || ms < 0 || strchr(line, '.'))
			return fail(in, "a whole number of milliseconds is needed");
		if (ms < last)
			return fail(in, "runs backwards, from %lld to %lld ms",
				    (long long)last, (long long)ms);
		last = ms;
		if (!add(in, MSEC(ms)))
			return false;
	}
	in->line = 0;
	if (in->r->count == 0)
		return fail(in, "holds nothing");
	if (last == 0)
		return fail(in, "never moves from 0 ms");
	in->r->lasts = MSEC(last);
	return true;
}

struct recording *recording_read_chances(const char *path, char error[RECORDING_ERROR])
{
	struct reader in;

	return end(&in, begin(&in, path, RECORDING_CHANCES, 0, error) && read_chances(&in));
}

/* The cell behind this one, or NULL. */
static const char *next_cell(const char *cell)
{
	cell = strchr(cell, ',');
	return cell ? cell + 1 : NULL;
}

static const char *find_cell(const char *line, unsigned column)
{
	while (line && --column > 0)
		line = next_cell(line);
	return line;
}

static bool holds_name(const char *cell, const char *name)
{
	size_t len = strcspn(cell, ",");

	return strlen(name) == len && memcmp(cell, name, len) == 0;
}

static bool find_column(struct reader *in, const char *names, const char *name, unsigned *column)
{
	for (*column = 1; names; names = next_cell(names), ++*column)
		if (holds_name(names, name))
			return true;
	return fail(in, "has no column named %s", name);
}

static bool add_cell(struct reader *in, const char *cell)
{
	bool rates = in->r->kind == RECORDING_RATES;
	int64_t value;
	const char *rest = cell ? parse(cell, rates ? RATE_DIGITS : TRIP_DIGITS, &value) : NULL;

	if (!rest || (*rest && *rest != ','))
		return fail(in, "a number is needed, and there is \"%.*s\"",
			    cell ? (int)strcspn(cell, ",") : 0, cell ? cell : "");
	if (rates && value < 0)
		return fail(in, "a rate below 0");
	if (value > MOST)
		return fail(in, "more than any link has");
	return add(in, value);
}

/* A line of names says so by its first cell. */
static bool is_names(const char *line)
{
	int64_t value;
	const char *rest = parse(line, 0, &value);

	return !rest || (*rest && *rest != ',');
}

static bool read_row(struct reader *in, const char *line, unsigned column)
{
	for (line = find_cell(line, column); line; line = next_cell(line))
		if (!add_cell(in, line))
			return false;
	return true;
}

static bool read_table(struct reader *in, const struct recording_place *place)
{
	unsigned column = place->column;
	const char *line = next_line(in);
	unsigned row = 1;

	if (line && place->name && !find_column(in, line, place->name, &column))
		return false;
	if (line && (place->name || is_names(line)))
		line = next_line(in);
	for (; line; line = next_line(in), row++) {
		if (place->row == 0 ? !add_cell(in, find_cell(line, column))
				    : place->row == row && !read_row(in, line, column))
			return false;
	}
	in->line = 0;
	if (in->r->count == 0)
		return fail(in, place->row ? "has no such row or column" : "holds nothing");
	in->r->lasts = (usspan)in->r->count * in->r->step;
	return true;
}

struct recording *recording_read_table(const char *path, enum recording_kind kind,
				       const struct recording_place *place,
				       char error[RECORDING_ERROR])
{
	struct reader in;

	assert(kind != RECORDING_CHANCES && place->step > 0);
	assert(place->name || place->column > 0);
	return end(&in, begin(&in, path, kind, place->step, error) && read_table(&in, place));
}

void recording_destroy(struct recording *r)
{
	if (!r)
		return;
	free(r->value);
	free(r);
}
