/* SPDX-License-Identifier: MIT */
#include "stage.h"

#include "receiver/core/gate.h"

enum { ROOM = 1600 };

/* One packet before the gate, and what the gate has counted so far. */
struct knock {
	uint8_t data[ROOM];
	size_t len;
	struct receiver_drops drops;
};

static void make(struct knock *k, enum srt_type type, size_t len)
{
	memset(&k->drops, 0, sizeof(k->drops));
	memset(k->data, 0, sizeof(k->data));
	control(k->data, len < SRT_HEADER_LEN ? SRT_HEADER_LEN : len, type, 0x5e);
	k->len = len;
}

static void put_words(struct knock *k, const uint32_t *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		put_be32(k->data + SRT_HEADER_LEN + 4 * i, words[i]);
	k->len = SRT_HEADER_LEN + 4 * count;
}

static uint64_t counted(const struct receiver_drops *d)
{
	return d->gate_type + d->gate_length + d->gate_nak + d->gate_key + d->gate_size;
}

static bool passes(struct knock *k)
{
	bool passed = gate_passes(k->data, k->len, &k->drops);

	/* What is dropped is counted, once, and nothing else is. */
	assert_int_equal(counted(&k->drops), !passed);
	return passed;
}

static bool passes_as(enum srt_type type, size_t len)
{
	struct knock k;

	make(&k, type, len);
	return passes(&k);
}

static void lengths_that_real_callers_send_pass(void **state)
{
	static const struct {
		enum srt_type type;
		size_t len;
	} real[] = {
		{SRT_KEEPALIVE, 16}, {SRT_KEEPALIVE, 20}, {SRT_KEEPALIVE, 32},
		{SRT_ACK, 20}, {SRT_ACK, 32}, {SRT_ACK, 40}, {SRT_ACK, 44}, {SRT_ACK, 48},
		{SRT_NAK, 20}, {SRT_NAK, 32}, {SRT_NAK, 1472},
		{SRT_CONGESTION, 20},
		{SRT_SHUTDOWN, 16}, {SRT_SHUTDOWN, 20}, {SRT_SHUTDOWN, 32},
		{SRT_ACKACK, 16}, {SRT_ACKACK, 20}, {SRT_ACKACK, 32},
		{SRT_DROPREQ, 24}, {SRT_DROPREQ, 32},
		{SRT_PEERERROR, 20},
		{SRT_HANDSHAKE, 64},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(real) / sizeof(real[0]); i++)
		assert_true(passes_as(real[i].type, real[i].len));
}

static void each_type_has_its_least_and_its_most(void **state)
{
	static const struct {
		enum srt_type type;
		size_t least, most;
	} bounds[] = {
		{SRT_HANDSHAKE, 64, 1500}, {SRT_KEEPALIVE, 16, 32}, {SRT_ACK, 20, 64},
		{SRT_NAK, 20, 1500}, {SRT_CONGESTION, 16, 32}, {SRT_SHUTDOWN, 16, 32},
		{SRT_ACKACK, 16, 32}, {SRT_DROPREQ, 24, 32}, {SRT_PEERERROR, 16, 32},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bounds) / sizeof(bounds[0]); i++) {
		for (size_t len = 16; len <= 1500; len += 4) {
			bool fits = len >= bounds[i].least && len <= bounds[i].most;

			assert_int_equal(passes_as(bounds[i].type, len), fits);
		}
	}
}

static void half_words_and_giants_are_dropped(void **state)
{
	struct knock k;

	(void)state;
	for (size_t len = 16; len <= 1500; len++) {
		make(&k, SRT_NAK, len);
		if (len % 4 == 0)
			continue;
		assert_false(passes(&k));
		assert_int_equal(k.drops.gate_length, 1);
	}
	for (size_t len = 1501; len < ROOM; len++) {
		make(&k, SRT_HANDSHAKE, len);
		assert_false(passes(&k));
		assert_int_equal(k.drops.gate_size, 1);
	}
}

static void types_that_nobody_knows_are_dropped(void **state)
{
	struct knock k;

	(void)state;
	for (unsigned type = SRT_PEERERROR + 1; type < SRT_USER; type++) {
		make(&k, (enum srt_type)type, 20);
		assert_false(passes(&k));
		assert_int_equal(k.drops.gate_type, 1);
	}
}

