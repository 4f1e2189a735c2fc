/* SPDX-License-Identifier: MIT */
#ifndef TESTS_BENCH_HEAP_H
#define TESTS_BENCH_HEAP_H

#include <stdint.h>

/*
 * How often memory was asked for so far, by whatever is linked into this
 * program.  The linker sends each call of malloc() and its kin by heap.c.
 */
uint64_t heap_asked(void);

/* Whether the count moves at all: one that stands still proves nothing. */
int heap_counts(void);

#endif
