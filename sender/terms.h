/* SPDX-License-Identifier: MIT */
#ifndef SENDER_TERMS_H
#define SENDER_TERMS_H

#include <stdbool.h>
#include <stddef.h>

#include "sender/core/sender.h"

/*
 * The words behind an address in the uplinks file: role=backup, weight=5, cap=4M, or a bare
 * number, which is a weight too.  Each at most once, in any order.
 */
struct terms_reader {
	struct sender_terms terms;
	bool role, weight, cap; /* which were there */
};

/* All zero is a reader that has read nothing.  Answers why the word will not do, or NULL. */
const char *terms_read(struct terms_reader *r, const char *word);

bool terms_equal(const struct sender_terms *a, const struct sender_terms *b);

/* "role=backup weight=5 cap=4000000"; no cap when there is none. */
enum { TERMS_TEXT = 64 };
const char *terms_print(const struct sender_terms *terms, char buf[TERMS_TEXT]);

#endif
