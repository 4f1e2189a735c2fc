/* SPDX-License-Identifier: MIT */
#include "stage.h"

#include "receiver/core/cookie.h"

static struct cookie_keys keys(void)
{
	struct cookie_keys k;

	memset(k.create.bytes, 0x11, sizeof(k.create.bytes));
	memset(k.readopt.bytes, 0x22, sizeof(k.readopt.bytes));
	memset(k.boot_id, 0x33, sizeof(k.boot_id));
	return k;
}

/* An id with a sender half of 0xaa, issued to who in that period. */
static void issue(const struct cookie_keys *k, struct endpoint who, uint32_t period,
		  uint8_t id[SRTLA_ID_LEN])
{
	memset(id, 0xaa, SRTLA_HALF_LEN);
	cookie_issue(k, id, &who, period, id + SRTLA_HALF_LEN);
}

static void issued_cookie_comes_back_with_its_address(void **state)
{
	struct cookie_keys k = keys();
	struct endpoint who = at("192.0.2.7", 40000), back;
	uint8_t id[SRTLA_ID_LEN];

	(void)state;
	issue(&k, who, 9, id);
	assert_int_equal(cookie_check(&k, id, 9, &back), COOKIE_FRESH);
	assert_true(endpoint_equal(&who, &back));

	who = at("2001:db8::1:2", 1);
	who.scope = 0x01020304;
	issue(&k, who, 0, id);
	assert_int_equal(cookie_check(&k, id, 0, &back), COOKIE_FRESH);
	assert_memory_equal(&who, &back, sizeof(who));
}

static void same_question_has_the_same_answer_and_no_other(void **state)
{
	struct cookie_keys k = keys();
	uint8_t a[SRTLA_ID_LEN], b[SRTLA_ID_LEN];

	(void)state;
	issue(&k, at("192.0.2.7", 40000), 9, a);
	issue(&k, at("192.0.2.7", 40000), 9, b);
	assert_memory_equal(a, b, sizeof(a));
	issue(&k, at("192.0.2.7", 40001), 9, b);
	assert_memory_not_equal(a + SRTLA_HALF_LEN, b + SRTLA_HALF_LEN, SRTLA_HALF_LEN);
	issue(&k, at("192.0.2.7", 40000), 10, b);
	assert_memory_not_equal(a + SRTLA_HALF_LEN, b + SRTLA_HALF_LEN, SRTLA_HALF_LEN);
}

static void cookie_makes_a_group_in_its_period_and_the_next_only(void **state)
{
	struct cookie_keys k = keys();
	struct endpoint who = at("192.0.2.7", 40000), back;
	uint8_t id[SRTLA_ID_LEN];

	(void)state;
	issue(&k, who, 9, id);
	assert_int_equal(cookie_check(&k, id, 10, &back), COOKIE_FRESH);
	assert_int_equal(cookie_check(&k, id, 11, &back), COOKIE_OURS);
	assert_true(endpoint_equal(&who, &back));
	assert_int_equal(cookie_check(&k, id, 8, &back), COOKIE_OURS);
	issue(&k, who, UINT32_MAX, id);
	assert_int_equal(cookie_check(&k, id, 0, &back), COOKIE_FRESH);
}

static void period_is_two_minutes_since_boot(void **state)
{
	(void)state;
	assert_int_equal(cookie_period(0), 0);
	assert_int_equal(cookie_period(SEC(120) - 1), 0);
	assert_int_equal(cookie_period(SEC(120)), 1);
	assert_int_equal(cookie_period(SEC(3600) * 24), 720);
	assert_int_equal(cookie_period(-SEC(500)), 0);
}

static void id_with_any_bit_flipped_is_forged(void **state)
{
	struct cookie_keys k = keys();
	struct endpoint back;
	uint8_t id[SRTLA_ID_LEN];

	(void)state;
	issue(&k, at("192.0.2.7", 40000), 9, id);
	for (size_t bit = 0; bit < SRTLA_ID_LEN * 8; bit++) {
		id[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_int_equal(cookie_check(&k, id, 9, &back), COOKIE_FORGED);
		id[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	assert_int_equal(cookie_check(&k, id, 9, &back), COOKIE_FRESH);
}

static void cookie_under_another_sender_half_is_forged(void **state)
{
	struct cookie_keys k = keys();
	struct endpoint back;
	uint8_t id[SRTLA_ID_LEN];

	(void)state;
	issue(&k, at("192.0.2.7", 40000), 9, id);
	memset(id, 0xab, SRTLA_HALF_LEN);
	assert_int_equal(cookie_check(&k, id, 9, &back), COOKIE_FORGED);
}

static void cookie_of_another_boot_is_forged(void **state)
{
	struct cookie_keys k = keys();
	struct endpoint back;
	uint8_t id[SRTLA_ID_LEN];

	(void)state;
	issue(&k, at("192.0.2.7", 40000), 9, id);
	k.boot_id[15] ^= 1;
	assert_int_equal(cookie_check(&k, id, 9, &back), COOKIE_FORGED);
}

static void each_key_guards_its_own_right(void **state)
{
	struct cookie_keys k = keys(), other = keys();
	struct endpoint back;
	uint8_t id[SRTLA_ID_LEN];

	(void)state;
	issue(&k, at("192.0.2.7", 40000), 9, id);
	other.create.bytes[0] ^= 1;
	assert_int_equal(cookie_check(&other, id, 9, &back), COOKIE_OURS);
	other = k;
	other.readopt.bytes[0] ^= 1;
	assert_int_equal(cookie_check(&other, id, 9, &back), COOKIE_FORGED);
}

/* Someone who sees many cookies sees no constant byte, and no address twice under one pad. */
static void cookies_look_like_noise(void **state)
{
	struct cookie_keys k = keys();
	uint8_t seen_and[SRTLA_HALF_LEN], seen_or[SRTLA_HALF_LEN], id[SRTLA_ID_LEN];

	(void)state;
	memset(seen_and, 0xff, sizeof(seen_and));
	memset(seen_or, 0, sizeof(seen_or));
	for (uint16_t i = 0; i < 64; i++) {
		issue(&k, at("192.0.2.7", (uint16_t)(40000 + i)), 9, id);
		for (size_t b = 0; b < SRTLA_HALF_LEN; b++) {
			seen_and[b] &= id[SRTLA_HALF_LEN + b];
			seen_or[b] |= id[SRTLA_HALF_LEN + b];
		}
	}
	for (size_t b = 0; b < SRTLA_HALF_LEN; b++) {
		assert_int_equal(seen_and[b], 0);
		assert_int_equal(seen_or[b], 0xff);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(issued_cookie_comes_back_with_its_address),
		cmocka_unit_test(same_question_has_the_same_answer_and_no_other),
		cmocka_unit_test(cookie_makes_a_group_in_its_period_and_the_next_only),
		cmocka_unit_test(period_is_two_minutes_since_boot),
		cmocka_unit_test(id_with_any_bit_flipped_is_forged),
		cmocka_unit_test(cookie_under_another_sender_half_is_forged),
		cmocka_unit_test(cookie_of_another_boot_is_forged),
		cmocka_unit_test(each_key_guards_its_own_right),
		cmocka_unit_test(cookies_look_like_noise),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
