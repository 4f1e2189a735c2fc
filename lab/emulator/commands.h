/* SPDX-License-Identifier: MIT */
#ifndef LAB_EMULATOR_COMMANDS_H
#define LAB_EMULATOR_COMMANDS_H

#include <stddef.h>

enum { COMMANDS_LINE = 64 };

enum command {
	COMMAND_NONE,    /* nothing yet */
	COMMAND_START,
	COMMAND_REBIND,
	COMMAND_STOP,
	COMMAND_STRANGE, /* `line` says what it was */
};

/* What the front end tells us through a pipe, a line each. */
struct commands {
	char line[COMMANDS_LINE]; /* cut when longer */
	size_t len;
	unsigned vehicle, link;   /* of a rebind; from 1 on */
};

/*
 * One more byte came.  The line that it ended, if any; a blank line is none.
 */
enum command commands_feed(struct commands *c, char byte);

#endif
