/* SPDX-License-Identifier: MIT */
#ifndef SHARED_IO_REREAD_H
#define SHARED_IO_REREAD_H

#include "shared/base/time.h"
#include "shared/io/options.h"

enum { REREAD_TOLD = 160 };

/* When a config file is read again while the program runs, and what is told of it. */
struct reread {
	ustime due;             /* or NEVER */
	ustime read;            /* when it was read last */
	char told[REREAD_TOLD]; /* the options that want a restart, as told last */
};

void reread_init(struct reread *r);

/* It has changed: read it soon, however often that is said. */
void reread_want(struct reread *r, ustime now);

/* True when it is to be read now. */
bool reread_now(struct reread *r, ustime now);

/* The file was refused whole: which line, and why. */
void reread_refused(const char *path, unsigned line, const char *why);

/* It was read; options that differ between the two structs could not change, which is told once. */
void reread_done(struct reread *r, const char *path, const struct option_row *rows, size_t count,
		 const void *in_force, const void *wanted);

#endif
