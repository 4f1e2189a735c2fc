/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <string.h>

#include "tools/sim/sim.h"

enum { FIGURE = 32 };

static double percent(const struct tally *t)
{
	return (double)tally_late_ppm(t) / 1e4;
}

static double ms(usspan us)
{
	return (double)us / 1e3;
}

void sim_heading(const struct sim_options *o)
{
	printf("%-44s | %s: late %%  p50/p99 ms  wire | oracle: late %%  p50/p99\n", "scenario",
	       sim_modes[o->mode >= 0 ? (unsigned)o->mode : sim_product].name);
}

void sim_show_line(const struct scenario *s, const struct sim_score *score, const char *verdict)
{
	/* The worst vehicle, which is the only one where there is one. */
	unsigned v = 0;

	for (unsigned i = 1; i < score->vehicles; i++)
		if (score->tally[i].late > score->tally[v].late)
			v = i;
	printf("%-44s | %7.3f  %5.0f/%-6.0f %5.2f | %7.3f  %5.0f/%-6.0f %s\n", s->name,
	       percent(&score->tally[v]), ms(score->tally[v].delay_p50),
	       ms(score->tally[v].delay_p99), (double)score->wire[v] / 1e3,
	       percent(&score->oracle[v]), ms(score->oracle[v].delay_p50),
	       ms(score->oracle[v].delay_p99), verdict);
	fflush(stdout);
}

void sim_show_scenario(const struct scenario *s, const struct sim_options *o)
{
	printf("%s: %s\n", s->name, s->title);
	printf("%u links, %.4g Mbit/s, latency %.4g s, %.4g s, %" PRIu64 " seed%s\n\n", s->links,
	       (double)s->stream.rate / 1e6, (double)s->latency / 1e6, (double)s->lasts / 1e6,
	       o->seeds, o->seeds == 1 ? "" : "s");
	printf("%-10s %8s %9s %9s %7s %7s %7s %7s %6s %10s\n", "", "late %", "glitch s", "stall ms",
	       "p50 ms", "p95", "p99", "p99.9", "wire", "false NAKs");
}

static void tally_columns(const struct tally *t)
{
	printf(" %8.3f %9" PRIu64 " %9.0f %7.0f %7.0f %7.0f %7.0f", percent(t), t->glitch_seconds,
	       ms(t->stall), ms(t->delay_p50), ms(t->delay_p95), ms(t->delay_p99),
	       ms(t->delay_p999));
}

static void name_column(const char *who, unsigned vehicle, unsigned vehicles)
{
	char name[FIGURE];

	if (vehicles == 1)
		snprintf(name, sizeof(name), "%s", who);
	else
		snprintf(name, sizeof(name), "%s %u", who, vehicle + 1);
	printf("%-10s", name);
}

void sim_show_score(const char *mode, const struct scenario *s, const struct sim_score *score)
{
	for (unsigned i = 0; i < score->vehicles; i++) {
		name_column(mode, i, score->vehicles);
		tally_columns(&score->tally[i]);
		printf(" %6.3f %10" PRIu64, (double)score->wire[i] / 1e3, score->false_naks[i]);
		if (s->most)
			printf("  mean %.2f Mbit/s", (double)score->mean_rate[i] / 1e6);
		printf("\n");
	}
}

void sim_show_oracle(const struct sim_score *score)
{
	for (unsigned i = 0; i < score->vehicles; i++) {
		name_column("oracle", i, score->vehicles);
		tally_columns(&score->oracle[i]);
		printf("\n");
	}
	printf("\n");
}

unsigned sim_judge(const struct scenario *s, const struct sim_score *score, bool quiet)
{
	char is[FIGURE], limit[FIGURE], today[FIGURE];
	unsigned odd = 0;

	for (unsigned i = 0; i < s->limits; i++) {
		const struct scenario_limit *l = &s->limit[i];
		bool holds = score->metric[l->what] <= l->at_most;

		odd += holds == l->unmet;
		if (quiet)
			continue;
		scenario_metric_text(l->what, score->metric[l->what], is, sizeof(is));
		scenario_metric_text(l->what, l->at_most, limit, sizeof(limit));
		scenario_metric_text(l->what, l->today, today, sizeof(today));
		printf("    %-18s %10s, at most %-8s ", scenario_metric_name(l->what), is, limit);
		if (holds)
			printf(l->unmet ? "HOLDS, though the scenario still lists it as unmet\n"
					: "holds\n");
		else if (l->unmet)
			printf("not yet: %s when it was listed\n", today);
		else
			printf("EXCEEDED\n");
	}
	return odd;
}
