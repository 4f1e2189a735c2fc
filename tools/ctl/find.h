/* SPDX-License-Identifier: MIT */
#ifndef TOOLS_CTL_FIND_H
#define TOOLS_CTL_FIND_H

#include <limits.h>
#include <stdbool.h>

/* A control socket at which somebody answers. */
struct found {
	const char *program;
	unsigned port;
	char path[PATH_MAX];
};

enum { FOUND_MOST = 64 };

struct wanted {
	const char *program; /* NULL: either */
	unsigned port;       /* 0: any */
};

/*
 * The programs that run here, by their sockets in the usual places; how many.  *barred: there is
 * one that we may not speak to.
 */
unsigned find_programs(const struct wanted *w, struct found list[FOUND_MOST], bool *barred);

/* A connection, or -errno.  Reading and writing take five seconds at most. */
int find_connect(const char *path);

#endif
