/* SPDX-License-Identifier: MIT */
#include "bytes.h"

#include "shared/wire/handshake.h"
#include "shared/wire/srt.h"

/* A handshake as libsrt 1.5 sends it, with every field told apart. */
static void question(uint8_t data[SRT_HANDSHAKE_LEN], uint32_t type)
{
	bool first = type == SRT_HS_INDUCTION;

	put_be32(data, UINT32_C(0x80000000));
	put_be32(data + 4, 0);
	put_be32(data + 8, first ? 10 : 30010);
	put_be32(data + 12, 0);
	put_be32(data + 16, first ? 4 : 5);
	put_be16(data + 20, first ? 0 : 2);
	put_be16(data + 22, first ? 2 : 5);
	put_be32(data + 24, 0x12345678);
	put_be32(data + 28, 1500);
	put_be32(data + 32, 8192);
	put_be32(data + 36, type);
	put_be32(data + 40, 0x2a2a);
	put_be32(data + 44, first ? 0 : 0xc00c1e);
	memset(data + 48, 0x7f, 16);
}

static void answer_is_that_of_a_listener(void **state)
{
	uint8_t data[SRT_HANDSHAKE_LEN], asked[SRT_HANDSHAKE_LEN];
	struct srt_handshake hs;

	(void)state;
	question(data, SRT_HS_INDUCTION);
	memcpy(asked, data, sizeof(asked));
	assert_int_equal(handshake_answer(data, 0xbadcafe), SRT_HANDSHAKE_LEN);
	assert_true(srt_parse_handshake(data, sizeof(data), &hs));
	assert_int_equal(be32(data + 12), 0x2a2a);
	assert_int_equal(hs.version, 5);
	assert_int_equal(be16(data + 20), 0);
	assert_int_equal(hs.extension, 0x4a17);
	assert_int_equal(hs.type, SRT_HS_INDUCTION);
	assert_int_equal(hs.cookie, 0xbadcafe);
	assert_memory_equal(data + 24, asked + 24, 20); /* number, sizes, type, socket */
	assert_memory_equal(data + 48, asked + 48, 16);
}

static void refusal_says_forbidden_and_nothing_else_of_the_callers(void **state)
{
	uint8_t data[SRT_HANDSHAKE_LEN];
	struct srt_handshake hs;

	(void)state;
	question(data, SRT_HS_CONCLUSION);
	assert_int_equal(handshake_refuse(data, HANDSHAKE_FORBIDDEN), SRT_HANDSHAKE_LEN);
	assert_true(srt_parse_handshake(data, sizeof(data), &hs));
	assert_int_equal(be32(data + 12), 0x2a2a);
	assert_int_equal(hs.type, 2403);
	assert_in_range(hs.type, SRT_HS_REFUSAL, SRT_HS_REFUSAL_LAST);
}

static void induction_is_found_again_from_its_conclusion(void **state)
{
	uint8_t first[SRT_HANDSHAKE_LEN], conclusion[SRT_HANDSHAKE_LEN], again[SRT_HANDSHAKE_LEN];

	(void)state;
	question(first, SRT_HS_INDUCTION);
	question(conclusion, SRT_HS_CONCLUSION);
	assert_int_equal(handshake_induction(again, conclusion), SRT_HANDSHAKE_LEN);
	put_be32(first + 8, 30010); /* the time is that of the conclusion */
	assert_memory_equal(again, first, sizeof(first));
}

static void cookie_is_all_that_changes(void **state)
{
	uint8_t data[SRT_HANDSHAKE_LEN], before[SRT_HANDSHAKE_LEN];

	(void)state;
	question(data, SRT_HS_CONCLUSION);
	memcpy(before, data, sizeof(data));
	handshake_set_cookie(data, 0x51515151);
	assert_int_equal(be32(data + 44), 0x51515151);
	assert_memory_equal(data, before, 44);
	assert_memory_equal(data + 48, before + 48, 16);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answer_is_that_of_a_listener),
		cmocka_unit_test(refusal_says_forbidden_and_nothing_else_of_the_callers),
		cmocka_unit_test(induction_is_found_again_from_its_conclusion),
		cmocka_unit_test(cookie_is_all_that_changes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
