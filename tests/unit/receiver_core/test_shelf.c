/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "receiver/core/shelf.h"
#include "shared/base/rng.h"
#include "shared/base/seq.h"
#include "shared/wire/be.h"

static const struct siphash_key key = {.bytes = {1, 2, 3}};

static struct pkt *packet(struct pkt_pool *pool, unsigned port, uint32_t seq)
{
	struct pkt *p = pkt_get(pool);

	assert_non_null(p);
	p->port = port;
	p->len = 16;
	put_be32(p->data, seq);
	return p;
}

static void packet_is_found_by_group_and_number(void **state)
{
	struct pkt_pool pool;
	struct shelf s;
	struct pkt *one, *two;

	(void)state;
	assert_true(pkt_pool_init(&pool, 8));
	assert_true(shelf_init(&s, &key, 8));
	one = packet(&pool, 1, 7);
	two = packet(&pool, 2, 7);
	shelf_put(&s, one);
	assert_null(shelf_look(&s, 2, 7));
	shelf_put(&s, two);
	assert_ptr_equal(shelf_look(&s, 1, 7), one);
	assert_ptr_equal(shelf_look(&s, 2, 7), two);
	assert_null(shelf_look(&s, 3, 7));
	assert_null(shelf_take(&s, 1, 8));
	assert_int_equal(s.count, 2);

	assert_ptr_equal(shelf_take(&s, 1, 7), one);
	assert_null(shelf_take(&s, 1, 7));
	assert_ptr_equal(shelf_look(&s, 2, 7), two);
	assert_int_equal(s.count, 1);
	pkt_free(one);
	shelf_finish(&s);
	assert_int_equal(pool.in_use, 0);
	pkt_pool_finish(&pool);
}

static void shelf_is_full_at_its_limit_whatever_that_is(void **state)
{
	struct pkt_pool pool;
	struct shelf s;

	(void)state;
	assert_true(pkt_pool_init(&pool, 100));
	for (unsigned limit = 1; limit <= 100; limit++) {
		assert_true(shelf_init(&s, &key, limit));
		for (unsigned i = 0; i < limit; i++) {
			assert_false(shelf_full(&s));
			shelf_put(&s, packet(&pool, 1, i));
		}
		assert_true(shelf_full(&s));
		/* A search for what is not there ends, however full it is. */
		assert_null(shelf_look(&s, 1, limit));
		pkt_free(shelf_take(&s, 1, limit / 2));
		assert_false(shelf_full(&s));
		shelf_finish(&s);
		assert_int_equal(pool.in_use, 0);
	}
	pkt_pool_finish(&pool);
}

static void empty_shelf_finishes_too(void **state)
{
	struct shelf s;

	(void)state;
	memset(&s, 0, sizeof(s));
	shelf_finish(&s);
	assert_int_equal(s.count, 0);
}

enum { PORTS = 8, NUMBERS = 64, LIMIT = 256, STEPS = 200000 };

/* As one group's numbers run: some of them over the wrap. */
static uint32_t number(unsigned port, unsigned i)
{
	return seq_add(port % 2 ? SEQ_MASK - NUMBERS / 2 : port * 1000, i);
}

static void every_packet_is_where_the_table_has_it(const struct shelf *s,
						   struct pkt *table[PORTS][NUMBERS])
{
	for (unsigned port = 0; port < PORTS; port++)
		for (unsigned i = 0; i < NUMBERS; i++)
			assert_ptr_equal(shelf_look(s, port + 1, number(port, i)),
					 table[port][i]);
}

static void random_walk_agrees_with_a_plain_table(void **state)
{
	static struct pkt *table[PORTS][NUMBERS];
	struct pkt_pool pool;
	struct shelf s;
	struct rng rng;
	unsigned count = 0;

	(void)state;
	rng_init(&rng, 99);
	assert_true(pkt_pool_init(&pool, LIMIT));
	assert_true(shelf_init(&s, &key, LIMIT));
	for (int step = 0; step < STEPS; step++) {
		unsigned port = (unsigned)rng_below(&rng, PORTS);
		unsigned i = (unsigned)rng_below(&rng, NUMBERS);
		struct pkt **at = &table[port][i];

		if (!*at && shelf_full(&s))
			continue;
		if (*at) {
			assert_ptr_equal(shelf_take(&s, port + 1, number(port, i)), *at);
			pkt_free(*at);
			*at = NULL;
			count--;
		} else {
			*at = packet(&pool, port + 1, number(port, i));
			shelf_put(&s, *at);
			count++;
		}
		assert_int_equal(s.count, count);
		if (step % 500 == 0)
			every_packet_is_where_the_table_has_it(&s, table);
	}
	every_packet_is_where_the_table_has_it(&s, table);
	assert_int_equal(pool.in_use, count);
	shelf_finish(&s);
	assert_int_equal(pool.in_use, 0);
	pkt_pool_finish(&pool);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(packet_is_found_by_group_and_number),
		cmocka_unit_test(shelf_is_full_at_its_limit_whatever_that_is),
		cmocka_unit_test(empty_shelf_finishes_too),
		cmocka_unit_test(random_walk_agrees_with_a_plain_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
