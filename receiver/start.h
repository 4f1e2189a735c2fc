/* SPDX-License-Identifier: MIT */
#ifndef RECEIVER_START_H
#define RECEIVER_START_H

#include "receiver/config.h"
#include "receiver/handover.h"
#include "receiver/host.h"

/*
 * What may be wrong at the start.  Each answers 0, or a sysexits code and one
 * sentence in why, naming cause and object; then it has left nothing open.
 */
int start_listen(struct front *f, struct handover *h, const struct config *cfg,
		 char why[CONFIG_WHY]);
int start_host(struct host *h, struct loop *loop, const struct config *cfg, char why[CONFIG_WHY]);

/*
 * Each group needs a socket: asks the system for as many open files as it may
 * give, and lowers *groups, with a word in the log, where those are too few.
 */
int start_files(unsigned *groups, char why[CONFIG_WHY]);

/* A key that nobody can guess.  0 or -errno. */
int start_draw_key(struct siphash_key *key);

/*
 * --dry-run: all of the above, and the host's name, with what is found on
 * standard output.  Sends no packet but questions for the name.
 */
int start_check(const struct config *cfg, char why[CONFIG_WHY]);

#endif
