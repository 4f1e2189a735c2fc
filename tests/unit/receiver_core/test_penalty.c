/* SPDX-License-Identifier: MIT */
#include "stage.h"

#include "receiver/core/penalty.h"

static struct penalties ps;

static void fresh(void)
{
	struct siphash_key key;

	memset(key.bytes, 8, sizeof(key.bytes));
	penalty_init(&ps, &key);
}

static void third_failure_at_once_shuts_out_and_says_so_once(void **state)
{
	struct endpoint who = at("192.0.2.1", 4000);
	usspan left = 0;

	(void)state;
	fresh();
	assert_false(penalty_book(&ps, &who, SEC(10)));
	assert_false(penalty_book(&ps, &who, SEC(10)));
	assert_false(penalty_holds(&ps, &who, SEC(10), NULL));
	assert_true(penalty_book(&ps, &who, SEC(10)));
	assert_true(penalty_holds(&ps, &who, SEC(10), &left));
	assert_int_equal(left, SEC(15));
	assert_false(penalty_book(&ps, &who, SEC(11)));
	assert_true(penalty_holds(&ps, &who, SEC(11), &left));
	assert_int_equal(left, SEC(19));
}

static void penalty_ends_when_its_time_has_passed_and_may_begin_again(void **state)
{
	struct endpoint who = at("192.0.2.1", 4000);

	(void)state;
	fresh();
	for (int i = 0; i < 3; i++)
		penalty_book(&ps, &who, SEC(10));
	assert_true(penalty_holds(&ps, &who, SEC(25) - 1, NULL));
	assert_false(penalty_holds(&ps, &who, SEC(25), NULL));
	assert_false(penalty_book(&ps, &who, SEC(25)));
	assert_false(penalty_book(&ps, &who, SEC(25)));
	assert_true(penalty_book(&ps, &who, SEC(25)));
}

static void failures_six_seconds_apart_never_add_up(void **state)
{
	struct endpoint who = at("192.0.2.1", 4000);

	(void)state;
	fresh();
	for (int i = 0; i < 1000; i++) {
		assert_false(penalty_book(&ps, &who, SEC(6) * (i + 1)));
		assert_false(penalty_holds(&ps, &who, SEC(6) * (i + 1), NULL));
	}
}

static void ten_minutes_are_the_most(void **state)
{
	struct endpoint who = at("192.0.2.1", 4000);
	usspan left = 0;

	(void)state;
	fresh();
	for (int i = 0; i < 100000; i++)
		penalty_book(&ps, &who, SEC(10));
	assert_true(penalty_holds(&ps, &who, SEC(10), &left));
	assert_int_equal(left, SEC(600));
	assert_false(penalty_holds(&ps, &who, SEC(610), NULL));
}

static void all_ports_of_a_host_share_it_and_neighbours_do_not(void **state)
{
	static const struct {
		const char *failed, *other;
		bool shared;
	} of[] = {
		{"192.0.2.1", "192.0.2.1", true},
		{"192.0.2.1", "192.0.2.2", false},
		{"2001:db8:0:1::1", "2001:db8:0:1:ffff::2", true},
		{"2001:db8:0:1::1", "2001:db8:0:2::1", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(of) / sizeof(of[0]); i++) {
		struct endpoint failed = at(of[i].failed, 1), other = at(of[i].other, 2);

		fresh();
		for (int n = 0; n < 3; n++)
			penalty_book(&ps, &failed, SEC(10));
		assert_int_equal(penalty_holds(&ps, &other, SEC(10), NULL), of[i].shared);
	}
}

/* A heavy one keeps its place, however many want it. */
static void where_two_collide_the_lighter_penalty_is_forgotten(void **state)
{
	struct endpoint heavy = at("192.0.2.1", 1), who = at("10.0.0.0", 1);
	unsigned held = 0;

	(void)state;
	fresh();
	for (int n = 0; n < 4; n++)
		penalty_book(&ps, &heavy, SEC(10));
	for (uint32_t i = 0; i < 20 * PENALTY_PLACES; i++) {
		put_be32(who.addr, UINT32_C(0x0a000000) + i);
		for (int n = 0; n < 3; n++)
			penalty_book(&ps, &who, SEC(10));
		held += penalty_holds(&ps, &who, SEC(10), NULL);
	}
	assert_true(penalty_holds(&ps, &heavy, SEC(10), NULL));
	assert_true(held >= PENALTY_PLACES - 2);
	assert_true(held < PENALTY_PLACES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(third_failure_at_once_shuts_out_and_says_so_once),
		cmocka_unit_test(penalty_ends_when_its_time_has_passed_and_may_begin_again),
		cmocka_unit_test(failures_six_seconds_apart_never_add_up),
		cmocka_unit_test(ten_minutes_are_the_most),
		cmocka_unit_test(all_ports_of_a_host_share_it_and_neighbours_do_not),
		cmocka_unit_test(where_two_collide_the_lighter_penalty_is_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