static void user_messages_pass_by_subtype(void **state)
{
	struct knock k;

	(void)state;
	for (unsigned subtype = 0; subtype <= 0xffff; subtype++) {
		make(&k, SRT_USER, 16 + 32);
		put_be16(k.data + 2, (uint16_t)subtype);
		assert_int_equal(passes(&k), subtype >= 1 && subtype <= 4);
		assert_int_equal(k.drops.gate_type, subtype < 1 || subtype > 4);
	}
}

static void key_material_is_at_most_104_bytes_in_messages(void **state)
{
	struct knock k;

	(void)state;
	for (uint16_t subtype = 3; subtype <= 4; subtype++) {
		for (size_t body = 0; body <= 1484; body += 4) {
			make(&k, SRT_USER, 16 + body);
			put_be16(k.data + 2, subtype);
			assert_int_equal(passes(&k), body >= 4 && body <= 104);
			assert_int_equal(k.drops.gate_key, body < 4 || body > 104);
		}
	}
}

/* A conclusion with one block of this type. */
static void conclude(struct knock *k, uint16_t block, size_t body)
{
	make(k, SRT_HANDSHAKE, SRT_HANDSHAKE_LEN + 4 + body);
	put_be32(k->data + 36, SRT_HS_CONCLUSION);
	put_be16(k->data + 64, block);
	put_be16(k->data + 66, (uint16_t)(body / 4));
}

static void key_material_is_at_most_104_bytes_in_handshakes(void **state)
{
	struct knock k;

	(void)state;
	for (uint16_t block = 3; block <= 4; block++) {
		for (size_t body = 0; body <= 1432; body += 4) {
			conclude(&k, block, body);
			assert_int_equal(passes(&k), body >= 4 && body <= 104);
			assert_int_equal(k.drops.gate_key, body < 4 || body > 104);
		}
	}
}

static void key_material_is_found_behind_other_blocks(void **state)
{
	struct knock k;

	(void)state;
	conclude(&k, 1, 12);
	put_be16(k.data + 80, 5); /* the stream id */
	put_be16(k.data + 82, 128);
	put_be16(k.data + 84 + 512, 3);
	put_be16(k.data + 86 + 512, 18);
	k.len = 88 + 512 + 72;
	assert_true(passes(&k));
	put_be16(k.data + 86 + 512, 27);
	k.len = 88 + 512 + 108;
	assert_false(passes(&k));
	assert_int_equal(k.drops.gate_key, 1);
}

static void blocks_that_run_past_the_end_are_dropped(void **state)
{
	struct knock k;

	(void)state;
	for (uint16_t block = 0; block <= 9; block++) {
		conclude(&k, block, 16);
		put_be16(k.data + 66, 5);
		assert_false(passes(&k));
		assert_int_equal(k.drops.gate_length, 1);
		conclude(&k, block, 16);
		put_be16(k.data + 66, 0xffff);
		assert_false(passes(&k));
	}
}

static void greetings_need_their_version_and_flags(void **state)
{
	struct knock k;

	(void)state;
	for (uint16_t block = 1; block <= 2; block++) {
		conclude(&k, block, 4);
		assert_false(passes(&k));
		assert_int_equal(k.drops.gate_length, 1);
		conclude(&k, block, 8);
		assert_true(passes(&k));
		conclude(&k, block, 12);
		assert_true(passes(&k));
	}
}

static void blocks_of_types_to_come_pass(void **state)
{
	struct knock k;

	(void)state;
	for (uint16_t block = 5; block < 40; block++) {
		conclude(&k, block, 400);
		assert_true(passes(&k));
	}
}

static bool nak_passes(const uint32_t *words, size_t count)
{
	struct knock k;
	bool passed;

	make(&k, SRT_NAK, 20);
	put_words(&k, words, count);
	passed = passes(&k);
	assert_int_equal(k.drops.gate_nak, !passed);
	return passed;
}

#define NAK(...) nak_passes((const uint32_t[]){__VA_ARGS__}, \
			    sizeof((const uint32_t[]){__VA_ARGS__}) / sizeof(uint32_t))
#define FROM(n) (UINT32_C(0x80000000) | (n))

