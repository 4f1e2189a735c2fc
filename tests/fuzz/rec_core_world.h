/* SPDX-License-Identifier: MIT */
#ifndef TESTS_FUZZ_REC_CORE_WORLD_H
#define TESTS_FUZZ_REC_CORE_WORLD_H

#include "fuzz.h"

#include "receiver/core/state.h"
#include "shared/wire/srtla.h"

enum {
	GROUPS = 40,
	MEMBERS = 3,
	ADDRESSES = 24,
	IDS = 8,
	POOL = 96,
	HOLD = 32,
	STEPS = 4000,
	RESTARTS = 4 /* they cost much time */
};

/* What passed between an address and us, headers included. */
struct scale {
	struct endpoint who;
	uint64_t in;
	uint64_t out;
	ustime favour; /* latest ACK that it had beyond that */
};

/* A script, the receiver that it is played to, and what both have done so far. */
struct world {
	const uint8_t *at; /* the rest of the script */
	const uint8_t *end;
	struct pkt_pool pool;
	struct receiver_config cfg;
	struct keys *keys;
	struct receiver *r;
	struct outbox out;
	ustime now;
	uint8_t id[IDS][SRTLA_ID_LEN]; /* given out lately */
	unsigned last_id;
	unsigned restarts;
	uint32_t cookie; /* of the latest handshake that came out */
	struct scale scale[ADDRESSES];
	uint32_t safe[GROUPS + 1]; /* serials of groups that may not go in this step */
};

/* The next byte of the script. */
uint8_t world_byte(struct world *w);

/* One of the few addresses of the script; 0 is also our own. */
struct endpoint world_address(unsigned n);

/* What passed between us and this address. */
struct scale *world_scale(struct world *w, const struct endpoint *who);

/* A packet's length with the headers of IP and UDP. */
uint64_t world_on_wire(const struct endpoint *who, size_t len);

/* All that was dropped or waits: whatever comes in adds to it, or goes out. */
uint64_t world_ended(struct world *w);

/* Empties the outbox; `asker` NULL: whoever may be answered.  Returns how many there were. */
size_t world_drain(struct world *w, const struct endpoint *asker, size_t asked);

/* Those groups that may not be gone after what comes next, and whether they are there. */
void world_note_safe(struct world *w);
void world_check_safe(const struct world *w);

void world_check_tables(struct world *w);

#endif
