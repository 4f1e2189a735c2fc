/* SPDX-License-Identifier: MIT */
#ifndef RECEIVER_CHECK_WORDS_H
#define RECEIVER_CHECK_WORDS_H

#include "receiver/config.h"

/* The command line of `srtla_rec check`: that of the receiver, and two options of its own. */
struct check_words {
	struct config cfg;
	const char *name; /* what senders call this host; NULL: not said */
	bool show_keys;
};

/* As config_read(); `argv` is put in another order. */
enum config_verdict check_words_read(struct check_words *w, int argc, char **argv,
				     char why[CONFIG_WHY]);

void check_words_help(FILE *to);

#endif
