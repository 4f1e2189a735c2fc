/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "shared/base/seq.h"
#include "tests/sim/foreign_profiles.h"
#include "tests/sim/verdict.h"

/*
 * Media in order before three kinds of SRT server: classic senders under a stream of
 * 6 Mbit/s in frames, with heavy key frames and a latency of one second.
 */

static const struct {
	const char *name;
	struct srt_listener_config config;
} servers[] = {
	{"stock", {.lossmaxttl = 0}},
	{"waits_for_40_packets", {.lossmaxttl = 40}},
	{"patched", {.lossmaxttl = 40, .patched = true}},
};

enum {
	STOCK = 0,
	PATCHED = 2,
	SERVERS = sizeof(servers) / sizeof(servers[0]),
	RATE = 6000000,
	NOT_HELD = -1,
};

static struct census census;
static struct ledger ledger;

/* So many links, which have half as much again together as the stream wants. */
static struct plan links_to(const void *server, unsigned links)
{
	struct plan plan = plan_links(links, 3 * RATE / 2 / links, MSEC(60));

	plan.bond[0].caller.media = (struct encoder_config){RATE, 30, 60, 500};
	plan.bond[0].caller.latency = 1000;
	plan.site.server = *(const struct srt_listener_config *)server;
	plan.site.server.latency = 120;
	plan.site.members = 64;
	return plan;
}

/* One way the first link takes so long, each further one so much more. */
static void set_delays(struct plan *plan, usspan first, usspan step)
{
	for (unsigned i = 0; i < plan->bond[0].links; i++)
		plan->bond[0].up[i].delay = plan->bond[0].down[i].delay = first + i * step;
}

/* The links are up before the encoder starts, and all that it sends is watched. */
static struct story *begin(const struct plan *plan)
{
	struct story *s = story_begin(plan);

	story_run(s, SEC(3));
	assert_true(census_init(&census, plan->bond[0].links));
	bond_watch(&s->bond[0], &census);
	ledger_init(&ledger);
	s->bond[0].caller.ledger = &ledger;
	srt_listener_ledger(&s->site.server, plan->bond[0].caller.stream_id, &ledger);
	story_start_encoders(s);
	return s;
}

static void end(struct story *s)
{
	census_finish(&census);
	ledger_finish(&ledger);
	story_end(s);
}

static struct receiver_order_view order(struct story *s)
{
	struct receiver_group_view v;

	assert_true(receiver_group_view(s->site.core, 1, s->world.now, &v));
	return v.order;
}

/* Nothing was lost, so nothing was asked for; and what was to be played has been. */
static void assert_undisturbed(struct story *s)
{
	const struct srt_stream *x = story_stream(s, 0);

	assert_int_equal(census.nak_numbers, 0);
	assert_int_equal(x->nak_numbers, 0);
	assert_int_equal(s->bond[0].caller.tally.resent, 0);
	assert_int_equal(x->late, 0);
	assert_int_equal(x->belated, 0);
	assert_int_equal(order(s).late, 0);
	assert_true(x->delivered > 5000);
}

static void nothing_is_taken_for_lost_on_equal_links(void **state)
{
	static const unsigned counts[] = {1, 2, 3, 8, 32, 64};

	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		struct plan plan = links_to(*state, counts[i]);
		struct story *s = begin(&plan);

		story_run(s, SEC(12));
		assert_undisturbed(s);
		end(s);
	}
}

static void nothing_is_taken_for_lost_on_links_of_unlike_delay(void **state)
{
	for (unsigned links = 2; links <= 8; links++) {
		struct plan plan = links_to(*state, links);
		struct story *s;

		set_delays(&plan, MSEC(15), MSEC(135) / (links - 1));
		s = begin(&plan);
		story_run(s, SEC(12));
		assert_undisturbed(s);
		assert_true(order(s).waited > 1000);
		end(s);
	}
}

static void without_hold_a_stock_server_takes_much_for_lost(void **state)
{
	/* So the hold is what keeps it from that, and not the links. */
	struct plan plan = links_to(&servers[STOCK].config, 3);
	struct story *s;

	(void)state;
	set_delays(&plan, MSEC(15), MSEC(60));
	plan.site.hold = NOT_HELD;
	s = begin(&plan);
	story_run(s, SEC(12));
	assert_true(census.false_naks > 1000);
	assert_true(s->bond[0].caller.tally.resent > 1000);
	assert_int_equal(order(s).waited, 0);
	end(s);
}

