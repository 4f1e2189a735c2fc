/* SPDX-License-Identifier: MIT */
#include "tools/ctl/show.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
	CELL = 96,
	COLUMNS = 24,
	MANY = 14, /* columns, more than a line of a terminal shows */
};

static bool ends(const char *key, const char *with)
{
	size_t len = strlen(key), tail = strlen(with);

	return len >= tail && strcmp(key + len - tail, with) == 0;
}

static void scaled(double n, const char *unit, char cell[CELL])
{
	static const char *const prefix[] = {"", "k", "M", "G", "T"};
	unsigned i = 0;

	for (; n >= 1000 && i < 4; i++)
		n /= 1000;
	snprintf(cell, CELL, i ? "%.1f%s%s" : "%.0f%s%s", n, prefix[i], unit);
}

static void span(json_int_t seconds, char cell[CELL])
{
	if (seconds < 60)
		snprintf(cell, CELL, "%llds", (long long)seconds);
	else if (seconds < 3600)
		snprintf(cell, CELL, "%lldm%02llds", (long long)seconds / 60, (long long)seconds % 60);
	else
		snprintf(cell, CELL, "%lldh%02lldm", (long long)seconds / 3600,
			 (long long)seconds / 60 % 60);
}

/* A terminal obeys control characters, and nothing that comes from elsewhere shall command it. */
static void plain(const char *text, char cell[CELL])
{
	size_t i;

	for (i = 0; text[i] && i < CELL - 1; i++)
		cell[i] = (unsigned char)text[i] < ' ' || text[i] == 0x7f ? '?' : text[i];
	cell[i] = '\0';
}

static void number(const char *key, const json_t *v, char cell[CELL])
{
	json_int_t n = json_integer_value(v);

	if (ends(key, "_bps"))
		scaled((double)n, "", cell);
	else if (ends(key, "_s"))
		span(n, cell);
	else if (ends(key, "_permille"))
		snprintf(cell, CELL, "%.1f%%", (double)n / 10);
	else if (strncmp(key, "bytes", 5) == 0)
		scaled((double)n, "B", cell);
	else
		snprintf(cell, CELL, "%lld", (long long)n);
}

/* False: it is no single value. */
static bool print_cell(const char *key, const json_t *v, char cell[CELL])
{
	cell[0] = '\0';
	if (json_is_string(v))
		plain(json_string_value(v), cell);
	else if (json_is_integer(v))
		number(key, v, cell);
	else if (json_is_real(v))
		snprintf(cell, CELL, "%g", json_real_value(v));
	else if (json_is_boolean(v))
		strcpy(cell, json_is_true(v) ? "yes" : "no");
	else if (json_is_null(v))
		strcpy(cell, "-");
	else
		return false;
	return true;
}

struct table {
	unsigned columns;
	const char *key[COLUMNS];
	char head[COLUMNS][CELL];
	bool right[COLUMNS]; /* numbers */
	int width[COLUMNS];
};

/* "capacity_bps" is headed "capacity", with the unit where the figures do not show it. */
static void head(struct table *t, unsigned column, const char *key)
{
	static const char *const shown[] = {"_bps", "_s", "_permille"};
	char *at = t->head[column];

	snprintf(at, CELL, "%s", key);
	for (unsigned i = 0; i < sizeof(shown) / sizeof(shown[0]); i++) {
		if (ends(at, shown[i])) {
			at[strlen(at) - strlen(shown[i])] = '\0';
			break;
		}
	}
	for (; *at; at++)
		*at = *at == '_' ? ' ' : *at;
}

static void measure(struct table *t, const json_t *rows)
{
	char cell[CELL];
	size_t i;
	const json_t *row;

	for (unsigned c = 0; c < t->columns; c++)
		t->width[c] = (int)strlen(t->head[c]);
	json_array_foreach(rows, i, row) {
		for (unsigned c = 0; c < t->columns; c++) {
			const json_t *v = json_object_get(row, t->key[c]);

			print_cell(t->key[c], v ? v : json_null(), cell);
			t->right[c] = t->right[c] || json_is_number(v);
			if ((int)strlen(cell) > t->width[c])
				t->width[c] = (int)strlen(cell);
		}
	}
}

