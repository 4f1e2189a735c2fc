/* SPDX-License-Identifier: MIT */
#include "receiver/core/enrol.h"

#include <string.h>

#include "receiver/core/penalty.h"
#include "receiver/core/registry.h"
#include "receiver/core/tenure.h"

/* A member that was silent for so long gives way to a new one. */
#define YIELDS SEC(2)

static uint32_t period_now(const struct enrol *e, const struct turn *t)
{
	return cookie_period(t->now + e->boot_ahead);
}

void enrol_init(struct enrol *e, const struct receiver_config *cfg)
{
	memset(e, 0, sizeof(*e));
	e->keys.create = cfg->create_key;
	e->keys.readopt = cfg->readopt_key;
	memcpy(e->keys.boot_id, cfg->boot_id, sizeof(cfg->boot_id));
	admit_init(&e->admit, &cfg->table_key);
}

/* The question goes back as its own answer: no second packet is needed. */
static void answer(struct pkt *p, enum srtla_type type, const struct turn *t)
{
	p->len = (uint16_t)srtla_build_reply(p->data, type);
	outbox_put(t->out, 0, p);
}

/* Too many are here already, and this one is told nothing. */
static void refuse(struct pkt *p, const char *what, const struct turn *t)
{
	turn_note(t, (struct note){.kind = RECEIVER_FULL, .who = p->peer, .why = what});
	turn_drop(&t->drops->full, p);
}

void enrol_reg1(struct enrol *e, struct pkt *p, const struct turn *t)
{
	uint8_t id[SRTLA_ID_LEN];
	const uint8_t *asked = srtla_reg_id(p->data, p->len);

	if (!asked) {
		turn_drop(&t->drops->malformed, p);
		return;
	}
	if (!admit_one(&e->admit, &p->peer, false, t->now)) {
		turn_drop(&t->drops->hurried, p);
		return;
	}
	memcpy(id, asked, SRTLA_HALF_LEN);
	cookie_issue(&e->keys, id, &p->peer, period_now(e, t), id + SRTLA_HALF_LEN);
	p->len = (uint16_t)srtla_build_reg(p->data, SRTLA_REG2, id);
	e->reg1++;
	outbox_put(t->out, 0, p);
}

/*
 * May an id that no group has make one?  Those of before a restart have theirs back already,
 * so an old one is of a group that ended.
 */
static bool may_create(enum cookie_verdict verdict)
{
	return verdict == COOKIE_FRESH;
}

struct group *enrol_open(const struct group_id *id, const struct turn *t)
{
	struct group *g;

	if (!tenure_make_room(t))
		return NULL;
	g = registry_open(t->registry, id, t->now);
	if (!g)
		return NULL;
	tenure_begin(t->tenure, g);
	turn_note(t, (struct note){.kind = RECEIVER_GROUP_NEW, .port = g->port, .who = id->origin});
	return g;
}

/*
 * Who gives way in a full group: a sender that changes its port leaves its old
 * self behind, so the stalest of the same host; else the stalest that has been
 * silent for a while.
 */
static struct member *yields(const struct group *g, const struct endpoint *to, const struct turn *t)
{
	struct member *host = NULL, *any = NULL;

	for (unsigned i = 0; i < t->cfg->members; i++) {
		struct member *m = &g->members[i];

		if (endpoint_same_host(&m->who, to) && (!host || m->heard < host->heard))
			host = m;
		if (t->now - m->heard > YIELDS && (!any || m->heard < any->heard))
			any = m;
	}
	return host ? host : any;
}

/* False when the group is full and nobody gives way. */
static bool make_room(struct group *g, const struct endpoint *to, const struct turn *t)
{
	struct member *m;

	if (g->count < t->cfg->members)
		return true;
	m = yields(g, to, t);
	if (m)
		group_lose(g, m, "replaced", t);
	return m != NULL;
}

/* The source of p becomes a member of g, or is one already. */
static void enter(struct enrol *e, struct group *g, struct pkt *p, const struct turn *t)
{
	struct member *m = registry_member(t->registry, &p->peer);

	if (m && m->group != g) {
		group_lose(m->group, m, "moved", t);
		m = NULL;
	}
	if (!m && !make_room(g, &p->peer, t)) {
		t->drops->full++;
		turn_note(t, (struct note){.kind = RECEIVER_FULL,
					   .port = g->port,
					   .who = p->peer,
					   .why = "members"});
		answer(p, SRTLA_REG_ERR, t);
		return;
	}
	if (!m)
		m = group_gain(g, &p->peer, t);
	if (!m) {
		refuse(p, "memory", t);
		return;
	}
	member_heard(m, p, t->now);
	p->len = (uint16_t)srtla_build_reply(p->data, SRTLA_REG3);
	member_give(m, p, t);
	e->reg2++;
}

/*
 * A new group for the source of p, or NULL, and p is gone.  Whoever writes the REG2, it is the
 * address of the REG1 that answers for it.
 */
static struct group *create(const struct group_id *id, struct pkt *p, const struct turn *t)
{
	struct group *g;

	if (penalty_holds(t->penalties, &id->origin, t->now, NULL)) {
		turn_drop(&t->drops->penalised, p);
		return NULL;
	}
	if (!endpoint_same_host(&id->origin, &p->peer) &&
	    !admit_one(t->admit, &id->origin, true, t->now)) {
		turn_drop(&t->drops->hurried, p);
		return NULL;
	}
	g = enrol_open(id, t);
	if (!g)
		refuse(p, "groups", t);
	return g;
}

void enrol_reg2(struct enrol *e, struct pkt *p, const struct turn *t)
{
	const uint8_t *asked = srtla_reg_id(p->data, p->len);
	enum cookie_verdict verdict;
	struct group_id id;
	struct member *m;
	struct group *g;

	if (!asked) {
		turn_drop(&t->drops->malformed, p);
		return;
	}
	verdict = cookie_check(&e->keys, asked, period_now(e, t), &id.origin);
	if (verdict == COOKIE_FORGED ? !admit_one(&e->admit, &p->peer, false, t->now)
				     : !admit_vouched(&e->admit, &p->peer, &id.origin, t->now)) {
		turn_drop(&t->drops->hurried, p);
		return;
	}
	if (verdict == COOKIE_FORGED) {
		t->drops->forged++;
		answer(p, SRTLA_REG_NGP, t);
		return;
	}
	cookie_mark(&e->keys, asked, id.mark);
	g = registry_group(t->registry, &id);
	m = registry_member(t->registry, &p->peer);

	/* Only who received the cookie at this very address may take it out of its group. */
	if (m && m->group != g && !endpoint_equal(&id.origin, &p->peer)) {
		turn_drop(&t->drops->elsewhere, p);
		return;
	}
	if (!g && !may_create(verdict)) {
		answer(p, SRTLA_REG_NGP, t);
		return;
	}
	if (!g)
		g = create(&id, p, t);
	if (g)
		enter(e, g, p, t);
}
