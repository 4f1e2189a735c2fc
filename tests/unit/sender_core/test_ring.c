/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "sender/core/ring.h"

enum { POOL = 64 };

static struct ring r;
static struct pkt_pool pool;

static int begin(void **state)
{
	(void)state;
	memset(&r, 0, sizeof(r));
	ring_init(&r);
	return pkt_pool_init(&pool, POOL) ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	ring_finish(&r);
	assert_int_equal(pool.in_use, 0);
	pkt_pool_finish(&pool);
	return 0;
}

static bool put(uint32_t seq)
{
	struct pkt *p = pkt_get(&pool);

	assert_non_null(p);
	p->len = 100;
	if (ring_put(&r, seq, p, SEC(1)))
		return true;
	pkt_free(p);
	return false;
}

/* The numbers that wait, from the first on. */
static void assert_waiting(const uint32_t *seq, unsigned count)
{
	struct ring_slot *slot = ring_first(&r);

	for (unsigned i = 0; i < count; i++, slot = ring_behind(&r, slot)) {
		assert_non_null(slot);
		assert_int_equal(slot->seq, seq[i]);
	}
	assert_null(slot);
	assert_int_equal(r.again.count + r.fresh.count, count);
	assert_int_equal(r.again.bytes + r.fresh.bytes, 100 * count);
}

static struct ring_slot *take(uint32_t seq)
{
	struct ring_slot *slot = ring_find(&r, seq);

	assert_non_null(slot);
	ring_unqueue(&r, slot);
	return slot;
}

static void nothing_waits_in_an_empty_ring(void **state)
{
	(void)state;
	assert_null(ring_first(&r));
	assert_null(ring_find(&r, 0));
	assert_false(ring_strange(&r, 12345));
}

static void new_ones_wait_in_the_order_of_their_numbers(void **state)
{
	(void)state;
	put(10);
	put(11);
	put(14);
	put(12); /* the encoder sent it again, or the way to us turned them round */
	put(9);
	assert_waiting((uint32_t[]){9, 10, 11, 12, 14}, 5);
}

static void lost_ones_wait_before_new_ones_and_in_order(void **state)
{
	(void)state;
	for (uint32_t seq = 10; seq < 16; seq++)
		put(seq);
	for (uint32_t seq = 10; seq < 14; seq++)
		take(seq);
	ring_again(&r, ring_find(&r, 12), SEC(1));
	ring_again(&r, ring_find(&r, 10), SEC(1));
	ring_again(&r, ring_find(&r, 13), SEC(1));
	assert_waiting((uint32_t[]){10, 12, 13, 14, 15}, 5);
}

static void order_holds_over_the_seam_of_the_numbers(void **state)
{
	(void)state;
	put(SEQ_MASK);
	put(1);
	put(0);
	put(SEQ_MASK - 1);
	assert_waiting((uint32_t[]){SEQ_MASK - 1, SEQ_MASK, 0, 1}, 4);
	for (unsigned i = 0; i < 3; i++)
		take((uint32_t[]){0, SEQ_MASK, 1}[i]);
	ring_again(&r, ring_find(&r, 1), SEC(1));
	ring_again(&r, ring_find(&r, SEQ_MASK), SEC(1));
	assert_waiting((uint32_t[]){SEQ_MASK, 1, SEQ_MASK - 1}, 3);
}

static void any_of_those_that_wait_can_leave(void **state)
{
	(void)state;
	for (uint32_t seq = 0; seq < 5; seq++)
		put(seq);
	take(2);
	assert_waiting((uint32_t[]){0, 1, 3, 4}, 4);
	take(0);
	assert_waiting((uint32_t[]){1, 3, 4}, 3);
	take(4);
	assert_waiting((uint32_t[]){1, 3}, 2);
	take(3);
	take(1);
	assert_waiting(NULL, 0);
	put(5);
	assert_waiting((uint32_t[]){5}, 1);
}

static void what_leaves_is_lost_or_under_way_by_its_journeys(void **state)
{
	struct ring_slot *slot;

	(void)state;
	put(1);
	assert_int_equal(ring_find(&r, 1)->state, RING_WAITS);
	slot = take(1);
	assert_int_equal(slot->state, RING_LOST);
	slot->flying = 1;
	ring_again(&r, slot, SEC(1));
	assert_int_equal(slot->state, RING_WAITS);
	take(1);
	assert_int_equal(slot->state, RING_FLIES);
}

