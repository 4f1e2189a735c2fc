/* SPDX-License-Identifier: MIT */
#ifndef LAB_UNITS_H
#define LAB_UNITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What the figures in scenarios are figures of, and how they are written. */
enum unit {
	UNIT_COUNT,   /* "17" */
	UNIT_RATE,    /* "5M", "300k", "1.5G": bit/s */
	UNIT_BYTES,   /* "375k", "1500": bytes, k for 1000 */
	UNIT_SPAN,    /* "25ms", "1.5s": microseconds */
	UNIT_SHARE,   /* "5%", "0.02%": of a million */
	UNIT_PERCENT, /* "500%": whole hundredths */
	UNIT_RATIO,   /* "1.02": thousandths */
};

/*
 * Strict: the whole word must fit, with no sign and no blanks, and a figure
 * that is finer than its unit can hold is none.
 */
bool units_read(enum unit u, const char *s, uint64_t *value);

/* As people read it: "1.3 %", "250 ms", "1.5 Mbit/s", "1.02"; exact to the last digit. */
void units_text(enum unit u, uint64_t value, char *buf, size_t size);

/* How one is written, for those who wrote something else: "a rate such as 5M". */
const char *units_example(enum unit u);

#endif
