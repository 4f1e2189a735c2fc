/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "tools/sim/sim.h"
#include "tools/sim/tune.h"

enum { VALUES = 16, TEXT = 64, WHY = 512, SEEDS_MOST = 100 };

/* The tunings that are compared, and what they came to so far. */
static struct {
	unsigned values;
	struct sender_tuning tuning[VALUES];
	char text[VALUES][TEXT];
	uint64_t late[VALUES], wire[VALUES]; /* sums of medians */
	unsigned scenarios;
} sweep;

static bool complain(const char *why)
{
	fprintf(stderr, "srtla_sim: --sweep: %s\n", why);
	return false;
}

/* "queue=20ms,60ms" */
static bool read_values(const struct sim_options *o)
{
	const char *equals = strchr(o->sweep, '='), *at = equals;
	char why[WHY], assignment[2 * TEXT];
	int name = equals ? (int)(equals - o->sweep) : 0;

	while (at && *at) {
		size_t len = strcspn(++at, ",");
		unsigned i = sweep.values;

		if (i == VALUES || len >= TEXT || name >= TEXT)
			return complain("that is too much");
		memcpy(sweep.text[i], at, len);
		sweep.tuning[i] = o->tuning;
		snprintf(assignment, sizeof(assignment), "%.*s=%.*s", name, o->sweep, (int)len, at);
		if (!tune_set(&sweep.tuning[i], assignment, why, sizeof(why)))
			return complain(why);
		sweep.values++;
		at += len;
	}
	return sweep.values > 0 || complain("it is NAME=VALUE,VALUE...");
}

bool sim_sweep_heading(const struct sim_options *o)
{
	if (!read_values(o))
		return false;
	printf("%s, %s: late %%, p99 ms, wire\n\n| scenario |",
	       sim_modes[o->mode >= 0 ? (unsigned)o->mode : sim_product].name, o->sweep);
	for (unsigned i = 0; i < sweep.values; i++)
		printf(" %s |", sweep.text[i]);
	printf("\n|---|");
	for (unsigned i = 0; i < sweep.values; i++)
		printf("---|");
	printf("\n");
	return true;
}

static bool one_value(const struct sim_options *o, const struct scenario *s, unsigned value)
{
	static uint64_t late[SEEDS_MOST], p99[SEEDS_MOST], wire[SEEDS_MOST];
	struct tally oracle[SCENARIO_VEHICLES] = {{0}};
	struct sim_options with = *o;
	uint64_t metric[METRICS];
	size_t n = 0;

	with.tuning = sweep.tuning[value];
	for (; n < o->seeds && n < SEEDS_MOST; n++) {
		struct drive *d = sim_drive(
			&with, s, &sim_modes[o->mode >= 0 ? (unsigned)o->mode : sim_product],
			o->seed + n, 0);

		if (!d)
			return false;
		drive_metrics(d, oracle, metric);
		drive_destroy(d);
		late[n] = metric[METRIC_LATE];
		p99[n] = metric[METRIC_DELAY_P99];
		wire[n] = metric[METRIC_WIRE];
	}
	sweep.late[value] += sim_median(late, n);
	sweep.wire[value] += sim_median(wire, n);
	printf(" %.3f, %.0f, %.3f |", (double)sim_median(late, n) / 1e4,
	       (double)sim_median(p99, n) / 1e3, (double)sim_median(wire, n) / 1e3);
	return true;
}

bool sim_sweep(const struct sim_options *o, const struct scenario *s)
{
	printf("| %s |", s->title);
	for (unsigned i = 0; i < sweep.values; i++)
		if (!one_value(o, s, i))
			return false;
	printf("\n");
	fflush(stdout);
	sweep.scenarios++;
	return true;
}

void sim_sweep_end(void)
{
	if (sweep.scenarios == 0)
		return;
	printf("| mean: late, wire |");
	for (unsigned i = 0; i < sweep.values; i++)
		printf(" %.3f, %.3f |", (double)sweep.late[i] / sweep.scenarios / 1e4,
		       (double)sweep.wire[i] / sweep.scenarios / 1e3);
	printf("\n");
}
