/* SPDX-License-Identifier: MIT */
#include "bytes.h"

#include "shared/base/rng.h"

#define RANGE(n) (SEQ_NONE | (n))

/* A NAK of these words, walked against a window; what comes out is kept as text. */
static uint32_t walk(const uint32_t *words, size_t count, uint32_t first, uint32_t held, char *text,
		     size_t size)
{
	struct bytes b = control(SRT_NAK, 0, 0x80000001, 0x51);
	uint8_t *data;
	struct srt_nak it;
	uint32_t from, to;
	size_t at = 0;

	for (size_t i = 0; i < count; i++)
		add32(&b, words[i]);
	data = exactly(b.at, b.len);
	text[0] = '\0';
	assert_true(srt_nak_begin(&it, data, b.len, first, held));
	while (srt_nak_next(&it, &from, &to))
		at += (size_t)snprintf(text + at, size - at, "%s%u-%u", at ? " " : "", from, to);
	assert_false(srt_nak_next(&it, &from, &to));
	free(data);
	return it.odd;
}

#define assert_walk(first, held, expected, odds, ...)                                              \
	do {                                                                                       \
		const uint32_t words_[] = {__VA_ARGS__};                                           \
		char text_[512];                                                                   \
		uint32_t odd_ =                                                                    \
			walk(words_, sizeof(words_) / 4, first, held, text_, sizeof(text_));       \
                                                                                                   \
		assert_string_equal(text_, expected);                                              \
		assert_int_equal(odd_, odds);                                                      \
	} while (0)

static void singles_and_ranges_come_in_the_packets_order(void **state)
{
	(void)state;
	assert_walk(100, 50, "105-105 110-120 101-101", 0, 105, RANGE(110), 120, 101);
	assert_walk(100, 50, "110-110", 0, RANGE(110), 110);
}

static void nak_range_is_clipped_to_what_is_held(void **state)
{
	(void)state;
	assert_walk(100, 50, "100-104", 0, RANGE(90), 104);
	assert_walk(100, 50, "140-149", 0, RANGE(140), 1000);
	assert_walk(100, 50, "100-149", 0, RANGE(0), 0x3fffffff);
	assert_walk(100, 1, "100-100", 0, RANGE(99), 101);
}

static void what_lies_outside_is_counted_and_skipped(void **state)
{
	(void)state;
	assert_walk(100, 50, "", 4, 99, 150, RANGE(0), 99, RANGE(150), 160);
	assert_walk(100, 0, "", 2, 100, RANGE(0), 1000);
}

/* F58: one range over all numbers that there are. */
static void f58_endless_range_is_refused(void **state)
{
	(void)state;
	assert_walk(100, 50, "", 1, RANGE(0), 0x7fffffff);
	assert_walk(0, 50, "", 1, RANGE(0), 0x7fffffff);
	assert_walk(0, 50, "", 1, RANGE(0), 0x40000000);
}

static void f58_reversed_range_is_refused(void **state)
{
	(void)state;
	assert_walk(100, 50, "", 1, RANGE(120), 110);
	assert_walk(100, 50, "130-130", 1, RANGE(120), 119, 130);
}

static void f58_range_without_its_end_is_refused(void **state)
{
	(void)state;
	assert_walk(100, 50, "", 1, RANGE(110));
	assert_walk(100, 50, "101-101", 1, 101, RANGE(110));
	/* Two starts in a row: the first has no end, the second may have one. */
	assert_walk(100, 50, "120-130", 1, RANGE(110), RANGE(120), 130);
	assert_walk(100, 50, "", 3, RANGE(110), RANGE(120), RANGE(130));
}

static void f58_thousand_ranges_cost_a_thousand_steps(void **state)
{
	struct bytes b = control(SRT_NAK, 0, 0, 0x51);
	uint8_t *data, *big;
	size_t len = 16 + 8 * 1000;
	struct srt_nak it;
	uint32_t from, to, steps = 0;

	(void)state;
	big = calloc(1, len);
	assert_non_null(big);
	memcpy(big, b.at, 16);
	for (size_t i = 0; i < 1000; i++) {
		put_be32(big + 16 + 8 * i, RANGE(0));
		put_be32(big + 20 + 8 * i, 0x3fffffff);
	}
	data = exactly(big, len);
	free(big);
	assert_true(srt_nak_begin(&it, data, len, 5000, 16384));
	while (srt_nak_next(&it, &from, &to)) {
		assert_int_equal(from, 5000);
		assert_int_equal(to, 5000 + 16383);
		steps++;
	}
	assert_int_equal(steps, 1000);
	free(data);
}

/* F29: the window and the range both lie across 2^31. */
static void f29_range_over_the_wrap_is_exact(void **state)
{
	(void)state;
	assert_walk(0x7ffffff0, 32, "2147483646-1", 0, RANGE(0x7ffffffe), 1);
	assert_walk(0x7ffffff0, 32, "2147483632-15", 0, RANGE(0x7fffff00), 500);
	assert_walk(0x7ffffff0, 32, "2147483647-2147483647 0-0", 0, 0x7fffffff, 0);
	assert_walk(0x7ffffff0, 32, "", 2, 0x7fffffef, 16);
	assert_walk(5, 10, "5-6", 0, RANGE(0x7ffffff0), 6);
}

