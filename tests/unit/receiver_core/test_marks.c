/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "receiver/core/marks.h"
#include "shared/base/rng.h"

/* Beginnings in the middle of the numbers, at their end and at the end of a word. */
static const uint32_t starts[] = {0, 1, 63, 1000000, SEQ_MASK - 100, SEQ_MASK - 63, SEQ_MASK};

enum { STARTS = sizeof(starts) / sizeof(starts[0]) };

static uint32_t back(uint32_t seq, uint32_t n)
{
	return seq_add(seq, SEQ_MASK + 1 - n);
}

static void nothing_is_marked_at_first(void **state)
{
	struct marks m;

	(void)state;
	for (size_t i = 0; i < STARTS; i++) {
		marks_init(&m, starts[i]);
		assert_int_equal(m.next, starts[i]);
		assert_int_equal(marks_first(&m, starts[i]), SEQ_NONE);
		for (uint32_t n = 0; n < MARKS_REACH; n++) {
			assert_false(marks_has(&m, seq_add(starts[i], n)));
			assert_false(marks_has(&m, back(starts[i], n + 1)));
		}
	}
}

static void reach_is_8192_on_either_side(void **state)
{
	struct marks m;

	(void)state;
	for (size_t i = 0; i < STARTS; i++) {
		marks_init(&m, starts[i]);
		assert_true(marks_reach(&m, starts[i]));
		assert_true(marks_reach(&m, seq_add(starts[i], 8191)));
		assert_false(marks_reach(&m, seq_add(starts[i], 8192)));
		assert_true(marks_reach(&m, back(starts[i], 8192)));
		assert_false(marks_reach(&m, back(starts[i], 8193)));
	}
}

static void mark_is_of_one_number_alone(void **state)
{
	struct marks m;

	(void)state;
	for (size_t i = 0; i < STARTS; i++) {
		uint32_t set = seq_add(starts[i], 77);

		marks_init(&m, starts[i]);
		marks_set(&m, set);
		for (uint32_t n = 0; n < 2 * MARKS_REACH; n++) {
			uint32_t seq = seq_add(back(starts[i], MARKS_REACH), n);

			assert_int_equal(marks_has(&m, seq), seq == set);
		}
		marks_clear(&m, set);
		assert_false(marks_has(&m, set));
	}
}

static void first_is_found_at_every_distance(void **state)
{
	struct marks m;

	(void)state;
	for (size_t i = 0; i < STARTS; i++) {
		marks_init(&m, starts[i]);
		for (uint32_t n = MARKS_REACH; n-- > 0;) {
			marks_set(&m, seq_add(starts[i], n));
			assert_int_equal(marks_first(&m, starts[i]), seq_add(starts[i], n));
		}
	}
}

static void first_looks_no_further_back_than_it_is_told(void **state)
{
	struct marks m;

	(void)state;
	marks_init(&m, SEQ_MASK - 10);
	marks_set(&m, back(m.next, 1)); /* has gone */
	marks_set(&m, SEQ_MASK - 5);
	marks_set(&m, 200);
	assert_int_equal(marks_first(&m, m.next), SEQ_MASK - 5);
	assert_int_equal(marks_first(&m, SEQ_MASK - 5), SEQ_MASK - 5);
	assert_int_equal(marks_first(&m, SEQ_MASK - 4), 200);
	assert_int_equal(marks_first(&m, 201), SEQ_NONE);
}

static void advance_clears_what_comes_within_reach_and_nothing_else(void **state)
{
	static const uint32_t steps[] = {0, 1, 2, 63, 64, 65, 127, 128, 1000, 8191, 8192};
	struct marks m;

	(void)state;
	for (size_t i = 0; i < STARTS; i++) {
		for (size_t j = 0; j < sizeof(steps) / sizeof(steps[0]); j++) {
			uint32_t to = seq_add(starts[i], steps[j]);

			marks_init(&m, starts[i]);
			for (uint32_t n = 0; n < 2 * MARKS_REACH; n++)
				marks_set(&m, n);
			marks_advance(&m, to);
			assert_int_equal(m.next, to);
			for (uint32_t n = 0; n < 2 * MARKS_REACH; n++) {
				uint32_t seq = seq_add(back(to, MARKS_REACH), n);
				bool entered = n >= 2 * MARKS_REACH - steps[j];

				assert_int_equal(marks_has(&m, seq), !entered);
			}
		}
	}
}

/* Against a plain table of all that was marked and is within reach. */
static void random_walk_agrees_with_a_plain_table(void **state)
{
	enum { SPAN = 400000 };
	static bool plain[SPAN];
	const uint32_t origin = SEQ_MASK - SPAN / 2;
	uint32_t next = MARKS_REACH; /* counted from the origin, as are all in the table */
	struct marks m;
	struct rng rng;

	(void)state;
	rng_init(&rng, 4711);
	marks_init(&m, seq_add(origin, next));
	while (next < SPAN - 2 * MARKS_REACH) {
		uint32_t low = next - MARKS_REACH;
		uint32_t at = low + (uint32_t)rng_below(&rng, 2 * MARKS_REACH), first = next;
		uint64_t lot = rng_below(&rng, 100);

		assert_int_equal(marks_has(&m, seq_add(origin, at)), plain[at]);
		if (lot < 50)
			marks_set(&m, seq_add(origin, at));
		else if (lot < 60)
			marks_clear(&m, seq_add(origin, at));
		else
			next += (uint32_t)rng_below(&rng, lot == 99 ? MARKS_REACH : 40);
		if (lot < 60)
			plain[at] = lot < 50;
		else
			marks_advance(&m, seq_add(origin, next));
		for (first = next; first < next + MARKS_REACH && !plain[first];)
			first++;
		assert_int_equal(marks_first(&m, seq_add(origin, next)),
				 first == next + MARKS_REACH ? SEQ_NONE : seq_add(origin, first));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_marked_at_first),
		cmocka_unit_test(reach_is_8192_on_either_side),
		cmocka_unit_test(mark_is_of_one_number_alone),
		cmocka_unit_test(first_is_found_at_every_distance),
		cmocka_unit_test(first_looks_no_further_back_than_it_is_told),
		cmocka_unit_test(advance_clears_what_comes_within_reach_and_nothing_else),
		cmocka_unit_test(random_walk_agrees_with_a_plain_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
