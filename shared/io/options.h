/* SPDX-License-Identifier: MIT */
#ifndef SHARED_IO_OPTIONS_H
#define SHARED_IO_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/*
 * One table of options per program: it drives the parsing (by getopt_long), the
 * help, and the test that the manual names each of them.  Parsing fills a plain
 * struct and opens nothing.
 */
enum option_kind {
	OPTION_FLAG,          /* bool */
	OPTION_NUMBER,        /* uint64_t, min..max */
	OPTION_SPAN,          /* usspan: "250ms", "4s", a bare number is ms */
	OPTION_TEXT,          /* const char *, into argv */
	OPTION_LIST,          /* struct option_list: each time that it is given */
	OPTION_CHOICE,        /* int: the place of the word in `words`, "a|b|c" */
	OPTION_IGNORED,       /* accepted for old control panels, does nothing; takes no value */
	OPTION_IGNORED_VALUE, /* the same, with a value */
};

enum { OPTION_LIST_MOST = 16 };

/* The values of an option that may be given again and again, into argv. */
struct option_list {
	unsigned count;
	const char *at[OPTION_LIST_MOST];
};

struct option_row {
	const char *name; /* without the dashes */
	char letter;      /* or 0 */
	enum option_kind kind;
	size_t offset;     /* of the field in the program's struct */
	uint64_t min, max; /* OPTION_NUMBER, and OPTION_SPAN in microseconds */
	const char *words; /* OPTION_CHOICE */
	const char *value; /* how help calls the value: "PORT" */
	const char *help;  /* NULL: an alias or an ignored one, not shown */
};

/*
 * Reads argv over the defaults that are in `into`.  Returns the index of the
 * first positional argument, options having been moved before them, or -1 with
 * one sentence in why: which option, which value, what would do.
 */
int options_parse(const struct option_row *rows, size_t count, int argc, char **argv, void *into,
		  char *why, size_t why_size);

/* The lines of --help, in the order of the table. */
void options_help(const struct option_row *rows, size_t count, FILE *to);

#endif
