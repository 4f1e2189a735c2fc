/* SPDX-License-Identifier: MIT */
#ifndef RECEIVER_RELOAD_H
#define RECEIVER_RELOAD_H

#include "receiver/config.h"
#include "shared/io/reread.h"

struct shell;

/*
 * The config file while the program runs: read again when somebody says that it has changed, and
 * what can change under streams is changed.  One with a mistake changes nothing.
 */
struct reload {
	struct reread reread;
	char *stream_keys;      /* the path, if it is not that of the start */
};

void reload_init(struct reload *r);
void reload_finish(struct reload *r);

/* It has changed; `s` is who is reloaded. */
void reload_want(struct reload *r, ustime now);
void reload_run(struct reload *r, struct shell *s, ustime now);
ustime reload_deadline(const struct reload *r);

#endif
