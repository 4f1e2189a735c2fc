/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SIM_FOREIGN_WIRE_H
#define TESTS_SIM_FOREIGN_WIRE_H

#include "shared/wire/be.h"

/*
 * SRTLA as the models of other programs know it: written down a second time,
 * so that a wrong number in shared/wire does not agree with itself.
 */
enum {
	F_KEEPALIVE = 0x9000,
	F_ACK = 0x9100,
	F_REG1 = 0x9200,
	F_REG2 = 0x9201,
	F_REG3 = 0x9202,
	F_REG_ERR = 0x9210,
	F_REG_NGP = 0x9211,

	F_HALF = 128,
	F_ID = 256,
	F_REG_LEN = 258,
	F_ACK_COUNT = 10,

	F_SRT_LEAST = 16,
	F_SRT_ACK = 0x8002,
	F_SRT_NAK = 0x8003,
};

/* The first 16 bits, 0 for what has none. */
static inline unsigned foreign_type(const uint8_t *data, size_t len)
{
	return len >= 2 ? be16(data) : 0;
}

#endif
