/* SPDX-License-Identifier: MIT */
#ifndef LAB_SRT_OPTIONS_H
#define LAB_SRT_OPTIONS_H

#include <stdbool.h>

#include "lab/units.h"

enum { OPTIONS_WHY = 200 };

enum option_kind {
	OPTION_TEXT,   /* const char * */
	OPTION_FLAG,   /* bool, which becomes true */
	OPTION_FIGURE, /* uint64_t, in the unit */
	OPTION_RANGE,  /* uint64_t[2], "1M:6M" */
};

/* One word of a command line and where its value goes. */
struct option_word {
	const char *name; /* without dashes; NULL ends the table */
	enum option_kind kind;
	void *into;
	enum unit unit;
	uint64_t least, most;
};

enum options_verdict {
	OPTIONS_FINE,
	OPTIONS_HELP,  /* --help was among them */
	OPTIONS_WRONG, /* `why` says what */
};

/*
 * Reads a command line of these options, in any order with exactly `words`
 * plain words.  What is not said stays as it is.
 */
enum options_verdict options_read(const struct option_word *table, int argc, char **argv,
				  const char **word, unsigned words, char why[OPTIONS_WHY]);

#endif