static void jitter_of_links_is_waited_out(void **state)
{
	/* At first nobody knows how late they may be: a handful, and no more than that. */
	struct plan plan = links_to(*state, 4);
	struct story *s;

	set_delays(&plan, MSEC(20), MSEC(30));
	for (unsigned i = 0; i < 4; i++)
		plan.bond[0].up[i].jitter = MSEC(40);
	s = begin(&plan);
	story_run(s, SEC(20));
	assert_in_range(census.false_naks, 0, 10);
	assert_in_range(s->bond[0].caller.tally.resent, 0, 10);
	assert_int_equal(story_stream(s, 0)->late, 0);
	end(s);
}

static uint64_t lost(const struct story *s)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < s->bond[0].cfg.links; i++)
		sum += path_lost(&s->bond[0].link[i].up) +
		       s->bond[0].link[i].up.road.tally.overflow;
	return sum;
}

static void what_is_lost_is_asked_for_once_and_nothing_else(void **state)
{
	const struct srt_listener_config *server = *state;

	for (int unlike = 0; unlike <= 1; unlike++) {
		struct plan plan = links_to(*state, 3);
		struct story *s;
		uint64_t data;

		set_delays(&plan, MSEC(30), unlike ? MSEC(40) : 0);
		for (unsigned i = 0; i < 3; i++)
			plan.bond[0].up[i].loss = 10000;
		s = begin(&plan);
		story_run(s, SEC(30));
		data = s->bond[0].caller.tally.data;
		assert_true(lost(s) > data / 200);
		assert_int_equal(census.false_naks, 0);
		/* A copy may be lost too, and is asked for then. */
		assert_in_range(census.nak_numbers, lost(s) / 2, lost(s) * 11 / 10);
		assert_in_range(s->bond[0].caller.tally.resent, lost(s) / 2,
				lost(s) + data / 100);
		/* A server that names each once cannot have a second copy. */
		assert_in_range(story_stream(s, 0)->late, 0, server->patched ? data / 2000 : 0);
		assert_true(order(s).passed > 0);
		end(s);
	}
}

static void numbers_wrap_in_the_middle_of_it(void **state)
{
	for (uint32_t before = 1; before <= 4000; before *= 10) {
		struct plan plan = links_to(*state, 3);
		struct story *s;

		set_delays(&plan, MSEC(15), MSEC(60));
		plan.bond[0].caller.isn = SEQ_MASK - before;
		s = begin(&plan);
		story_run(s, SEC(12));
		assert_true(s->bond[0].caller.next < UINT32_C(1) << 30);
		assert_undisturbed(s);
		end(s);
	}
}

static void encoder_begins_again_with_other_numbers(void **state)
{
	/* Without a goodbye and with one; with far numbers, and with the very same. */
	for (int way = 0; way < 4; way++) {
		bool says_so = way & 1, same = way & 2;
		struct plan plan = links_to(*state, 3);
		const struct srt_stream *x;
		struct story *s;

		set_delays(&plan, MSEC(15), MSEC(60));
		plan.bond[0].caller.isn = 1000;
		s = begin(&plan);
		story_run(s, SEC(6));
		srt_caller_stop(&s->bond[0].caller, says_so);
		story_run(s, MSEC(50)); /* the slow links have not delivered all of it */
		if (same)
			s->bond[0].caller.tally.tries = 0; /* as a new process */
		srt_caller_start(&s->bond[0].caller);
		assert_int_equal(s->bond[0].caller.isn == 1000, same);
		story_run(s, SEC(6));
		x = story_stream(s, 0);
		assert_int_equal(x->sessions, 2);
		assert_int_equal(x->late, 0);
		assert_int_equal(x->false_naks, 0);
		assert_int_equal(x->outside, 0);
		assert_int_equal(s->bond[0].caller.tally.resent, 0);
		end(s);
	}
}

