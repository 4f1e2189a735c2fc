/* SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "shared/io/options.h"
#include "tools/sim/sim.h"
#include "tools/sim/tune.h"

enum { WHY = 512, NAMES = 256, PATH = 1024 };

static const struct option_row rows[] = {
	{.name = "all", .letter = 'a', .kind = OPTION_FLAG,
	 .offset = offsetof(struct sim_options, all),
	 .help = "every scenario of the table, one line each"},
	{.name = "table", .kind = OPTION_FLAG, .offset = offsetof(struct sim_options, table),
	 .help = "a row for each scenario and mode, with medians and ranges, for a document"},
	{.name = "mode", .letter = 'm', .kind = OPTION_CHOICE,
	 .offset = offsetof(struct sim_options, mode), .words = SIM_MODES, .value = "MODE",
	 .help = "only this column: a way of finding links, or balance against a classic receiver "
		 "(C) or ours (R); default: the first four"},
	{.name = "classic-is", .kind = OPTION_CHOICE,
	 .offset = offsetof(struct sim_options, classic_is), .words = "foreign|ours",
	 .value = "WHOSE",
	 .help = "the receiver of column C: a plain classic one before a server patched for it, or "
		 "ours, which then neither greets nor reports"},
	{.name = "server", .kind = OPTION_CHOICE, .offset = offsetof(struct sim_options, server),
	 .words = "listed|stock|patched", .value = "KIND",
	 .help = "the SRT server: what the scenario lists, libsrt with nothing set, or libsrt as "
		 "patched for bonding"},
	{.name = "hold", .kind = OPTION_CHOICE, .offset = offsetof(struct sim_options, hold),
	 .words = "auto|off", .value = "HOW",
	 .help = "whether the receiver puts media in order (default: auto)"},
	{.name = "seeds", .letter = 's', .kind = OPTION_NUMBER,
	 .offset = offsetof(struct sim_options, seeds), .min = 1, .max = 10000, .value = "N",
	 .help = "run with seeds 1 to N; the worst counts (default 1)"},
	{.name = "seed", .kind = OPTION_NUMBER, .offset = offsetof(struct sim_options, seed),
	 .max = UINT64_MAX, .value = "N",
	 .help = "the first seed (default 1)"},
	{.name = "vehicles", .kind = OPTION_NUMBER,
	 .offset = offsetof(struct sim_options, vehicles), .min = 1, .max = SCENARIO_VEHICLES,
	 .value = "N",
	 .help = "so many vehicles, each with links and a stream of its own"},
	{.name = "r01", .letter = 'r', .kind = OPTION_FLAG,
	 .offset = offsetof(struct sim_options, r01),
	 .help = "search the highest rate with at most 0.1 % late, ours and the oracle's; without "
		 "a scenario, for those of the project's table"},
	{.name = "tune", .kind = OPTION_LIST, .offset = offsetof(struct sim_options, tune),
	 .value = "NAME=VALUE",
	 .help = "set a figure of the sender's tuning; may be given again and again"},
	{.name = "sweep", .kind = OPTION_TEXT, .offset = offsetof(struct sim_options, sweep),
	 .value = "NAME=VALUE,...",
	 .help = "try each of these values, in a set of scenarios or those given"},
	{.name = "plot", .letter = 'p', .kind = OPTION_TEXT,
	 .offset = offsetof(struct sim_options, plot), .value = "FILE.svg",
	 .help = "draw the first run: rates, delay, what was lost and sent again"},
	{.name = "json", .letter = 'j', .kind = OPTION_TEXT,
	 .offset = offsetof(struct sim_options, json), .value = "FILE",
	 .help = "write each run as one line of JSON"},
	{.name = "timeline", .letter = 't', .kind = OPTION_FLAG,
	 .offset = offsetof(struct sim_options, timeline),
	 .help = "print what both programs noted in the first run"},
	{.name = "traces", .kind = OPTION_TEXT, .offset = offsetof(struct sim_options, traces),
	 .value = "DIR",
	 .help = "where recordings are (default: ../shared/traces beside the tree)"},
	{.name = "help", .letter = 'h', .kind = OPTION_FLAG,
	 .offset = offsetof(struct sim_options, help),
	 .help = "print this and exit"},
};

enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

static void help(FILE *to)
{
	fputs("usage: srtla_sim [options] SCENARIO...\n"
	      "       srtla_sim [options] --all\n"
	      "       srtla_sim [options] --table | --r01 | --sweep NAME=VALUE,... [SCENARIO...]\n\n"
	      "Drives a scenario in virtual time, and says how the stream fared beside the best that\n"
	      "its links could have done.  SCENARIO is a file, or the name of one that comes along.\n\n",
	      to);
	options_help(rows, ROWS, to);
}

/* A scenario of a set, and which one takes its place where its recordings lack. */
struct choice {
	const char *name, *without;
	bool alone; /* held against SRT alone */
};

static const struct choice of_rates[] = {
	{"s01", NULL, false},
	{"s02", NULL, false},
	{"s08", NULL, false},
	{"s09", NULL, false},
	{"s10-recorded", "s10", false},
	{"s11-recorded", "s11", false},
	{"s12-recorded", "s12", false},
	{"s13-recorded-24m", "s13", false},
	{"s14", NULL, false},
	{"s15", NULL, false},
	{"s01-one-link", NULL, true},
	{"s01-two-links", NULL, true},
	{NULL, NULL, false},
};