static void f58_loss_lists_hold_together_or_are_dropped(void **state)
{
	uint32_t many[371];

	(void)state;
	assert_true(NAK(7));
	assert_true(NAK(7, 9, FROM(12), 20, 30));
	assert_true(NAK(FROM(12), 12));
	assert_true(NAK(FROM(0x7ffffffe), 3)); /* over the wrap */
	assert_true(NAK(FROM(0), 0x3fffffff));
	assert_false(NAK(FROM(0), 0x40000000)); /* half the circle has no order */
	assert_false(NAK(FROM(20), 12));
	assert_false(NAK(FROM(20)));
	assert_false(NAK(7, FROM(20)));
	assert_false(NAK(FROM(20), FROM(30), 40));
	for (size_t i = 0; i < 370; i += 2) {
		many[i] = FROM((uint32_t)i);
		many[i + 1] = (uint32_t)i + 1;
	}
	assert_true(nak_passes(many, 370));
	many[370] = FROM(5);
	assert_false(nak_passes(many, 371));
}

static void f60_numbers_that_are_none_are_dropped(void **state)
{
	struct knock k;

	(void)state;
	make(&k, SRT_ACK, 44);
	put_be32(k.data + 16, 0xffffffff);
	assert_false(passes(&k));
	assert_int_equal(k.drops.gate_nak, 1);
	make(&k, SRT_ACK, 44);
	put_be32(k.data + 16, 0x7fffffff);
	assert_true(passes(&k));
}

static void drop_requests_are_not_reversed(void **state)
{
	static const struct {
		uint32_t from, to;
		bool holds;
	} range[] = {
		{5, 9, true}, {5, 5, true}, {0x7fffffff, 0, true},
		{9, 5, false}, {0, 0x40000000, false}, {FROM(5), 9, false}, {5, FROM(9), false},
	};
	struct knock k;

	(void)state;
	for (size_t i = 0; i < sizeof(range) / sizeof(range[0]); i++) {
		make(&k, SRT_DROPREQ, 24);
		put_words(&k, &range[i].from, 1);
		put_be32(k.data + 20, range[i].to);
		k.len = 24;
		assert_int_equal(passes(&k), range[i].holds);
		assert_int_equal(k.drops.gate_nak, !range[i].holds);
	}
}

/* Through the receiver: what comes out for the server after an oversized key. */
static size_t oversized_key_reaches_the_server(bool gate_off)
{
	struct receiver_config cfg = stage_config();
	uint8_t id[SRTLA_ID_LEN], data[16 + 108];
	struct stage s;
	struct seen seen;
	size_t out = 0;
	unsigned port;

	cfg.gate_off = gate_off;
	stage_up(&s, &cfg);
	port = join_group(&s, at("192.0.2.1", 4000), 7, id);
	control(data, sizeof(data), SRT_USER, 0x5e);
	put_be16(data + 2, 3);
	send_net(&s, at("192.0.2.1", 4000), data, sizeof(data));
	while (take(&s, &seen))
		out += seen.port == port;
	assert_int_equal(view(&s).drops.gate_key, !gate_off);
	stage_down(&s);
	return out;
}

static void the_gate_stands_before_the_server_unless_it_is_off(void **state)
{
	(void)state;
	assert_int_equal(oversized_key_reaches_the_server(false), 0);
	assert_int_equal(oversized_key_reaches_the_server(true), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lengths_that_real_callers_send_pass),
		cmocka_unit_test(each_type_has_its_least_and_its_most),
		cmocka_unit_test(half_words_and_giants_are_dropped),
		cmocka_unit_test(types_that_nobody_knows_are_dropped),
		cmocka_unit_test(user_messages_pass_by_subtype),
		cmocka_unit_test(key_material_is_at_most_104_bytes_in_messages),
		cmocka_unit_test(key_material_is_at_most_104_bytes_in_handshakes),
		cmocka_unit_test(key_material_is_found_behind_other_blocks),
		cmocka_unit_test(blocks_that_run_past_the_end_are_dropped),
		cmocka_unit_test(greetings_need_their_version_and_flags),
		cmocka_unit_test(blocks_of_types_to_come_pass),
		cmocka_unit_test(f58_loss_lists_hold_together_or_are_dropped),
		cmocka_unit_test(f60_numbers_that_are_none_are_dropped),
		cmocka_unit_test(drop_requests_are_not_reversed),
		cmocka_unit_test(the_gate_stands_before_the_server_unless_it_is_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
