/* SPDX-License-Identifier: MIT */
#include "bytes.h"

#include "shared/wire/srtla.h"

static enum srtla_type type_of(uint16_t word)
{
	uint8_t data[2];

	put_be16(data, word);
	return srtla_type(data, sizeof(data));
}

static void every_word_is_told_apart(void **state)
{
	static const enum srtla_type known[] = {
		SRTLA_KEEPALIVE, SRTLA_ACK,     SRTLA_REG1,    SRTLA_REG2,
		SRTLA_REG3,      SRTLA_REG_ERR, SRTLA_REG_NGP, SRTLA_REG_NAK,
		SRTLA_REPORT,
	};

	(void)state;
	for (uint32_t word = 0; word <= 0xffff; word++) {
		enum srtla_type want =
			word >= 0x9000 && word <= 0xafff ? SRTLA_UNKNOWN : SRTLA_NOT_OURS;

		for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
			if (known[i] == word)
				want = known[i];
		assert_int_equal(type_of((uint16_t)word), want);
	}
}

static void srt_control_types_and_the_withdrawn_extensions_are_where_they_belong(void **state)
{
	(void)state;
	assert_int_equal(type_of(0x8008), SRTLA_NOT_OURS);
	assert_int_equal(type_of(0xffff), SRTLA_NOT_OURS);
	assert_int_equal(type_of(0x9f00), SRTLA_UNKNOWN);
	assert_int_equal(type_of(0x9ff0), SRTLA_UNKNOWN);
	assert_int_equal(type_of(0xa001), SRTLA_UNKNOWN);
}

static void fewer_than_two_bytes_are_nobodys(void **state)
{
	uint8_t data[1] = {0x90};

	(void)state;
	assert_int_equal(srtla_type(data, 0), SRTLA_NOT_OURS);
	assert_int_equal(srtla_type(data, 1), SRTLA_NOT_OURS);
}

static void id_is_read_from_registrations_of_exactly_258_bytes(void **state)
{
	uint8_t data[SRTLA_REG_LEN + 1] = {0x92, 0x01};

	(void)state;
	for (size_t len = 0; len <= sizeof(data); len++)
		assert_ptr_equal(srtla_reg_id(data, len), len == SRTLA_REG_LEN ? data + 2 : NULL);
	data[1] = 0x00;
	assert_ptr_equal(srtla_reg_id(data, SRTLA_REG_LEN), data + 2);
	data[1] = 0x02; /* a REG3 has none, whatever its length */
	assert_null(srtla_reg_id(data, SRTLA_REG_LEN));
}

static void registration_is_built_and_read_back(void **state)
{
	uint8_t id[SRTLA_ID_LEN], data[SRTLA_REG_LEN];

	(void)state;
	for (size_t i = 0; i < sizeof(id); i++)
		id[i] = (uint8_t)(i * 7);
	assert_int_equal(srtla_build_reg(data, SRTLA_REG1, id), 258);
	assert_int_equal(be16(data), 0x9200);
	assert_memory_equal(srtla_reg_id(data, sizeof(data)), id, sizeof(id));
	assert_int_equal(srtla_build_reg(data, SRTLA_REG2, srtla_reg_id(data, sizeof(data))), 258);
	assert_int_equal(be16(data), 0x9201);
	assert_memory_equal(srtla_reg_id(data, sizeof(data)), id, sizeof(id));
}

static void replies_are_padded_to_32_bytes_of_zero(void **state)
{
	static const enum srtla_type replies[] = {SRTLA_REG3, SRTLA_REG_ERR, SRTLA_REG_NGP};
	const uint8_t zero[30] = {0};
	uint8_t data[40];

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		memset(data, 0xee, sizeof(data));
		assert_int_equal(srtla_build_reply(data, replies[i]), 32);
		assert_int_equal(srtla_type(data, 32), replies[i]);
		assert_memory_equal(data + 2, zero, sizeof(zero));
		assert_int_equal(data[32], 0xee);
	}
}

static void full_ack_is_44_bytes_and_reads_back(void **state)
{
	uint32_t seq[SRTLA_ACK_COUNT];
	uint8_t data[SRTLA_ACK_MAX];

	(void)state;
	for (uint32_t i = 0; i < SRTLA_ACK_COUNT; i++)
		seq[i] = 0x7ffffffb + i; /* over the wrap of a lazy sender: carried as it is */
	assert_int_equal(srtla_build_ack(data, seq, SRTLA_ACK_COUNT), 44);
	assert_int_equal(be32(data), 0x91000000);
	assert_int_equal(srtla_ack_count(data, sizeof(data)), SRTLA_ACK_COUNT);
	for (size_t i = 0; i < SRTLA_ACK_COUNT; i++)
		assert_int_equal(srtla_ack_seq(data, i), seq[i]);
}

static void ack_of_any_length_counts_its_whole_words(void **state)
{
	uint8_t data[2000] = {0x91, 0x00};

	(void)state;
	for (size_t len = 0; len <= sizeof(data); len++)
		assert_int_equal(srtla_ack_count(data, len), len < 4 ? 0 : (len - 4) / 4);
}

/* One receiver writes the first word in the wrong byte order: an SRT data packet to everybody. */
static void ack_with_its_first_word_swapped_is_not_an_ack(void **state)
{
	const uint8_t data[44] = {0x00, 0x00, 0x91, 0x00};

	(void)state;
	assert_int_equal(srtla_type(data, sizeof(data)), SRTLA_NOT_OURS);
	assert_int_equal(srtla_ack_count(data, sizeof(data)), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_word_is_told_apart),
		cmocka_unit_test(
			srt_control_types_and_the_withdrawn_extensions_are_where_they_belong),
		cmocka_unit_test(fewer_than_two_bytes_are_nobodys),
		cmocka_unit_test(id_is_read_from_registrations_of_exactly_258_bytes),
		cmocka_unit_test(registration_is_built_and_read_back),
		cmocka_unit_test(replies_are_padded_to_32_bytes_of_zero),
		cmocka_unit_test(full_ack_is_44_bytes_and_reads_back),
		cmocka_unit_test(ack_of_any_length_counts_its_whole_words),
		cmocka_unit_test(ack_with_its_first_word_swapped_is_not_an_ack),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
