/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "shared/base/pkt.h"
#include "shared/wire/be.h"
#include "shared/wire/srt.h"
#include "tests/bench/must.h"
#include "tests/bench/relays.h"

/*
 * All that a relay reads of a packet is the sixteen bytes of its head.  A batch of them is read
 * as the programs do, and by registers that hold one head or a word of eight.  Beside it the one
 * thing that all bytes are subject to: a copy, as of a packet that had come merged with others.
 */
enum { REPEATS = 20000, WORDS = SRT_HEADER_LEN / 4 };

/* The words of a batch's heads, in the order of the machine. */
struct heads {
	_Alignas(32) uint32_t word[WORDS][RELAY_SLOTS];
};

static struct pkt batch[RELAY_SLOTS];

static void read_by_parser(struct heads *h)
{
	for (unsigned i = 0; i < RELAY_SLOTS; i++) {
		struct srt_head head;

		if (!srt_parse_head(batch[i].data, batch[i].len, &head) || head.control)
			continue;
		h->word[0][i] = head.seq;
		h->word[1][i] = head.info;
		h->word[2][i] = head.timestamp;
		h->word[3][i] = head.dest;
	}
}

/* The library's own copy uses the widest registers that it finds. */
static void copy(struct heads *h)
{
	static uint8_t merged[RELAY_SLOTS][RELAY_PACKET];

	for (unsigned i = 0; i < RELAY_SLOTS; i++)
		memcpy(merged[i], batch[i].data, RELAY_PACKET);
	h->word[0][0] = be32(merged[0]);
	__asm__ volatile("" : : "r"(merged) : "memory");
}

#if defined(__x86_64__)
#include <immintrin.h>

/* The four words of each head in one register, and turned round with one instruction. */
__attribute__((target("ssse3"))) static void read_by_ssse3(struct heads *h)
{
	const __m128i turn =
		_mm_set_epi8(12, 13, 14, 15, 8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3);

	for (unsigned i = 0; i < RELAY_SLOTS; i++) {
		__m128i head = _mm_loadu_si128((const void *)batch[i].data);
		uint32_t word[WORDS];

		_mm_storeu_si128((void *)word, _mm_shuffle_epi8(head, turn));
		for (unsigned w = 0; w < WORDS; w++)
			h->word[w][i] = word[w];
	}
}

/* The same word of eight heads in one register. */
__attribute__((target("avx2"))) static void read_by_avx2(struct heads *h)
{
	const int far = sizeof(struct pkt);
	const __m256i at = _mm256_setr_epi32(0, far, 2 * far, 3 * far, 4 * far, 5 * far, 6 * far,
					     7 * far);
	const __m256i turn = _mm256_broadcastsi128_si256(
		_mm_set_epi8(12, 13, 14, 15, 8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3));

	for (unsigned i = 0; i < RELAY_SLOTS; i += 8)
		for (unsigned w = 0; w < WORDS; w++) {
			const uint8_t *first = batch[i].data + w * sizeof(uint32_t);
			__m256i words = _mm256_i32gather_epi32((const void *)first, at, 1);

			_mm256_store_si256((void *)&h->word[w][i],
					   _mm256_shuffle_epi8(words, turn));
		}
}

static bool has_ssse3(void)
{
	return __builtin_cpu_supports("ssse3");
}

static bool has_avx2(void)
{
	return __builtin_cpu_supports("avx2");
}
#endif

static bool always(void)
{
	return true;
}

static const struct {
	const char *name;
	void (*read)(struct heads *h);
	bool (*can)(void);
	size_t fills; /* bytes of heads, from the first on */
} reader[] = {
	{"srt_parse_head()", read_by_parser, always, sizeof(struct heads)},
#if defined(__x86_64__)
	{"SSSE3, a head at a time", read_by_ssse3, has_ssse3, sizeof(struct heads)},
	{"AVX2, eight heads gathered", read_by_avx2, has_avx2, sizeof(struct heads)},
#endif
	{"memcpy() of the whole packet", copy, always, sizeof(uint32_t)},
};

enum { READERS = sizeof(reader) / sizeof(reader[0]) };

static void fill(void)
{
	for (unsigned i = 0; i < RELAY_SLOTS; i++) {
		batch[i].len = RELAY_PACKET;
		for (unsigned w = 0; w < WORDS; w++)
			put_be32(batch[i].data + 4 * w, 0x01020304 * (i + 1) + 77 * w);
		batch[i].data[0] &= 0x7f;
	}
}

/* One round of one reader, ns a packet. */
static double measure(unsigned r, const struct heads *right)
{
	static struct heads found;
	uint64_t began;

	memset(&found, 0, sizeof(found));
	began = relay_clock();
	for (unsigned i = 0; i < REPEATS; i++) {
		reader[r].read(&found);
		/* Read each time anew, for somebody who wants it. */
		__asm__ volatile("" : : "r"(&found), "r"(batch) : "memory");
	}
	began = relay_clock() - began;
	bench_must(memcmp(&found, right, reader[r].fills) == 0);
	return (double)began / REPEATS / RELAY_SLOTS;
}

void relay_heads(unsigned rounds, double plain_us)
{
	static double ns[READERS][RELAY_ROUNDS];
	static struct heads right;

	bench_must(rounds <= RELAY_ROUNDS);
	fill();
	read_by_parser(&right);
	for (unsigned round = 0; round < rounds; round++)
		for (unsigned r = 0; r < READERS; r++)
			if (reader[r].can())
				ns[r][round] = measure(r, &right);
	printf("\n| %d packets in memory | ns a packet | of the plain relay's CPU |\n"
	       "|---|---|---|\n",
	       RELAY_SLOTS);
	for (unsigned r = 0; r < READERS; r++) {
		double middle = relay_median(ns[r], rounds);

		if (!reader[r].can())
			printf("| %s | not on this processor | |\n", reader[r].name);
		else
			printf("| %s | %.2f [%.2f-%.2f] | %.2f %% |\n", reader[r].name, middle,
			       ns[r][0], ns[r][rounds - 1], middle / plain_us / 10);
	}
}
