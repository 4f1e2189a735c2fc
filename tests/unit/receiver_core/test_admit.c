/* SPDX-License-Identifier: MIT */
#include "stage.h"

#include "receiver/core/admit.h"

static struct admit *fresh(void)
{
	static struct admit a;
	struct siphash_key key;

	memset(key.bytes, 5, sizeof(key.bytes));
	admit_init(&a, &key);
	return &a;
}

/* Host number n of the network. */
static struct endpoint host(const char *net, uint32_t n)
{
	struct endpoint ep = at(net, 1);
	unsigned at_byte = ep.family == FAMILY_V4 ? 0 : 4;

	put_be32(ep.addr + at_byte, be32(ep.addr + at_byte) + n);
	return ep;
}

/* Of so many hosts, each `step` from the last, how many get one answer at once. */
static unsigned hosts_admitted(struct admit *a, const char *net, uint32_t step, uint32_t count,
			       ustime now)
{
	unsigned in = 0;

	for (uint32_t i = 0; i < count; i++) {
		struct endpoint who = host(net, i * step);

		in += admit_one(a, &who, false, now);
	}
	return in;
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
	struct admit *a = fresh();
	struct endpoint who = at("198.51.100.4", 1000);
	ustime now = SEC(7);

	(void)state;
	assert_int_equal(admitted(a, who, false, 100, now), 20);
	assert_int_equal(admitted(a, who, false, 100, now + MSEC(99)), 0);
	assert_int_equal(admitted(a, who, false, 100, now + MSEC(100)), 1);
	assert_int_equal(admitted(a, who, false, 100, now + SEC(1)), 9);
	assert_int_equal(admitted(a, who, false, 100, now + SEC(60)), 20);
}

static void r15_refusals_prolong_nothing(void **state)
{
	struct admit *a = fresh();
	struct endpoint who = at("198.51.100.4", 1000);
	ustime now = 0;

	(void)state;
	admitted(a, who, false, 20, now);
	for (int i = 0; i < 100000; i++)
		assert_false(admit_one(a, &who, false, now + MSEC(50)));
	assert_true(admit_one(a, &who, false, now + MSEC(100)));
}

static void r15_ports_and_hosts_of_one_prefix_share_their_tokens(void **state)
{
	struct admit *a = fresh();
	ustime now = SEC(7);

	(void)state;
	assert_int_equal(admitted(a, at("198.51.100.4", 1), false, 15, now), 15);
	assert_int_equal(admitted(a, at("198.51.100.4", 2), false, 15, now), 5);
	assert_int_equal(admitted(a, at("2001:db8:0:1::1", 1), false, 15, now), 15);
	assert_int_equal(admitted(a, at("2001:db8:0:1:ffff::2", 1), false, 15, now), 5);
}

static void r15_neighbours_have_tokens_of_their_own(void **state)
{
	struct admit *a = fresh();
	ustime now = SEC(7);

	(void)state;
	admitted(a, at("198.51.100.4", 1), false, 100, now);
	admitted(a, at("2001:db8:0:1::1", 1), false, 100, now);
	assert_int_equal(admitted(a, at("198.51.100.5", 1), false, 100, now), 20);
	assert_int_equal(admitted(a, at("2001:db8:0:2::1", 1), false, 100, now), 20);
}

static void flood_in_somebodys_name_leaves_the_proved_owner_his_tokens(void **state)
{
	struct admit *a = fresh();
	struct endpoint who = at("198.51.100.4", 1);
	ustime now = SEC(7);

	(void)state;
	assert_int_equal(admitted(a, who, false, 1000, now), 20);
	assert_int_equal(admitted(a, who, true, 1000, now), 20);
}

