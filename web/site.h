/* SPDX-License-Identifier: MIT */
#ifndef WEB_SITE_H
#define WEB_SITE_H

#include "shared/io/arguments.h"
#include "shared/io/http.h"

/*
 * What both programs serve alike: the page at /, and the latest lines of the log at /events.  All
 * other paths are the program's own.
 */
struct site {
	struct http *http; /* NULL: none */
	/* False: there is nothing at this path. */
	bool (*fn)(void *arg, const struct http_request *r, struct http_answer *a, ustime now);
	void *arg;
};

/* Texts that cost something to make are made no more often than that. */
#define SITE_FRESH MSEC(250)

/*
 * Listens at `at`, unless its family is FAMILY_NONE.  0, or a sysexits code and one sentence in why
 * when the place was asked for by option and is not to be had; any other costs a warning.  `s` has
 * fn and arg already, and stays where it is.
 */
int site_open(struct site *s, struct loop *loop, const struct endpoint *at, bool asked,
	      char why[ARGUMENTS_WHY]);
void site_close(struct site *s);

/* A text from malloc(), or NULL: then it cannot be had now.  True, to be returned. */
bool site_text(struct http_answer *a, const char *type, char *text, size_t len);

/* A constant of one line, with this status.  True, to be returned. */
bool site_line(struct http_answer *a, unsigned status, const char *line);

#endif