static void print_row(const struct table *t, const json_t *row)
{
	char cell[CELL];

	for (unsigned c = 0; c < t->columns; c++) {
		const char *gap = c + 1 < t->columns ? "  " : "\n";
		bool last = c + 1 == t->columns;

		if (row) {
			const json_t *v = json_object_get(row, t->key[c]);

			print_cell(t->key[c], v ? v : json_null(), cell);
		} else {
			snprintf(cell, sizeof(cell), "%s", t->head[c]);
		}
		if (t->right[c])
			printf("%*s%s", t->width[c], cell, gap);
		else
			printf("%-*s%s", last ? 0 : t->width[c], cell, gap);
	}
}

/* What of many figures matters to people; --json has them all. */
static bool matters(const char *key)
{
	static const char *const keys[] = {
		"conn_id", "name", "link", "state", "reason", "role", "weight", "cap_bps", "rtt_ms",
		"loss_permille", "share_permille", "bitrate_bps", "capacity_bps", "in_flight", "group",
		"session_s", "peer", "server", "latency_ms", "held", "missing", "links",
	};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (strcmp(key, keys[i]) == 0)
			return true;
	}
	return false;
}

/* The single values of the first row say which columns there are. */
static void choose_columns(struct table *t, const json_t *row)
{
	char cell[CELL];
	const char *key;
	json_t *v;

	json_object_foreach((json_t *)row, key, v) {
		if (t->columns == COLUMNS || !print_cell(key, v, cell) ||
		    (json_object_size(row) > MANY && !matters(key)))
			continue;
		head(t, t->columns, key);
		t->key[t->columns++] = key;
	}
}

static void print_table(const json_t *rows)
{
	struct table t = {0};
	size_t i;
	json_t *v;

	choose_columns(&t, json_array_get(rows, 0));
	measure(&t, rows);
	print_row(&t, NULL);
	json_array_foreach(rows, i, v)
		print_row(&t, v);
}

static bool is_table(const json_t *v)
{
	return json_is_object(json_array_get(v, 0));
}

static void print_object(const json_t *object, int indent)
{
	char cell[CELL];
	const char *key;
	json_t *v;

	json_object_foreach((json_t *)object, key, v) {
		if (print_cell(key, v, cell)) {
			printf("%*s%-*s %s\n", indent, "", 20 - indent, key, cell);
		} else if (json_is_object(v)) {
			printf("%*s%s\n", indent, "", key);
			print_object(v, indent + 2);
		}
	}
}

void show_result(const json_t *result)
{
	char cell[CELL];
	const char *key;
	json_t *v;

	if (is_table(result)) {
		print_table(result);
		return;
	}
	if (json_is_array(result) && json_array_size(result) == 0) {
		puts("none");
		return;
	}
	if (print_cell("", result, cell)) {
		puts(cell);
		return;
	}
	print_object(result, 0);
	json_object_foreach((json_t *)result, key, v) {
		if (is_table(v)) {
			printf("\n%s\n", key);
			print_table(v);
		}
	}
}

static void print_time(json_int_t wall_ms)
{
	time_t t = (time_t)(wall_ms / 1000);
	char text[16];
	struct tm tm;

	strftime(text, sizeof(text), "%H:%M:%S", localtime_r(&t, &tm));
	printf("%s.%03lld ", text, (long long)wall_ms % 1000);
}

void show_notification(const json_t *line)
{
	const json_t *params = json_object_get(line, "params");
	const char *method = json_string_value(json_object_get(line, "method"));
	char cell[CELL];
	const char *key;
	json_t *v;

	if (!method)
		return;
	if (strcmp(method, "event") == 0) {
		const char *text = json_string_value(json_object_get(params, "text"));
		const char *level = json_string_value(json_object_get(params, "level"));

		print_time(json_integer_value(json_object_get(params, "wall_ms")));
		printf("%-5s ", level ? level : "");
		for (; text && *text; text++)
			putchar((unsigned char)*text < ' ' || *text == 0x7f ? '?' : *text);
	} else {
		printf("%s", method);
		json_object_foreach((json_t *)params, key, v) {
			if (print_cell(key, v, cell))
				printf(" %s=%s", key, cell);
		}
	}
	putchar('\n');
	fflush(stdout);
}

void show_methods(const json_t *methods)
{
	size_t i;
	json_t *m;

	json_array_foreach(methods, i, m) {
		const char *params = json_string_value(json_object_get(m, "params"));

		printf("%s %s\n    %s\n", json_string_value(json_object_get(m, "name")),
		       params ? params : "", json_string_value(json_object_get(m, "help")));
	}
}
