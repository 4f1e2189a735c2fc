/* SPDX-License-Identifier: MIT */
#include "receiver/chart.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "receiver/jsontext.h"
#include "receiver/scene.h"

enum {
	ROWS = CHART_SECONDS + 1, /* one of them is being written */
	SCHEMA = 1,
};

#define UNKNOWN UINT32_MAX

/* A group in a row; what is too large for its place shows as the largest that is not. */
struct cell {
	uint32_t serial; /* 0: nobody */
	uint32_t rate;
	uint32_t missing;
	uint32_t rtt; /* ms, or UNKNOWN */
	uint16_t held;
	uint16_t port;
};

struct row {
	struct chart_totals totals;
	struct cell cell[CHART_GROUPS];
};

struct column {
	uint32_t serial; /* 0: free */
	unsigned port;
};

struct chart {
	uint64_t rows; /* that are whole; those beyond the last CHART_SECONDS are overwritten */
	int64_t wall_ms;
	struct column column[CHART_GROUPS];
	struct row row[ROWS];
};

struct chart *chart_create(void)
{
	return calloc(1, sizeof(struct chart));
}

void chart_destroy(struct chart *c)
{
	free(c);
}

/* NULL: all are taken. */
static struct cell *find_cell(struct chart *c, uint32_t serial, unsigned port)
{
	struct row *r = &c->row[c->rows % ROWS];
	unsigned place = CHART_GROUPS;

	for (unsigned i = 0; i < CHART_GROUPS; i++) {
		if (c->column[i].serial == serial && c->column[i].port == port)
			return &r->cell[i];
		if (place == CHART_GROUPS && c->column[i].serial == 0)
			place = i;
	}
	if (place == CHART_GROUPS)
		return NULL;
	c->column[place] = (struct column){.serial = serial, .port = port};
	return &r->cell[place];
}

static uint32_t narrow(uint64_t n)
{
	return n < UNKNOWN ? (uint32_t)n : UNKNOWN - 1;
}

void chart_group(struct chart *c, uint32_t serial, unsigned port, const struct chart_sample *s)
{
	struct cell *cell = find_cell(c, serial, port);

	if (!cell)
		return;
	*cell = (struct cell){
		.serial = serial,
		.rate = narrow(s->rate),
		.missing = narrow(s->missing),
		.rtt = s->rtt ? narrow((uint64_t)(s->rtt + 500) / 1000) : UNKNOWN,
		.held = s->held < UINT16_MAX ? (uint16_t)s->held : UINT16_MAX,
		.port = (uint16_t)port,
	};
}

void chart_row(struct chart *c, const struct chart_totals *t, int64_t wall_ms)
{
	struct row *r = &c->row[c->rows % ROWS];

	r->totals = *t;
	for (unsigned i = 0; i < CHART_GROUPS; i++) {
		if (r->cell[i].serial == 0)
			c->column[i].serial = 0;
	}
	c->wall_ms = wall_ms;
	c->rows++;
	memset(&c->row[c->rows % ROWS], 0, sizeof(struct row));
}

static unsigned seconds(const struct chart *c)
{
	return c->rows < CHART_SECONDS ? (unsigned)c->rows : CHART_SECONDS;
}

static const struct row *row_at(const struct chart *c, unsigned second)
{
	return &c->row[(c->rows - seconds(c) + second) % ROWS];
}

/* A line of a chart; the cell is NULL in those of the totals. */
struct line {
	const char *name;
	uint64_t (*number)(const struct row *r, const struct cell *cell);
};

static uint64_t all_rate(const struct row *r, const struct cell *cell)
{
	(void)cell;
	return r->totals.rate;
}

static uint64_t all_groups(const struct row *r, const struct cell *cell)
{
	(void)cell;
	return r->totals.groups;
}

static uint64_t all_held(const struct row *r, const struct cell *cell)
{
	(void)cell;
	return r->totals.held;
}

static uint64_t all_missing(const struct row *r, const struct cell *cell)
{
	(void)cell;
	return r->totals.missing;
}

static uint64_t rate(const struct row *r, const struct cell *cell)
{
	(void)r;
	return cell->rate;
}

static uint64_t held(const struct row *r, const struct cell *cell)
{
	(void)r;
	return cell->held;
}

static uint64_t missing(const struct row *r, const struct cell *cell)
{
	(void)r;
	return cell->missing;
}

static uint64_t rtt(const struct row *r, const struct cell *cell)
{
	(void)r;
	return cell->rtt == UNKNOWN ? UINT64_MAX : cell->rtt;
}

static const struct line totals_lines[] = {
	{"rate_bps", all_rate},
	{"groups", all_groups},
	{"held", all_held},
	{"missing", all_missing},
};
static const struct line group_lines[] = {
	{"rate_bps", rate},
	{"held", held},
	{"missing", missing},
	{"rtt_ms", rtt},
};

enum { LINES = 4 }; /* of each */

/* The group had something to show in this row.  Others may have had its column before. */
static bool is_in(const struct cell *cell, const struct column *col)
{
	return cell->serial == col->serial && cell->port == col->port;
}

/* Of the totals where `place` is CHART_GROUPS. */
static void put_line(struct jsontext *j, const struct chart *c, const struct line *line,
		     unsigned place)
{
	unsigned n = seconds(c);

	jsontext_open(j, line->name, '[');
	for (unsigned i = 0; i < n; i++) {
		const struct row *r = row_at(c, i);
		const struct cell *cell = place < CHART_GROUPS ? &r->cell[place] : NULL;
		bool known = !cell || is_in(cell, &c->column[place]);
		uint64_t number = known ? line->number(r, cell) : UINT64_MAX;

		if (number == UINT64_MAX)
			jsontext_null(j, NULL);
		else
			jsontext_number(j, NULL, number);
	}
	jsontext_close(j, ']');
}

static void put_group(struct jsontext *j, const struct chart *c, unsigned place)
{
	char name[SCENE_NAME];

	scene_group_name(c->column[place].serial, c->column[place].port, name);
	jsontext_open(j, NULL, '{');
	jsontext_word(j, "group", name);
	for (unsigned i = 0; i < LINES; i++)
		put_line(j, c, &group_lines[i], place);
	jsontext_close(j, '}');
}

char *chart_json(const struct chart *c, size_t *len)
{
	struct jsontext j = {0};

	jsontext_open(&j, NULL, '{');
	jsontext_number(&j, "schema_version", SCHEMA);
	jsontext_word(&j, "program", "srtla_rec");
	jsontext_number(&j, "interval_s", 1);
	jsontext_number(&j, "wall_ms", (uint64_t)c->wall_ms);
	jsontext_number(&j, "seconds", seconds(c));
	jsontext_open(&j, "totals", '{');
	for (unsigned i = 0; i < LINES; i++)
		put_line(&j, c, &totals_lines[i], CHART_GROUPS);
	jsontext_close(&j, '}');
	jsontext_open(&j, "groups", '[');
	for (unsigned i = 0; i < CHART_GROUPS; i++) {
		if (c->column[i].serial)
			put_group(&j, c, i);
	}
	jsontext_close(&j, ']');
	jsontext_close(&j, '}');
	return jsontext_finish(&j, len);
}
