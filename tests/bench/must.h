/* SPDX-License-Identifier: MIT */
#ifndef TESTS_BENCH_MUST_H
#define TESTS_BENCH_MUST_H

#include <stdio.h>
#include <stdlib.h>

/* Ends the program unless it holds: then the benchmark itself is wrong. */
#define bench_must(holds) bench_check((holds), __FILE__, __LINE__, #holds)

static inline void bench_check(int holds, const char *file, int line, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, what);
	exit(EXIT_FAILURE);
}

#endif
