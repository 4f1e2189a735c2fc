/* SPDX-License-Identifier: MIT */
#include "stage.h"

#include "receiver/core/registry.h"

enum { GROUPS = 1024, MEMBERS = 16 };

static struct group_id id_number(uint32_t n)
{
	struct group_id id;

	memset(&id, 0, sizeof(id));
	put_be32(id.mark, n);
	id.origin = at("192.0.2.1", 4000);
	return id;
}

/* Addresses as a fleet behind few NATs has them: alike but for some bits. */
static struct endpoint address_number(uint32_t n)
{
	struct endpoint ep = at("198.51.100.0", 0);

	ep.addr[3] = (uint8_t)(n & 3);
	ep.port = (uint16_t)(1024 + n / 4);
	return ep;
}

static void fill(struct registry *r)
{
	struct siphash_key key;
	struct endpoint who;
	struct group_id id;
	struct group *g;

	memset(key.bytes, 6, sizeof(key.bytes));
	assert_true(registry_init(r, &key, GROUPS, MEMBERS));
	for (uint32_t i = 0; i < GROUPS; i++) {
		id = id_number(i);
		g = registry_open(r, &id, SEC(1));
		assert_non_null(g);
		for (uint32_t j = 0; j < MEMBERS; j++) {
			who = address_number(i * MEMBERS + j);
			assert_non_null(registry_add(r, g, &who));
		}
	}
}

static unsigned deepest(const UT_hash_table *t)
{
	unsigned most = 0;

	for (unsigned i = 0; i < t->num_buckets; i++) {
		if (t->buckets[i].count > most)
			most = t->buckets[i].count;
	}
	return most;
}

/* The work of a lookup is the length of a chain. */
static void r17_lookup_costs_the_same_with_all_groups_as_with_few(void **state)
{
	struct registry r;
	struct endpoint who;

	(void)state;
	fill(&r);
	assert_int_equal(r.member_count, GROUPS * MEMBERS);
	assert_true(deepest(r.by_address->hh.tbl) <= 2 * HASH_BKT_CAPACITY_THRESH);
	assert_true(deepest(r.by_id->hh.tbl) <= 2 * HASH_BKT_CAPACITY_THRESH);
	for (uint32_t i = 0; i < GROUPS * MEMBERS; i++) {
		who = address_number(i);
		assert_int_equal(registry_member(&r, &who)->group->port, i / MEMBERS + 1);
	}
	who = address_number(GROUPS * MEMBERS);
	assert_null(registry_member(&r, &who));
	registry_finish(&r);
}

static void f53_sixteen_thousand_members_fit_in_twelve_mebibytes(void **state)
{
	size_t bytes = GROUPS * (sizeof(struct group) + MEMBERS * sizeof(struct member));

	(void)state;
	assert_true(sizeof(struct member) <= 384);
	assert_true(bytes <= (size_t)12 << 20);
}

static void sender_half_or_address_alone_name_no_group(void **state)
{
	struct registry r;
	struct group_id id;

	(void)state;
	fill(&r);
	id = id_number(5);
	assert_int_equal(registry_group(&r, &id)->port, 6);
	id.mark[15] ^= 1;
	assert_null(registry_group(&r, &id));
	id = id_number(5);
	id.origin.port++;
	assert_null(registry_group(&r, &id));
	registry_finish(&r);
}

static void place_that_was_left_is_used_again_last(void **state)
{
	struct siphash_key key = {{1}};
	struct registry r;
	struct group_id id;
	struct group *g;
	uint32_t old;

	(void)state;
	assert_true(registry_init(&r, &key, 3, 2));
	id = id_number(1);
	g = registry_open(&r, &id, 0);
	assert_int_equal(g->port, 1);
	old = g->serial;
	registry_close(&r, g);
	assert_null(registry_port(&r, 1));
	for (unsigned port = 2; port <= 4; port++) {
		id = id_number(port);
		g = registry_open(&r, &id, 0);
		assert_int_equal(g->port, port == 4 ? 1 : port);
	}
	assert_int_not_equal(g->serial, old);
	assert_null(registry_open(&r, &id, 0));
	assert_null(registry_port(&r, 0));
	assert_null(registry_port(&r, 4));
	registry_finish(&r);
}

static void serial_is_never_zero(void **state)
{
	struct siphash_key key = {{1}};
	struct registry r;
	struct group_id id = id_number(1);

	(void)state;
	assert_true(registry_init(&r, &key, 1, 1));
	r.last_serial = UINT32_MAX;
	assert_int_equal(registry_open(&r, &id, 0)->serial, 1);
	registry_finish(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(r17_lookup_costs_the_same_with_all_groups_as_with_few),
		cmocka_unit_test(f53_sixteen_thousand_members_fit_in_twelve_mebibytes),
		cmocka_unit_test(sender_half_or_address_alone_name_no_group),
		cmocka_unit_test(place_that_was_left_is_used_again_last),
		cmocka_unit_test(serial_is_never_zero),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
