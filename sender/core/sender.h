/* SPDX-License-Identifier: MIT */
#ifndef SENDER_CORE_SENDER_H
#define SENDER_CORE_SENDER_H

#include "sender/core/view.h"
#include "shared/base/outbox.h"
#include "shared/wire/srtla.h"

/*
 * The bonding logic.  Inputs are calls, outputs are data: each call fills the
 * outbox, and the caller sends what is in it.  Port 0 is the encoder's side;
 * port n, from 1 on, is link n.  Packets that are passed in are given away.
 *
 * A packet for port 0 carries the encoder's address in `peer`.  A packet for
 * a link carries no address: a link has one peer, and its socket knows it.
 */
struct sender;

enum { SENDER_LINKS = 64 };

enum sender_mode {
	SENDER_CLASSIC, /* window / (in flight + 1), as every SRTLA sender began */
};

struct sender_config {
	enum sender_mode mode;
	uint8_t half[SRTLA_HALF_LEN]; /* our half of the group id, from the system's randomness */
	uint64_t seed;                /* for the rest of the id and for jitter: nothing secret */
	usspan link_timeout;          /* silence that ends a link; 0: the default, 4 s */
};

enum sender_note {
	SENDER_LINK_UP = 1,     /* port; number: us since it was added or lost */
	SENDER_LINK_DOWN,       /* port, why */
	SENDER_LINK_REFUSED,    /* port: the receiver answered REG_ERR */
	SENDER_LINK_ELSEWHERE,  /* port: reaches a receiver that does not know our group */
	SENDER_LINK_MTU,        /* port; number: bytes that did not fit */
	SENDER_GROUP_JOINED,    /* port: the link on which the group was made */
	SENDER_GROUP_LOST,      /* the receiver does not know our group any more */
	SENDER_NO_LINKS,        /* the last live link is gone */
	SENDER_NEVER_JOINED,    /* 10 s after start no link has ever been up */
	SENDER_PEER_KNOWN,      /* number: 1 an own peer, 0 a classic one */
	SENDER_ENCODER_NEW,     /* who: has the seat; number: its SRT socket id */
	SENDER_ENCODER_IGNORED, /* who: spoke while another has the seat */
	SENDER_LATENCY,         /* number: negotiated SRT latency, ms */
};

/* A word for logs: "link_up".  "note" for what is none of them. */
const char *sender_note_name(unsigned kind);

/* NULL when memory is short.  `pool` outlives the sender. */
struct sender *sender_create(const struct sender_config *cfg, struct pkt_pool *pool, ustime now);
void sender_destroy(struct sender *s);

/*
 * A new link, which begins to join at once; `rank` orders links where two
 * would do, the lowest first.  Returns its port, or 0 when all are in use.
 */
unsigned sender_link_add(struct sender *s, unsigned rank, ustime now, struct outbox *out);
void sender_link_rank(struct sender *s, unsigned port, unsigned rank);
void sender_link_remove(struct sender *s, unsigned port, ustime now, struct outbox *out);

/*
 * A link that wants a new socket, with a new source port, because the receiver
 * will not take the old one; 0 when there is none.  Each wish is told once.
 * Answer with sender_link_reopened().
 */
unsigned sender_next_reopen(struct sender *s);

/* The link has a fresh socket, or its address or way has changed: join again, now. */
void sender_link_reopened(struct sender *s, unsigned port, ustime now, struct outbox *out);

/* From the encoder; p->peer says from where. */
void sender_from_app(struct sender *s, struct pkt *p, ustime now, struct outbox *out);

/* From the receiver, over link `port`. */
void sender_from_link(struct sender *s, unsigned port, struct pkt *p, ustime now,
		      struct outbox *out);

/*
 * The socket of link `port` reported errno `err`: for packet p, which it did
 * not take, or on its own when p is NULL.  Full queues (EAGAIN, ENOBUFS) cost
 * the link a little; a way that is gone takes the link down; p goes to another
 * link while there is one that has not refused it.
 */
void sender_link_error(struct sender *s, unsigned port, struct pkt *p, int err, ustime now,
		       struct outbox *out);

/* Does what is due at or before now. */
void sender_run(struct sender *s, ustime now, struct outbox *out);

/* When sender_run() is next wanted. */
ustime sender_deadline(const struct sender *s);

void sender_view(struct sender *s, ustime now, struct sender_view *v);

#endif
