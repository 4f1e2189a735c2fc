/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "tests/bench/heap.h"
#include "tests/bench/pair.h"
#include "tests/bench/stand.h"

/* Memory is asked for at the start.  After that, whatever comes, neither core asks for any. */
enum {
	PACKETS = 100000,
	LINKS = 4,
	BURST = 8,
	GROUPS = 10,
	SERVER_SPEAKS = 1000, /* packets of all groups between its words */
};

static void what_is_asked_for_is_counted(void **state)
{
	uint64_t before = heap_asked();
	struct pair *pr =
		pair_create(&(struct pair_config){.mode = SENDER_BALANCE, .links = 1, .burst = 1});

	(void)state;
	assert_true(heap_counts());
	assert_true(heap_asked() > before + 1);
	pair_destroy(pr);
}

static void session_asks_for_nothing(enum sender_mode mode, bool classic)
{
	struct pair *pr = pair_create(&(struct pair_config){
		.mode = mode, .links = LINKS, .burst = BURST, .classic = classic});
	uint64_t before = heap_asked();

	pair_pass(pr, PACKETS, 0, NULL);
	assert_int_equal(heap_asked(), before);
	pair_destroy(pr);
}

static void balanced_session_asks_for_no_memory(void **state)
{
	(void)state;
	session_asks_for_nothing(SENDER_BALANCE, false);
}

static void session_of_peers_that_do_not_know_each_other_asks_for_none(void **state)
{
	(void)state;
	session_asks_for_nothing(SENDER_BALANCE, true);
}

static void session_by_the_rule_of_old_asks_for_none(void **state)
{
	(void)state;
	session_asks_for_nothing(SENDER_CLASSIC, true);
}

static void session_by_quality_asks_for_none(void **state)
{
	(void)state;
	session_asks_for_nothing(SENDER_QUALITY, true);
}

static void session_of_copies_asks_for_none(void **state)
{
	(void)state;
	session_asks_for_nothing(SENDER_REDUNDANT, false);
}

static void disorder_asks_for_none(void **state)
{
	struct receiver_stand *st = receiver_stand_create(GROUPS, STAND_LINKS, SRT_PACKET);
	uint64_t before;

	(void)state;
	receiver_stand_swapped(st, SERVER_SPEAKS);
	before = heap_asked();
	for (unsigned i = 0; i < PACKETS; i += SERVER_SPEAKS) {
		receiver_stand_swapped(st, SERVER_SPEAKS);
		receiver_stand_down(st, GROUPS);
	}
	assert_int_equal(heap_asked(), before);
	receiver_stand_destroy(st);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_asked_for_is_counted),
		cmocka_unit_test(balanced_session_asks_for_no_memory),
		cmocka_unit_test(session_of_peers_that_do_not_know_each_other_asks_for_none),
		cmocka_unit_test(session_by_the_rule_of_old_asks_for_none),
		cmocka_unit_test(session_by_quality_asks_for_none),
		cmocka_unit_test(session_of_copies_asks_for_none),
		cmocka_unit_test(disorder_asks_for_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
