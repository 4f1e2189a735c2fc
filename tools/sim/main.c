/* SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "shared/io/options.h"
#include "tools/sim/sim.h"

enum { WHY = 256, NAMES = 256, PATH = 1024 };

static const struct option_row rows[] = {
	{"all", 'a', OPTION_FLAG, offsetof(struct sim_options, all), 0, 0, NULL, NULL,
	 "every scenario of the table, one line each"},
	{"mode", 'm', OPTION_CHOICE, offsetof(struct sim_options, mode), 0, 0, SIM_MODES, "MODE",
	 "only this scheduling rule (default: all of them)"},
	{"server", 0, OPTION_CHOICE, offsetof(struct sim_options, server), 0, 0,
	 "listed|stock|patched", "KIND",
	 "the SRT server: what the scenario lists, libsrt with nothing set, or libsrt as patched "
	 "for bonding"},
	{"hold", 0, OPTION_CHOICE, offsetof(struct sim_options, hold), 0, 0, "auto|off", "HOW",
	 "whether the receiver puts media in order (default: auto)"},
	{"seeds", 's', OPTION_NUMBER, offsetof(struct sim_options, seeds), 1, 10000, NULL, "N",
	 "run with seeds 1 to N; the worst counts (default 1)"},
	{"seed", 0, OPTION_NUMBER, offsetof(struct sim_options, seed), 0, UINT64_MAX, NULL, "N",
	 "the first seed (default 1)"},
	{"vehicles", 0, OPTION_NUMBER, offsetof(struct sim_options, vehicles), 1, SCENARIO_VEHICLES,
	 NULL, "N", "so many vehicles, each with links and a stream of its own"},
	{"r01", 'r', OPTION_FLAG, offsetof(struct sim_options, r01), 0, 0, NULL, NULL,
	 "search the highest rate with at most 0.1 % late, ours and the oracle's"},
	{"plot", 'p', OPTION_TEXT, offsetof(struct sim_options, plot), 0, 0, NULL, "FILE.svg",
	 "draw the first run: rates, delay, what was lost and sent again"},
	{"json", 'j', OPTION_TEXT, offsetof(struct sim_options, json), 0, 0, NULL, "FILE",
	 "write each run as one line of JSON"},
	{"timeline", 't', OPTION_FLAG, offsetof(struct sim_options, timeline), 0, 0, NULL, NULL,
	 "print what both programs noted in the first run"},
	{"traces", 0, OPTION_TEXT, offsetof(struct sim_options, traces), 0, 0, NULL, "DIR",
	 "where recordings are (default: ../shared/traces beside the tree)"},
	{"help", 'h', OPTION_FLAG, offsetof(struct sim_options, help), 0, 0, NULL, NULL,
	 "print this and exit"},
};

enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

static void help(FILE *to)
{
	fputs("usage: srtla_sim [options] SCENARIO...\n"
	      "       srtla_sim [options] --all\n\n"
	      "Drives a scenario in virtual time, and says how the stream fared beside the best that\n"
	      "its links could have done.  SCENARIO is a file, or the name of one that comes along.\n\n",
	      to);
	options_help(rows, ROWS, to);
}

static const char *scenarios_dir(void)
{
	const char *dir = getenv("WAYBOND_SCENARIOS");

	return dir ? dir : SCENARIOS_DIR;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The scenarios of the table: numbered ones, and those of the receiver's order. */
static size_t list_all(char *name[NAMES])
{
	DIR *dir = opendir(scenarios_dir());
	struct dirent *d;
	size_t count = 0;

	if (!dir)
		return 0;
	while (count < NAMES && (d = readdir(dir)) != NULL)
		if (fnmatch("s[0-9]*.scn", d->d_name, 0) == 0 ||
		    fnmatch("order-*.scn", d->d_name, 0) == 0)
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

	if (bare || o->all)
		snprintf(path, sizeof(path), "%s/%s%s", scenarios_dir(), name, bare ? ".scn" : "");
	else
		snprintf(path, sizeof(path), "%s", name);
	return sim_scenario(o, path);
}

static int run_all(const struct sim_options *o)
{
	char *name[NAMES];
	size_t count = list_all(name);
	int status = 0;

	if (count == 0) {
		fprintf(stderr, "srtla_sim: no scenarios in %s: WAYBOND_SCENARIOS says where\n",
			scenarios_dir());
		return EX_NOINPUT;
	}
	sim_heading(o);
	for (size_t i = 0; i < count; i++) {
		status = worse(status, run_one(o, name[i]));
		free(name[i]);
	}
	return status;
}

int main(int argc, char **argv)
{
	struct sim_options o = {.mode = -1, .seeds = 1, .seed = 1, .traces = TRACES_DIR};
	char why[WHY];
	int first = options_parse(rows, ROWS, argc, argv, &o, why, sizeof(why));
	int status = 0;

	if (first >= 0 && o.help) {
		help(stdout);
		return 0;
	}
	if (first < 0 || (o.all ? first < argc : first == argc)) {
		fprintf(stderr, "srtla_sim: %s; --help says what there is\n",
			first < 0 ? why : o.all ? "--all takes no scenario" : "no scenario given");
		return EX_USAGE;
	}
	if (!sim_begin(&o))
		return EX_CANTCREAT;
	if (o.all)
		status = run_all(&o);
	for (; first < argc; first++)
		status = worse(status, run_one(&o, argv[first]));
	sim_end(&o);
	return status;
}
