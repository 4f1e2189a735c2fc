/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "tests/sim/story.h"

/*
 * How many seconds of a bond pass in a second of ours: 8 Mbit/s over two links
 * of 8 Mbit/s, both cores, model peers and all.
 */
enum { LASTS = 600 };

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int main(void)
{
	struct plan plan = plan_links(2, 8000000, MSEC(50));
	double began = seconds();
	struct story *s = story_begin(&plan);
	const struct srt_stream *x;
	double took;

	story_start_encoders(s);
	story_run(s, SEC(LASTS));
	took = seconds() - began;
	x = story_stream(s, 0);
	printf("%d s in %.3f s: %.0f simulated seconds a second\n", LASTS, took, LASTS / took);
	printf("%" PRIu64 " packets delivered, %" PRIu64 " late, %" PRIu64
	       " events, fingerprint %016" PRIx64 "\n",
	       x->delivered, x->late, s->world.happened, x->fingerprint);
	story_end(s);
	return 0;
}
