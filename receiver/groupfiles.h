/* SPDX-License-Identifier: MIT */
#ifndef RECEIVER_GROUPFILES_H
#define RECEIVER_GROUPFILES_H

#include <limits.h>

#include "receiver/scene.h"

/* A file that is there, of the group on a port. */
struct groupfile {
	uint64_t print; /* hash of what stands in it */
	uint16_t port;  /* that it is called after; 0: there is none */
};

/*
 * A file for each group, srtla-group-PORT after the local port of its socket toward the SRT server,
 * with the addresses of its members, one a line: so SRT servers learn who is behind a stream that
 * comes from us.  A server looks when somebody calls, so a file is written as soon as the socket is
 * there, if nothing was written just before.
 */
struct groupfiles {
	char dir[PATH_MAX]; /* "": none */
	const struct scene *scene;
	ustime next;
	ustime after;       /* no round before that */
	uint64_t seen;      /* receiver_changes() when they were looked at last */
	struct groupfile *file; /* place i is port i + 1 */
	unsigned at;        /* the group where this round goes on; 0: none is under way */
	unsigned met;       /* groups in this round */
	int err;            /* of this round */
	bool failing;       /* that has been logged */
};

/*
 * `option` as of --group-files.  Files of an earlier life are removed: those called after a port
 * that no socket has.
 */
void groupfiles_open(struct groupfiles *f, const struct scene *scene, const char *option);

/* Removes them. */
void groupfiles_close(struct groupfiles *f);

/* The end of a turn of the loop: has anything changed? */
void groupfiles_look(struct groupfiles *f, ustime now);

void groupfiles_run(struct groupfiles *f, ustime now);
ustime groupfiles_deadline(const struct groupfiles *f);

#endif
