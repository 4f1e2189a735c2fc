/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/sim/verdict.h"

/* Everything that can go wrong, at random, for two minutes; then the sun shines. */

enum { SEEDS = 120, STORMS = 120 };

static void turn_link(struct story *s, unsigned link)
{
	struct bond *b = &s->bond[0];
	struct road_config *up = &b->link[link].up.road.cfg, *down = &b->link[link].down.road.cfg;
	struct rng *rng = &s->world.rng;

	switch (rng_below(rng, 9)) {
	case 0:
		bond_cut(b, link, true);
		break;
	case 1:
		b->link[link].down.cut = true;
		break;
	case 2:
		bond_rebind(b, link);
		break;
	case 3:
		bond_break(b, link, rng_below(rng, 2) ? ENETUNREACH : ECONNREFUSED);
		break;
	case 4:
		up->loss = down->loss = (uint32_t)rng_below(rng, 300000);
		break;
	case 5:
		up->jitter = down->jitter = (usspan)rng_below(rng, MSEC(300));
		break;
	case 6:
		up->twice = down->damage = (uint32_t)rng_below(rng, 20000);
		break;
	default:
		bond_cut(b, link, false);
		bond_break(b, link, 0);
		up->loss = down->loss = up->twice = down->damage = 0;
		up->jitter = down->jitter = 0;
		break;
	}
}

static void turn_ends(struct story *s)
{
	struct srt_caller *c = &s->bond[0].caller;
	struct rng *rng = &s->world.rng;

	switch (rng_below(rng, 12)) {
	case 0:
		site_stop_receiver(&s->site);
		site_start_receiver(&s->site, rng_below(rng, 2));
		break;
	case 1:
		site_stop_server(&s->site);
		site_start_server(&s->site);
		break;
	case 2:
		srt_caller_stop(c, rng_below(rng, 2));
		srt_caller_start(c);
		break;
	case 3:
		bond_suspend(&s->bond[0], (usspan)rng_below(rng, SEC(20)));
		break;
	case 4:
		bond_restart_sender(&s->bond[0]);
		break;
	default:
		break;
	}
}

static void clear_sky(struct story *s)
{
	bond_suspend(&s->bond[0], 0);
	for (unsigned i = 0; i < s->bond[0].cfg.links; i++) {
		struct bond_link *l = &s->bond[0].link[i];

		bond_cut(&s->bond[0], i, false);
		bond_break(&s->bond[0], i, 0);
		l->up.road.cfg.loss = l->down.road.cfg.loss = l->up.road.cfg.twice = l->down.road.cfg.damage = 0;
		l->up.road.cfg.jitter = l->down.road.cfg.jitter = 0;
	}
}

static void after_any_storm_every_link_and_the_stream_come_back(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		struct plan plan = plan_links(4, 6000000, MSEC(50));
		struct story *s;
		char told[32];

		plan.seed = seed;
		s = story_begin(&plan);
		snprintf(told, sizeof(told), "seed %u", (unsigned)seed);
		timeline_say(&s->line, s->world.now, told);
		story_start_encoders(s);
		for (unsigned i = 0; i < STORMS; i++) {
			turn_link(s, (unsigned)rng_below(&s->world.rng, 4));
			turn_ends(s);
			story_run(s, (usspan)rng_below(&s->world.rng, SEC(2)));
		}
		clear_sky(s);
		timeline_say(&s->line, s->world.now, "clear sky");
		/* A receiver that restarts within 4 s of making the group may be found out late. */
		assert_true(story_run_until_live(s, 1, SEC(60)) <= MSEC(5500));
		/* An encoder that has just lost its server: its silence, another try, the latency. */
		story_run(s, SEC(7) + srt_silence(s->bond[0].caller.rtt, s->bond[0].caller.rttvar));
		assert_int_equal(story_run_until_live(s, 4, SEC(1)), 0);
		assert_streams_well(s, SEC(5));
		assert_int_equal(s->line.lost, 0);
		assert_int_equal(s->site.wrong_address, 0);
		story_end(s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(after_any_storm_every_link_and_the_stream_come_back,
					  story_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
