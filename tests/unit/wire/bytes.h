/* SPDX-License-Identifier: MIT */
#ifndef TESTS_UNIT_WIRE_BYTES_H
#define TESTS_UNIT_WIRE_BYTES_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/wire/be.h"
#include "shared/wire/srt.h"

/* SRT packets as its draft lays them out, written byte by byte for the tests of this room. */

enum { BYTES_CAP = 2048 };

/* A packet under construction. */
struct bytes {
	uint8_t at[BYTES_CAP];
	size_t len;
};

static inline void add32(struct bytes *b, uint32_t v)
{
	put_be32(b->at + b->len, v);
	b->len += 4;
}

static inline struct bytes control(enum srt_type type, uint32_t info, uint32_t stamp, uint32_t dest)
{
	struct bytes b = {.len = 0};

	add32(&b, UINT32_C(0x80000000) | (uint32_t)type << 16);
	add32(&b, info);
	add32(&b, stamp);
	add32(&b, dest);
	return b;
}

static inline struct bytes data_packet(uint32_t seq, size_t payload)
{
	struct bytes b = {.len = 0};

	add32(&b, seq);
	add32(&b, UINT32_C(0xc0000001));
	add32(&b, 1234567);
	add32(&b, 0x51);
	memset(b.at + b.len, 0x47, payload);
	b.len += payload;
	return b;
}

/* A full acknowledgement: 44 bytes. */
static inline struct bytes ack_packet(uint32_t number, uint32_t next)
{
	struct bytes b = control(SRT_ACK, number, 5000, 0x51);

	add32(&b, next);
	add32(&b, 61000);
	add32(&b, 4000);
	add32(&b, 8191);
	add32(&b, 900);
	add32(&b, 10000);
	add32(&b, 1184400);
	return b;
}

static inline struct bytes handshake(uint32_t type, uint32_t from, uint32_t to, uint32_t isn)
{
	struct bytes b = control(SRT_HANDSHAKE, 0, 777, to);

	add32(&b, type == SRT_HS_INDUCTION ? 4 : 5);
	add32(&b, type == SRT_HS_INDUCTION ? 2 : 5);
	add32(&b, isn);
	add32(&b, 1500);
	add32(&b, 8192);
	add32(&b, type);
	add32(&b, from);
	add32(&b, 0xc00c1e);
	memset(b.at + b.len, 0, 16);
	b.len += 16;
	return b;
}

enum { HSREQ = 1, HSRSP = 2, KMREQ = 3, SID = 5 };

static inline void add_extension(struct bytes *b, uint16_t type, uint16_t words)
{
	add32(b, (uint32_t)type << 16 | words);
}

static inline void add_hs(struct bytes *b, uint16_t type, uint32_t flags, uint16_t recv,
			  uint16_t send)
{
	add_extension(b, type, 3);
	add32(b, 0x00010503);
	add32(b, flags);
	add32(b, (uint32_t)recv << 16 | send);
}

/* Letters swapped within each word, zeros at the end: as libsrt sends it. */
static inline void add_stream_id(struct bytes *b, const char *text)
{
	size_t len = strlen(text), words = (len + 3) / 4;

	add_extension(b, SID, (uint16_t)words);
	memset(b->at + b->len, 0, 4 * words);
	for (size_t i = 0; i < len; i++)
		b->at[b->len + (i ^ 3)] = (uint8_t)text[i];
	b->len += 4 * words;
}

/* The same bytes with nothing behind them: AddressSanitizer sees every byte read too far. */
static inline uint8_t *exactly(const uint8_t *data, size_t len)
{
	uint8_t *copy = malloc(len ? len : 1);

	assert_non_null(copy);
	memcpy(copy, data, len);
	return copy;
}

#endif
