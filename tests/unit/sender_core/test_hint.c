/* SPDX-License-Identifier: MIT */
#include "late_rig.h"

/* What somebody who knows the ways of links says of one. */

static struct rig r;

static int end(void **state)
{
	(void)state;
	rig_finish(&r);
	return 0;
}

static void hint(unsigned port, unsigned quality, usspan valid, uint64_t capacity)
{
	struct sender_link_hint h = {.quality = quality, .valid = valid, .capacity = capacity};

	sender_link_hint(r.s, port, &h, r.now, &r.out);
	rig_collect(&r);
}

/* `count` packets from `seq` on, each reported as arrived 20 ms later; returns how many took link 1. */
static unsigned stream(uint32_t seq, unsigned count)
{
	unsigned first = 0;

	for (unsigned i = 0; i < count; i++) {
		unsigned port = rig_data(&r, seq + i);

		first += port == 1;
		rig_until(&r, r.now + MSEC(20));
		late_report_run(&r, port, seq + i, 1);
		rig_clear(&r);
	}
	return first;
}

static void two_links_of_an_own_receiver(void)
{
	late_start(&r, SENDER_BALANCE, 2);
	late_agree(&r, 2000);
	late_meet(&r);
	assert_int_equal(stream(1000, 20), 20);
}

static void drained_link_gets_nothing_while_another_can(void **state)
{
	(void)state;
	two_links_of_an_own_receiver();
	hint(1, 0, SEC(5), 0);
	assert_int_equal(stream(1020, 50), 0);
}

static void drained_link_carries_on_when_it_is_the_last(void **state)
{
	(void)state;
	two_links_of_an_own_receiver();
	hint(1, 0, SEC(5), 0);
	sender_link_carrier(r.s, 2, "no carrier", r.now, &r.out);
	rig_collect(&r);
	rig_clear(&r);
	assert_int_equal(stream(1020, 5), 5);
}

static void hint_ends_by_itself(void **state)
{
	(void)state;
	two_links_of_an_own_receiver();
	hint(1, 0, MSEC(500), 0);
	assert_int_equal(stream(1020, 20), 0);
	rig_until(&r, r.now + MSEC(200));
	assert_true(stream(1040, 20) > 0);
}

static void hint_is_withdrawn_by_one_that_is_not_valid(void **state)
{
	(void)state;
	two_links_of_an_own_receiver();
	hint(1, 0, SEC(60), 0);
	assert_int_equal(stream(1020, 5), 0);
	hint(1, 0, 0, 0);
	assert_true(stream(1025, 20) > 0);
}

static void poor_prospect_moves_data_to_a_link_that_is_a_little_longer(void **state)
{
	(void)state;
	two_links_of_an_own_receiver();
	hint(1, 500, SEC(60), 0);
	assert_true(stream(1020, 10) < 5);
}

static void what_a_link_delivers_overrules_the_hint_after_a_second(void **state)
{
	(void)state;
	two_links_of_an_own_receiver();
	hint(1, 500, SEC(60), 0);
	sender_link_carrier(r.s, 2, "no carrier", r.now, &r.out); /* so that link 1 has to show */
	rig_collect(&r);
	rig_clear(&r);
	assert_int_equal(stream(1020, 60), 60);
	sender_link_carrier(r.s, 2, NULL, r.now, &r.out);
	rig_collect(&r);
	rig_reg2(&r, 2);
	rig_answer(&r, 2, SRTLA_REG3);
	rig_clear(&r);
	assert_true(stream(1080, 20) >= 10);
}

static void hint_for_no_link_changes_nothing(void **state)
{
	(void)state;
	two_links_of_an_own_receiver();
	hint(7, 0, SEC(5), 0);
	assert_int_equal(stream(1020, 20), 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(drained_link_gets_nothing_while_another_can, end),
		cmocka_unit_test_teardown(drained_link_carries_on_when_it_is_the_last, end),
		cmocka_unit_test_teardown(hint_ends_by_itself, end),
		cmocka_unit_test_teardown(hint_is_withdrawn_by_one_that_is_not_valid, end),
		cmocka_unit_test_teardown(
			poor_prospect_moves_data_to_a_link_that_is_a_little_longer, end),
		cmocka_unit_test_teardown(
			what_a_link_delivers_overrules_the_hint_after_a_second, end),
		cmocka_unit_test_teardown(hint_for_no_link_changes_nothing, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
