/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SIM_CLASSIC_RACE_H
#define TESTS_SIM_CLASSIC_RACE_H

#include "sender/core/sender.h"
#include "shared/base/rng.h"
#include "tests/sim/classic_model.h"

enum { RACE_NOTHING = -2 }; /* no SRT packet left */

/*
 * The sender core and the model of the reference rule, side by side: both are
 * told the same.  Between them stands a receiver that answers registrations
 * and keepalives at once, unless a link is silent.
 */
struct race {
	uint64_t seed;
	unsigned event;
	struct rng rng;
	struct model model;
	struct sender *core;
	struct pkt_pool pool;
	struct outbox out;
	ustime now;
	unsigned place[MODEL_LINKS + 1]; /* of a port in the model: its rank */
	unsigned port[MODEL_LINKS];      /* of a place */
	bool silent[MODEL_LINKS];        /* by place: the receiver is not heard there */
	uint8_t id[SRTLA_ID_LEN];
	bool group;                      /* the receiver has made it */
	uint32_t next, acked;            /* numbers */
	uint32_t socket;
	uint64_t feedback;               /* of a thousand events */
	int left_by;                     /* place of the link that the last SRT packet took */
	uint64_t data, acks, downs, chosen[MODEL_LINKS];
	int32_t most;                    /* in flight */
	bool low, high;                  /* a window was at its least, at its most */
};

void race_begin(struct race *r, uint64_t seed);
void race_end(struct race *r);

/* One event, drawn from the seed; whoever chooses another link than the model fails here. */
void race_happen(struct race *r);

uint64_t race_below(struct race *r, uint64_t n);
bool race_one_in(struct race *r, uint64_t n);

/* Time goes on, and the core is run whenever it asked for it. */
void race_pass_time(struct race *r, usspan span);

/* A packet of the encoder; left_by then tells where it went. */
void race_from_app(struct race *r, const uint8_t *data, size_t len);

/* A packet of the receiver. */
void race_from_link(struct race *r, unsigned place, const uint8_t *data, size_t len);

/* Takes what the core sends; what the receiver says to it comes at once. */
void race_pump(struct race *r);

#endif
