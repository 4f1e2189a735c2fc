/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

#include "tools/sim/sim.h"

const struct sim_mode sim_modes[] = {
	{"classic", SENDER_CLASSIC, false, false},    {"quality", SENDER_QUALITY, false, false},
	{"C", SENDER_BALANCE, true, false},           {"R", SENDER_BALANCE, false, false},
	{"redundant", SENDER_REDUNDANT, false, true}, {"auto", SENDER_AUTO, false, true},
};
const unsigned sim_mode_count = sizeof(sim_modes) / sizeof(sim_modes[0]);
const unsigned sim_product = 3;

/* Of the whole invocation. */
static struct {
	FILE *json;
	bool drawn;
	double began;
	usspan simulated;
	double driving; /* seconds of it in drive_run() */
	unsigned scenarios, absent, odd;
} sim;

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

bool sim_begin(const struct sim_options *o)
{
	sim.began = seconds();
	if (o->json && !(sim.json = fopen(o->json, "w"))) {
		fprintf(stderr, "srtla_sim: %s: %s\n", o->json, strerror(errno));
		return false;
	}
	return true;
}

void sim_end(const struct sim_options *o)
{
	if (sim.json)
		fclose(sim.json);
	if (o->all)
		printf("%u scenarios, %u of them not as listed, %u without their recordings\n",
		       sim.scenarios, sim.odd, sim.absent);
	if (sim.driving > 0)
		printf("%.0f simulated seconds in %.2f s, %.0f times as fast as real time\n",
		       (double)sim.simulated / 1e6, seconds() - sim.began,
		       (double)sim.simulated / 1e6 / sim.driving);
}

bool sim_wants(const struct sim_options *o, unsigned mode)
{
	return o->mode >= 0 ? (unsigned)o->mode == mode : !sim_modes[mode].asked;
}

struct drive *sim_drive(const struct sim_options *o, const struct scenario *s,
			const struct sim_mode *mode, uint64_t seed, uint64_t rate)
{
	struct drive_config cfg = {.scenario = s,
				   .seed = seed,
				   .mode = mode->mode,
				   .tuning = &o->tuning,
				   .vehicles = (unsigned)o->vehicles,
				   .rate = rate,
				   .server = (enum drive_server)o->server,
				   .hold = o->hold ? -1 : 0};
	double began = seconds();
	const char *why;
	struct drive *d;

	if (mode->classic)
		cfg.receiver = o->classic_is ? DRIVE_RECEIVER_MUTE : DRIVE_RECEIVER_CLASSIC;
	d = drive_run(&cfg, &why);
	if (!d) {
		fprintf(stderr, "srtla_sim: %s: %s\n", s->name, why);
		return NULL;
	}
	sim.driving += seconds() - began;
	sim.simulated += d->lasted;
	return d;
}

static void remember_first(const struct scenario *s, const struct drive *d,
			   const struct tally *oracle, struct sim_score *score)
{
	score->vehicles = d->vehicles;
	for (unsigned i = 0; i < d->vehicles; i++) {
		const struct drive_outcome *v = &d->vehicle[i];

		score->tally[i] = v->tally;
		score->oracle[i] = oracle[i];
		score->wire[i] = census_wire(&v->census);
		score->false_naks[i] = v->census.false_naks;
		score->mean_rate[i] = v->media_bits * 1000000 / (uint64_t)s->lasts;
	}
}

static void extras(const struct sim_options *o, const struct scenario *s,
		   const struct sim_mode *mode, uint64_t seed, const struct drive *d,
		   const struct tally *oracle)
{
	if (sim.json && !sim_write_json(sim.json, s, mode->name, seed, d, oracle))
		fprintf(stderr, "srtla_sim: %s: %s\n", o->json, strerror(errno));
	if (sim.drawn || seed != o->seed || (o->mode < 0 && mode != &sim_modes[sim_product]))
		return;
	sim.drawn = true;
	if (o->timeline)
		timeline_print(&d->line, stdout);
	if (o->plot && !sim_draw(o->plot, s, mode->name, seed, d))
		fprintf(stderr, "srtla_sim: %s could not be drawn\n", o->plot);
}