static void r15_networks_around_a_host_have_their_multiple_of_tokens(void **state)
{
	static const struct {
		const char *net;
		uint32_t step; /* between the hosts that ask, */
		uint32_t hosts;
		unsigned most; /* and what they all get together */
	} of[] = {
		{"10.1.1.0", 1, 256, 20 * 32},      {"10.2.0.0", 1, 4096, 20 * 256},
		{"10.3.0.0", 1, 16384, 20 * 768},   {"2001:db8:2::", 1, 256, 20 * 3},
		{"2001:db8:3::", 1, 65536, 20 * 4}, {"2001:db8::", 65536, 4096, 20 * 64},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(of) / sizeof(of[0]); i++) {
		struct admit *a = fresh();
		unsigned in = 0;

		for (unsigned round = 0; round < 20; round++)
			in += hosts_admitted(a, of[i].net, of[i].step, of[i].hosts, SEC(7));
		/* A token grows in whole microseconds: a bit more than that may pass. */
		assert_in_range(in, of[i].most, of[i].most + of[i].most / 200);
	}
}

/* What a full network refuses costs its hosts nothing. */
static void r15_refusal_by_one_level_takes_no_token_of_another(void **state)
{
	struct admit *a = fresh();
	struct endpoint last = at("10.1.1.200", 1);
	ustime now = SEC(7);

	(void)state;
	for (unsigned round = 0; round < 20; round++)
		hosts_admitted(a, "10.1.1.0", 1, 32, now);
	for (unsigned i = 0; i < 1000; i++)
		assert_false(admit_one(a, &last, false, now));
	now += MSEC(63); /* in which the network grew twenty tokens, and a host none */
	assert_int_equal(admitted(a, last, false, 100, now), 20);
}

static void holder_of_a_cookie_uses_up_no_tokens_of_those_in_whose_name_he_writes(void **state)
{
	struct admit *a = fresh();
	struct endpoint victim = at("198.51.100.4", 1), other = at("198.51.100.5", 1);
	struct endpoint holder = at("203.0.113.9", 1);
	ustime now = SEC(7);
	unsigned in = 0;

	(void)state;
	for (unsigned i = 0; i < 1000; i++)
		in += admit_vouched(a, &victim, &holder, now);
	assert_int_equal(in, 20);
	assert_int_equal(admitted(a, victim, true, 100, now), 20);
	in = 0;
	for (unsigned i = 0; i < 100; i++)
		in += admit_vouched(a, &victim, &other, now);
	assert_int_equal(in, 20);
}

/* 100 000 prefixes: sharing, never growing, and all comes back. */
static void r15_flood_from_everywhere_is_over_two_seconds_after_it_ends(void **state)
{
	struct admit *a = fresh();
	struct endpoint who = at("10.0.0.0", 1);
	ustime now = SEC(7);
	unsigned in = 0;

	(void)state;
	for (uint32_t i = 0; i < 100000; i++) {
		put_be32(who.addr, UINT32_C(0x0a000000) + i);
		in += admit_one(a, &who, false, now);
	}
	assert_true(in <= 7 * 20 * 768);
	assert_true(in >= 6 * 20 * 768); /* 100 000 hosts are six networks and a bit */
	for (uint32_t i = 0; i < 1000; i++) {
		put_be32(who.addr, UINT32_C(0x0b000000) + i);
		assert_true(admit_one(a, &who, false, now + SEC(2) + MSEC(100) * i));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(r15_one_address_gets_twenty_at_once_and_ten_a_second),
		cmocka_unit_test(r15_refusals_prolong_nothing),
		cmocka_unit_test(r15_ports_and_hosts_of_one_prefix_share_their_tokens),
		cmocka_unit_test(r15_neighbours_have_tokens_of_their_own),
		cmocka_unit_test(r15_networks_around_a_host_have_their_multiple_of_tokens),
		cmocka_unit_test(r15_refusal_by_one_level_takes_no_token_of_another),
		cmocka_unit_test(
			holder_of_a_cookie_uses_up_no_tokens_of_those_in_whose_name_he_writes),
		cmocka_unit_test(flood_in_somebodys_name_leaves_the_proved_owner_his_tokens),
		cmocka_unit_test(r15_flood_from_everywhere_is_over_two_seconds_after_it_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
