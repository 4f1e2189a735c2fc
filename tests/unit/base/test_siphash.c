/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "shared/base/siphash.h"

/* From the tables that the authors publish: key and message are 00 01 02 ... */
static const struct {
	size_t len;
	uint8_t narrow[8];
	uint8_t wide[16];
} published[] = {
	{0,
	 {0x31, 0x0e, 0x0e, 0xdd, 0x47, 0xdb, 0x6f, 0x72},
	 {0xa3, 0x81, 0x7f, 0x04, 0xba, 0x25, 0xa8, 0xe6, 0x6d, 0xf6, 0x72, 0x14, 0xc7, 0x55, 0x02,
	  0x93}},
	{1,
	 {0xfd, 0x67, 0xdc, 0x93, 0xc5, 0x39, 0xf8, 0x74},
	 {0xda, 0x87, 0xc1, 0xd8, 0x6b, 0x99, 0xaf, 0x44, 0x34, 0x76, 0x59, 0x11, 0x9b, 0x22, 0xfc,
	  0x45}},
	{7,
	 {0x37, 0xd1, 0x01, 0x8b, 0xf5, 0x00, 0x02, 0xab},
	 {0xa1, 0xf1, 0xeb, 0xbe, 0xd8, 0xdb, 0xc1, 0x53, 0xc0, 0xb8, 0x4a, 0xa6, 0x1f, 0xf0, 0x82,
	  0x39}},
	{8,
	 {0x62, 0x24, 0x93, 0x9a, 0x79, 0xf5, 0xf5, 0x93},
	 {0x3b, 0x62, 0xa9, 0xba, 0x62, 0x58, 0xf5, 0x61, 0x0f, 0x83, 0xe2, 0x64, 0xf3, 0x14, 0x97,
	  0xb4}},
	{9,
	 {0xb0, 0xe4, 0xa9, 0x0b, 0xdf, 0x82, 0x00, 0x9e},
	 {0x26, 0x44, 0x99, 0x06, 0x0a, 0xd9, 0xba, 0xab, 0xc4, 0x7f, 0x8b, 0x02, 0xbb, 0x6d, 0x71,
	  0xed}},
	{15,
	 {0xe5, 0x45, 0xbe, 0x49, 0x61, 0xca, 0x29, 0xa1},
	 {0x54, 0x93, 0xe9, 0x99, 0x33, 0xb0, 0xa8, 0x11, 0x7e, 0x08, 0xec, 0x0f, 0x97, 0xcf, 0xc3,
	  0xd9}},
	{16,
	 {0xdb, 0x9b, 0xc2, 0x57, 0x7f, 0xcc, 0x2a, 0x3f},
	 {0x6e, 0xe2, 0xa4, 0xca, 0x67, 0xb0, 0x54, 0xbb, 0xfd, 0x33, 0x15, 0xbf, 0x85, 0x23, 0x05,
	  0x77}},
	{63,
	 {0x72, 0x45, 0x06, 0xeb, 0x4c, 0x32, 0x8a, 0x95},
	 {0x51, 0x50, 0xd1, 0x77, 0x2f, 0x50, 0x83, 0x4a, 0x50, 0x3e, 0x06, 0x9a, 0x97, 0x3f, 0xbd,
	  0x7c}},
};

enum { PUBLISHED = sizeof(published) / sizeof(published[0]) };

static struct siphash_key counting_key(void)
{
	struct siphash_key key;

	for (uint8_t i = 0; i < sizeof(key.bytes); i++)
		key.bytes[i] = i;
	return key;
}

static void narrow_hash_agrees_with_the_published_vectors(void **state)
{
	struct siphash_key key = counting_key();
	uint8_t message[64], little[8];

	(void)state;
	for (uint8_t i = 0; i < sizeof(message); i++)
		message[i] = i;
	for (size_t i = 0; i < PUBLISHED; i++) {
		uint64_t hash = siphash64(&key, message, published[i].len);

		for (size_t b = 0; b < sizeof(little); b++)
			little[b] = (uint8_t)(hash >> (8 * b));
		assert_memory_equal(little, published[i].narrow, sizeof(little));
	}
}

static void wide_hash_agrees_with_the_published_vectors(void **state)
{
	struct siphash_key key = counting_key();
	uint8_t message[64], out[16];

	(void)state;
	for (uint8_t i = 0; i < sizeof(message); i++)
		message[i] = i;
	for (size_t i = 0; i < PUBLISHED; i++) {
		siphash128(&key, message, published[i].len, out);
		assert_memory_equal(out, published[i].wide, sizeof(out));
	}
}

static void hash_does_not_depend_on_where_the_bytes_lie(void **state)
{
	struct siphash_key key = counting_key();
	uint8_t shifted[8 + 40];
	uint64_t first = 0;

	(void)state;
	for (size_t by = 0; by < 8; by++) {
		uint64_t hash;

		memset(shifted, 0xa5, sizeof(shifted));
		memset(shifted + by, 7, 40);
		hash = siphash64(&key, shifted + by, 40);
		if (by == 0)
			first = hash;
		assert_true(hash == first);
	}
}

static void another_key_gives_another_hash(void **state)
{
	struct siphash_key key = counting_key();
	uint64_t hash = siphash64(&key, "same", 4);

	(void)state;
	for (size_t i = 0; i < sizeof(key.bytes); i++) {
		struct siphash_key other = key;

		other.bytes[i] ^= 1;
		assert_true(siphash64(&other, "same", 4) != hash);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(narrow_hash_agrees_with_the_published_vectors),
		cmocka_unit_test(wide_hash_agrees_with_the_published_vectors),
		cmocka_unit_test(hash_does_not_depend_on_where_the_bytes_lie),
		cmocka_unit_test(another_key_gives_another_hash),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
