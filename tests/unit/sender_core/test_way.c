/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sender/core/way.h"

static struct way w;
static ustime now;
static const struct sender_tuning *t = &sender_tuning_default;

static int begin(void **state)
{
	(void)state;
	now = SEC(10);
	way_init(&w, now);
	return 0;
}

static uint64_t window(bool own_peer)
{
	way_open(&w, own_peer, now, t);
	return w.window;
}

/* So many bytes a second arrive for a while, each `loop` after it left, behind such a queue. */
static void deliver(uint64_t rate, usspan loop, usspan queue, usspan span)
{
	for (ustime end = now + span; now < end; now += MSEC(10)) {
		way_round(&w, loop - queue, now);
		way_loop(&w, loop, now);
		way_queues(&w, queue, now);
		way_arrived(&w, rate / 100);
		way_mark(&w, now, t);
	}
}

/* The same, while it could have had more. */
static void deliver_all_it_may_have(uint64_t rate, usspan loop, usspan span)
{
	for (ustime end = now + span; now < end;) {
		w.limited = true;
		deliver(rate, loop, 0, MSEC(10));
	}
}

static void new_link_is_trusted_with_something(void **state)
{
	(void)state;
	assert_true(window(true) >= 4 * WAY_PACKET);
	assert_true(window(true) < 100000);
	assert_true(window(false) >= window(true)); /* a classic receiver speaks later */
	assert_true(window(true) >= way_holds(&w));
}

static void rate_that_arrives_is_the_rate_of_the_link(void **state)
{
	(void)state;
	deliver(1250000, MSEC(60), 0, SEC(2));
	assert_in_range(w.rate, 1200000, 1400000);
}

static void rate_follows_down_while_a_queue_stands(void **state)
{
	(void)state;
	deliver(2500000, MSEC(60), 0, SEC(2));
	deliver(500000, MSEC(160), MSEC(100), SEC(2));
	assert_in_range(w.rate, 400000, 700000);
}

static void rate_stays_while_less_is_asked_of_a_link(void **state)
{
	(void)state;
	deliver(2500000, MSEC(60), 0, SEC(2));
	deliver(100000, MSEC(60), 0, SEC(2));
	assert_true(w.rate > 2000000);
}

static void link_that_could_have_more_gets_more(void **state)
{
	uint64_t before;

	(void)state;
	deliver(500000, MSEC(60), 0, SEC(1));
	before = w.rate;
	deliver_all_it_may_have(500000, MSEC(60), MSEC(500));
	assert_true(w.rate > before);
}

static void window_grows_with_rate_and_round_trip(void **state)
{
	uint64_t small, fast, narrow;

	(void)state;
	deliver(500000, MSEC(60), 0, SEC(2));
	small = window(true);
	deliver(2500000, MSEC(60), 0, SEC(2));
	fast = window(true);
	assert_true(fast > 3 * small);
	assert_true(fast > way_holds(&w));
	begin(state);
	deliver(500000, MSEC(200), 0, SEC(2));
	narrow = window(true);
	assert_true(narrow > small);
}

/* A modem takes what it is given: what is more than its round trip only waits there. */
static void window_is_no_larger_than_the_queue_that_is_wanted(void **state)
{
	(void)state;
	deliver(1250000, MSEC(60), 0, SEC(2));
	assert_true(window(true) < w.rate * 200 / 1000); /* 60 ms long, and 140 ms more */
	deliver(1250000, MSEC(900), MSEC(840), SEC(1));
	assert_true(window(true) < w.rate * 200 / 1000);
}

static void window_is_never_less_than_some_packets(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 3000; i++)
		deliver(100, MSEC(30), MSEC(20), MSEC(10));
	assert_true(window(true) >= t->least * (uint64_t)WAY_PACKET);
	assert_true(window(false) >= t->least_classic * (uint64_t)WAY_PACKET);
	assert_true(w.rate > 0);
}

static void losses_show_and_fade_with_arrivals_and_with_time(void **state)
{
	uint32_t lossy;

	(void)state;
	deliver(1250000, MSEC(60), 0, SEC(1));
	assert_int_equal(w.loss, 0);
	for (unsigned i = 0; i < 300; i++) {
		way_arrived(&w, WAY_PACKET);
		if (i % 10 == 0)
			way_lost(&w, now);
	}
	lossy = w.loss;
	assert_in_range(lossy, 65536 / 20, 65536 / 5); /* about a tenth */
	for (unsigned i = 0; i < 300; i++)
		way_arrived(&w, WAY_PACKET);
	assert_true(w.loss < lossy / 10);
	for (unsigned i = 0; i < 100; i++)
		way_lost(&w, now);
	now += SEC(30);
	way_rest(&w, now);
	assert_true(w.loss < lossy / 10);
}

static void loss_alone_does_not_make_a_link_slow(void **state)
{
	uint64_t before;

	(void)state;
	deliver(1250000, MSEC(60), 0, SEC(1));
	before = w.rate;
	for (unsigned i = 0; i < 100; i++, now += MSEC(50))
		way_lost(&w, now);
	assert_int_equal(w.rate, before);
}

static void loss_from_a_queue_that_runs_over_does_once_a_round_trip(void **state)
{
	uint64_t before;

	(void)state;
	deliver(1250000, MSEC(260), MSEC(200), SEC(2));
	before = w.rate;
	for (unsigned i = 0; i < 20; i++)
		way_lost(&w, now);
	assert_in_range(w.rate, before / 2, before - 1);
}

static void link_after_silence_gets_a_little_first(void **state)
{
	uint64_t whole;

	(void)state;
	deliver(2500000, MSEC(60), 0, SEC(2));
	whole = window(true);
	w.ramp = 4 * WAY_PACKET;
	assert_int_equal(window(true), 4 * WAY_PACKET);
	w.ramp *= 2;
	assert_int_equal(window(true), 8 * WAY_PACKET);
	w.ramp = 100 * whole;
	assert_int_equal(window(true), whole);
	assert_int_equal(w.ramp, 0);
}

#define FRESH(f) cmocka_unit_test_setup(f, begin)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FRESH(new_link_is_trusted_with_something),
		FRESH(rate_that_arrives_is_the_rate_of_the_link),
		FRESH(rate_follows_down_while_a_queue_stands),
		FRESH(rate_stays_while_less_is_asked_of_a_link),
		FRESH(link_that_could_have_more_gets_more),
		FRESH(window_grows_with_rate_and_round_trip),
		FRESH(window_is_no_larger_than_the_queue_that_is_wanted),
		FRESH(window_is_never_less_than_some_packets),
		FRESH(losses_show_and_fade_with_arrivals_and_with_time),
		FRESH(loss_alone_does_not_make_a_link_slow),
		FRESH(loss_from_a_queue_that_runs_over_does_once_a_round_trip),
		FRESH(link_after_silence_gets_a_little_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
