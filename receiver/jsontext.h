/* SPDX-License-Identifier: MIT */
#ifndef RECEIVER_JSONTEXT_H
#define RECEIVER_JSONTEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * JSON written straight into text.  A thousand groups are some twenty thousand numbers: as objects
 * of a library they would keep packets waiting for 20 ms, like this for four.
 *
 * `key` is a constant that needs no escape, or NULL: in an array, and at the top.
 */
struct jsontext {
	char *text;
	size_t len;
	size_t room;
	bool failed; /* memory was short: what follows is lost */
	bool comma;  /* something stands before what comes next */
};

void jsontext_open(struct jsontext *j, const char *key, char bracket); /* '{' or '[' */
void jsontext_close(struct jsontext *j, char bracket);

void jsontext_number(struct jsontext *j, const char *key, uint64_t n); /* at most INT64_MAX */
void jsontext_word(struct jsontext *j, const char *key, const char *s);
void jsontext_null(struct jsontext *j, const char *key);

/* A number, or null where it is not known. */
void jsontext_maybe(struct jsontext *j, const char *key, bool known, int64_t n);

/* The text, from malloc(), *len long; NULL when memory was short. */
char *jsontext_finish(struct jsontext *j, size_t *len);

#endif
