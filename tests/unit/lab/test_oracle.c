/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "lab/oracle.h"
#include "lab/tally.h"
#include "shared/base/rng.h"

static struct scenario scenario;

/* So many links of that rate and 25 ms each way, for two minutes of video. */
static struct scenario *links(unsigned count, uint64_t rate, uint64_t stream)
{
	struct scenario *s = &scenario;

	memset(s, 0, sizeof(*s));
	s->lasts = SEC(120);
	s->judged_from = SEC(5);
	s->vehicles = 1;
	s->stream = (struct encoder_config){.rate = stream, .fps = 30, .gop = 60, .key = 500};
	s->latency = SEC(1);
	s->links = count;
	for (unsigned i = 0; i < count; i++) {
		s->link[i].up.supply.rate = s->link[i].down.supply.rate = rate;
		s->link[i].up.delay = s->link[i].down.delay = MSEC(25);
	}
	return s;
}

/* Whatever was made from `judged_from` on. */
static struct tally run(const struct scenario *s, uint64_t rate)
{
	struct tally_span span;
	struct ledger l;
	struct tally t;

	ledger_init(&l);
	assert_true(oracle_run(s, 0, 1, rate, &l));
	span.from = ledger_at(&l, 0)->made + s->judged_from;
	span.until = ledger_at(&l, 0)->made + s->lasts;
	assert_true(tally_ledger(&l, &span, &t));
	ledger_finish(&l);
	return t;
}

/* A packet of 1360 bytes on a link of 5 Mbit/s takes 2.176 ms. */
static void even_packets_wait_for_nobody(void **state)
{
	struct scenario *s = links(3, 5000000, 12000000);
	struct tally t;

	(void)state;
	s->stream.fps = 0;
	t = run(s, 0);
	assert_int_equal(t.late, 0);
	assert_int_equal(t.delay_p50, 27176);
	assert_int_equal(t.delay_p99, 27176);
}

/*
 * S1: a key frame of 234 375 bytes is 179 packets that take 129.2 ms to leave,
 * 46 875 bytes of any other 25.9 ms.
 */
static void equal_links_deliver_frames_as_fast_as_they_carry_them(void **state)
{
	struct tally t = run(links(3, 5000000, 12000000), 0);

	(void)state;
	assert_in_range(t.made, 132000, 132600);
	assert_int_equal(t.late, 0);
	assert_in_range(t.delay_p50, MSEC(41), MSEC(45));
	assert_in_range(t.delay_p99, MSEC(141), MSEC(147));
	assert_in_range(t.delay_most, MSEC(154), MSEC(157));
}

/* S2: a third of the packets takes each link, and the median is on the middle one. */
static void unequal_links_are_all_used(void **state)
{
	struct scenario *s = links(3, 5000000, 12000000);
	struct tally t;

	(void)state;
	s->link[0].up.delay = MSEC(10);
	s->link[1].up.delay = MSEC(40);
	s->link[2].up.delay = MSEC(100);
	t = run(s, 0);
	assert_int_equal(t.late, 0);
	assert_in_range(t.delay_p50, MSEC(60), MSEC(68));
	assert_in_range(t.delay_p99, MSEC(201), MSEC(210));
}

static void what_links_cannot_carry_is_late_and_no_more(void **state)
{
	struct tally t = run(links(2, 5000000, 12000000), 0);

	(void)state;
	/* 919 of 1151 packets a second: the short one at the end of a frame is never reached. */
	assert_in_range(tally_late_ppm(&t), 200000, 203000);
}

static void rate_may_be_another_than_the_scenarios(void **state)
{
	struct scenario *s = links(3, 5000000, 12000000);
	struct tally t = run(s, 14400000);

	(void)state;
	assert_int_equal(t.late, 0);
	assert_in_range(t.made, 157500, 158800);
	t = run(s, 14700000);
	assert_true(t.late > 0);
}

static void lots_that_lose_are_skipped(void **state)
{
	struct scenario *s = links(2, 10000000, 4000000);
	struct tally t;

	(void)state;
	s->link[0].up.loss = s->link[1].up.loss = ROAD_MILLION / 2;
	t = run(s, 0);
	assert_int_equal(t.late, 0);
	assert_in_range(t.delay_p50, MSEC(30), MSEC(45));
	s->link[0].up.loss = s->link[1].up.loss = ROAD_MILLION;
	t = run(s, 0);
	assert_int_equal(t.late, t.made);
}

