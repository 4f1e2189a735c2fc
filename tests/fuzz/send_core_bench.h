/* SPDX-License-Identifier: MIT */
#ifndef TESTS_FUZZ_SEND_CORE_BENCH_H
#define TESTS_FUZZ_SEND_CORE_BENCH_H

#include "send_core_check.h"

/* A sender leaves 512 packets of its pool alone. */
enum { LINKS = 4, POOL = 900, SENT = 64, NUMBERS = 8192 };

/* A script, the sender that it is played to, and what has left. */
struct bench {
	const uint8_t *at, *end; /* the rest of the script */
	struct pkt_pool pool;
	struct outbox out;
	struct sender *s;
	ustime now;
	struct pkt *last;                  /* left by a link, and may come back refused */
	uint8_t asked[LINKS + 1][PKT_CAP]; /* latest packet of each link */
	uint16_t asked_len[LINKS + 1];
	uint32_t sent[LINKS + 1][SENT];    /* latest numbers of each link */
	unsigned sent_at[LINKS + 1];
	uint64_t were_up;                  /* links, when the step began */
	uint32_t next;                     /* number of the encoder's next packet */
	uint32_t left[NUMBERS];            /* numbers that have left, plus one */
	uint16_t serial;                   /* of the next report */
	uint32_t total[LINKS + 1];
	bool scripted;                     /* bytes of the script came as a packet of the encoder */
};

/* The next byte of the script. */
unsigned bench_byte(struct bench *b);

/* NULL: the sender has them all. */
struct pkt *bench_packet(struct bench *b);

/* An SRT control packet of the server, to be filled in; NULL as above. */
struct pkt *bench_control(struct bench *b, uint16_t type, uint16_t len);

/* A data packet's length and bytes follow from its number. */
uint16_t bench_make_data(uint8_t *data, uint32_t seq);

bool bench_is_up(struct bench *b, unsigned port);

/* Empties the outbox, and keeps what the script may want to answer. */
void bench_look_at_packets(struct bench *b);

void bench_look_at_view(struct bench *b);

#endif
