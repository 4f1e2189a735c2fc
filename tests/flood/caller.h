/* SPDX-License-Identifier: MIT */
#ifndef TESTS_FLOOD_CALLER_H
#define TESTS_FLOOD_CALLER_H

#include "shared/wire/srtla.h"
#include "tests/flood/crowd.h"

enum { CALLER_MEMBERS = 16, CALLER_PAYLOAD = 1316 };

/*
 * An encoder and its SRTLA sender in one: registers its links, shakes hands with the SRT
 * server, and counts as in when the server has acknowledged media.
 */
struct caller {
	enum caller_state {
		CALLER_OUT,
		CALLER_ASKS,      /* REG1 */
		CALLER_JOINS,     /* REG2 of each link */
		CALLER_GREETS,    /* SRT induction */
		CALLER_CONCLUDES, /* SRT conclusion */
		CALLER_PROVES,    /* media, until an ACK comes */
		CALLER_IN,
		CALLER_REFUSED,
	} state;
	unsigned number;
	unsigned members;
	struct spot *at;        /* of each member */
	uint8_t id[SRTLA_ID_LEN];
	uint64_t joined;        /* a bit for each member that has its REG3 */
	uint64_t began, done;   /* ns */
	uint64_t next_try;
	uint32_t latency;       /* ms, that it asks for */
	uint32_t cookie;
	uint32_t seq;           /* of the next media packet */
	uint64_t media;         /* media packets sent */
	unsigned echoes;        /* of keepalives, heard */
	bool links_only;        /* in as soon as all links are */
	uint64_t again;         /* ns between two tries */
};

/* Begins at once, with its half of the id yet to be drawn.  `spots` stay the caller's. */
void caller_begin(struct caller *c, unsigned number, struct spot *spots, unsigned members,
		  uint64_t now);

/* Repeats what has not been answered for a while. */
void caller_run(struct caller *c, struct crowd *crowd, uint64_t now);

/* What the receiver sent to one of its members. */
void caller_hear(struct caller *c, unsigned member, const uint8_t *data, size_t len,
		 struct crowd *crowd, uint64_t now);

/* Media packet `seq` on one link; stamped with `tag`, and with the time if `timed`. */
void caller_media(struct caller *c, unsigned member, uint32_t seq, uint32_t tag, size_t payload,
		  struct crowd *crowd);

/* One of 2 bytes on every link. */
void caller_keepalive(const struct caller *c, struct crowd *crowd);

/* What a media packet carries. */
struct caller_stamp {
	uint64_t sent; /* ns of the wall clock */
	uint32_t tag;
};

bool caller_read_stamp(const uint8_t *data, size_t len, struct caller_stamp *s);

#endif