static void lots_that_cost_no_time_come_to_an_end(void **state)
{
	struct scenario *s = links(1, 0, 4000000);
	struct tally t;

	(void)state;
	s->lasts = SEC(10);
	s->link[0].up.loss = ROAD_MILLION;
	t = run(s, 0);
	assert_int_equal(t.late, t.made);
	s->link[0].up.loss = ROAD_MILLION / 10;
	t = run(s, 0);
	assert_int_equal(t.late, 0);
	assert_int_equal(t.delay_p50, MSEC(25));
}

static void link_that_is_dark_is_left_alone(void **state)
{
	struct scenario *s = links(3, 5000000, 8000000);
	struct scenario_turn turn = {.at = SEC(30), .lasts = SEC(2), .up = true, .dark = true};
	struct tally t;

	(void)state;
	s->turn = &turn;
	s->turns = 1;
	assert_int_equal(run(s, 0).late, 0);
	s->links = 1;
	t = run(s, 4000000);
	/* What was made in the first of the two seconds had to go then. */
	assert_in_range(t.stall, MSEC(900), MSEC(1300));
	assert_int_equal(t.stalls, 1);
	turn.lasts = NEVER - turn.at;
	t = run(s, 4000000);
	assert_in_range(t.arrived * 1000 / t.made, 25000 / 115 - 2, 25000 / 115 + 2);
}

static void packets_go_where_they_fit(void **state)
{
	struct scenario *s = links(3, 5000000, 9000000);
	struct scenario_turn turn = {
		.at = SEC(30), .link = 2, .up = true, .knob = ROAD_MTU, .value = 1280};
	struct tally t;

	(void)state;
	s->turn = &turn;
	s->turns = 1;
	assert_int_equal(run(s, 0).late, 0);
	turn.link = 0;
	s->links = 1;
	t = run(s, 900000);
	/* Of 3515 bytes the last 883 fit, of 17578 the last 470: 60 of 191 packets in 90 s. */
	assert_in_range(t.arrived * 1000 / t.made, 455, 470);
}

static void link_without_a_rate_waits_for_better_times(void **state)
{
	struct scenario *s = links(2, 3000000, 2000000);
	struct scenario_turn turn[2] = {
		{.at = SEC(20), .up = true, .knob = ROAD_RATE, .value = 0},
		{.at = SEC(22), .up = true, .knob = ROAD_RATE, .value = 3000000},
	};

	(void)state;
	s->turn = turn;
	s->turns = 2;
	assert_int_equal(run(s, 0).late, 0);
	/* Nothing was held back for the link that stood still. */
	assert_true(run(s, 0).delay_most < MSEC(150));
}

static void same_seed_makes_the_same_ledger(void **state)
{
	struct scenario *s = links(3, 5000000, 9000000);
	struct ledger a, b;

	(void)state;
	s->lasts = SEC(10);
	s->link[1].up.loss = 50000;
	s->link[2].up.jitter = MSEC(5);
	ledger_init(&a);
	ledger_init(&b);
	assert_true(oracle_run(s, 1, 7, 0, &a));
	assert_true(oracle_run(s, 1, 7, 0, &b));
	assert_int_equal(ledger_made(&a), ledger_made(&b));
	assert_memory_equal(a.entry, b.entry, ledger_made(&a) * sizeof(*a.entry));
	ledger_finish(&b);
	ledger_init(&b);
	assert_true(oracle_run(s, 1, 8, 0, &b));
	assert_memory_not_equal(a.entry, b.entry, ledger_made(&a) * sizeof(*a.entry));
	ledger_finish(&a);
	ledger_finish(&b);
}

/* Tiny cases, held against every assignment of packets to chances. */

enum { CHANCES = 9, PACKETS = 12 };

struct tiny {
	struct recording recording[CHANCES];
	int64_t value[CHANCES][CHANCES];
	unsigned chances;
	usspan at[CHANCES]; /* each chance of all links */
	usspan arrives[CHANCES];
	unsigned packets;
	usspan made[PACKETS];
	usspan latency;
};

