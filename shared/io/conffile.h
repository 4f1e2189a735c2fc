/* SPDX-License-Identifier: MIT */
#ifndef SHARED_IO_CONFFILE_H
#define SHARED_IO_CONFFILE_H

#include <stddef.h>

#include "shared/io/arguments.h"
#include "shared/io/options.h"

/*
 * A file of options, "name = value" a line, comments behind # or ;, read by inih: the names are
 * those of the table, `_` and `-` being the same, flags are "yes" or "no", options that may be given
 * again may stand again.  One section, named after the program, may head it.
 */
struct conffile {
	char *text;    /* what the texts in the struct point into */
	unsigned line; /* of the mistake, or 0: it is the file itself */
};

/*
 * Reads the file over what is in `into`, as if its lines were options.  A name that is not in the
 * table is a mistake, and so is a value that would be one on the command line.  0, or a sysexits
 * code and one sentence in why: EX_NOINPUT, EX_NOPERM when there is nothing to read, EX_CONFIG for
 * a mistake in it; then `into` is as far as it was read.
 */
int conffile_read(struct conffile *f, const char *path, const char *program,
		  const struct option_row *rows, size_t count, void *into,
		  char why[ARGUMENTS_WHY]);

/* The same with the file's bytes at hand. */
int conffile_parse(struct conffile *f, const char *bytes, size_t len, const char *program,
		   const struct option_row *rows, size_t count, void *into,
		   char why[ARGUMENTS_WHY]);

/* When nothing points into it any more; also after a mistake. */
void conffile_finish(struct conffile *f);

/* "inih", or "no config file". */
const char *conffile_version(void);

#endif