static void every_foreign_sender_is_put_in_order(void **state)
{
	static const char *const senders[] = {
		"probes_then_repeats_reg1_each_second",
		"telemetry_and_new_ports_and_doubled_acks",
		"telemetry_and_each_ack_once",
		"ten_byte_keepalives_and_nothing_twice",
		"asks_at_once_and_goes_round",
	};

	for (size_t i = 0; i < sizeof(senders) / sizeof(senders[0]); i++) {
		struct plan plan = links_to(*state, 3);
		struct story *s;

		set_delays(&plan, MSEC(15), MSEC(60));
		plan.bond[0].foreign = foreign_sender_named(senders[i]);
		assert_non_null(plan.bond[0].foreign);
		s = begin(&plan);
		story_run(s, SEC(12));
		assert_undisturbed(s);
		end(s);
	}
}

/* From when it was made until it was played: the least and the most of all packets. */
static void play_delays(struct story *s, usspan *least, usspan *most)
{
	*least = NEVER;
	*most = 0;
	for (size_t i = 0; i < ledger_made(&ledger); i++) {
		const struct ledger_entry *e = ledger_at(&ledger, i);

		if (!e || e->made == 0 || e->played == 0)
			continue;
		*least = earlier(*least, e->played - e->made);
		*most = later(*most, e->played - e->made);
	}
	assert_int_equal(story_stream(s, 0)->late, 0);
}

static void hold_adds_nothing_to_the_delay_of_play(void **state)
{
	/* Before a server that is patient enough for what comes out of order without it. */
	usspan least[2], most[2];

	(void)state;
	for (int off = 0; off <= 1; off++) {
		struct plan plan = links_to(&servers[PATCHED].config, 2);
		struct story *s;

		set_delays(&plan, MSEC(30), MSEC(10));
		plan.site.server.lossmaxttl = 200;
		plan.site.hold = off ? NOT_HELD : 0;
		s = begin(&plan);
		story_run(s, SEC(20));
		assert_int_equal(order(s).waited > 500, !off);
		assert_int_equal(s->bond[0].caller.tally.resent, 0);
		play_delays(s, &least[off], &most[off]);
		end(s);
	}
	assert_true(least[0] > MSEC(1000) && least[0] <= least[1] + MSEC(1));
	assert_true(most[0] <= most[1] + MSEC(1));
}

static const struct {
	const char *name;
	CMUnitTestFunction tell;
} stories[] = {
	{"nothing_is_taken_for_lost_on_equal_links", nothing_is_taken_for_lost_on_equal_links},
	{"nothing_is_taken_for_lost_on_links_of_unlike_delay",
	 nothing_is_taken_for_lost_on_links_of_unlike_delay},
	{"jitter_of_links_is_waited_out", jitter_of_links_is_waited_out},
	{"what_is_lost_is_asked_for_once_and_nothing_else",
	 what_is_lost_is_asked_for_once_and_nothing_else},
	{"numbers_wrap_in_the_middle_of_it", numbers_wrap_in_the_middle_of_it},
	{"encoder_begins_again_with_other_numbers", encoder_begins_again_with_other_numbers},
	{"every_foreign_sender_is_put_in_order", every_foreign_sender_is_put_in_order},
};

enum { STORIES = sizeof(stories) / sizeof(stories[0]) };

int main(void)
{
	const struct CMUnitTest once[] = {
		cmocka_unit_test_teardown(without_hold_a_stock_server_takes_much_for_lost,
					  story_teardown),
		cmocka_unit_test_teardown(hold_adds_nothing_to_the_delay_of_play, story_teardown),
	};
	static char name[SERVERS * STORIES][128];
	static struct CMUnitTest tests[SERVERS * STORIES];

	for (size_t i = 0; i < SERVERS * STORIES; i++) {
		snprintf(name[i], sizeof(name[i]), "%s: %s", servers[i / STORIES].name,
			 stories[i % STORIES].name);
		tests[i] = (struct CMUnitTest){
			.name = name[i],
			.test_func = stories[i % STORIES].tell,
			.teardown_func = story_teardown,
			.initial_state = (void *)(uintptr_t)&servers[i / STORIES].config,
		};
	}
	return cmocka_run_group_tests(tests, NULL, NULL) + cmocka_run_group_tests(once, NULL, NULL);
}
