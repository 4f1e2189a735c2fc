/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SIM_FOREIGN_SENDER_H
#define TESTS_SIM_FOREIGN_SENDER_H

#include <stdbool.h>

#include "shared/base/rng.h"
#include "tests/sim/door.h"
#include "tests/sim/foreign_wire.h"

enum {
	FOREIGN_LINKS = 16,
	FOREIGN_WINDOW = 20000, /* of a fresh link */
	FOREIGN_FEEDBACK = 64, /* ACKs and NAKs that are remembered */
	FOREIGN_TOLD = 24,     /* bytes that tell one of them from others */
};

enum foreign_first {
	FIRST_PROBES,     /* REG2 on every link; a REG1 follows the first REG_NGP at once */
	FIRST_PROBES_ONE, /* the same on the first link alone */
	FIRST_WAITS,      /* REG2 on every link; a REG1 follows the answers of all, at the next tick */
	FIRST_ASKS,       /* REG1, unasked */
};

/* Wherein the senders in the field differ. */
struct foreign_sender_traits {
	enum foreign_first first;
	bool repeats_reg1;       /* each second for four seconds, or waits them out */
	bool repeats_reg2;       /* each second; otherwise a fresh socket tries again */
	bool checks_half;        /* of the id in a REG2 */
	unsigned keepalive_len;
	bool keepalive_idle;     /* only after a second in which nothing was sent */
	usspan link_timeout;
	usspan reopen;           /* a link that is out has a fresh socket so often; 0: keeps its own */
	usspan start_over;       /* forgets its group after so long without a link; 0: at REG_NGP */
	bool err_is_life;        /* REG_ERR makes a link live */
	bool err_ends_link;      /* REG_ERR takes it down */
	bool round_robin;
	unsigned ack_copies;     /* to the encoder, of each copy that comes; 0: each ACK once */
};

struct foreign_link {
	unsigned port;
	bool up;
	bool told;               /* there is no group, said the receiver */
	bool wants_socket;
	ustime heard, sent, opened;
	int32_t window, in_flight;
	uint8_t keepalive[38];   /* the latest */
};

/*
 * A sender of somebody else's: the conversation that all of them hold, with
 * the traits of one.  It thinks once a second.
 */
struct foreign_sender {
	struct foreign_sender_traits traits;
	struct pkt_pool *pool;
	struct rng rng;
	struct foreign_link link[FOREIGN_LINKS];
	unsigned count, turn;
	uint8_t id[F_ID];
	bool whole;              /* the receiver's half is in it */
	unsigned pending;        /* port of the link whose REG1 is out, or 0 */
	ustime pending_until;    /* no other REG1 before */
	ustime began, lived;     /* when a link was up last */
	ustime tick;
	struct endpoint encoder; /* who spoke last */
	uint8_t seen[FOREIGN_FEEDBACK][FOREIGN_TOLD];
	unsigned seen_at;

	uint64_t echoes, bad_echoes; /* keepalives that came back as they were, or not */
	uint64_t reg1s, errs, ngps;
	uint64_t no_link;        /* packets of the encoder without a way */
};

extern const struct sender_door foreign_sender;

/* One input on its way through the model. */
struct foreign_turn {
	struct foreign_sender *s;
	ustime now;
	struct outbox *out;
};

/* Of foreign_join.c. */
void foreign_put(const struct foreign_turn *c, struct foreign_link *l, const void *data,
		 size_t len);
unsigned foreign_live(const struct foreign_sender *s);
void foreign_lose(const struct foreign_turn *c, struct foreign_link *l);
void foreign_forget_group(struct foreign_sender *s);

/* What a link that is not up says when it begins, and then each second. */
void foreign_ask(const struct foreign_turn *c, struct foreign_link *l);

/* Takes a registration packet; false when p is none. */
bool foreign_answered(const struct foreign_turn *c, struct foreign_link *l, const struct pkt *p);

/* What is done each second for the group, before its links. */
void foreign_think(const struct foreign_turn *c);

#endif
