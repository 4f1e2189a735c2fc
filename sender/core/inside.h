/* SPDX-License-Identifier: MIT */
#ifndef SENDER_CORE_INSIDE_H
#define SENDER_CORE_INSIDE_H

#include "sender/core/join.h"
#include "sender/core/late.h"
#include "sender/core/relay.h"
#include "sender/core/seat.h"
#include "sender/core/sender.h"
#include "sender/core/sentlog.h"

/* The sender behind its door. */
struct sender {
	struct pkt_pool *pool;
	enum sender_mode mode;
	struct sched sched;      /* of the modes that bind at once */
	const struct sender_tuning *tuning;
	usspan link_timeout;     /* 0: the mode decides */
	ustime due;              /* when sender_run() is next wanted */
	ustime speak_of_failure; /* when to say that no link has ever been up */

	struct links links;
	struct join join;
	struct sentlog log;
	struct seat seat;
	struct relay relay;
	struct pkt *held;        /* the newest handshake, while no link is live */
	enum sender_peer peer;

	uint64_t app_packets_in, app_bytes_in, app_packets_out;
	uint64_t resent_in, acks, naks;
	struct sender_drops drops;
	struct histogram forward[FLOWS];

	struct late late;
};

/* A sender that has done nothing yet goes on where another ended. */
void sender_resume(struct sender *s, const struct sender_record *r, ustime now);

/*
 * Gives an SRT packet of the encoder to the link of the rule's choice, but not
 * to the one in p->port.  `seq` counts for data only.
 */
void sender_up(struct sender *s, struct pkt *p, bool data, uint32_t seq, ustime now,
	       struct outbox *out);

/* An SRT packet that came by link l goes to the encoder. */
void sender_down(struct sender *s, struct link *l, struct pkt *p, ustime now, struct outbox *out);

/* A keepalive came by link l. */
void sender_echoed(struct sender *s, struct link *l, const struct pkt *p, ustime now,
		   struct outbox *out);

/* A registration packet came by link l. */
void sender_answered(struct sender *s, struct link *l, const struct pkt *p, ustime now,
		     struct outbox *out);

/* Link l is of no use any more, for this reason. */
void sender_lose(struct sender *s, struct link *l, const char *why, ustime now,
		 struct outbox *out);

/* Links are found in this way from now on; of what is under way nothing is changed. */
void steer_mode(struct sender *s, enum sender_mode mode);

/* What was in flight belongs to numbers that are no more. */
void sender_forget_flight(struct sender *s);

/* Links have gone live or ceased to be. */
void sender_live_changed(struct sender *s, ustime now, struct outbox *out);

#endif
