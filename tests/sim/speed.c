/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "tests/sim/drive.h"

/*
 * How many seconds of a bond pass in a second of ours: 8 Mbit/s over three
 * links of 5 Mbit/s, both cores, SRT at both ends, ledger and census.
 */
enum { LASTS = 600 };

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void three_links(struct scenario *s)
{
	struct road_config up = {.supply.rate = 5000000, .queue = 375000, .delay = MSEC(25)};
	struct road_config down = {.delay = MSEC(25)};

	s->lasts = SEC(LASTS);
	s->vehicles = 1;
	s->latency = SEC(1);
	s->stream = (struct encoder_config){.rate = 8000000, .fps = 30, .gop = 60, .key = 500};
	s->server.loss_ttl = 40;
	s->links = 3;
	for (unsigned i = 0; i < s->links; i++)
		s->link[i] = (struct scenario_link){.up = up, .down = down};
}

int main(void)
{
	static struct scenario s;
	struct drive_config cfg = {.scenario = &s, .seed = 1};
	const char *why;
	double began;
	struct drive *d;

	three_links(&s);
	began = seconds();
	d = drive_run(&cfg, &why);
	must(d != NULL);
	printf("%.0f simulated seconds a second\n",
	       (double)d->lasted / 1e6 / (seconds() - began));
	printf("%" PRIu64 " packets made, %" PRIu64 " late, fingerprint %016" PRIx64 "\n",
	       d->vehicle[0].tally.made, d->vehicle[0].tally.late, d->fingerprint);
	drive_destroy(d);
	return 0;
}
