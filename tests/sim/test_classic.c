/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/sim/classic_race.h"

/*
 * The sender core and a plain model of the reference rule are told the same
 * random events; they choose the same links and keep the same figures.
 */

enum {
	SEEDS = 200,
	EVENTS = 20000,
};

static void compare(struct race *r)
{
	struct sender_view v;

	sender_view(r->core, r->now, &v);
	for (unsigned i = 0; i < v.count; i++) {
		const struct sender_link_view *core = &v.link[i];
		const struct model_link *model = &r->model.link[r->place[core->port]];

		r->downs += core->state != LINK_UP;
		r->most = r->most > model->in_flight ? r->most : model->in_flight;
		r->low |= model->window == 1000;
		r->high |= model->window == 60000;
		if ((core->state == LINK_UP) != model->up || core->window != model->window ||
		    core->in_flight != model->in_flight)
			fail_msg("seed %" PRIu64 " event %u: link of rank %u is %s, window %" PRId32
				 ", in flight %" PRId32 "; by the model %s, %" PRId32 ", %" PRId32,
				 r->seed, r->event, r->place[core->port],
				 link_state_name(core->state), core->window, core->in_flight,
				 model->up ? "up" : "out", model->window, model->in_flight);
	}
}

static void classic_mode_decides_as_the_reference_rule_does(void **state)
{
	static struct race r;
	unsigned spread = 0, downs = 0, low = 0, high = 0, crowded = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		race_begin(&r, seed);
		compare(&r);
		for (r.event = 1; r.event <= EVENTS; r.event++) {
			race_happen(&r);
			compare(&r);
		}
		assert_true(r.data > EVENTS / 2 && r.acks > EVENTS / 100);
		for (unsigned i = 1; i < r.model.count; i++)
			spread += r.chosen[i] > EVENTS / 20;
		downs += r.downs > 0;
		low += r.low;
		high += r.high;
		crowded += r.most > MODEL_LOG;
		race_end(&r);
	}
	/* The races were worth running: they went through all of this, often. */
	assert_true(spread > SEEDS && downs > SEEDS / 4 && low > SEEDS / 4 && high > SEEDS / 8 &&
		    crowded > SEEDS / 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(classic_mode_decides_as_the_reference_rule_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
