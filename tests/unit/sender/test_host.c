/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "sender/host.h"

static struct endpoint pinned[FAMILY_V6 + 1];
static struct endpoint found[RESOLVE_MOST];
static size_t count;

static struct endpoint at(const char *text)
{
	struct endpoint ep;

	assert_true(endpoint_parse(text, &ep));
	return ep;
}

static void answer(const char *a, const char *b, const char *c)
{
	const char *all[] = {a, b, c};

	count = 0;
	for (size_t i = 0; i < 3; i++)
		if (all[i])
			found[count++] = at(all[i]);
}

static bool choose(bool may_move)
{
	return host_choose(pinned, found, count, 5000, may_move);
}

static int nothing_pinned(void **state)
{
	(void)state;
	memset(pinned, 0, sizeof(pinned));
	return 0;
}

static void assert_pinned(enum family family, const char *text)
{
	struct endpoint ep = at(text);

	ep.port = 5000;
	assert_true(endpoint_equal(&pinned[family], &ep));
}

static void S17_the_first_of_each_family_of_one_answer_is_pinned(void **state)
{
	(void)state;
	answer("192.0.2.1", "192.0.2.2", "2001:db8::1");
	assert_true(choose(true));
	assert_pinned(FAMILY_V4, "192.0.2.1");
	assert_pinned(FAMILY_V6, "2001:db8::1");
}

static void S16_an_answer_in_another_order_moves_nobody(void **state)
{
	(void)state;
	answer("192.0.2.1", "192.0.2.2", NULL);
	choose(true);
	answer("192.0.2.2", "192.0.2.1", NULL);
	assert_false(choose(true));
	assert_pinned(FAMILY_V4, "192.0.2.1");
}

static void F19_live_links_stay_when_the_answer_changes(void **state)
{
	(void)state;
	answer("192.0.2.1", NULL, NULL);
	choose(true);
	answer("192.0.2.9", NULL, NULL);
	assert_false(choose(false));
	assert_pinned(FAMILY_V4, "192.0.2.1");
}

static void F19_dead_links_follow_the_answer(void **state)
{
	(void)state;
	answer("192.0.2.1", "2001:db8::1", NULL);
	choose(true);
	answer("192.0.2.9", "2001:db8::9", NULL);
	assert_true(choose(true));
	assert_pinned(FAMILY_V4, "192.0.2.9");
	assert_pinned(FAMILY_V6, "2001:db8::9");
}

static void a_family_that_one_answer_lacks_stays_if_the_other_is_confirmed(void **state)
{
	(void)state;
	answer("192.0.2.1", "2001:db8::1", NULL);
	choose(true);
	answer("192.0.2.1", NULL, NULL);
	assert_false(choose(true));
	assert_pinned(FAMILY_V6, "2001:db8::1");
}

static void a_move_leaves_no_address_of_the_old_answer(void **state)
{
	(void)state;
	answer("192.0.2.1", "2001:db8::1", NULL);
	choose(true);
	answer("192.0.2.9", NULL, NULL);
	assert_true(choose(true));
	assert_pinned(FAMILY_V4, "192.0.2.9");
	assert_int_equal(pinned[FAMILY_V6].family, FAMILY_NONE);
}

static void a_missing_family_joins_live_links_when_the_other_is_confirmed(void **state)
{
	(void)state;
	answer("192.0.2.1", NULL, NULL);
	choose(true);
	answer("192.0.2.1", "2001:db8::1", NULL);
	assert_true(choose(false));
	assert_pinned(FAMILY_V4, "192.0.2.1");
	assert_pinned(FAMILY_V6, "2001:db8::1");
}

static void S17_a_missing_family_of_another_host_does_not_join_live_links(void **state)
{
	(void)state;
	answer("192.0.2.1", NULL, NULL);
	choose(true);
	answer("192.0.2.9", "2001:db8::9", NULL);
	assert_false(choose(false));
	assert_int_equal(pinned[FAMILY_V6].family, FAMILY_NONE);
}

static void addresses_that_nobody_can_have_are_passed_over(void **state)
{
	(void)state;
	answer("0.0.0.0", "224.0.0.1", "192.0.2.1");
	assert_true(choose(true));
	assert_pinned(FAMILY_V4, "192.0.2.1");
	nothing_pinned(NULL);
	answer("0.0.0.0", "::", NULL);
	assert_false(choose(true));
	assert_int_equal(pinned[FAMILY_V4].family, FAMILY_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(S17_the_first_of_each_family_of_one_answer_is_pinned,
				       nothing_pinned),
		cmocka_unit_test_setup(S16_an_answer_in_another_order_moves_nobody, nothing_pinned),
		cmocka_unit_test_setup(F19_live_links_stay_when_the_answer_changes, nothing_pinned),
		cmocka_unit_test_setup(F19_dead_links_follow_the_answer, nothing_pinned),
		cmocka_unit_test_setup(
			a_family_that_one_answer_lacks_stays_if_the_other_is_confirmed,
			nothing_pinned),
		cmocka_unit_test_setup(a_move_leaves_no_address_of_the_old_answer, nothing_pinned),
		cmocka_unit_test_setup(
			a_missing_family_joins_live_links_when_the_other_is_confirmed,
			nothing_pinned),
		cmocka_unit_test_setup(
			S17_a_missing_family_of_another_host_does_not_join_live_links,
			nothing_pinned),
		cmocka_unit_test_setup(addresses_that_nobody_can_have_are_passed_over,
				       nothing_pinned),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
