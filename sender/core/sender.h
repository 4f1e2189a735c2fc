/* SPDX-License-Identifier: MIT */
#ifndef SENDER_CORE_SENDER_H
#define SENDER_CORE_SENDER_H

#include "sender/core/view.h"
#include "sender/core/record.h"
#include "sender/core/tuning.h"
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

/*
 * How a link is found for a packet.  The first two bind at once: a packet that came is on a link
 * before the call returns.  The others bind late: a packet waits here until a link can take it,
 * lost ones are sent again from here, and they differ in what travels twice.
 */
enum sender_mode {
	SENDER_CLASSIC,   /* window / (in flight + 1), as every SRTLA sender began */
	SENDER_QUALITY,   /* the same, times how few losses the link had lately */
	SENDER_BALANCE,   /* each packet once, where it arrives first */
	SENDER_REDUNDANT, /* each packet on several links */
	SENDER_AUTO,      /* twice what is at risk */
	SENDER_MODES,
};

/* What the owner of a link wants it to be used for. */
enum sender_role {
	SENDER_NORMAL,
	SENDER_OVERFLOW, /* when the normal ones are full */
	SENDER_BACKUP,   /* when all others together do not do */
	SENDER_OFF,      /* registered, but for nothing else */
};

/* The terms on which a link serves; all zero: a normal one without limits. */
struct sender_terms {
	enum sender_role role;
	unsigned weight; /* 1 to 100, against the other links'; 0: SENDER_WEIGHT */
	uint64_t cap;    /* bit/s of UDP payload, at most; 0: none */
};

enum { SENDER_WEIGHT = 10 };

/* The parts of SENDER_QUALITY, each of which it can do without. */
enum sender_quality_part {
	SENDER_QUALITY_AGE = 1 << 0,      /* the longer ago the last loss, the better */
	SENDER_QUALITY_GRACE = 1 << 1,    /* a loss means little while a link is new */
	SENDER_QUALITY_BURSTS = 1 << 2,   /* losses close together mean more */
	SENDER_QUALITY_RTT = 1 << 3,      /* a short round trip is worth a little */
	SENDER_QUALITY_STICK = 1 << 4,    /* a link is kept until another is clearly better */
	SENDER_QUALITY_LOOKS = 1 << 5,    /* a packet now and then for a link that was bad */
	SENDER_QUALITY_WEIGHTS = 1 << 6,  /* those of sender_terms */
	SENDER_QUALITY_RECOVERY = 1 << 7, /* windows grow with time, too */
};

struct sender_config {
	enum sender_mode mode;
	uint8_t half[SRTLA_HALF_LEN]; /* our half of the group id, from the system's randomness */
	uint64_t seed;                /* for the rest of the id and for jitter: nothing secret */
	usspan link_timeout;          /* silence that ends a link; 0: 15 s, in the first two modes 4 s */
	unsigned copies;              /* SENDER_REDUNDANT: how often a packet travels; 0: twice */
	unsigned quality_without;     /* enum sender_quality_part: not in force at the start */
	unsigned extra;               /* copies may add so many percent of bytes; 0: the mode's own */
	const struct sender_tuning *tuning; /* NULL: sender_tuning_default */
	const struct sender_record *record; /* of the life before, or NULL */
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
	SENDER_LINK_SHY,        /* port: it delivers nothing at present; probed, but not used */
	SENDER_LINK_TRUSTED,    /* port: it delivers again; number: us for which it was shy */
	SENDER_MODE,            /* number: enum sender_mode, now in force */
};

/* A word for logs: "link_up".  "note" for what is none of them. */
const char *sender_note_name(unsigned kind);

/* The words of the command line and of the uplinks file: "balance", "backup". */
const char *sender_mode_name(enum sender_mode mode);
const char *sender_role_name(enum sender_role role);

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

/*
 * The system says that the link's way is gone, for this reason (a constant, "no carrier"), or
 * with NULL that it is there again: it is taken down, or joins, at once.
 */
void sender_link_carrier(struct sender *s, unsigned port, const char *lost, ustime now,
			 struct outbox *out);

/* On which terms it serves from now on. */
void sender_link_terms(struct sender *s, unsigned port, const struct sender_terms *terms,
		       ustime now, struct outbox *out);

/*
 * What somebody who knows the way of a link expects of it: navigation, a modem's signal.  It speaks
 * for or against the link for so long, and no longer than what the link delivers says otherwise.
 */
struct sender_link_hint {
	unsigned quality;  /* thousandths: 1000 as good as ever; 0: it gets nothing while another can */
	usspan valid;      /* 0: the hint that is in force is withdrawn */
	uint64_t capacity; /* bit/s that it will carry at most; 0: not said */
};

void sender_link_hint(struct sender *s, unsigned port, const struct sender_link_hint *hint,
		      ustime now, struct outbox *out);

/*
 * What the socket of a link has taken but not sent yet, in bytes: asked of the kernel now and
 * then, and 0 where it does not say.
 */
void sender_link_unsent(struct sender *s, unsigned port, size_t bytes);

/* Packets longer than so many bytes of UDP payload do not fit through this link; 0: all do. */
void sender_link_mtu(struct sender *s, unsigned port, size_t payload);

/* Another way of finding links; what waits is not lost. */
void sender_set_mode(struct sender *s, enum sender_mode mode, ustime now, struct outbox *out);

/* SENDER_QUALITY goes on without these parts, enum sender_quality_part, and with the others. */
void sender_quality_without(struct sender *s, unsigned parts);

/* Somebody who knows the encoder says that the next packets, for so long, matter most. */
void sender_hint(struct sender *s, usspan window, ustime now);

/* What a sender that starts in this one's place should know. */
void sender_save(const struct sender *s, struct sender_record *r);

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

/* The SRT latency that the encoder's session has agreed on; 0 while there is none. */
usspan sender_latency(const struct sender *s);

#endif
