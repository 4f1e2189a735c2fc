/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "receiver/core/agenda.h"
#include "receiver/core/group.h"
#include "shared/base/rng.h"

enum { GROUPS = 100 };

static struct group groups[GROUPS];

static void begin(struct agenda *a)
{
	memset(groups, 0, sizeof(groups));
	for (unsigned i = 0; i < GROUPS; i++)
		groups[i].due = NEVER;
	assert_true(agenda_init(a, GROUPS));
}

static void nobody_is_first_on_an_empty_agenda(void **state)
{
	struct agenda a;

	(void)state;
	begin(&a);
	assert_null(agenda_first(&a));
	agenda_set(&a, &groups[0], NEVER);
	assert_null(agenda_first(&a));
	agenda_finish(&a);
	assert_null(agenda_first(&a));
}

static void all_come_in_the_order_of_their_time(void **state)
{
	struct agenda a;
	struct group *g;

	(void)state;
	begin(&a);
	for (unsigned i = 0; i < GROUPS; i++)
		agenda_set(&a, &groups[i], (i * 37) % GROUPS);
	for (ustime due = 0; due < GROUPS; due++) {
		g = agenda_first(&a);
		assert_int_equal(g->due, due);
		agenda_set(&a, g, NEVER);
		assert_int_equal(g->due, NEVER);
	}
	assert_null(agenda_first(&a));
	agenda_finish(&a);
}

static void group_whose_time_moves_has_one_place_still(void **state)
{
	struct agenda a;

	(void)state;
	begin(&a);
	agenda_set(&a, &groups[0], 10);
	agenda_set(&a, &groups[1], 20);
	agenda_set(&a, &groups[0], 30);
	assert_ptr_equal(agenda_first(&a), &groups[1]);
	agenda_set(&a, &groups[0], 5);
	assert_ptr_equal(agenda_first(&a), &groups[0]);
	assert_int_equal(a.count, 2);
	agenda_set(&a, &groups[0], NEVER);
	agenda_set(&a, &groups[0], NEVER);
	assert_ptr_equal(agenda_first(&a), &groups[1]);
	assert_int_equal(a.count, 1);
	agenda_finish(&a);
}

/* The soonest by looking at all of them. */
static ustime soonest(unsigned *count)
{
	ustime due = NEVER;

	*count = 0;
	for (unsigned i = 0; i < GROUPS; i++) {
		due = earlier(due, groups[i].due);
		*count += groups[i].due != NEVER;
	}
	return due;
}

static void random_changes_agree_with_a_search_of_all(void **state)
{
	struct agenda a;
	struct rng rng;
	unsigned count;

	(void)state;
	rng_init(&rng, 12);
	begin(&a);
	for (int step = 0; step < 50000; step++) {
		struct group *g = &groups[rng_below(&rng, GROUPS)];
		ustime due = rng_below(&rng, 4) == 0 ? NEVER : (ustime)rng_below(&rng, 500);

		agenda_set(&a, g, due);
		assert_int_equal(g->due, due);
		due = soonest(&count);
		assert_int_equal(a.count, count);
		if (count == 0)
			assert_null(agenda_first(&a));
		else
			assert_int_equal(agenda_first(&a)->due, due);
	}
	agenda_finish(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody_is_first_on_an_empty_agenda),
		cmocka_unit_test(all_come_in_the_order_of_their_time),
		cmocka_unit_test(group_whose_time_moves_has_one_place_still),
		cmocka_unit_test(random_changes_agree_with_a_search_of_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
