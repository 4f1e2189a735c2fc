/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "lab/emulator/queue.h"
#include "lab/emulator/room.h"
#include "shared/base/rng.h"
#include "shared/base/time.h"

static void hold(struct queue *q, int64_t due, uint16_t name)
{
	struct parcel *p = queue_blank(q);

	assert_non_null(p);
	p->due = due;
	p->len = name;
	queue_hold(q, p);
}

static uint16_t pop(struct queue *q)
{
	struct parcel *p = queue_pop(q);
	uint16_t name = p->len;

	queue_give_back(q, p);
	return name;
}

static void what_is_due_first_comes_first(void **state)
{
	struct queue q;

	(void)state;
	assert_true(queue_init(&q, 4));
	assert_true(queue_due(&q) == NEVER);
	hold(&q, MSEC(30), 3);
	hold(&q, MSEC(10), 1);
	hold(&q, MSEC(20), 2);
	assert_int_equal(queue_due(&q), MSEC(10));
	assert_int_equal(pop(&q), 1);
	assert_int_equal(pop(&q), 2);
	assert_int_equal(pop(&q), 3);
	assert_true(queue_due(&q) == NEVER);
	queue_finish(&q);
}

static void what_is_due_at_one_moment_comes_out_as_it_went_in(void **state)
{
	struct queue q;

	(void)state;
	assert_true(queue_init(&q, 100));
	for (uint16_t i = 0; i < 100; i++)
		hold(&q, MSEC(5), i);
	for (uint16_t i = 0; i < 100; i++)
		assert_int_equal(pop(&q), i);
	queue_finish(&q);
}

static void a_full_queue_has_no_blank_parcel_until_one_leaves(void **state)
{
	struct queue q;

	(void)state;
	assert_true(queue_init(&q, 2));
	hold(&q, 1, 1);
	hold(&q, 2, 2);
	assert_null(queue_blank(&q));
	assert_int_equal(pop(&q), 1);
	hold(&q, 3, 3);
	assert_int_equal(q.most, 2);
	queue_finish(&q);
}

static void order_holds_over_a_long_mixture(void **state)
{
	struct rng r;
	struct queue q;
	int64_t last = 0;

	(void)state;
	rng_init(&r, 5);
	assert_true(queue_init(&q, 1000));
	for (int i = 0; i < 20000; i++) {
		if (q.held == 0 || (q.held < q.room && rng_below(&r, 2) == 0)) {
			hold(&q, last + (int64_t)rng_below(&r, 1000), 0);
		} else {
			assert_true(queue_due(&q) >= last);
			last = queue_due(&q);
			pop(&q);
		}
	}
	queue_finish(&q);
}

static void room_follows_what_the_roads_can_hold(void **state)
{
	static struct scenario s;
	size_t slow;

	(void)state;
	s.links = 1;
	s.link[0].up =
		(struct road_config){.supply.rate = 8000000, .queue = 1000000, .delay = MSEC(1000)};
	s.link[0].down = s.link[0].up;
	/* 1 MB in the queue and 1 MB behind it, each way, in packets of 400 bytes */
	slow = room_needed(&s, 1);
	assert_in_range(slow, 10000, 10200);
	assert_int_equal(room_needed(&s, 2), 2 * slow);
	s.link[0].up.supply.rate = 1000000000;
	assert_int_equal(room_needed(&s, 8), ROOM_MOST);
	s.link[0].up = s.link[0].down = (struct road_config){.supply.rate = 8000, .queue = 1500};
	assert_int_equal(room_needed(&s, 1), ROOM_LEAST);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_due_first_comes_first),
		cmocka_unit_test(what_is_due_at_one_moment_comes_out_as_it_went_in),
		cmocka_unit_test(a_full_queue_has_no_blank_parcel_until_one_leaves),
		cmocka_unit_test(order_holds_over_a_long_mixture),
		cmocka_unit_test(room_follows_what_the_roads_can_hold),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
