/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>

#include "tests/sim/drive.h"

/* Drives a few scenarios that between them use every part of the roads; a line for each. */
static const char *const names[] = {"s02", "s04", "s09", "s10", "s15", "s17", "s20", "s22"};

int main(int argc, char **argv)
{
	char path[1024], error[SCENARIO_ERROR];
	static struct scenario s;

	for (size_t i = 0; argc == 2 && i < sizeof(names) / sizeof(names[0]); i++) {
		struct drive_config cfg = {.scenario = &s, .seed = 7};
		const char *why;
		struct drive *d;

		snprintf(path, sizeof(path), "%s/%s.scn", argv[1], names[i]);
		if (scenario_read(path, NULL, &s, error) != SCENARIO_READ) {
			fprintf(stderr, "%s\n", error);
			return 1;
		}
		d = drive_run(&cfg, &why);
		must(d != NULL);
		printf("%s %016" PRIx64 " %" PRIu64 " late, wire %" PRIu64 "\n", names[i],
		       d->fingerprint, d->vehicle[0].tally.late, census_wire(&d->vehicle[0].census));
		drive_destroy(d);
		scenario_finish(&s);
	}
	return 0;
}
