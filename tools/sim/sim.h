/* SPDX-License-Identifier: MIT */
#ifndef TOOLS_SIM_SIM_H
#define TOOLS_SIM_SIM_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "lab/scenario.h"
#include "lab/tally.h"
#include "sender/core/tuning.h"
#include "shared/io/options.h"
#include "tests/sim/drive.h"

/* What srtla_sim(1) was asked to do. */
struct sim_options {
	bool all, table, r01, timeline, help;
	bool set;   /* scenarios are of a set: one whose recordings lack is passed over */
	bool alone; /* the scenario's rate is held against that of SRT alone, and is in no mean */
	int mode; /* a place in sim_modes, or -1: all */
	int server; /* enum drive_server */
	int classic_is; /* of the column C: 0 a plain classic receiver, 1 ours, mute */
	int hold;   /* 0: as the receiver does unasked; 1: off */
	uint64_t seed, seeds, vehicles;
	const char *plot, *json, *traces, *sweep;
	struct option_list tune;
	struct sender_tuning tuning;
};

/* The scheduling rules that can be compared. */
#define SIM_MODES "classic|quality|C|R|redundant|auto"
struct sim_mode {
	const char *name;
	enum sender_mode mode;
	bool classic; /* against a classic receiver */
	bool asked;   /* runs only when it is asked for */
};
extern const struct sim_mode sim_modes[];
extern const unsigned sim_mode_count;
extern const unsigned sim_product; /* the place of what srtla_send does unasked, which limits judge */

/* One rule on one scenario, over all seeds. */
struct sim_score {
	uint64_t metric[METRICS];              /* the worst of all seeds */
	struct tally tally[SCENARIO_VEHICLES]; /* of the first seed, as the rest is */
	struct tally oracle[SCENARIO_VEHICLES];
	uint64_t wire[SCENARIO_VEHICLES];
	uint64_t false_naks[SCENARIO_VEHICLES];
	uint64_t mean_rate[SCENARIO_VEHICLES]; /* bit/s */
	unsigned vehicles;
	uint64_t fingerprint;
};

bool sim_begin(const struct sim_options *o);
void sim_end(const struct sim_options *o);

/* Whether the options want this mode, a place in sim_modes. */
bool sim_wants(const struct sim_options *o, unsigned mode);

/* One run; `rate` in place of the scenario's own, or 0.  NULL when it cannot be, which is said. */
struct drive *sim_drive(const struct sim_options *o, const struct scenario *s,
			const struct sim_mode *mode, uint64_t seed, uint64_t rate);

/* Reads a scenario, runs it and prints what came of it; 0, 1 for a limit, or a sysexits code. */
int sim_scenario(const struct sim_options *o, const char *path);

/* How the oracle fares; `rate` in place of the scenario's own, or 0. */
void sim_oracle(const struct scenario *s, unsigned vehicle, uint64_t seed, uint64_t rate,
		struct tally *t);

/* Likewise at the scenario's own rate, for all vehicles, and remembered until it is forgotten. */
void sim_best(const struct scenario *s, unsigned vehicles, uint64_t seed,
	      struct tally tally[SCENARIO_VEHICLES]);
void sim_best_forget(void);

/* Of table.c: a row of Markdown for each mode and the oracle, with medians and ranges of all seeds. */
void sim_table_heading(void);
bool sim_table(const struct sim_options *o, const struct scenario *s);

/*
 * Of sweep.c, "queue=20ms,60ms": a row of Markdown for each scenario, a column for each value.
 * The heading says false and why when a value is none.
 */
bool sim_sweep_heading(const struct sim_options *o);
bool sim_sweep(const struct sim_options *o, const struct scenario *s);
void sim_sweep_end(void);

/* Of r01.c: the highest rates of all modes; their shares of the oracle are averaged until the end. */
void sim_rates(const struct sim_options *o, const struct scenario *s);
void sim_rates_end(const struct sim_options *o);

/* The middle one of so many figures, which are put in order. */
uint64_t sim_median(uint64_t *figure, size_t count);

/* Of show.c. */
void sim_heading(const struct sim_options *o);
void sim_show_line(const struct scenario *s, const struct sim_score *score, const char *verdict);
void sim_show_scenario(const struct scenario *s, const struct sim_options *o);
void sim_show_score(const char *mode, const struct scenario *s, const struct sim_score *score);
void sim_show_oracle(const struct sim_score *score);

/* How many limits do not stand as the scenario says; says so of each unless it is to be quiet. */
unsigned sim_judge(const struct scenario *s, const struct sim_score *score, bool quiet);

/*
 * Of rate.c: the highest rate of which at most 0.1 % is late, bit/s; 0: none.
 * `mode` NULL: the oracle's.
 */
uint64_t sim_rate(const struct scenario *s, const struct sim_options *o,
		  const struct sim_mode *mode);

/* Of write.c: a run as a line of JSON, and as a picture. */
bool sim_write_json(FILE *to, const struct scenario *s, const char *mode, uint64_t seed,
		    const struct drive *d, const struct tally *oracle);
bool sim_draw(const char *file, const struct scenario *s, const char *mode, uint64_t seed,
	      const struct drive *d);

#endif
