/* SPDX-License-Identifier: MIT */
#ifndef LAB_SRT_STAMP_H
#define LAB_SRT_STAMP_H

#include <stdbool.h>
#include <stddef.h>

#include "shared/base/time.h"

enum { STAMP_LEN = 32 };

/*
 * What each message says of itself, so that whoever meets it knows what it is
 * and whether it is whole:
 *
 *   0  magic        4  length of the message, this head included
 *   8  stream      16  number
 *  24  made        32  a pattern that follows from stream and number
 *
 * all big-endian.
 */
struct stamp {
	uint64_t stream; /* stamp_stream() of its id */
	uint64_t number;
	ustime made;
	size_t len;
};

/* A stream id as a number (FNV-1a); two of a run are alike with a chance of 2^-64. */
uint64_t stamp_stream(const char *id);

/* Fills s->len bytes, STAMP_LEN or more. */
void stamp_write(const struct stamp *s, uint8_t *message);

/* From the head alone; the message may be cut off behind it.  False when it has none. */
bool stamp_read(struct stamp *s, const uint8_t *data, size_t len);

/* From all of it: head, length and pattern must be right. */
bool stamp_verify(struct stamp *s, const uint8_t *message, size_t len);

#endif
