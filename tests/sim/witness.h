/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SIM_WITNESS_H
#define TESTS_SIM_WITNESS_H

#include "tests/sim/story.h"

enum { WITNESS_NUMBERS = 65536 };

/* What the way up of a link takes away. */
enum witness_takes {
	TAKES_NOTHING,
	TAKES_DATA, /* SRT data; all else passes */
	TAKES_ALL,  /* and the way down as well */
};

struct witness_link {
	struct witness *witness;
	unsigned link;
	enum witness_takes takes;
	uint64_t bytes, control; /* bytes of all packets; packets that are no SRT data */
	uint64_t first, again;   /* data packets: of numbers that no link had before, and others */
	uint64_t first_bytes, again_bytes;
	ustime first_at, again_at; /* the latest of each; 0: none */
};

/*
 * Stands where the links of bond 0 begin and sees each packet that its sender
 * puts out: which data travels for the first time and which again.
 */
struct witness {
	struct story *story;
	struct witness_link link[BOND_LINKS];
	struct witness_number {
		uint32_t seq;
		bool known;
		unsigned copies;
		uint64_t links; /* that carried it, a bit each */
	} number[WITNESS_NUMBERS];
	uint64_t plain_again; /* further copies without the R bit, */
	uint64_t same_link;   /* and those on a link that carried the number before */
	/* Is told of each data packet before it is on its way; or NULL. */
	void (*sees)(struct witness *w, unsigned link, bool first);
};

/* In one piece of memory that lives as long as the process; there is one at a time. */
struct witness *witness_begin(struct story *s);

/* What the link takes from now on. */
void witness_let(struct witness *w, unsigned link, enum witness_takes takes);

/* Bytes of all links. */
uint64_t witness_bytes(const struct witness *w);

/* How many of the numbers that are remembered travelled at least so often. */
uint64_t witness_travelled(const struct witness *w, unsigned times);

#endif
