/* SPDX-License-Identifier: MIT */
#ifndef SHARED_IO_OPTIONS_H
#define SHARED_IO_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "shared/io/arguments.h"

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
	/* OPTION_TEXT: false and one sentence for a value that will not do; NULL: any will. */
	bool (*check)(const char *text, char why[ARGUMENTS_WHY]);
	bool typed; /* for the command line alone, not for a file of options */
};

/*
 * Reads argv over the defaults that are in `into`.  Returns the index of the
 * first positional argument, options having been moved before them, or -1 with
 * one sentence in why: which option, which value, what would do.
 */
int options_parse(const struct option_row *rows, size_t count, int argc, char **argv, void *into,
		  char *why, size_t why_size);

/*
 * Gives one option its value as a file writes it: by the whole name, with `_` or `-`, and a flag
 * with yes or no.  A text must stay.  False and one sentence in why, in the words of the command
 * line.
 */
bool options_set(const struct option_row *rows, size_t count, const char *name, const char *value,
		 void *into, char *why, size_t why_size);

/* The option that was probably meant by this name, or NULL when it resembles none. */
const char *options_nearest(const struct option_row *rows, size_t count, const char *name,
			    size_t len);

/*
 * The names of the options that differ between two structs, with commas between them, in the order
 * of the table; fields that several rows share are named once.  Returns buf.
 */
char *options_differing(const struct option_row *rows, size_t count, const void *a, const void *b,
			char *buf, size_t size);

/* The lines of --help, in the order of the table. */
void options_help(const struct option_row *rows, size_t count, FILE *to);

#endif
