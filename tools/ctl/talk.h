/* SPDX-License-Identifier: MIT */
#ifndef TOOLS_CTL_TALK_H
#define TOOLS_CTL_TALK_H

#include <jansson.h>
#include <limits.h>

/* A conversation with a program. */
struct talk {
	char path[PATH_MAX];
	int fd;
	char *text; /* what has come and has not been taken yet */
	size_t len, room;
};

enum { TALK_WHY = 256 };

/* 0, or a sysexits code and one sentence in why. */
int talk_open(struct talk *t, const char *path, char why[TALK_WHY]);
void talk_close(struct talk *t);

/*
 * Asks; params, or NULL, is taken.  0 and the result, which is the caller's, in *result; else a
 * sysexits code and one sentence in why.
 */
int talk_ask(struct talk *t, const char *method, json_t *params, json_t **result, char why[TALK_WHY]);

/* The next line, however long it takes, or NULL and one sentence in why.  It is the caller's. */
json_t *talk_listen(struct talk *t, char why[TALK_WHY]);

#endif
