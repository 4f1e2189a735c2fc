/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/sim/verdict.h"
#include "tests/sim/witness.h"

/* What users ask of a bond: U-01 and U-06. */

/* A clean link of twice the stream's rate, and a second one of the same kind to be spoilt. */
static struct plan good_and_other(void)
{
	struct plan plan = plan_links(2, 16000000, MSEC(20));

	plan.bond[0].mode = SENDER_BALANCE;
	plan.bond[0].caller.latency = 1000;
	plan.bond[0].caller.media.fps = 30;
	return plan;
}

static void assert_unharmed(struct story *s)
{
	const struct srt_stream *x = story_stream(s, 0);
	uint64_t made = s->bond[0].caller.tally.data;

	srt_caller_stop(&s->bond[0].caller, false);
	story_run(s, SEC(4));
	assert_true(made > 600 * PER_SECOND * 98 / 100);
	assert_true(x->delivered * 100 >= made * 98);
	assert_true(x->late * 1000 <= made);
	assert_int_equal(x->sessions, 1);
}

/* Ten minutes with a bad link that appears, vanishes and returns. */
static void ten_minutes_beside(struct plan *plan)
{
	struct story *s = story_begin(plan);

	bond_cut(&s->bond[0], 1, true);
	story_start_encoders(s);
	story_run(s, SEC(60));
	bond_cut(&s->bond[0], 1, false);
	story_run(s, SEC(240));
	bond_cut(&s->bond[0], 1, true);
	story_run(s, SEC(60));
	bond_cut(&s->bond[0], 1, false);
	story_run(s, SEC(240));
	assert_unharmed(s);
	story_end(s);
}

static void a_second_link_of_100_kbit_does_no_harm(void **state)
{
	struct plan plan = good_and_other();

	(void)state;
	plan.bond[0].up[1].supply.rate = 100000;
	plan.bond[0].up[1].queue = 50000; /* four seconds */
	ten_minutes_beside(&plan);
}

static void a_second_link_that_loses_30_percent_does_no_harm(void **state)
{
	struct plan plan = good_and_other();

	(void)state;
	plan.bond[0].up[1].loss = plan.bond[0].down[1].loss = 300000;
	ten_minutes_beside(&plan);
}

static void a_second_link_of_one_and_a_half_seconds_does_no_harm(void **state)
{
	struct plan plan = good_and_other();

	(void)state;
	plan.bond[0].up[1].delay = plan.bond[0].down[1].delay = MSEC(750);
	ten_minutes_beside(&plan);
}

static void a_second_link_that_is_often_dark_does_no_harm(void **state)
{
	struct plan plan = good_and_other();
	struct story *s = story_begin(&plan);

	(void)state;
	story_start_encoders(s);
	for (int i = 0; i < 30; i++) {
		story_run(s, SEC(15));
		bond_cut(&s->bond[0], 1, true);
		story_run(s, SEC(5));
		bond_cut(&s->bond[0], 1, false);
	}
	assert_unharmed(s);
	story_end(s);
}

/* Three equal links, of which two could just do. */
static struct story *begin_three(void)
{
	struct plan plan = plan_links(3, 6000000, MSEC(50));
	struct story *s;

	plan.bond[0].mode = SENDER_BALANCE;
	plan.bond[0].caller.media =
		(struct encoder_config){.rate = 10000000, .fps = 30, .gop = 60, .key = 500};
	s = story_begin(&plan);
	story_start_encoders(s);
	story_run(s, SEC(20));
	return s;
}

/* Bytes of media that link 1 carries in five seconds, in thousandths of all. */
static uint64_t share_of_link_1(struct story *s, struct witness *w)
{
	uint64_t own = w->link[1].first_bytes, all = 0, before = 0;

	for (unsigned i = 0; i < 3; i++)
		before += w->link[i].first_bytes;
	story_run(s, SEC(5));
	for (unsigned i = 0; i < 3; i++)
		all += w->link[i].first_bytes;
	return (w->link[1].first_bytes - own) * 1000 / (all - before);
}

