/* SPDX-License-Identifier: MIT */
#ifndef SHARED_IO_LOOKUP_H
#define SHARED_IO_LOOKUP_H

#include <stddef.h>

#include "shared/io/resolve.h"

/* Looks a name up and waits for the answer: for commands, never for a running program. */

/* What was found, in the resolver's order, port 0. */
struct lookup {
	struct endpoint found[RESOLVE_MOST];
	size_t count;
};

/*
 * `dns` is a list of name servers, or NULL for the system's.  Returns 0, or a sysexits code and one
 * sentence in why.
 */
int lookup_find(struct lookup *l, const char *name, const char *dns, char *why, size_t size);

/*
 * The same, and prints each address as a line "host NAME: ADDRESS" on standard output: what
 * --dry-run does.
 */
int lookup_print(const char *name, const char *dns, char *why, size_t size);

/* And keeps the first of each family, by enum family; FAMILY_NONE inside: there is none. */
int lookup_first(const char *name, const char *dns, struct endpoint first[FAMILY_V6 + 1], char *why,
		 size_t size);

#endif
