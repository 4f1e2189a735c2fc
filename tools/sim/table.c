/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "tools/sim/sim.h"

/* What a row shows of the runs of one mode, the worst vehicle of each. */
static const struct column {
	const char *title;
	enum scenario_metric metric;
	double unit;
	int digits;
} columns[] = {
	{"late %", METRIC_LATE, 1e4, 3},      {"p50 ms", METRIC_DELAY_P50, 1e3, 0},
	{"p99 ms", METRIC_DELAY_P99, 1e3, 0}, {"p99.9 ms", METRIC_DELAY_P999, 1e3, 0},
	{"wire", METRIC_WIRE, 1e3, 3},
};

enum { COLUMNS = sizeof(columns) / sizeof(columns[0]), SEEDS_MOST = 100 };

/* The figures of all seeds, column by column. */
struct row {
	uint64_t figure[COLUMNS][SEEDS_MOST];
	size_t count;
};

static int less(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

uint64_t sim_median(uint64_t *figure, size_t count)
{
	qsort(figure, count, sizeof(*figure), less);
	return count ? figure[count / 2] : 0;
}

void sim_table_heading(void)
{
	printf("| scenario | mode |");
	for (int i = 0; i < COLUMNS; i++)
		printf(" %s |", columns[i].title);
	printf("\n|---|---|");
	for (int i = 0; i < COLUMNS; i++)
		printf("---|");
	printf("\n");
}

static void show(const char *title, const char *mode, struct row *r, unsigned shown)
{
	printf("| %s | %s |", title, mode);
	for (unsigned i = 0; i < COLUMNS; i++) {
		const struct column *c = &columns[i];
		uint64_t *f = r->figure[i], median = sim_median(f, r->count);

		if (i >= shown) {
			printf(" |");
			continue;
		}
		printf(" %.*f", c->digits, (double)median / c->unit);
		if (r->count > 1 && f[0] != f[r->count - 1])
			printf(" (%.*f-%.*f)", c->digits, (double)f[0] / c->unit, c->digits,
			       (double)f[r->count - 1] / c->unit);
		printf(" |");
	}
	printf("\n");
	fflush(stdout);
}

static void add(struct row *r, const uint64_t metric[METRICS])
{
	for (int i = 0; i < COLUMNS; i++)
		r->figure[i][r->count] = metric[columns[i].metric];
	r->count++;
}

static bool one_mode(const struct sim_options *o, const struct scenario *s,
		     const struct sim_mode *mode, struct row *r)
{
	struct tally oracle[SCENARIO_VEHICLES];
	uint64_t metric[METRICS];

	r->count = 0;
	for (uint64_t i = 0; i < o->seeds && i < SEEDS_MOST; i++) {
		struct drive *d = sim_drive(o, s, mode, o->seed + i, 0);

		if (!d)
			return false;
		sim_best(s, d->vehicles, o->seed + i, oracle);
		drive_metrics(d, oracle, metric);
		drive_destroy(d);
		add(r, metric);
	}
	return true;
}

static void of_oracle(const struct sim_options *o, const struct scenario *s, struct row *r)
{
	struct tally oracle[SCENARIO_VEHICLES];

	r->count = 0;
	for (uint64_t i = 0; i < o->seeds && i < SEEDS_MOST; i++) {
		uint64_t metric[METRICS] = {0};

		sim_best(s, 1, o->seed + i, oracle);
		metric[METRIC_LATE] = tally_late_ppm(&oracle[0]);
		metric[METRIC_DELAY_P50] = (uint64_t)oracle[0].delay_p50;
		metric[METRIC_DELAY_P99] = (uint64_t)oracle[0].delay_p99;
		metric[METRIC_DELAY_P999] = (uint64_t)oracle[0].delay_p999;
		add(r, metric);
	}
}

bool sim_table(const struct sim_options *o, const struct scenario *s)
{
	static struct row row;

	for (unsigned i = 0; i < sim_mode_count; i++) {
		if (!sim_wants(o, i))
			continue;
		if (!one_mode(o, s, &sim_modes[i], &row))
			return false;
		show(s->title, sim_modes[i].name, &row, COLUMNS);
	}
	of_oracle(o, s, &row);
	show(s->title, "oracle", &row, COLUMNS - 1);
	return true;
}
