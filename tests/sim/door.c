/* SPDX-License-Identifier: MIT */
#include "tests/sim/door.h"

static void *create_receiver(const struct receiver_config *cfg,
			     const struct foreign_receiver_traits *traits, struct pkt_pool *pool,
			     ustime now)
{
	(void)traits;
	return receiver_create(cfg, pool, now);
}

static void destroy_receiver(void *core)
{
	receiver_destroy(core);
}

static void from_net(void *core, struct pkt *p, ustime now, struct outbox *out)
{
	receiver_from_net(core, p, now, out);
}

static void from_server(void *core, unsigned port, struct pkt *p, ustime now, struct outbox *out)
{
	receiver_from_server(core, port, p, now, out);
}

static void server_error(void *core, unsigned port, struct pkt *p, int err, ustime now,
			 struct outbox *out)
{
	receiver_server_error(core, port, p, err, now, out);
}

static uint32_t group_serial(const void *core, unsigned port)
{
	return receiver_group_serial(core, port);
}

static bool record_group(const void *core, unsigned port, struct receiver_record *rec)
{
	return receiver_record(core, port, rec);
}

static unsigned restore_group(void *core, const struct receiver_record *rec, ustime now,
			      struct outbox *out)
{
	return receiver_restore(core, rec, now, out);
}

static void release_held(void *core, ustime now, struct outbox *out)
{
	receiver_release(core, now, out);
}

static void run_receiver(void *core, ustime now, struct outbox *out)
{
	receiver_run(core, now, out);
}

static ustime receiver_due(const void *core)
{
	return receiver_deadline(core);
}

const struct receiver_door our_receiver = {
	.create = create_receiver,
	.destroy = destroy_receiver,
	.from_net = from_net,
	.from_server = from_server,
	.server_error = server_error,
	.group_serial = group_serial,
	.record = record_group,
	.restore = restore_group,
	.release = release_held,
	.run = run_receiver,
	.deadline = receiver_due,
};

static void *create_sender(const struct sender_config *cfg,
			   const struct foreign_sender_traits *traits, struct pkt_pool *pool,
			   ustime now)
{
	(void)traits;
	return sender_create(cfg, pool, now);
}

static void destroy_sender(void *core)
{
	sender_destroy(core);
}

static void save_sender(const void *core, struct sender_record *r)
{
	sender_save(core, r);
}

static unsigned link_add(void *core, unsigned rank, ustime now, struct outbox *out)
{
	return sender_link_add(core, rank, now, out);
}

static unsigned next_reopen(void *core)
{
	return sender_next_reopen(core);
}

static void link_reopened(void *core, unsigned port, ustime now, struct outbox *out)
{
	sender_link_reopened(core, port, now, out);
}

static void link_terms(void *core, unsigned port, const struct sender_terms *terms, ustime now,
		       struct outbox *out)
{
	sender_link_terms(core, port, terms, now, out);
}

static void set_mode(void *core, enum sender_mode mode, ustime now, struct outbox *out)
{
	sender_set_mode(core, mode, now, out);
}

static void from_app(void *core, struct pkt *p, ustime now, struct outbox *out)
{
	sender_from_app(core, p, now, out);
}

static void from_link(void *core, unsigned port, struct pkt *p, ustime now, struct outbox *out)
{
	sender_from_link(core, port, p, now, out);
}

static void link_error(void *core, unsigned port, struct pkt *p, int err, ustime now,
		       struct outbox *out)
{
	sender_link_error(core, port, p, err, now, out);
}

static void run_sender(void *core, ustime now, struct outbox *out)
{
	sender_run(core, now, out);
}

static ustime sender_due(const void *core)
{
	return sender_deadline(core);
}

const struct sender_door our_sender = {
	.create = create_sender,
	.destroy = destroy_sender,
	.save = save_sender,
	.link_add = link_add,
	.next_reopen = next_reopen,
	.link_reopened = link_reopened,
	.link_terms = link_terms,
	.set_mode = set_mode,
	.from_app = from_app,
	.from_link = from_link,
	.link_error = link_error,
	.run = run_sender,
	.deadline = sender_due,
};
