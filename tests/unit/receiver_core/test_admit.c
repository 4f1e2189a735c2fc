/* SPDX-License-Identifier: MIT */
#include "stage.h"

#include "receiver/core/admit.h"

static struct admit fresh(void)
{
	struct admit a;
	struct siphash_key key;

	memset(key.bytes, 5, sizeof(key.bytes));
	admit_init(&a, &key);
	return a;
}

/* How many of `tries` were let in at once. */
static unsigned admitted(struct admit *a, struct endpoint who, bool proved, unsigned tries,
			 ustime now)
{
	unsigned count = 0;

	while (tries-- > 0)
		count += admit_one(a, &who, proved, now);
	return count;
}

static void r15_one_address_gets_twenty_at_once_and_ten_a_second(void **state)
{
	struct admit a = fresh();
	struct endpoint who = at("198.51.100.4", 1000);
	ustime now = SEC(7);

	(void)state;
	assert_int_equal(admitted(&a, who, false, 100, now), 20);
	assert_int_equal(admitted(&a, who, false, 100, now + MSEC(99)), 0);
	assert_int_equal(admitted(&a, who, false, 100, now + MSEC(100)), 1);
	assert_int_equal(admitted(&a, who, false, 100, now + SEC(1)), 9);
	assert_int_equal(admitted(&a, who, false, 100, now + SEC(60)), 20);
}

static void r15_refusals_prolong_nothing(void **state)
{
	struct admit a = fresh();
	struct endpoint who = at("198.51.100.4", 1000);
	ustime now = 0;

	(void)state;
	admitted(&a, who, false, 20, now);
	for (int i = 0; i < 100000; i++)
		assert_false(admit_one(&a, &who, false, now + MSEC(50)));
	assert_true(admit_one(&a, &who, false, now + MSEC(100)));
}

static void r15_ports_and_hosts_of_one_prefix_share_their_tokens(void **state)
{
	struct admit a = fresh();
	ustime now = SEC(7);

	(void)state;
	assert_int_equal(admitted(&a, at("198.51.100.4", 1), false, 15, now), 15);
	assert_int_equal(admitted(&a, at("198.51.100.4", 2), false, 15, now), 5);
	assert_int_equal(admitted(&a, at("2001:db8:0:1::1", 1), false, 15, now), 15);
	assert_int_equal(admitted(&a, at("2001:db8:0:1:ffff::2", 1), false, 15, now), 5);
}

static void r15_neighbours_have_tokens_of_their_own(void **state)
{
	struct admit a = fresh();
	ustime now = SEC(7);

	(void)state;
	admitted(&a, at("198.51.100.4", 1), false, 100, now);
	admitted(&a, at("2001:db8:0:1::1", 1), false, 100, now);
	assert_int_equal(admitted(&a, at("198.51.100.5", 1), false, 100, now), 20);
	assert_int_equal(admitted(&a, at("2001:db8:0:2::1", 1), false, 100, now), 20);
}

static void flood_in_somebodys_name_leaves_the_proved_owner_his_tokens(void **state)
{
	struct admit a = fresh();
	struct endpoint who = at("198.51.100.4", 1);
	ustime now = SEC(7);

	(void)state;
	assert_int_equal(admitted(&a, who, false, 1000, now), 20);
	assert_int_equal(admitted(&a, who, true, 1000, now), 20);
}

/* 100 000 prefixes in 4096 buckets: sharing, never growing, and all comes back. */
static void r15_flood_from_everywhere_is_over_two_seconds_after_it_ends(void **state)
{
	struct admit a = fresh();
	struct endpoint who = at("10.0.0.0", 1);
	ustime now = SEC(7);
	unsigned in = 0;

	(void)state;
	for (uint32_t i = 0; i < 100000; i++) {
		put_be32(who.addr, UINT32_C(0x0a000000) + i);
		in += admit_one(&a, &who, false, now);
	}
	assert_true(in <= ADMIT_BUCKETS * 20);
	for (uint32_t i = 0; i < 1000; i++) {
		put_be32(who.addr, UINT32_C(0x0b000000) + i);
		assert_true(admit_one(&a, &who, false, now + SEC(2) + MSEC(100) * i));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(r15_one_address_gets_twenty_at_once_and_ten_a_second),
		cmocka_unit_test(r15_refusals_prolong_nothing),
		cmocka_unit_test(r15_ports_and_hosts_of_one_prefix_share_their_tokens),
		cmocka_unit_test(r15_neighbours_have_tokens_of_their_own),
		cmocka_unit_test(flood_in_somebodys_name_leaves_the_proved_owner_his_tokens),
		cmocka_unit_test(r15_flood_from_everywhere_is_over_two_seconds_after_it_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
