/* SPDX-License-Identifier: MIT */
#include "receiver/core/receiver.h"

#include <stdlib.h>

#include "receiver/core/state.h"

enum { GROUPS = 1024, MEMBERS = 16 };

#define MEMBER_TIMEOUT SEC(15) /* of a member; senders call every second */
#define GROUP_TIMEOUT  SEC(30) /* a tunnel, or an encoder that restarts */
#define TICK           SEC(1)

/* Housekeeping that comes later than this was stopped, not busy. */
#define DEAF SEC(5)

static struct turn turn(struct receiver *r, ustime now, struct outbox *out)
{
	return (struct turn){
		.now = now,
		.out = out,
		.pool = r->pool,
		.registry = &r->registry,
		.cfg = &r->cfg,
		.drops = &r->drops,
	};
}

const char *receiver_note_name(unsigned kind)
{
	switch (kind) {
	case RECEIVER_GROUP_NEW:
		return "group_new";
	case RECEIVER_GROUP_GONE:
		return "group_gone";
	case RECEIVER_MEMBER_NEW:
		return "member_new";
	case RECEIVER_MEMBER_GONE:
		return "member_gone";
	case RECEIVER_PEER_OWN:
		return "peer_own";
	case RECEIVER_SESSION_NEW:
		return "session_new";
	case RECEIVER_SESSION_AGREED:
		return "session_agreed";
	case RECEIVER_SESSION_REFUSED:
		return "session_refused";
	case RECEIVER_SERVER_AWAY:
		return "server_away";
	case RECEIVER_SERVER_BACK:
		return "server_back";
	case RECEIVER_FULL:
		return "full";
	default:
		return "note";
	}
}

struct receiver *receiver_create(const struct receiver_config *cfg, struct pkt_pool *pool,
				 ustime now)
{
	struct receiver *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->cfg = *cfg;
	if (r->cfg.groups == 0)
		r->cfg.groups = GROUPS;
	if (r->cfg.members == 0)
		r->cfg.members = MEMBERS;
	if (r->cfg.members > RECEIVER_MEMBERS)
		r->cfg.members = RECEIVER_MEMBERS;
	if (r->cfg.member_timeout == 0)
		r->cfg.member_timeout = MEMBER_TIMEOUT;
	if (r->cfg.group_timeout == 0)
		r->cfg.group_timeout = GROUP_TIMEOUT;
	if (!registry_init(&r->registry, &cfg->table_key, r->cfg.groups, r->cfg.members)) {
		free(r);
		return NULL;
	}
	r->pool = pool;
	r->tick = now + TICK;
	enrol_init(&r->enrol, &r->cfg);
	return r;
}

void receiver_destroy(struct receiver *r)
{
	if (!r)
		return;
	registry_finish(&r->registry);
	free(r);
}

void receiver_set_boottime(struct receiver *r, usspan ahead)
{
	r->enrol.boot_ahead = ahead;
}

/* What a member sends, other than registrations. */
static void from_member(struct member *m, struct pkt *p, const struct turn *t)
{
	member_heard(m, p, t->now);
	switch (srtla_type(p->data, p->len)) {
	case SRTLA_KEEPALIVE:
		group_keepalive(m->group, m, p, t);
		return;
	case SRTLA_NOT_OURS:
		if (p->len < SRT_HEADER_LEN)
			turn_drop(&t->drops->runt, p);
		else
			group_up(m->group, m, p, t);
		return;
	default:
		turn_drop(&t->drops->unknown, p);
	}
}

void receiver_from_net(struct receiver *r, struct pkt *p, ustime now, struct outbox *out)
{
	struct turn t = turn(r, now, out);
	struct member *m;

	/*
	 * A registration is no life sign by itself: when a sender begins anew at
	 * its old port, its former self must be seen to age.
	 */
	endpoint_normalise(&p->peer);
	switch (srtla_type(p->data, p->len)) {
	case SRTLA_REG1:
		enrol_reg1(&r->enrol, p, &t);
		return;
	case SRTLA_REG2:
		enrol_reg2(&r->enrol, p, &t);
		return;
	default:
		break;
	}
	m = registry_member(&r->registry, &p->peer);
	if (m)
		from_member(m, p, &t);
	else
		turn_drop(&r->drops.stranger, p);
}

void receiver_from_server(struct receiver *r, unsigned port, struct pkt *p, ustime now,
			  struct outbox *out)
{
	struct turn t = turn(r, now, out);
	struct group *g = registry_port(&r->registry, port);

	if (g)
		group_down(g, p, &t);
	else
		turn_drop(&r->drops.stale, p);
}

void receiver_server_error(struct receiver *r, unsigned port, struct pkt *p, int err, ustime now,
			   struct outbox *out)
{
	struct turn t = turn(r, now, out);
	struct group *g = registry_port(&r->registry, port);

	if (g)
		group_server_error(g, p, err, &t);
	else if (p)
		turn_drop(&r->drops.stale, p);
}

uint32_t receiver_group_serial(const struct receiver *r, unsigned port)
{
	const struct group *g = registry_port(&r->registry, port);

	return g ? g->serial : 0;
}

/* Once a second: who fell silent leaves. */
static void keep_house(struct receiver *r, const struct turn *t)
{
	usspan late = t->now - r->tick;

	for (unsigned port = 1; port <= r->cfg.groups; port++) {
		struct group *g = registry_port(&r->registry, port);

		if (!g)
			continue;
		if (late > DEAF)
			group_excuse(g, late, t);
		if (group_age(g, t))
			group_end(g, "no members", t);
	}
	r->tick = t->now + TICK;
}

void receiver_run(struct receiver *r, ustime now, struct outbox *out)
{
	struct turn t = turn(r, now, out);
	struct member *m;

	while ((m = r->registry.due.first) && m->due <= now)
		member_acknowledge(m, &t);
	if (now >= r->tick)
		keep_house(r, &t);
}

ustime receiver_deadline(const struct receiver *r)
{
	const struct member *m = r->registry.due.first;

	if (r->registry.group_count == 0)
		return NEVER;
	return m ? earlier(m->due, r->tick) : r->tick;
}
