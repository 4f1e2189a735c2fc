/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/sim/foreign_profiles.h"
#include "tests/sim/verdict.h"
#include "tests/sim/witness.h"

/* What holds for a sender that binds late, in whatever world. */

enum { WORLDS = 60, LINKS_MOST = 6, TURNS = 100 };

#define TURN MSEC(300) /* from one event to the next */

static struct {
	uint64_t seed;
	ustime looked; /* when `v` was taken */
	struct sender_view v;
	uint64_t looks;
} run;

static struct plan random_world(uint64_t seed)
{
	static const enum sender_mode modes[] = {SENDER_BALANCE, SENDER_BALANCE, SENDER_REDUNDANT,
						 SENDER_AUTO};
	struct rng rng;
	struct plan plan;
	unsigned links;

	rng_init(&rng, seed);
	links = 1 + (unsigned)rng_below(&rng, LINKS_MOST);
	plan = plan_links(links, 0, 0);
	plan.seed = seed;
	plan.bond[0].mode = modes[rng_below(&rng, 4)];
	plan.bond[0].caller.media.rate = 1000000 + rng_below(&rng, 11000000);
	plan.bond[0].caller.media.fps = rng_below(&rng, 2) ? 30 : 0;
	plan.bond[0].caller.latency = (uint16_t)(200 + rng_below(&rng, 2000));
	for (unsigned i = 0; i < links; i++) {
		struct road_config *up = &plan.bond[0].up[i], *down = &plan.bond[0].down[i];

		up->supply.rate = 200000 + rng_below(&rng, 12000000);
		up->queue = 20000 + rng_below(&rng, 400000);
		up->delay = down->delay = (usspan)rng_below(&rng, MSEC(150));
		up->jitter = (usspan)rng_below(&rng, MSEC(20));
		up->loss = (uint32_t)rng_below(&rng, 60000);
		up->astray = (uint32_t)rng_below(&rng, 5000);
		up->detour = MSEC(20);
		up->twice = (uint32_t)rng_below(&rng, 5000);
		down->loss = (uint32_t)rng_below(&rng, 20000);
	}
	if (rng_below(&rng, 3) == 0)
		plan.site.foreign = foreign_receiver_named("each_tenth_acked_and_all_to_everyone");
	else
		plan.site.mute = rng_below(&rng, 3) == 0;
	return plan;
}

/* What it shows of itself now; asked once a moment. */
static const struct sender_view *view(struct story *s)
{
	if (run.looked != s->world.now) {
		story_view(s, &run.v);
		run.looked = s->world.now;
		run.looks++;
	}
	return &run.v;
}

static void only_live_links_carry_media(struct witness *w, unsigned link, bool first)
{
	(void)first;
	if (view(w->story)->link[link].state != LINK_UP)
		fail_msg("seed %llu: link %u carries media and is %s", (unsigned long long)run.seed,
			 link + 1, link_state_name(run.v.link[link].state));
}

/* What left is under way, has arrived, or was lost. */
static void assert_books_balance(struct story *s)
{
	const struct sender_view *v = view(s);

	for (unsigned i = 0; i < v->count; i++) {
		const struct sender_link_view *l = &v->link[i];

		if (l->in_flight >= 0 && l->flown == l->landed + l->lost + (uint64_t)l->in_flight)
			continue;
		fail_msg("seed %llu, link %u: %llu left, %llu arrived, %llu lost, %d under way",
			 (unsigned long long)run.seed, i + 1, (unsigned long long)l->flown,
			 (unsigned long long)l->landed, (unsigned long long)l->lost, l->in_flight);
	}
}

static void turn_something(struct story *s)
{
	struct bond *b = &s->bond[0];
	struct rng *rng = &s->world.rng;
	unsigned link = (unsigned)rng_below(rng, b->cfg.links);
	struct sender_terms terms = {.role = (enum sender_role)rng_below(rng, 4),
				     .cap = rng_below(rng, 3) ? 0 : 500000};

	switch (rng_below(rng, 12)) {
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
		bond_terms(b, link, &terms);
		break;
	case 4:
		bond_readdress(b, link, "198.51.100.77");
		break;
	case 5:
		b->link[link].up.road.cfg.loss = (uint32_t)rng_below(rng, 300000);
		break;
	case 6:
		b->link[link].up.road.cfg.delay = (usspan)rng_below(rng, MSEC(400));
		break;
	default: /* what was bad becomes good again */
		bond_cut(b, link, false);
		b->link[link].up.road.cfg.loss = 0;
		bond_terms(b, link, &(struct sender_terms){0});
		break;
	}
}

static void tell(uint64_t seed)
{
	struct plan plan = random_world(seed);
	struct story *s;
	struct witness *w;

	run.seed = seed;
	run.looked = 0;
	s = story_begin(&plan);
	w = witness_begin(s);
	w->sees = only_live_links_carry_media;
	story_start_encoders(s);
	for (int i = 0; i < TURNS; i++) {
		story_run(s, TURN);
		run.looked = 0;
		assert_books_balance(s);
		turn_something(s);
	}
	if (w->plain_again > 0)
		fail_msg("seed %llu: %llu numbers were cut twice", (unsigned long long)seed,
			 (unsigned long long)w->plain_again);
	assert_int_equal(s->bond[0].to_strangers, 0);
	story_end(s);
}

static void books_balance_dead_links_rest_and_numbers_are_cut_once(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= WORLDS; seed++)
		tell(seed);
	assert_true(run.looks > WORLDS * TURNS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(books_balance_dead_links_rest_and_numbers_are_cut_once,
					  story_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
