/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SIM_FOREIGN_RECEIVER_H
#define TESTS_SIM_FOREIGN_RECEIVER_H

#include <stdbool.h>

#include "shared/base/rng.h"
#include "tests/sim/door.h"
#include "tests/sim/foreign_wire.h"

enum {
	FOREIGN_GROUPS = 16,
	FOREIGN_MEMBERS = 64,
	FOREIGN_PADDED = 32, /* bytes, for those who pad */
};

enum foreign_acks {
	ACKS_EACH_TENTH,
	ACKS_NEVER,
	ACKS_MALFORMED, /* the first word has its halves in the wrong order */
	ACKS_THROTTLED, /* two a second for each link, and what falls between is lost */
};

/* Wherein the receivers in the field differ. */
struct foreign_receiver_traits {
	unsigned reply_len;        /* of REG3, REG_ERR and REG_NGP */
	unsigned links;            /* in a group at most */
	enum foreign_acks acks;
	bool naks_to_all;          /* or to the link that spoke last */
	usspan link_timeout;       /* NEVER: a link stays with its group */
	usspan group_timeout;      /* since it was made, once it has no links */
	usspan half_made;          /* the same of one that never saw a packet for the server */
	usspan server_patience;    /* a group ends when the server says nothing for so long; 0: never */
	bool refusal_ends_group;   /* ECONNREFUSED of the server's socket */
	bool pads;                 /* keepalives and SRT packets below 32 bytes */
	bool forwards_keepalives;  /* of 38 bytes or more, to the server; others are dropped */
	unsigned echo_most;        /* bytes of a keepalive that come back; 0: all */
	bool keepalives_lead;      /* what goes to one link follows keepalives too */
	unsigned probe_len;        /* a keepalive of its own to each link each second; 0: none */
};

struct foreign_member {
	bool here;
	struct endpoint who, local;
	ustime heard;
	ustime acked;              /* latest SRTLA ACK */
	uint32_t owed[F_ACK_COUNT];
	unsigned owed_count;
};

struct foreign_group {
	uint32_t serial;           /* 0: nobody has this place */
	uint8_t id[F_ID];
	struct endpoint last, last_local; /* who made it, then who sent the latest packet */
	ustime made;
	ustime server_spoke;
	bool used;                 /* a packet went to the server */
	unsigned count;
	struct foreign_member member[FOREIGN_MEMBERS];
};

/*
 * A receiver of somebody else's: the conversation that all of them hold, with
 * the traits of one.  The group and its half of the id live in memory only; an
 * address that has made a group, or is a link of one, cannot make another.
 */
struct foreign_receiver {
	struct foreign_receiver_traits traits;
	struct pkt_pool *pool;
	struct rng rng;
	struct foreign_group group[FOREIGN_GROUPS];
	unsigned most_used;        /* groups with links, at one time */
	uint32_t last_serial;
	ustime clean_due, probe_due;

	uint64_t errs, ngps;       /* answers */
	uint64_t strangers;        /* data of addresses that are no links */
	uint64_t keepalives, long_keepalives; /* all, and those beyond 38 bytes */
};

extern const struct receiver_door foreign_receiver;

/* One input on its way through the model. */
struct foreign_call {
	struct foreign_receiver *r;
	ustime now;
	struct outbox *out;
};

/* Of foreign_enrol.c. */
void foreign_note(const struct foreign_call *c, unsigned kind, const struct foreign_group *g,
		  const struct endpoint *who, const char *why);
void foreign_say(const struct foreign_call *c, const struct endpoint *to,
		 const struct endpoint *from, const void *data, size_t len);
struct foreign_member *foreign_member_of(struct foreign_group *g, const struct endpoint *who);
struct foreign_group *foreign_home_of(struct foreign_receiver *r, const struct endpoint *who);
void foreign_reg1(const struct foreign_call *c, const struct pkt *p);
void foreign_reg2(const struct foreign_call *c, const struct pkt *p);

#endif