static const struct choice of_sweep[] = {
	{"s02", NULL, false},
	{"s08", NULL, false},
	{"s09", NULL, false},
	{"s10-recorded", "s10", false},
	{"s12-recorded", "s12", false},
	{"s13-recorded-24m", "s13", false},
	{"s14", NULL, false},
	{"s15", NULL, false},
	{NULL, NULL, false},
};

/* Numbered ones, and those of the receiver's order and of the terms of links. */
static const char *const of_all[] = {"s[0-9]*.scn", "order-*.scn", "roles-*.scn", NULL};

/* But those that try one thing only, or other programs. */
static const char *const of_table[] = {"s0[1-9]*.scn", "s1[0-8]*.scn", "s2[023]*.scn", NULL};

static const char *scenarios_dir(void)
{
	const char *dir = getenv("WAYBOND_SCENARIOS");

	return dir ? dir : SCENARIOS_DIR;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The scenarios whose names match one of these patterns. */
static size_t list(const char *const *pattern, char *name[NAMES])
{
	DIR *dir = opendir(scenarios_dir());
	struct dirent *d;
	size_t count = 0;

	if (!dir)
		return 0;
	while (count < NAMES && (d = readdir(dir)) != NULL)
		for (size_t i = 0; pattern[i]; i++)
			if (fnmatch(pattern[i], d->d_name, 0) == 0)
				name[count++] = strdup(d->d_name);
	closedir(dir);
	qsort(name, count, sizeof(*name), by_name);
	return count;
}

/* The worse of two endings, 0 being the best. */
static int worse(int a, int b)
{
	return a ? a : b;
}

static int run_one(const struct sim_options *o, const char *name)
{
	char path[PATH];
	bool bare = !strchr(name, '/') && !strstr(name, ".scn");

	if (bare || o->set)
		snprintf(path, sizeof(path), "%s/%s%s", scenarios_dir(), name, bare ? ".scn" : "");
	else
		snprintf(path, sizeof(path), "%s", name);
	return sim_scenario(o, path);
}

static int run_matching(const struct sim_options *o, const char *const *pattern)
{
	char *name[NAMES];
	size_t count = list(pattern, name);
	int status = 0;

	if (count == 0) {
		fprintf(stderr, "srtla_sim: no scenarios in %s: WAYBOND_SCENARIOS says where\n",
			scenarios_dir());
		return EX_NOINPUT;
	}
	for (size_t i = 0; i < count; i++) {
		int one = run_one(o, name[i]);

		if (one != EX_NOINPUT)
			status = worse(status, one);
		free(name[i]);
	}
	return status;
}

/* Those by which rates and tunings are judged; where no recording is here, one by formula. */
static int run_set(struct sim_options *o, const struct choice *set)
{
	int status = 0;

	for (; set->name; set++) {
		int one;

		o->alone = set->alone;
		one = run_one(o, set->name);
		if (one == EX_NOINPUT && set->without)
			one = run_one(o, set->without);
		status = worse(status, one);
	}
	return status;
}

/* The scenarios of its own that a task has. */
static int run_own(struct sim_options *o)
{
	o->set = true;
	if (o->r01)
		return run_set(o, of_rates);
	if (o->sweep)
		return run_set(o, of_sweep);
	return run_matching(o, o->table ? of_table : of_all);
}

static int run(struct sim_options *o, int argc, char **argv, int first)
{
	int status = 0;

	if (o->sweep && !sim_sweep_heading(o))
		return EX_USAGE;
	if (o->table)
		sim_table_heading();
	else if (o->all)
		sim_heading(o);
	if (first == argc)
		status = run_own(o);
	for (; first < argc; first++)
		status = worse(status, run_one(o, argv[first]));
	if (o->r01)
		sim_rates_end(o);
	if (o->sweep)
		sim_sweep_end();
	return status;
}

static bool tune(struct sim_options *o, char *why, size_t size)
{
	o->tuning = sender_tuning_default;
	for (unsigned i = 0; i < o->tune.count; i++)
		if (!tune_set(&o->tuning, o->tune.at[i], why, size))
			return false;
	return true;
}

/* Why these options cannot go together, or NULL. */
static const char *nonsense(const struct sim_options *o, bool scenarios)
{
	if (o->all + o->table + o->r01 + (o->sweep != NULL) > 1)
		return "one of --all, --table, --r01 and --sweep is enough";
	if (o->all && scenarios)
		return "--all takes no scenario";
	if (!scenarios && !o->all && !o->table && !o->r01 && !o->sweep)
		return "no scenario given";
	return NULL;
}

int main(int argc, char **argv)
{
	struct sim_options o = {.mode = -1, .seeds = 1, .seed = 1, .traces = TRACES_DIR};
	char why[WHY];
	int first = options_parse(rows, ROWS, argc, argv, &o, why, sizeof(why));
	const char *wrong = first < 0 ? why : NULL;
	int status;

	if (first >= 0 && o.help) {
		help(stdout);
		return 0;
	}
	if (!wrong)
		wrong = nonsense(&o, first < argc);
	if (!wrong && !tune(&o, why, sizeof(why)))
		wrong = why;
	if (wrong) {
		fprintf(stderr, "srtla_sim: %s; --help says what there is\n", wrong);
		return EX_USAGE;
	}
	if (!sim_begin(&o))
		return EX_CANTCREAT;
	status = run(&o, argc, argv, first);
	sim_end(&o);
	return status;
}
