/* SPDX-License-Identifier: MIT */
#ifndef SENDER_RELOAD_H
#define SENDER_RELOAD_H

#include "sender/config.h"
#include "shared/io/reread.h"

struct shell;

/*
 * The config file while the program runs: read again when somebody says that it has changed, and
 * what can change under a stream is changed.  One with a mistake changes nothing.
 */
struct reload {
	struct reread reread;
	char *uplinks, *iface, *exclude, *stats; /* texts that are not those of the start */
};

void reload_init(struct reload *r);
void reload_finish(struct reload *r);

/* It has changed; `s` is who is reloaded. */
void reload_want(struct reload *r, ustime now);
void reload_run(struct reload *r, struct shell *s, ustime now);
ustime reload_deadline(const struct reload *r);

#endif
