/* SPDX-License-Identifier: MIT */
#ifndef SENDER_SESSIONFILE_H
#define SENDER_SESSIONFILE_H

#include "sender/core/record.h"
#include "sender/uplinks.h"
#include "shared/io/stateword.h"

/*
 * What a sender leaves for the one that takes its place: the group, the encoder's session, where
 * the receiver is, and from which port each link reaches it.  As a text:
 *
 *	srtla_send session 1 boot=<32 hex digits> at=<microseconds since boot>
 *	host 5000 rec.example.org
 *	address 203.0.113.5/5000
 *	group <512 hex digits>
 *	encoder 127.0.0.1/40123 caller=1234 callee=5678 latency=2000
 *	link 50001 192.168.8.100%usb0
 *
 * Lines that a reader does not know mean nothing to it, so that older and newer versions read
 * each other's files.
 */
#define SESSIONFILE_TITLE "srtla_send session 1"

enum {
	SESSIONFILE_HOST = 254, /* a name and its closing zero */
	SESSIONFILE_LINE = 640,
	SESSIONFILE = 8 * SESSIONFILE_LINE + UPLINKS_MOST * 128,
};

struct sessionfile {
	struct sender_record record;
	uint16_t host_port;
	char host[SESSIONFILE_HOST];
	struct endpoint address[FAMILY_V6 + 1]; /* by enum family; FAMILY_NONE inside: none */
	unsigned count;
	struct {
		struct uplink_id id;
		uint16_t port;
	} link[UPLINKS_MOST];
};

/* All but the title.  Returns the length. */
size_t sessionfile_print(const struct sessionfile *f, char text[SESSIONFILE]);

/*
 * Takes the text behind the title to pieces.  False when anything in it is not as it should
 * be, or stands twice, or there is no whole group.
 */
bool sessionfile_read(char *text, struct sessionfile *f);

/* The port that this link had, or 0. */
uint16_t sessionfile_port(const struct sessionfile *f, const struct uplink_id *id);

#endif
