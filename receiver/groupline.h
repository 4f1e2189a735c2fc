/* SPDX-License-Identifier: MIT */
#ifndef RECEIVER_GROUPLINE_H
#define RECEIVER_GROUPLINE_H

#include <stddef.h>

#include "receiver/core/record.h"

/*
 * One group in the groups file, as a line of key=value words:
 *
 *	group port=1 local=40123 mark=<32 hex digits> origin=192.0.2.7/50001 server=0
 *	caller=1234 callee=5678 latency=2000 stream=<hex> clock=16000000@360000000 is=proved,own
 *	member=192.0.2.7/50001,203.0.113.5/0
 *
 * with a member= for each member.  Keys that a reader does not know mean nothing to it, so
 * that older and newer versions read each other's files.
 */
enum {
	GROUPLINE_WORDS = 512,  /* all but the members, at most */
	GROUPLINE_MEMBER = 144,
	GROUPLINE = GROUPLINE_WORDS + RECEIVER_MEMBERS * GROUPLINE_MEMBER,
};

/* `local` is the port of the group's socket toward the SRT server.  Returns the length. */
size_t groupline_print(const struct receiver_record *rec, uint16_t local, char line[GROUPLINE]);

/* Takes a line, without its end, to pieces.  False when anything in it is not as it should be. */
bool groupline_read(char *line, struct receiver_record *rec, uint16_t *local);

#endif
