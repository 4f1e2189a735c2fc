/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <getopt.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "lab/census_json.h"
#include "lab/oracle.h"
#include "lab/scenario.h"
#include "shared/base/text.h"

enum { LEDGER_ROOM = 1 << 24 }; /* packets; as much as source and sink have at most */

/* What linklab-judge was asked. */
struct asked {
	const char *scenario, *traces;
	uint64_t seed;
	usspan lasts, latency; /* in place of the scenario's own; 0: that */
};

static void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void say(const char *format, ...)
{
	va_list args;

	fputs("linklab-judge: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
}

static void help(FILE *out)
{
	fputs("usage: linklab-judge SCENARIO [--seed N] [--lasts SPAN] [--latency SPAN]\n"
	      "                     [--traces DIR] LEDGER...\n"
	      "\n"
	      "Judges a run that is over, by the ledger of each vehicle: how the stream fared, and\n"
	      "beside it the best that its links could have done.  Prints JSON.  linklab(1) is\n"
	      "what people use.\n",
	      out);
}

/* NULL when memory is short. */
static json_t *tally(const struct scenario *s, const struct ledger *l)
{
	struct tally t;

	return tally_stream(l, s->judged_from, s->lasts, &t) ? tally_json(&t) : NULL;
}

/* An encoder that was never heard has no ledger, and made nothing. */
static json_t *stream(const struct scenario *s, const char *path)
{
	struct ledger l;
	json_t *judged;
	int r = 0;

	ledger_init(&l);
	if (access(path, F_OK) == 0)
		r = ledger_map(&l, path, LEDGER_ROOM);
	if (r < 0)
		say("%s: it cannot be read: %s", path, strerror(-r));
	judged = r < 0 ? NULL : tally(s, &l);
	ledger_finish(&l);
	return judged;
}

static json_t *oracle(const struct scenario *s, unsigned vehicle, uint64_t seed)
{
	struct ledger l;
	json_t *judged = NULL;

	ledger_init(&l);
	if (oracle_run(s, vehicle, seed, 0, &l))
		judged = tally(s, &l);
	ledger_finish(&l);
	return judged;
}

static int judge(const struct scenario *s, const struct asked *a, char **ledger, unsigned count)
{
	json_t *all = json_array();
	bool fine = all != NULL;

	for (unsigned v = 0; v < count && fine; v++) {
		json_t *one = json_pack("{s:o, s:o}", "tally", stream(s, ledger[v]), "oracle",
					oracle(s, v, a->seed));

		fine = one && json_array_append_new(all, one) == 0;
	}
	fine = fine && json_dumpf(all, stdout, JSON_INDENT(1) | JSON_REAL_PRECISION(9)) == 0 &&
	       fputc('\n', stdout) != EOF && fflush(stdout) == 0;
	json_decref(all);
	if (!fine)
		say("%s: it cannot be judged", s->name);
	return fine ? 0 : EX_IOERR;
}

static bool take_span(const char *text, usspan *into)
{
	return text_span(text, into) && *into > 0;
}

/* Where the plain words begin; -1 when the line is wrong, which is said; 0 for help. */
static int read_line(struct asked *a, int argc, char **argv)
{
	static const struct option known[] = {
		{"seed", required_argument, NULL, 's'},   {"lasts", required_argument, NULL, 'd'},
		{"latency", required_argument, NULL, 'l'}, {"traces", required_argument, NULL, 't'},
		{"help", no_argument, NULL, 'h'},         {NULL, 0, NULL, 0},
	};
	int which;

	opterr = 0;
	while ((which = getopt_long(argc, argv, "", known, NULL)) != -1) {
		bool fine = (which == 's' && text_number(optarg, 0, UINT64_MAX, &a->seed)) ||
			    (which == 'd' && take_span(optarg, &a->lasts)) ||
			    (which == 'l' && take_span(optarg, &a->latency)) || which == 't';

		if (which == 'h')
			return 0;
		if (which == 't')
			a->traces = optarg;
		if (!fine) {
			say("%s: that is no option, or no value of one; see --help",
			    argv[optind - 1]);
			return -1;
		}
	}
	if (argc - optind < 2 || argc - optind > 1 + SCENARIO_VEHICLES) {
		say("a scenario is wanted, and 1 to %d ledgers; see --help", SCENARIO_VEHICLES);
		return -1;
	}
	a->scenario = argv[optind];
	return optind + 1;
}

int main(int argc, char **argv)
{
	static struct scenario s;
	struct asked a = {.seed = 1};
	char error[SCENARIO_ERROR];
	int first = read_line(&a, argc, argv), code;
	enum scenario_verdict read;

	if (first <= 0) {
		if (first == 0)
			help(stdout);
		return first == 0 ? 0 : EX_USAGE;
	}
	read = scenario_read(a.scenario, a.traces, &s, error);
	if (read != SCENARIO_READ) {
		say("%s", error);
		return read == SCENARIO_ABSENT ? EX_NOINPUT : EX_DATAERR;
	}
	s.lasts = a.lasts ? a.lasts : s.lasts;
	s.latency = a.latency ? a.latency : s.latency;
	code = judge(&s, &a, argv + first, (unsigned)(argc - first));
	scenario_finish(&s);
	return code;
}
