/* SPDX-License-Identifier: MIT */
#ifndef TESTS_BENCH_PAIR_H
#define TESTS_BENCH_PAIR_H

#include <stdbool.h>
#include <stdint.h>

#include "sender/core/sender.h"

/*
 * Both cores at the two ends of links that delay and lose nothing, an encoder before them and an
 * SRT server behind, in virtual time: a session with all that belongs to it.
 */
struct pair;

struct pair_config {
	enum sender_mode mode;
	unsigned links;
	unsigned burst; /* packets that the encoder sends at once, 760 times a second */
	bool classic;   /* neither end learns that the other is one of ours */
};

/* The calls of the sender's door, then the receiver's, by what they bring. */
enum pair_step {
	PAIR_MEDIA,
	PAIR_CONTROL,   /* of the encoder */
	PAIR_SRTLA_ACK,
	PAIR_REPORT,
	PAIR_SRT,       /* of the server */
	PAIR_ECHO,      /* and what belongs to joining */
	PAIR_RUN,
	PAIR_SENDER,    /* so many of them */
	PAIR_ARRIVAL = PAIR_SENDER,
	PAIR_CALL,      /* keepalives, and what belongs to joining */
	PAIR_ANSWER,    /* of the server */
	PAIR_RECEIVER_RUN,
	PAIR_STEPS,
};

/* In session when it returns, and so for two seconds. */
struct pair *pair_create(const struct pair_config *cfg);
void pair_destroy(struct pair *pr);

/*
 * n media packets of the encoder, in whole bursts, and what else happens until the last of them.  `edge` is
 * called before and after each step whose bit (1 << enum pair_step) is set; it may be NULL.
 * Returns how many of these steps there were.
 */
unsigned pair_pass(struct pair *pr, unsigned n, uint32_t steps, void (*edge)(void));

#endif
