/* SPDX-License-Identifier: MIT */
#include "receiver/core/receiver.h"

#include <stdlib.h>

#include "receiver/core/state.h"

enum { GROUPS = 1024, MEMBERS = 16, HOLD_PACKETS = 16384 };

#define MEMBER_TIMEOUT SEC(15) /* of a member; senders call every second */
#define GROUP_TIMEOUT  SEC(30) /* a tunnel, or an encoder that restarts */
#define TICK           SEC(1)

/* Housekeeping that comes later than this was stopped, not busy. */
#define DEAF SEC(5)

static struct turn turn(struct receiver *r, ustime now, struct outbox *out)
{
	return (struct turn){
		.now = now,
		.boot_ahead = r->enrol.boot_ahead,
		.out = out,
		.pool = r->pool,
		.registry = &r->registry,
		.shelf = &r->shelf,
		.agenda = &r->agenda,
		.penalties = &r->penalties,
		.admit = &r->enrol.admit,
		.tenure = &r->tenure,
		.keys = r->keys,
		.cfg = &r->cfg,
		.drops = &r->drops,
		.figures = &r->figures,
		.changes = &r->changes,
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
	case RECEIVER_GROUP_RESTORED:
		return "group_restored";
	case RECEIVER_SESSION_LOST:
		return "session_lost";
	case RECEIVER_LOGIN_REFUSED:
		return "login_refused";
	case RECEIVER_PENALTY:
		return "penalty";
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
	if (r->cfg.hold_packets == 0)
		r->cfg.hold_packets = HOLD_PACKETS;
	if (!registry_init(&r->registry, &cfg->table_key, r->cfg.groups, r->cfg.members) ||
	    !shelf_init(&r->shelf, &cfg->table_key, r->cfg.hold_packets) ||
	    !agenda_init(&r->agenda, r->cfg.groups) ||
	    !tenure_init(&r->tenure, &cfg->table_key, r->cfg.groups)) {
		receiver_destroy(r);
		return NULL;
	}
	penalty_init(&r->penalties, &cfg->table_key);
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
	shelf_finish(&r->shelf);
	agenda_finish(&r->agenda);
	tenure_finish(&r->tenure);
	free(r);
}

void receiver_set_boottime(struct receiver *r, usspan ahead)
{
	r->enrol.boot_ahead = ahead;
}

/* What a member sends, other than registrations. */
static void from_member(struct member *m, struct pkt *p, const struct turn *t)
{
	*t->changes += !endpoint_equal(&m->local, &p->local);
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
	else if (r->cfg.plain_srt && srtla_type(p->data, p->len) == SRTLA_NOT_OURS)
		login_stranger(p, &t);
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

unsigned receiver_group_server(const struct receiver *r, unsigned port)
{
	const struct group *g = registry_port(&r->registry, port);

	return g ? g->server : 0;
}

void receiver_set_keys(struct receiver *r, const struct keys *keys)
{
	r->keys = keys;
}

void receiver_release(struct receiver *r, ustime now, struct outbox *out)
{
	struct turn t = turn(r, now, out);

	for (struct group *g = r->registry.by_id; g; g = g->hh.next)
		reorder_release(g, &t);
}

/* Once a second: who fell silent leaves. */
static void keep_house(struct receiver *r, const struct turn *t)
{
	usspan late = t->now - r->tick;
	usspan least = NEVER;

	for (unsigned port = 1; port <= r->cfg.groups; port++) {
		struct group *g = registry_port(&r->registry, port);

		if (!g)
			continue;
		if (late > DEAF)
			group_excuse(g, late, t);
		if (group_age(g, t))
			group_end(g, "no members", t);
		else if (tenure_over(g, t))
			tenure_end(g, "unproved", t);
		else if (g->session.server_id != 0 && !g->session.over)
			least = earlier(least, MSEC(g->session.latency));
	}
	r->latency = least == NEVER ? 0 : least;
	r->tick = t->now + TICK;
}

void receiver_run(struct receiver *r, ustime now, struct outbox *out)
{
	struct turn t = turn(r, now, out);
	struct member *m;
	struct group *g;

	while ((g = agenda_first(&r->agenda)) && g->due <= now)
		group_run(g, &t);
	while ((m = r->registry.due.first) && m->due <= now)
		member_acknowledge(m, &t);
	if (now >= r->tick)
		keep_house(r, &t);
}

usspan receiver_least_latency(const struct receiver *r)
{
	return r->latency;
}

ustime receiver_deadline(const struct receiver *r)
{
	const struct member *m = r->registry.due.first;
	const struct group *g = agenda_first(&r->agenda);
	ustime due = r->tick;

	if (r->registry.group_count == 0)
		return NEVER;
	if (m)
		due = earlier(due, m->due);
	return g ? earlier(due, g->due) : due;
}