/* Ten seconds after it is whole again a link carries four fifths of what it did. */
static void assert_regained(struct story *s, struct witness *w, uint64_t before, usspan lasted)
{
	uint64_t after;

	story_run(s, SEC(10));
	after = share_of_link_1(s, w);
	if (after * 100 < before * 80)
		fail_msg("after %lld s: %llu of a thousand, and %llu before",
			 (long long)(lasted / 1000000), (unsigned long long)after,
			 (unsigned long long)before);
	assert_int_equal(s->bond[0].caller.tally.sessions, 1);
}

static const usspan lengths[] = {SEC(1), SEC(10), SEC(60), SEC(600)};

enum { LENGTHS = sizeof(lengths) / sizeof(lengths[0]) };

static void a_link_regains_its_share_ten_seconds_after_an_outage(void **state)
{
	(void)state;
	for (unsigned i = 0; i < LENGTHS; i++) {
		struct story *s = begin_three();
		struct witness *w = witness_begin(s);
		uint64_t before = share_of_link_1(s, w);

		witness_let(w, 1, TAKES_ALL);
		story_run(s, lengths[i]);
		witness_let(w, 1, TAKES_NOTHING);
		assert_regained(s, w, before, lengths[i]);
		story_end(s);
	}
}

static void a_link_regains_its_share_ten_seconds_after_losses(void **state)
{
	(void)state;
	for (unsigned i = 0; i < LENGTHS; i++) {
		struct story *s = begin_three();
		struct witness *w = witness_begin(s);
		uint64_t before = share_of_link_1(s, w);

		s->bond[0].link[1].up.road.cfg.loss = 400000;
		story_run(s, lengths[i]);
		s->bond[0].link[1].up.road.cfg.loss = 0;
		assert_regained(s, w, before, lengths[i]);
		story_end(s);
	}
}

static void a_link_regains_its_share_ten_seconds_after_a_long_way(void **state)
{
	(void)state;
	for (unsigned i = 0; i < LENGTHS; i++) {
		struct story *s = begin_three();
		struct witness *w = witness_begin(s);
		struct bond_link *l = &s->bond[0].link[1];
		uint64_t before = share_of_link_1(s, w);

		l->up.road.cfg.delay += MSEC(600);
		l->down.road.cfg.delay += MSEC(600);
		story_run(s, lengths[i]);
		l->up.road.cfg.delay -= MSEC(600);
		l->down.road.cfg.delay -= MSEC(600);
		assert_regained(s, w, before, lengths[i]);
		story_end(s);
	}
}

static void a_link_regains_its_share_ten_seconds_after_a_narrow_time(void **state)
{
	(void)state;
	for (unsigned i = 0; i < LENGTHS; i++) {
		struct story *s = begin_three();
		struct witness *w = witness_begin(s);
		struct road *up = &s->bond[0].link[1].up.road;
		ustime from = s->world.now - s->bond[0].link[1].up.began;
		uint64_t before = share_of_link_1(s, w);

		road_change(up, from + SEC(5), ROAD_RATE, 100000);
		road_change(up, from + SEC(5) + lengths[i], ROAD_RATE, 6000000);
		story_run(s, lengths[i]);
		assert_regained(s, w, before, lengths[i]);
		story_end(s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(a_second_link_of_100_kbit_does_no_harm, story_teardown),
		cmocka_unit_test_teardown(a_second_link_that_loses_30_percent_does_no_harm,
					  story_teardown),
		cmocka_unit_test_teardown(a_second_link_of_one_and_a_half_seconds_does_no_harm,
					  story_teardown),
		cmocka_unit_test_teardown(a_second_link_that_is_often_dark_does_no_harm,
					  story_teardown),
		cmocka_unit_test_teardown(a_link_regains_its_share_ten_seconds_after_an_outage,
					  story_teardown),
		cmocka_unit_test_teardown(a_link_regains_its_share_ten_seconds_after_losses,
					  story_teardown),
		cmocka_unit_test_teardown(a_link_regains_its_share_ten_seconds_after_a_long_way,
					  story_teardown),
		cmocka_unit_test_teardown(a_link_regains_its_share_ten_seconds_after_a_narrow_time,
					  story_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
