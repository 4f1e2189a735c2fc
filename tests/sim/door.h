/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SIM_DOOR_H
#define TESTS_SIM_DOOR_H

#include "receiver/core/receiver.h"
#include "sender/core/sender.h"

struct foreign_receiver_traits;
struct foreign_sender_traits;

/*
 * The doors of the cores as a site and a bond knock at them.  Behind each
 * stands our core or a model of somebody else's program; both speak of what
 * happens in the notes of ours.
 */
struct receiver_door {
	void *(*create)(const struct receiver_config *cfg,
			const struct foreign_receiver_traits *traits, struct pkt_pool *pool,
			ustime now);
	void (*destroy)(void *core);
	void (*from_net)(void *core, struct pkt *p, ustime now, struct outbox *out);
	void (*from_server)(void *core, unsigned port, struct pkt *p, ustime now,
			    struct outbox *out);
	void (*server_error)(void *core, unsigned port, struct pkt *p, int err, ustime now,
			     struct outbox *out);
	uint32_t (*group_serial)(const void *core, unsigned port);
	/* What outlives a restart, as in receiver.h; NULL: nothing does. */
	bool (*record)(const void *core, unsigned port, struct receiver_record *rec);
	unsigned (*restore)(void *core, const struct receiver_record *rec, ustime now,
			    struct outbox *out);
	void (*release)(void *core, ustime now, struct outbox *out);
	void (*run)(void *core, ustime now, struct outbox *out);
	ustime (*deadline)(const void *core);
};

struct sender_door {
	void *(*create)(const struct sender_config *cfg,
			const struct foreign_sender_traits *traits, struct pkt_pool *pool,
			ustime now);
	void (*destroy)(void *core);
	void (*save)(const void *core, struct sender_record *r); /* NULL: nothing outlives it */
	unsigned (*link_add)(void *core, unsigned rank, ustime now, struct outbox *out);
	unsigned (*next_reopen)(void *core);
	void (*link_reopened)(void *core, unsigned port, ustime now, struct outbox *out);
	/* As in sender.h; NULL: it knows neither. */
	void (*link_terms)(void *core, unsigned port, const struct sender_terms *terms, ustime now,
			   struct outbox *out);
	void (*set_mode)(void *core, enum sender_mode mode, ustime now, struct outbox *out);
	void (*from_app)(void *core, struct pkt *p, ustime now, struct outbox *out);
	void (*from_link)(void *core, unsigned port, struct pkt *p, ustime now,
			  struct outbox *out);
	void (*link_error)(void *core, unsigned port, struct pkt *p, int err, ustime now,
			   struct outbox *out);
	void (*run)(void *core, ustime now, struct outbox *out);
	ustime (*deadline)(const void *core);
};

extern const struct receiver_door our_receiver;
extern const struct sender_door our_sender;

#endif
