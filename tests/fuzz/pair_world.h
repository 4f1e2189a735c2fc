/* SPDX-License-Identifier: MIT */
#ifndef TESTS_FUZZ_PAIR_WORLD_H
#define TESTS_FUZZ_PAIR_WORLD_H

#include "receiver/core/receiver.h"
#include "send_core_check.h"
#include "shared/base/rng.h"

enum {
	LINKS = 3,
	POOL = 900,         /* a sender leaves 512 of them alone */
	HOLD = 64,
	ROAD = 128,         /* packets under way at once */
	ROAD_LEN = 1500,
	NUMBERS = 4096,     /* that the encoder sends, at most */
	FIRST = 0x7fffff80, /* soon over the seam */
};

/* What becomes of packets on one link; losses and doubles of 256. */
struct weather {
	unsigned loss, twice;
	usspan delay, jitter;
};

/* A packet on its way over a link. */
struct traveller {
	ustime due; /* 0: no packet here */
	unsigned link;
	bool down;
	uint16_t len;
	uint8_t data[ROAD_LEN];
};

/* A script, both cores, the network between them, and what the server behind them has. */
struct world {
	const uint8_t *at, *end; /* the rest of the script */
	struct pkt_pool up_pool, down_pool;
	struct outbox up, down;
	struct sender *s;
	struct receiver *r;
	ustime now, server_due;
	struct rng rng;
	struct weather weather[LINKS + 1];
	struct traveller road[ROAD];
	uint32_t sent;             /* numbers so far, from FIRST on */
	uint32_t whole;            /* of these, those before the first that the server lacks */
	uint8_t had[NUMBERS];      /* by the server */
	uint8_t asked[NUMBERS];    /* for again, after it had it */
	uint32_t acks;
	unsigned port;             /* of the group, at the receiver */
	struct pkt *refused;       /* the latest that left by a link, for its socket to refuse */
};

/* The next byte of the script. */
unsigned pair_byte(struct world *w);

/* A data packet's length and bytes follow from its number. */
uint16_t pair_make_data(uint8_t *data, uint32_t seq);

/* NULL when the pool has none. */
struct pkt *pair_control(struct pkt_pool *pool, uint16_t type, uint32_t dest, uint16_t len);

/* p leaves by a link, in its weather; it stays the caller's. */
void pair_set_out(struct world *w, unsigned link, bool down, const struct pkt *p);

/* What the sender put out sets out, and the sender is looked at. */
void pair_drain_sender(struct world *w);

/* The encoder sends p; NULL: nothing. */
void pair_app(struct world *w, struct pkt *p);

/* The server sends a NAK for so many numbers, the first of them the from-th of the encoder. */
void pair_server_asks(struct world *w, uint32_t from, uint32_t count);

/* Time passes, and all happens that is due in it. */
void pair_pass(struct world *w, usspan span);

/* Links come up, and encoder and server agree; `latency` 0: nobody sees them do it. */
void pair_begin(struct world *w, uint32_t latency);

/* Fair weather for a while, then nothing may be left of either core. */
void pair_end(struct world *w);

#endif
