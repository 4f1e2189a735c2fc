/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "lab/emulator/emulator.h"
#include "lab/emulator/report.h"

static int describe(const struct scenario *s)
{
	json_t *j = scenario_json(s);
	bool written = j && json_dumpf(j, stdout, JSON_INDENT(1)) == 0 &&
		       fputc('\n', stdout) != EOF && fflush(stdout) == 0;

	json_decref(j);
	if (!written)
		emulator_say("standard output: it cannot be written");
	return written ? 0 : EX_IOERR;
}

static int emulate(const struct scenario *s, const struct options *o, FILE *report)
{
	static struct emulator e;
	int code = emulator_init(&e, s, o);

	if (code == 0) {
		puts("ready");
		fflush(stdout);
		emulator_run(&e);
		if (!report_write(&e, report)) {
			emulator_say("%s: it cannot be written", o->report);
			code = EX_IOERR;
		}
	}
	emulator_finish(&e);
	return code;
}

/* The file is opened first, so that a run is not in vain. */
static int run(const struct scenario *s, const struct options *o)
{
	FILE *report = fopen(o->report, "we");
	int code;

	if (!report) {
		emulator_say("%s: cannot be written: %s", o->report, strerror(errno));
		return EX_CANTCREAT;
	}
	code = emulate(s, o, report);
	if (fclose(report) != 0 && code == 0) {
		emulator_say("%s: cannot be written: %s", o->report, strerror(errno));
		code = EX_IOERR;
	}
	return code;
}

int main(int argc, char **argv)
{
	static struct scenario s;
	struct options o;
	char why[OPTIONS_WHY], error[SCENARIO_ERROR];
	enum options_verdict what = options_read(&o, argc, argv, why);
	enum scenario_verdict read;
	int code;

	if (what == OPTIONS_HELP) {
		options_help(stdout);
		return fflush(stdout) ? EX_IOERR : 0;
	}
	if (what == OPTIONS_WRONG) {
		emulator_say("%s", why);
		return EX_USAGE;
	}
	read = scenario_read(o.scenario, o.traces, &s, error);
	if (read != SCENARIO_READ) {
		emulator_say("%s", error);
		return read == SCENARIO_ABSENT ? EX_NOINPUT : EX_DATAERR;
	}
	if (what == OPTIONS_DESCRIBE && o.vehicles > 0)
		s.vehicles = o.vehicles;
	code = what == OPTIONS_DESCRIBE ? describe(&s) : run(&s, &o);
	scenario_finish(&s);
	return code;
}
