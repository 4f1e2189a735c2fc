/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "lab/srt/stamp.h"

static uint8_t message[1316];

static struct stamp write_one(uint64_t number, size_t len)
{
	struct stamp s = {stamp_stream("live"), number, SEC(4000) + 17, len};

	memset(message, 0, sizeof(message));
	stamp_write(&s, message);
	return s;
}

static void what_is_written_is_read(void **state)
{
	static const size_t lens[] = {STAMP_LEN, STAMP_LEN + 1, 188, 1315, 1316};

	(void)state;
	for (size_t i = 0; i < sizeof(lens) / sizeof(*lens); i++) {
		struct stamp s = write_one(UINT64_C(1) << 40, lens[i]), r;

		assert_true(stamp_verify(&r, message, lens[i]));
		assert_int_equal(r.stream, s.stream);
		assert_int_equal(r.number, s.number);
		assert_int_equal(r.made, s.made);
		assert_int_equal(r.len, s.len);
	}
}

static void the_head_alone_tells_the_number(void **state)
{
	struct stamp r;

	(void)state;
	write_one(77, 1316);
	assert_true(stamp_read(&r, message, STAMP_LEN));
	assert_int_equal(r.number, 77);
	assert_int_equal(r.len, 1316);
	assert_false(stamp_read(&r, message, STAMP_LEN - 1));
}

/* The moment alone stands for itself: nothing else says what it was. */
static void any_bit_that_changes_is_noticed_but_in_the_moment(void **state)
{
	struct stamp r, whole;

	(void)state;
	whole = write_one(5, 200);
	for (size_t bit = 0; bit < 200 * 8; bit++) {
		message[bit / 8] ^= (uint8_t)(1 << bit % 8);
		if (bit / 8 >= 24 && bit / 8 < STAMP_LEN)
			assert_true(stamp_verify(&r, message, 200) && r.made != whole.made);
		/* The stream's identity seeds the pattern, so that even that does not fit. */
		else
			assert_false(stamp_verify(&r, message, 200));
		message[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	assert_true(stamp_verify(&r, message, 200));
}

static void a_message_that_lost_its_end_or_grew_is_damaged(void **state)
{
	struct stamp r;

	(void)state;
	write_one(5, 200);
	assert_false(stamp_verify(&r, message, 199));
	assert_false(stamp_verify(&r, message, 201));
	write_one(5, STAMP_LEN);
	assert_false(stamp_verify(&r, message, STAMP_LEN + 1));
}

static void what_follows_another_number_is_noticed(void **state)
{
	struct stamp r;
	uint8_t other[200];

	(void)state;
	write_one(6, 200);
	memcpy(other, message, sizeof(other));
	write_one(5, 200);
	memcpy(message + STAMP_LEN, other + STAMP_LEN, 200 - STAMP_LEN);
	assert_false(stamp_verify(&r, message, 200));
}

static void media_of_others_has_no_stamp(void **state)
{
	struct stamp r;

	(void)state;
	memset(message, 0x47, sizeof(message));
	assert_false(stamp_read(&r, message, sizeof(message)));
	write_one(5, 200);
	memset(message + 4, 0, 4); /* its length is no length */
	assert_false(stamp_read(&r, message, 200));
}

static void streams_are_told_apart_by_their_ids(void **state)
{
	(void)state;
	/* From the authors' list of test vectors. */
	assert_int_equal(stamp_stream(""), UINT64_C(0xcbf29ce484222325));
	assert_int_equal(stamp_stream("foobar"), UINT64_C(0x85944171f73967e8));
	assert_int_not_equal(stamp_stream("v1"), stamp_stream("v2"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(the_head_alone_tells_the_number),
		cmocka_unit_test(any_bit_that_changes_is_noticed_but_in_the_moment),
		cmocka_unit_test(a_message_that_lost_its_end_or_grew_is_damaged),
		cmocka_unit_test(what_follows_another_number_is_noticed),
		cmocka_unit_test(media_of_others_has_no_stamp),
		cmocka_unit_test(streams_are_told_apart_by_their_ids),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
