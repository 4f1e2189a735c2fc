/* SPDX-License-Identifier: MIT */
#ifndef SHARED_BASE_LINE_H
#define SHARED_BASE_LINE_H

#include <stddef.h>
#include <stdint.h>

/* Bytes that the machine fetches at once: what is read together lies in as few as it can. */
enum { CACHE_LINE = 64 };

/* Where the first line begins in memory that has CACHE_LINE - 1 bytes to spare. */
static inline void *line_first(void *memory)
{
	size_t over = (uintptr_t)memory % CACHE_LINE;

	return (uint8_t *)memory + (over ? CACHE_LINE - over : 0);
}

#endif
