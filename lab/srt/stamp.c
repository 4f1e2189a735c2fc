/* SPDX-License-Identifier: MIT */
#include "lab/srt/stamp.h"

#include <assert.h>
#include <string.h>

#include "shared/wire/be.h"

#define MAGIC UINT32_C(0x776f6164)

#define FNV_BASIS UINT64_C(0xcbf29ce484222325)
#define FNV_PRIME UINT64_C(0x100000001b3)

enum { WORD = 8 };

uint64_t stamp_stream(const char *id)
{
	uint64_t hash = FNV_BASIS;

	for (; *id; id++)
		hash = (hash ^ (uint8_t)*id) * FNV_PRIME;
	return hash;
}

/* One step of splitmix64 (Steele, Lea and Flood 2014), written as bytes. */
static void next_word(uint64_t *state, uint8_t word[WORD])
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	put_be64(word, z ^ z >> 31);
}

static uint64_t seed(const struct stamp *s)
{
	return s->stream + s->number;
}

void stamp_write(const struct stamp *s, uint8_t *message)
{
	uint64_t state = seed(s);
	uint8_t word[WORD];

	assert(s->len >= STAMP_LEN);
	put_be32(message, MAGIC);
	put_be32(message + 4, (uint32_t)s->len);
	put_be64(message + 8, s->stream);
	put_be64(message + 16, s->number);
	put_be64(message + 24, (uint64_t)s->made);
	for (size_t at = STAMP_LEN; at < s->len; at += WORD) {
		next_word(&state, word);
		memcpy(message + at, word, s->len - at < WORD ? s->len - at : WORD);
	}
}

bool stamp_read(struct stamp *s, const uint8_t *data, size_t len)
{
	if (len < STAMP_LEN || be32(data) != MAGIC)
		return false;
	s->len = be32(data + 4);
	s->stream = be64(data + 8);
	s->number = be64(data + 16);
	s->made = (ustime)be64(data + 24);
	return s->len >= STAMP_LEN;
}

bool stamp_verify(struct stamp *s, const uint8_t *message, size_t len)
{
	uint8_t word[WORD];
	uint64_t state;

	if (!stamp_read(s, message, len) || s->len != len)
		return false;
	state = seed(s);
	for (size_t at = STAMP_LEN; at < len; at += WORD) {
		next_word(&state, word);
		if (memcmp(message + at, word, len - at < WORD ? len - at : WORD) != 0)
			return false;
	}
	return true;
}
