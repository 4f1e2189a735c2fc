/* SPDX-License-Identifier: MIT */
#include "receiver/core/nakgate.h"

#include "stage.h"

#define PATIENCE MSEC(100)

/* A NAK of these words, as they stand on the wire. */
static bool passes(struct nakgate *n, const uint32_t *word, size_t count, ustime now)
{
	struct pkt p = {.len = (uint16_t)(SRT_HEADER_LEN + 4 * count)};

	control(p.data, p.len, SRT_NAK, 0xca11);
	for (size_t i = 0; i < count; i++)
		put_be32(p.data + SRT_HEADER_LEN + 4 * i, word[i]);
	return nakgate_passes(n, &p, PATIENCE, now);
}

static bool single(struct nakgate *n, uint32_t seq, ustime now)
{
	return passes(n, &seq, 1, now);
}

static bool range(struct nakgate *n, uint32_t from, uint32_t to, ustime now)
{
	uint32_t word[] = {from | UINT32_C(0x80000000), to};

	return passes(n, word, 2, now);
}

static void what_was_asked_for_lately_is_not_asked_for_again(void **state)
{
	struct nakgate n;

	(void)state;
	nakgate_init(&n);
	assert_true(single(&n, 500, SEC(1)));
	assert_false(single(&n, 500, SEC(1)));
	assert_false(single(&n, 500, SEC(1) + PATIENCE));
	assert_true(single(&n, 501, SEC(1) + PATIENCE));
}

static void a_copy_that_does_not_come_is_asked_for_again(void **state)
{
	struct nakgate n;

	(void)state;
	nakgate_init(&n);
	assert_true(single(&n, 500, SEC(1)));
	assert_true(single(&n, 500, SEC(1) + PATIENCE + 1));
	assert_false(single(&n, 500, SEC(1) + 2 * PATIENCE));
}

static void one_new_number_lets_the_whole_report_pass(void **state)
{
	static const uint32_t both[] = {500, 600};
	struct nakgate n;

	(void)state;
	nakgate_init(&n);
	assert_true(single(&n, 500, SEC(1)));
	assert_true(passes(&n, both, 2, SEC(1)));
	assert_false(passes(&n, both, 2, SEC(1)));
	assert_false(single(&n, 600, SEC(1)));
}

static void a_range_is_no_news_when_its_parts_together_are_none(void **state)
{
	struct nakgate n;

	(void)state;
	nakgate_init(&n);
	assert_true(range(&n, 500, 509, SEC(1)));
	assert_true(single(&n, 510, SEC(1)));
	assert_true(range(&n, 511, 520, SEC(1)));
	assert_false(range(&n, 500, 520, SEC(1)));
	assert_false(range(&n, 505, 512, SEC(1)));
	assert_true(range(&n, 499, 520, SEC(1)));
	assert_true(range(&n, 505, 521, SEC(1)));
}

static void numbers_wrap_inside_a_range(void **state)
{
	struct nakgate n;

	(void)state;
	nakgate_init(&n);
	assert_true(range(&n, SEQ_MASK - 3, 3, SEC(1)));
	assert_false(single(&n, SEQ_MASK, SEC(1)));
	assert_false(range(&n, SEQ_MASK, 0, SEC(1)));
	assert_false(single(&n, 3, SEC(1)));
	assert_true(single(&n, 4, SEC(1)));
}

static void more_ranges_than_are_remembered_pass_once_more_and_harm_nothing(void **state)
{
	uint32_t word[2 * NAKGATE_RANGES];
	struct nakgate n;

	(void)state;
	nakgate_init(&n);
	for (uint32_t i = 0; i < 2 * NAKGATE_RANGES; i++)
		word[i] = 1000 + 2 * i;
	assert_true(passes(&n, word, 2 * NAKGATE_RANGES, SEC(1)));
	assert_true(passes(&n, word, 2 * NAKGATE_RANGES, SEC(1)));
	assert_false(passes(&n, word + NAKGATE_RANGES, NAKGATE_RANGES, SEC(1)));
}

static void a_report_without_a_number_is_not_ours_to_judge(void **state)
{
	static const uint32_t dangling = UINT32_C(0x80000005);
	struct nakgate n;

	(void)state;
	nakgate_init(&n);
	assert_true(passes(&n, &dangling, 1, SEC(1)));
	assert_true(passes(&n, &dangling, 1, SEC(1)));
	assert_true(passes(&n, NULL, 0, SEC(1)));
}

/* A server that asks again and again; through the whole receiver. */
static void repeated_naks_reach_the_members_once_in_a_round_trip(void **state)
{
	struct stage s;
	struct endpoint who = at("192.0.2.1", 4000);
	uint8_t id[SRTLA_ID_LEN], nak[SRT_HEADER_LEN + 4], ack[44];
	unsigned port;

	(void)state;
	stage_up(&s, NULL);
	port = join_group(&s, who, 7, id);
	agree(&s, who, port, 0xca11, 0x5e, 2000);
	control(ack, sizeof(ack), SRT_ACK, 0xca11);
	put_be32(ack + 4, 1);
	put_be32(ack + 16, 4242);
	put_be32(ack + 20, 60000); /* round trip, us, */
	put_be32(ack + 24, 10000); /* and its variance */
	send_server(&s, port, ack, sizeof(ack));
	discard(&s);
	control(nak, sizeof(nak), SRT_NAK, 0xca11);
	put_be32(nak + SRT_HEADER_LEN, 4300);
	for (unsigned i = 0; i < 20; i++) {
		send_server(&s, port, nak, sizeof(nak));
		pass(&s, MSEC(10));
	}
	assert_int_equal(group_view(&s, port).naks, 2);
	assert_int_equal(group_view(&s, port).naks_again, 18);
	assert_int_equal(discard(&s), 2);
	stage_down(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_asked_for_lately_is_not_asked_for_again),
		cmocka_unit_test(a_copy_that_does_not_come_is_asked_for_again),
		cmocka_unit_test(one_new_number_lets_the_whole_report_pass),
		cmocka_unit_test(a_range_is_no_news_when_its_parts_together_are_none),
		cmocka_unit_test(numbers_wrap_inside_a_range),
		cmocka_unit_test(more_ranges_than_are_remembered_pass_once_more_and_harm_nothing),
		cmocka_unit_test(a_report_without_a_number_is_not_ours_to_judge),
		cmocka_unit_test(repeated_naks_reach_the_members_once_in_a_round_trip),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
