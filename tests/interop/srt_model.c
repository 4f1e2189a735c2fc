/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>

#include "tests/interop/srt_trial.h"

/*
 * The simulator's SRT model against libsrt: the same media over the same roads,
 * with the same lots drawn for the same packets.  What is late, sent again and
 * asked for must agree.  Roads have a little jitter, since without it some of
 * libsrt's decisions hang on microseconds that no model has; and a few ms more or
 * less of latency would make little difference, since a clock is never exact.
 */
enum {
	KINDS = 3,
	TRIALS = 2 * KINDS,
	BOUND = 20,       /* percent that the model may differ by */
	NAKS_LEAST = 500, /* below these nothing is proved */
	LATE_LEAST = 200,
	TRIES = 2,
	SKIPPED = 77,
};

static const struct trial kinds[KINDS] = {
	{
		.name = "random loss",
		.media = {.rate = 8000000, .fps = 30, .gop = 60, .key = 500},
		.latency = 112,
		.lanes = 1,
		.road = {{.delay = MSEC(28), .jitter = MSEC(5), .loss = 200000},
			 [TRIAL_DOWN] = {.delay = MSEC(28), .jitter = MSEC(5), .loss = 30000}},
		.seed = 1,
		.lasts = SEC(60),
	},
	{
		.name = "three lanes",
		.media = {.rate = 8000000},
		.latency = 128,
		.lanes = 3,
		.road = {{.delay = MSEC(10), .jitter = MSEC(5), .loss = 200000},
			 {.delay = MSEC(40), .jitter = MSEC(5), .loss = 200000},
			 {.delay = MSEC(100), .jitter = MSEC(5), .loss = 200000},
			 [TRIAL_DOWN] = {.delay = MSEC(30), .jitter = MSEC(5)}},
		.seed = 2,
		.lasts = SEC(60),
	},
	{
		.name = "bursts",
		.media = {.rate = 8000000, .fps = 60},
		.latency = 150,
		.lanes = 1,
		.road = {{.delay = MSEC(38),
			  .jitter = MSEC(5),
			  .burst_enter = 20000,
			  .burst_leave = 50000,
			  .burst_loss = 500000},
			 [TRIAL_DOWN] = {.delay = MSEC(38), .jitter = MSEC(5)}},
		.seed = 3,
		.lasts = SEC(60),
	},
};

static bool agree(const char *what, uint64_t real, uint64_t model, uint64_t least)
{
	uint64_t off = real > model ? real - model : model - real;
	bool fine = off * 100 <= real * BOUND && real >= least && model >= least;

	printf(" | %s %6" PRIu64 " %6" PRIu64 " %+6.1f %%%s", what, real, model,
	       real ? 100.0 * ((double)model - (double)real) / (double)real : 0.0,
	       fine ? "" : " WRONG");
	return fine;
}

static bool compare(const struct trial *t, const struct trial_figures *real,
		    const struct trial_figures *model)
{
	bool fine = true;

	printf("%-11s lossmaxttl %2u", t->name, t->lossmaxttl);
	fine = agree("late", real->late, model->late, LATE_LEAST) && fine;
	fine = agree("resent", real->resent, model->resent, 0) && fine;
	fine = agree("NAKs", real->naks, model->naks, NAKS_LEAST) && fine;
	printf(" | made %" PRIu64 " %" PRIu64 "%s\n", real->made, model->made,
	       real->made == model->made ? "" : " WRONG");
	return fine && real->made == model->made;
}

int main(void)
{
	static struct trial trial[TRIALS];
	struct trial_figures real[TRIALS], model[TRIALS];
	enum trial_verdict verdict = TRIAL_LATE;
	bool fine = true;

	for (unsigned i = 0; i < TRIALS; i++) {
		trial[i] = kinds[i / 2];
		trial[i].lossmaxttl = i % 2 ? 40 : 0;
		trial_model(&trial[i], &model[i]);
	}
	for (int tries = 0; verdict == TRIAL_LATE && tries < TRIES; tries++)
		verdict = trial_real(trial, TRIALS, real);
	if (verdict != TRIAL_FINE)
		return verdict == TRIAL_LATE ? SKIPPED : 1;
	printf("each: libsrt, the model, and by how much that is off\n");
	for (unsigned i = 0; i < TRIALS; i++)
		fine = compare(&trial[i], &real[i], &model[i]) && fine;
	return fine ? 0 : 1;
}
