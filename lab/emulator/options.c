/* SPDX-License-Identifier: MIT */
#include "lab/emulator/options.h"

#include <getopt.h>
#include <inttypes.h>
#include <string.h>

#include "shared/base/text.h"

#define LONGEST SEC(30 * 86400)

enum { DESCRIBE = 1, TRACES, VEHICLES, SEED, ROAD, CAR, REPORT, LASTS, HELP };

static const struct option known[] = {
	{"describe", required_argument, NULL, DESCRIBE},
	{"traces", required_argument, NULL, TRACES},
	{"vehicles", required_argument, NULL, VEHICLES},
	{"seed", required_argument, NULL, SEED},
	{"road", required_argument, NULL, ROAD},
	{"car", required_argument, NULL, CAR},
	{"report", required_argument, NULL, REPORT},
	{"lasts", required_argument, NULL, LASTS},
	{"help", no_argument, NULL, HELP},
	{NULL, 0, NULL, 0},
};

void options_help(FILE *out)
{
	fputs("usage: linklab-emulator --describe SCENARIO [--traces DIR] [--vehicles N]\n"
	      "       linklab-emulator SCENARIO --seed N --road NETNS --car NETNS ...\n"
	      "                        --report FILE [--traces DIR] [--lasts SPAN]\n"
	      "\n"
	      "Puts the links of a scenario between network namespaces, in real time: devices m1\n"
	      "to mN in each car's, net0 in the road's.  linklab(1) is what people use.\n"
	      "\n"
	      "  --describe SCENARIO  print the scenario as JSON and end\n"
	      "  --seed N             of all chances\n"
	      "  --road NETNS         namespace of the receiver, a path\n"
	      "  --car NETNS          namespace of a sender; one for each vehicle\n"
	      "  --report FILE        what happened, as JSON, at the end\n"
	      "  --traces DIR         where recordings are that the scenario names\n"
	      "  --vehicles N         describe so many\n"
	      "  --lasts SPAN         end by itself so long after the start\n"
	      "  --help               print this\n"
	      "\n"
	      "Prints \"ready\" when the devices are there, and reads lines: start, rebind\n"
	      "VEHICLE LINK, stop.  The end of its input, SIGINT and SIGTERM are a stop.\n",
	      out);
}

static bool add_car(struct options *o, const char *path, char why[OPTIONS_WHY])
{
	if (o->cars == SCENARIO_VEHICLES) {
		snprintf(why, OPTIONS_WHY, "--car: at most %d vehicles", SCENARIO_VEHICLES);
		return false;
	}
	o->car[o->cars++] = path;
	return true;
}

static bool take_number(const char *name, uint64_t min, uint64_t max, uint64_t *out,
			char why[OPTIONS_WHY])
{
	if (text_number(optarg, min, max, out))
		return true;
	snprintf(why, OPTIONS_WHY, "--%s: a number from %" PRIu64 " to %" PRIu64 " is wanted", name,
		 min, max);
	return false;
}

static bool take_span(struct options *o, const char *text, char why[OPTIONS_WHY])
{
	if (text_span(text, &o->lasts) && o->lasts > 0 && o->lasts <= LONGEST)
		return true;
	snprintf(why, OPTIONS_WHY, "--lasts: a span such as 60s is wanted, 30 days at most");
	return false;
}

/* Everything that a run needs is there. */
static bool complete(const struct options *o, bool seeded, char why[OPTIONS_WHY])
{
	const char *missing = !o->scenario ? "a scenario"
			      : !seeded    ? "--seed"
			      : !o->road   ? "--road"
			      : !o->cars   ? "--car"
			      : !o->report ? "--report"
					   : NULL;

	if (missing)
		snprintf(why, OPTIONS_WHY, "%s is wanted; see --help", missing);
	return !missing;
}

/* What was said besides the options themselves. */
struct said {
	bool describe, seeded;
};

/* One option; false when it is wrong. */
static bool take(struct options *o, int which, struct said *said, char why[OPTIONS_WHY])
{
	uint64_t vehicles = 0;
	bool fine = true;

	switch (which) {
	case DESCRIBE:
		said->describe = true;
		o->scenario = optarg;
		break;
	case TRACES:
		o->traces = optarg;
		break;
	case VEHICLES:
		fine = take_number("vehicles", 1, SCENARIO_VEHICLES, &vehicles, why);
		o->vehicles = (unsigned)vehicles;
		break;
	case SEED:
		fine = said->seeded = take_number("seed", 0, UINT64_MAX, &o->seed, why);
		break;
	case ROAD:
		o->road = optarg;
		break;
	case CAR:
		fine = add_car(o, optarg, why);
		break;
	case REPORT:
		o->report = optarg;
		break;
	case LASTS:
		fine = take_span(o, optarg, why);
		break;
	}
	return fine;
}

enum options_verdict options_read(struct options *o, int argc, char **argv, char why[OPTIONS_WHY])
{
	struct said said = {0};
	int which;

	*o = (struct options){.lasts = NEVER};
	opterr = 0;
	optind = 0; /* from the beginning, also when called again */
	while ((which = getopt_long(argc, argv, "", known, NULL)) != -1) {
		if (which == HELP)
			return OPTIONS_HELP;
		if (which == '?') {
			snprintf(why, OPTIONS_WHY,
				 "%.100s: unknown, or its value is missing; see --help",
				 argv[optind - 1]);
			return OPTIONS_WRONG;
		}
		if (!take(o, which, &said, why))
			return OPTIONS_WRONG;
	}
	if (!o->scenario && optind < argc)
		o->scenario = argv[optind++];
	if (optind < argc) {
		snprintf(why, OPTIONS_WHY, "%.100s: what is this for? see --help", argv[optind]);
		return OPTIONS_WRONG;
	}
	if (said.describe)
		return OPTIONS_DESCRIBE;
	return complete(o, said.seeded, why) ? OPTIONS_RUN : OPTIONS_WRONG;
}