static bool run_seed(const struct sim_options *o, const struct scenario *s,
		     const struct sim_mode *mode, uint64_t seed, struct sim_score *score)
{
	struct tally oracle[SCENARIO_VEHICLES];
	uint64_t metric[METRICS];
	struct drive *d = sim_drive(o, s, mode, seed, 0);

	if (!d)
		return false;
	sim_best(s, d->vehicles, seed, oracle);
	drive_metrics(d, oracle, metric);
	for (int m = 0; m < METRICS; m++)
		if (metric[m] > score->metric[m])
			score->metric[m] = metric[m];
	if (seed == o->seed)
		remember_first(s, d, oracle, score);
	score->fingerprint = score->fingerprint * UINT64_C(0x100000001b3) ^ d->fingerprint;
	extras(o, s, mode, seed, d, oracle);
	drive_destroy(d);
	return true;
}

static bool run_mode(const struct sim_options *o, const struct scenario *s,
		     const struct sim_mode *mode, struct sim_score *score)
{
	memset(score, 0, sizeof(*score));
	for (uint64_t i = 0; i < o->seeds; i++)
		if (!run_seed(o, s, mode, o->seed + i, score))
			return false;
	return true;
}

/* The limits of a scenario speak of the programs as they are unasked. */
static bool as_listed(const struct sim_options *o)
{
	return o->server == DRIVE_SERVER_LISTED && !o->hold;
}

/* How many figures are not as the scenario lists them, or -1. */
static int compare_modes(const struct sim_options *o, const struct scenario *s)
{
	static struct sim_score score;
	unsigned odd = 0;

	if (!o->all)
		sim_show_scenario(s, o);
	for (unsigned i = 0; i < sim_mode_count; i++) {
		bool ours = i == sim_product && as_listed(o);

		if (o->all && o->mode < 0 ? i != sim_product : !sim_wants(o, i))
			continue;
		if (!run_mode(o, s, &sim_modes[i], &score))
			return -1;
		if (ours)
			odd = sim_judge(s, &score, true);
		if (o->all)
			sim_show_line(s, &score, odd ? "NOT AS LISTED" : "");
		else
			sim_show_score(sim_modes[i].name, s, &score);
	}
	if (o->all) {
		if (odd)
			sim_judge(s, &score, false);
		return (int)odd;
	}
	sim_show_oracle(&score);
	if (as_listed(o))
		sim_judge(s, &score, false);
	printf("fingerprint %016" PRIx64 "\n", score.fingerprint);
	return (int)odd;
}

/* What was asked for, of one scenario; as compare_modes(). */
static int run_scenario(const struct sim_options *o, const struct scenario *s)
{
	if (o->r01) {
		sim_rates(o, s);
		return 0;
	}
	if (o->sweep)
		return sim_sweep(o, s) ? 0 : -1;
	if (o->table)
		return sim_table(o, s) ? 0 : -1;
	return compare_modes(o, s);
}

int sim_scenario(const struct sim_options *o, const char *path)
{
	static struct scenario s;
	char error[SCENARIO_ERROR];
	int odd;

	switch (scenario_read(path, o->traces, &s, error)) {
	case SCENARIO_READ:
		break;
	case SCENARIO_WRONG:
		fprintf(stderr, "srtla_sim: %s\n", error);
		return EX_DATAERR;
	case SCENARIO_ABSENT:
		sim.absent++;
		if (o->set)
			return o->all ? 0 : EX_NOINPUT;
		fprintf(stderr, "srtla_sim: %s\n", error);
		return EX_NOINPUT;
	}
	sim.scenarios++;
	odd = run_scenario(o, &s);
	sim_best_forget();
	sim.odd += odd > 0;
	scenario_finish(&s);
	return odd < 0 ? EX_DATAERR : odd > 0;
}
