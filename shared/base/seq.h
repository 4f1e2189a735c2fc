/* SPDX-License-Identifier: MIT */
#ifndef SHARED_BASE_SEQ_H
#define SHARED_BASE_SEQ_H

#include <stdbool.h>
#include <stdint.h>

/*
 * SRT sequence numbers: 31 bits, compared as serial numbers (RFC 1982).
 * Two numbers exactly half the circle apart have no order; seq_diff() then
 * calls the first one older.
 */
#define SEQ_MASK UINT32_C(0x7fffffff)

/* No sequence number at all: the bit that no number has. */
#define SEQ_NONE UINT32_C(0x80000000)

/* How far a lies ahead of b; negative when it lies behind. */
static inline int32_t seq_diff(uint32_t a, uint32_t b)
{
	uint32_t d = (a - b) & SEQ_MASK;

	return d < UINT32_C(0x40000000) ? (int32_t)d : (int32_t)(d | UINT32_C(0x80000000));
}

static inline bool seq_before(uint32_t a, uint32_t b)
{
	return seq_diff(a, b) < 0;
}

static inline uint32_t seq_add(uint32_t a, uint32_t n)
{
	return (a + n) & SEQ_MASK;
}

#endif