static void bytes_beyond_the_last_whole_word_are_nothing(void **state)
{
	struct bytes b = control(SRT_NAK, 0, 0, 0x51);

	(void)state;
	add32(&b, 105);
	add32(&b, RANGE(110));
	add32(&b, 112);
	for (size_t len = 0; len <= b.len; len++) {
		uint8_t *data = exactly(b.at, len);
		struct srt_nak it;
		uint32_t from, to, total = 0;
		bool begun = srt_nak_begin(&it, data, len, 100, 50);

		assert_int_equal(begun, len >= 20);
		while (begun && srt_nak_next(&it, &from, &to))
			total += to - from + 1;
		assert_int_equal(total, len < 20 ? 0 : len < 28 ? 1 : 4);
		free(data);
	}
}

static void header_words_are_never_taken_for_losses(void **state)
{
	/* Info, timestamp and socket id that all lie in the window. */
	struct bytes b = control(SRT_NAK, 101, 102, 103);
	struct srt_nak it;
	uint32_t from, to;

	(void)state;
	add32(&b, 104);
	assert_true(srt_nak_begin(&it, b.at, b.len, 100, 50));
	assert_true(srt_nak_next(&it, &from, &to));
	assert_int_equal(from, 104);
	assert_int_equal(to, 104);
	assert_false(srt_nak_next(&it, &from, &to));
}

static void only_a_nak_is_walked(void **state)
{
	struct bytes ack = ack_packet(1, 100);
	struct bytes data = data_packet(100, 1316);
	struct bytes reg = {.at = {0x92, 0x11}, .len = 32};
	struct srt_nak it;

	(void)state;
	assert_false(srt_nak_begin(&it, ack.at, ack.len, 0, 100));
	assert_false(srt_nak_begin(&it, data.at, data.len, 0, 100));
	assert_false(srt_nak_begin(&it, reg.at, reg.len, 0, 100));
}

/* Is number n in the packet's list?  The definition, without any thought for cost. */
static bool named(const uint32_t *words, size_t count, uint32_t n)
{
	for (size_t i = 0; i < count; i++) {
		uint32_t a = words[i] & SEQ_MASK, span = 0;

		if (words[i] & SEQ_NONE) {
			if (i + 1 == count || (words[i + 1] & SEQ_NONE))
				continue;
			span = (words[++i] - a) & SEQ_MASK;
			if (span >= 0x40000000)
				continue;
		}
		if (((n - a) & SEQ_MASK) <= span)
			return true;
	}
	return false;
}

static uint32_t near(struct rng *r, uint32_t first)
{
	return rng_below(r, 8) ? seq_add(first, (uint32_t)rng_below(r, 80) - 20)
			       : (uint32_t)rng_next(r) & SEQ_MASK;
}

static void walk_names_what_the_list_names_and_no_more(void **state)
{
	enum { HELD = 40 };
	struct rng r;

	(void)state;
	rng_init(&r, 31);
	for (int round = 0; round < 50000; round++) {
		uint32_t first = rng_below(&r, 2) ? seq_add(0, (uint32_t)rng_below(&r, 60) - 30)
						  : (uint32_t)rng_next(&r) & SEQ_MASK;
		uint32_t words[12], from, to;
		size_t count = 1 + rng_below(&r, 12), steps = 0;
		struct bytes b = control(SRT_NAK, 0, 0, 0);
		bool hit[HELD] = {false};
		struct srt_nak it;

		for (size_t i = 0; i < count; i++) {
			words[i] = near(&r, first) | (rng_below(&r, 2) ? SEQ_NONE : 0);
			add32(&b, words[i]);
		}
		assert_true(srt_nak_begin(&it, b.at, b.len, first, HELD));
		for (; srt_nak_next(&it, &from, &to); steps++) {
			uint32_t low = (from - first) & SEQ_MASK, high = (to - first) & SEQ_MASK;

			assert_true(low <= high && high < HELD);
			for (uint32_t k = low; k <= high; k++)
				hit[k] = true;
		}
		assert_true(steps + it.odd <= count);
		for (uint32_t k = 0; k < HELD; k++)
			assert_int_equal(hit[k], named(words, count, seq_add(first, k)));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(singles_and_ranges_come_in_the_packets_order),
		cmocka_unit_test(nak_range_is_clipped_to_what_is_held),
		cmocka_unit_test(what_lies_outside_is_counted_and_skipped),
		cmocka_unit_test(f58_endless_range_is_refused),
		cmocka_unit_test(f58_reversed_range_is_refused),
		cmocka_unit_test(f58_range_without_its_end_is_refused),
		cmocka_unit_test(f58_thousand_ranges_cost_a_thousand_steps),
		cmocka_unit_test(f29_range_over_the_wrap_is_exact),
		cmocka_unit_test(bytes_beyond_the_last_whole_word_are_nothing),
		cmocka_unit_test(header_words_are_never_taken_for_losses),
		cmocka_unit_test(only_a_nak_is_walked),
		cmocka_unit_test(walk_names_what_the_list_names_and_no_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
