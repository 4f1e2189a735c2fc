/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "receiver/host.h"

/*
 * No name here needs a name server: an address is its own answer, and
 * localhost has two.  What a name means is changed by changing the name.
 */
static struct loop *loop;
static struct host h;
static unsigned moves;

static const ustime start = SEC(1000);

static void ignore(void *arg, ustime now)
{
	(void)arg, (void)now;
}

static ustime never(void *arg)
{
	(void)arg;
	return NEVER;
}

static void moved(void *arg, ustime now)
{
	(void)now;
	assert_ptr_equal(arg, &moves);
	moves++;
}

static int open_loop(void **state)
{
	const struct loop_hooks hooks = {.due = ignore, .flush = ignore, .deadline = never};

	(void)state;
	loop = loop_create(&hooks);
	return loop ? 0 : -1;
}

static int close_loop(void **state)
{
	(void)state;
	loop_destroy(loop);
	return 0;
}

static int finish(void **state)
{
	(void)state;
	host_finish(&h);
	return 0;
}

static void begin(const char *name)
{
	assert_int_equal(host_init(&h, loop, name, 4001, NULL), 0);
	h.moved = moved;
	h.arg = &moves;
	moves = 0;
	host_run(&h, start);
}

static struct endpoint at(const char *text)
{
	struct endpoint ep;

	assert_true(endpoint_parse(text, &ep));
	return ep;
}

static void assert_in_use(const char *text)
{
	struct endpoint ep = at(text);

	ep.port = 4001;
	assert_non_null(host_address(&h));
	assert_true(endpoint_equal(host_address(&h), &ep));
}

static void an_address_is_known_at_once_and_asked_for_once(void **state)
{
	(void)state;
	begin("192.0.2.1");
	assert_in_use("192.0.2.1");
	assert_int_equal(moves, 1);
	assert_true(host_deadline(&h, start) == NEVER);
}

static void without_a_usable_address_it_is_tried_again_ever_more_slowly(void **state)
{
	static const int waits[] = {1, 2, 4, 8, 16, 30, 30};
	ustime now = start;

	(void)state;
	begin("0.0.0.0");
	for (size_t i = 0; i < sizeof(waits) / sizeof(waits[0]); i++) {
		assert_null(host_address(&h));
		assert_true(host_deadline(&h, now) == now + SEC(waits[i]));
		now += SEC(waits[i]);
		host_run(&h, now);
	}
	h.name = "192.0.2.1";
	host_run(&h, host_deadline(&h, now));
	assert_in_use("192.0.2.1");
}

static void each_address_gets_its_turn_until_one_has_answered(void **state)
{
	(void)state;
	begin("localhost");
	assert_in_use("127.0.0.1");
	host_sent(&h, start + MSEC(300));
	assert_true(host_deadline(&h, start) == start + MSEC(1300));
	host_run(&h, start + MSEC(1299));
	assert_in_use("127.0.0.1");
	host_run(&h, start + MSEC(1300));
	assert_in_use("::1");
	assert_int_equal(moves, 2);

	host_sent(&h, start + SEC(2));
	host_heard(&h);
	host_sent(&h, start + SEC(2));
	host_run(&h, start + SEC(9));
	assert_in_use("::1");
	assert_int_equal(moves, 2);
}

static void nothing_turns_while_nobody_sends(void **state)
{
	(void)state;
	begin("localhost");
	host_sent(&h, start);
	host_run(&h, start + SEC(1));
	assert_int_equal(moves, 2);
	for (int i = 2; i < 100; i++)
		host_run(&h, start + SEC(i));
	assert_int_equal(moves, 2);
}

static void a_server_that_answers_is_never_looked_up_again(void **state)
{
	ustime now = start;

	(void)state;
	begin("192.0.2.1");
	h.name = "192.0.2.2";
	for (int i = 0; i < 1000; i++) {
		host_sent(&h, now);
		host_run(&h, now += MSEC(100));
		host_heard(&h);
	}
	assert_in_use("192.0.2.1");
	assert_true(host_deadline(&h, now) == NEVER);
}