/* Links of a few chances in 60 ms, and a stream of frames of 1 to 3 packets. */
static void draw_tiny(struct tiny *y, struct scenario *s, struct rng *rng, bool equal)
{
	unsigned per_frame = 1 + (unsigned)rng_below(rng, 3);
	usspan delay = MSEC(rng_below(rng, 20));

	memset(y, 0, sizeof(*y));
	s->links = 1 + (unsigned)rng_below(rng, 3);
	for (unsigned i = 0; i < s->links; i++) {
		struct recording *r = &y->recording[i];
		unsigned count = 1 + (unsigned)rng_below(rng, CHANCES / s->links);
		ustime at = 0;

		if (!equal)
			delay = MSEC(rng_below(rng, 20));
		for (unsigned k = 0; k < count; k++) {
			at += MSEC(rng_below(rng, 14));
			y->value[i][k] = at;
			y->at[y->chances] = at;
			y->arrives[y->chances++] = at + delay;
		}
		*r = (struct recording){.kind = RECORDING_CHANCES,
					.value = y->value[i],
					.count = count,
					.lasts = SEC(100)};
		s->link[i].up = (struct road_config){.supply.recording = r, .delay = delay};
	}
	y->latency = MSEC(5 + rng_below(rng, 40));
	s->stream = (struct encoder_config){.fps = 50 + 50 * (unsigned)rng_below(rng, 3)};
	s->stream.rate = (uint64_t)per_frame * ENCODER_PAYLOAD * 8 * s->stream.fps;
	s->lasts = MSEC(40);
	s->latency = y->latency;
	for (unsigned f = 0; f * 1000 / s->stream.fps < 40; f++) {
		for (unsigned k = 0; k < per_frame && y->packets < PACKETS; k++)
			y->made[y->packets++] = SEC((ustime)f) / s->stream.fps;
	}
}

/* The most packets in time, over all sets of chances that the packets so far may have used. */
static unsigned most_in_time(const struct tiny *y)
{
	static int best[1 << CHANCES], next[1 << CHANCES];
	int most = 0;

	for (unsigned set = 0; set < 1u << CHANCES; set++)
		best[set] = set ? -1 : 0;
	for (unsigned p = 0; p < y->packets; p++) {
		memcpy(next, best, sizeof(next));
		for (unsigned set = 0; set < 1u << y->chances; set++) {
			for (unsigned c = 0; best[set] >= 0 && c < y->chances; c++) {
				unsigned with = set | 1u << c;

				if (with != set && y->at[c] >= y->made[p] &&
				    y->arrives[c] <= y->made[p] + y->latency &&
				    next[with] < best[set] + 1)
					next[with] = best[set] + 1;
			}
		}
		memcpy(best, next, sizeof(best));
	}
	for (unsigned set = 0; set < 1u << CHANCES; set++)
		most = best[set] > most ? best[set] : most;
	return (unsigned)most;
}

static void assert_no_assignment_is_better(uint64_t seed, bool equal)
{
	struct scenario *s = links(0, 0, 0);
	unsigned some = 0;
	struct tiny y;
	struct rng rng;

	rng_init(&rng, seed);
	for (unsigned round = 0; round < 400; round++) {
		struct tally_span all = {0, NEVER};
		struct ledger l;
		struct tally t;

		draw_tiny(&y, s, &rng, equal);
		ledger_init(&l);
		assert_true(oracle_run(s, 0, round, 0, &l));
		assert_true(tally_ledger(&l, &all, &t));
		assert_true(t.made >= y.packets);
		if (t.made == y.packets) {
			assert_int_equal(t.made - t.late, most_in_time(&y));
			some += t.late > 0 && t.late < t.made;
		}
		ledger_finish(&l);
	}
	assert_true(some > 100);
}

static void no_assignment_brings_more_packets_over_links_of_one_delay(void **state)
{
	(void)state;
	assert_no_assignment_is_better(3, true);
}

static void no_assignment_brings_more_packets_over_links_of_any_delay(void **state)
{
	(void)state;
	assert_no_assignment_is_better(5, false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(even_packets_wait_for_nobody),
		cmocka_unit_test(equal_links_deliver_frames_as_fast_as_they_carry_them),
		cmocka_unit_test(unequal_links_are_all_used),
		cmocka_unit_test(what_links_cannot_carry_is_late_and_no_more),
		cmocka_unit_test(rate_may_be_another_than_the_scenarios),
		cmocka_unit_test(lots_that_lose_are_skipped),
		cmocka_unit_test(lots_that_cost_no_time_come_to_an_end),
		cmocka_unit_test(link_that_is_dark_is_left_alone),
		cmocka_unit_test(packets_go_where_they_fit),
		cmocka_unit_test(link_without_a_rate_waits_for_better_times),
		cmocka_unit_test(same_seed_makes_the_same_ledger),
		cmocka_unit_test(no_assignment_brings_more_packets_over_links_of_one_delay),
		cmocka_unit_test(no_assignment_brings_more_packets_over_links_of_any_delay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
