/* SPDX-License-Identifier: MIT */
#ifndef SHARED_IO_STATEDIR_H
#define SHARED_IO_STATEDIR_H

#include <stdbool.h>
#include <stddef.h>
#include <limits.h>

#include "shared/base/endpoint.h"
#include "shared/io/arguments.h"

/*
 * The directory for what outlives us: --state-dir, or the service manager's choice, or the
 * usual place of whoever runs us.  Programs may share one, as their files are called after
 * the port, and the address if there is one, that they listen on.
 */
struct statedir {
	char path[PATH_MAX]; /* empty: there is none */
	char tag[80];        /* "5000", "203.0.113.5_5000" */
	bool asked;          /* by option */
};

/*
 * Which one it is; opens nothing.  `option` is the word of --state-dir or NULL, `listen` may
 * have no family: all addresses, or those of the program's own choice.
 */
void statedir_choose(struct statedir *d, const char *program, const char *option,
		     const struct endpoint *listen, uint16_t port);

/*
 * Makes it, for nobody but us, if it is not there.  One that was asked for and cannot be
 * used gives EX_CANTCREAT, or EX_NOPERM, and one sentence in why; any other costs a warning,
 * and there is none.
 */
int statedir_open(struct statedir *d, char why[ARGUMENTS_WHY]);

/* The same, for who only wants to know: makes nothing. */
int statedir_check(const struct statedir *d, char why[ARGUMENTS_WHY]);

/* The path of a file of ours, "cookie-5000.key".  False: no directory, or it is too long. */
bool statedir_file(const struct statedir *d, const char *name, const char *ending,
		   char path[PATH_MAX]);

#endif