static void F05_a_server_silent_for_ten_seconds_is_looked_up_again(void **state)
{
	ustime now = start + SEC(100);

	(void)state;
	begin("192.0.2.1");
	h.name = "192.0.2.2";
	host_heard(&h);
	host_sent(&h, now);
	host_sent(&h, now + SEC(9));
	host_run(&h, now + MSEC(9999));
	assert_in_use("192.0.2.1");
	host_run(&h, now + SEC(10));
	assert_in_use("192.0.2.2");
	assert_int_equal(moves, 2);
}

static void it_is_looked_up_each_thirty_seconds_at_most(void **state)
{
	ustime now = start + SEC(100);

	(void)state;
	begin("192.0.2.1");
	h.name = "192.0.2.2";
	for (int i = 0; i <= 100; i++)
		host_sent(&h, now + MSEC(100) * i);
	host_run(&h, now += SEC(10));
	assert_in_use("192.0.2.2");
	h.name = "192.0.2.3";
	for (int i = 1; i < 300; i++) {
		host_sent(&h, now + MSEC(100) * i);
		host_run(&h, now + MSEC(100) * i);
	}
	assert_in_use("192.0.2.2");
	host_run(&h, now + SEC(30));
	assert_in_use("192.0.2.3");
}

static void a_silence_that_nobody_meets_asks_nothing(void **state)
{
	ustime now = start + SEC(100);

	(void)state;
	begin("192.0.2.1");
	host_sent(&h, now);
	host_run(&h, now + SEC(10));
	assert_true(host_deadline(&h, now + SEC(10)) == NEVER);

	/* A stream an hour later finds the server well: its silence counts anew. */
	h.name = "192.0.2.2";
	host_sent(&h, now + SEC(3600));
	host_run(&h, now + SEC(3601));
	assert_in_use("192.0.2.1");
}

static void the_address_in_use_stays_wherever_the_answer_has_it(void **state)
{
	struct endpoint answer[] = {at("192.0.2.7"), at("0.0.0.0"), at("192.0.2.1")};

	(void)state;
	begin("192.0.2.1");
	assert_false(host_take(&h, answer, 3));
	assert_in_use("192.0.2.1");
	assert_int_equal(h.count, 2);
}

static void an_address_that_is_gone_gives_way_to_the_first(void **state)
{
	struct endpoint answer[] = {at("224.0.0.1"), at("2001:db8::1"), at("192.0.2.9")};

	(void)state;
	begin("192.0.2.1");
	assert_true(host_take(&h, answer, 3));
	assert_in_use("2001:db8::1");
}

static void a_server_that_is_silent_loses_its_place_if_the_name_has_others(void **state)
{
	ustime now = start + SEC(100);

	(void)state;
	begin("localhost");
	host_heard(&h);
	for (int i = 0; i <= 100; i++)
		host_sent(&h, now + MSEC(100) * i);
	host_run(&h, now += SEC(10));
	assert_in_use("127.0.0.1");
	host_sent(&h, now);
	host_run(&h, now + SEC(1));
	assert_in_use("::1");
}

int main(void)
{
#define ENDS(f) cmocka_unit_test_teardown(f, finish)
	const struct CMUnitTest tests[] = {
		ENDS(an_address_is_known_at_once_and_asked_for_once),
		ENDS(without_a_usable_address_it_is_tried_again_ever_more_slowly),
		ENDS(each_address_gets_its_turn_until_one_has_answered),
		ENDS(nothing_turns_while_nobody_sends),
		ENDS(a_server_that_answers_is_never_looked_up_again),
		ENDS(F05_a_server_silent_for_ten_seconds_is_looked_up_again),
		ENDS(it_is_looked_up_each_thirty_seconds_at_most),
		ENDS(a_silence_that_nobody_meets_asks_nothing),
		ENDS(the_address_in_use_stays_wherever_the_answer_has_it),
		ENDS(an_address_that_is_gone_gives_way_to_the_first),
		ENDS(a_server_that_is_silent_loses_its_place_if_the_name_has_others),
	};

	return cmocka_run_group_tests(tests, open_loop, close_loop);
}
