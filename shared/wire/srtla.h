/* SPDX-License-Identifier: MIT */
#ifndef SHARED_WIRE_SRTLA_H
#define SHARED_WIRE_SRTLA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * SRTLA version 2: the packets that share a path with SRT's own and are told
 * from them by their first 16 bits.  srtla(7) describes each.
 */
enum srtla_type {
	SRTLA_NOT_OURS = 0, /* SRT, or too short to say */
	SRTLA_KEEPALIVE = 0x9000,
	SRTLA_ACK = 0x9100,
	SRTLA_REG1 = 0x9200,
	SRTLA_REG2 = 0x9201,
	SRTLA_REG3 = 0x9202,
	SRTLA_REG_ERR = 0x9210,
	SRTLA_REG_NGP = 0x9211,
	SRTLA_REG_NAK = 0x9212,
	SRTLA_REPORT = 0x9f10, /* between our own programs only */
	SRTLA_UNKNOWN = 0x9fff, /* in the range that is kept for SRTLA, but none of these */
};

enum {
	SRTLA_HALF_LEN = 128,     /* each side's half of a group id */
	SRTLA_ID_LEN = 256,
	SRTLA_REG_LEN = 258,      /* REG1 and REG2, exactly */
	SRTLA_REPLY_LEN = 32,     /* REG3, REG_ERR, REG_NGP as we send them: zero-padded */
	SRTLA_ACK_COUNT = 10,     /* numbers in a full SRTLA ACK */
	SRTLA_ACK_MAX = 44,
};

/*
 * Which SRTLA packet this is, by its type alone.  Everything from 0x9000 to
 * 0xafff is SRTLA's; what is no known type there is SRTLA_UNKNOWN.
 */
enum srtla_type srtla_type(const uint8_t *data, size_t len);

/* The 256-byte group id of a REG1 or REG2 of exactly 258 bytes, else NULL. */
const uint8_t *srtla_reg_id(const uint8_t *data, size_t len);

/*
 * How many numbers an SRTLA ACK holds: whole words from byte 4 on, however
 * many; 0 for anything else.
 */
size_t srtla_ack_count(const uint8_t *data, size_t len);

/* Number i of an SRTLA ACK; i below srtla_ack_count(). */
uint32_t srtla_ack_seq(const uint8_t *data, size_t i);

/* Each builder writes into buf and returns the length. */
size_t srtla_build_reg(uint8_t *buf, enum srtla_type type, const uint8_t id[SRTLA_ID_LEN]);
size_t srtla_build_reply(uint8_t *buf, enum srtla_type type); /* SRTLA_REPLY_LEN bytes */
size_t srtla_build_ack(uint8_t *buf, const uint32_t *seq, size_t count); /* 4 + 4 count */

#endif