static void number_is_found_while_it_is_among_the_newest_8192(void **state)
{
	(void)state;
	put(100);
	put(100 + RING_NUMBERS - 1);
	assert_non_null(ring_find(&r, 100));
	put(100 + RING_NUMBERS);
	assert_null(ring_find(&r, 100));
	assert_int_equal(r.floor, 101);
	assert_waiting((uint32_t[]){100 + RING_NUMBERS - 1, 100 + RING_NUMBERS}, 2);
	assert_int_equal(pool.in_use, 2);
}

static void number_of_another_turn_is_not_taken_for_this_one(void **state)
{
	(void)state;
	put(100);
	assert_null(ring_find(&r, 100 + RING_NUMBERS));
	assert_null(ring_find(&r, 100 + 5 * RING_NUMBERS));
}

static void number_far_from_all_others_is_of_another_numbering(void **state)
{
	(void)state;
	put(100000);
	assert_false(ring_strange(&r, 100000 + RING_NUMBERS - 1));
	assert_false(ring_strange(&r, 100001 - RING_NUMBERS));
	assert_true(ring_strange(&r, 100000 + RING_NUMBERS));
	assert_true(ring_strange(&r, 100000 - RING_NUMBERS));
	assert_true(ring_strange(&r, 100000 ^ 0x40000000));
}

static void another_numbering_pushes_everything_out(void **state)
{
	(void)state;
	for (uint32_t seq = 0; seq < 30; seq++)
		put(seq);
	put(0x40000000);
	assert_waiting((uint32_t[]){0x40000000}, 1);
	assert_null(ring_find(&r, 5));
	assert_int_equal(pool.in_use, 1);
}

static void number_from_before_the_first_is_taken_too(void **state)
{
	(void)state;
	put(50);
	assert_true(put(48));
	assert_int_equal(r.floor, 48);
	assert_int_equal(r.newest, 50);
	assert_waiting((uint32_t[]){48, 50}, 2);
}

static void letting_go_frees_the_copy_and_leaves_the_number(void **state)
{
	struct ring_slot *slot;

	(void)state;
	put(7);
	put(8);
	slot = ring_find(&r, 7);
	ring_let_go(&r, slot);
	assert_null(slot->p);
	assert_ptr_equal(ring_find(&r, 7), slot);
	assert_int_equal(pool.in_use, 1);
	assert_waiting((uint32_t[]){8}, 1);
	ring_let_go(&r, slot); /* harmless */
	assert_int_equal(pool.in_use, 1);
}

static void journey_on_a_link_is_known_while_it_lasts(void **state)
{
	struct ring_slot *slot;

	(void)state;
	put(7);
	slot = take(7);
	assert_false(ring_flies_on(slot, 3));
	slot->hop[1] = (struct ring_hop){.port = 3, .place = 9};
	slot->flying = 1;
	assert_true(ring_flies_on(slot, 3));
	assert_false(ring_flies_on(slot, 2));
}

static void finished_ring_can_be_used_again(void **state)
{
	(void)state;
	put(3);
	ring_finish(&r);
	assert_int_equal(pool.in_use, 0);
	ring_finish(&r);
	put(4);
	assert_waiting((uint32_t[]){4}, 1);
}

#define ON_RING(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_RING(nothing_waits_in_an_empty_ring),
		ON_RING(new_ones_wait_in_the_order_of_their_numbers),
		ON_RING(lost_ones_wait_before_new_ones_and_in_order),
		ON_RING(order_holds_over_the_seam_of_the_numbers),
		ON_RING(any_of_those_that_wait_can_leave),
		ON_RING(what_leaves_is_lost_or_under_way_by_its_journeys),
		ON_RING(number_is_found_while_it_is_among_the_newest_8192),
		ON_RING(number_of_another_turn_is_not_taken_for_this_one),
		ON_RING(number_far_from_all_others_is_of_another_numbering),
		ON_RING(another_numbering_pushes_everything_out),
		ON_RING(number_from_before_the_first_is_taken_too),
		ON_RING(letting_go_frees_the_copy_and_leaves_the_number),
		ON_RING(journey_on_a_link_is_known_while_it_lasts),
		ON_RING(finished_ring_can_be_used_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
