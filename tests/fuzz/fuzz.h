/* SPDX-License-Identifier: MIT */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

/* The one door of a target: libFuzzer stands before it, or replay.c. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* What must hold for every input, whatever NDEBUG says. */
#define must(condition)                                                                            \
	do {                                                                                       \
		if (!(condition))                                                                  \
			abort();                                                                   \
	} while (0)

#endif
