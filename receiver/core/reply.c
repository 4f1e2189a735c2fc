/* SPDX-License-Identifier: MIT */
#include "receiver/core/reply.h"

/* The sender's choice of a link is worth following while it is this recent. */
#define RECENT MSEC(250)

/* Reports come every second; two misses, and they tell of the past. */
#define FRESH SEC(2)

/*
 * A member that was silent for longer gets no copies: whoever is there calls
 * every second, and copies would keep a way alive that only works toward it.
 */
#define LIVE SEC(5)

/* What a NAK of the last second weighs, in ms of round trip, and how many are counted. */
enum { NAK_COST = 5, NAKS_MOST = 100 };

/* Which members will do for this packet. */
typedef bool suits(const struct member *m, const struct pkt *p, ustime now);

/* How long the way is by the sender's own report; UINT32_MAX when there is none. */
static uint32_t cost(const struct member *m, ustime now)
{
	if (m->srtt == 0 || now - m->reported > FRESH)
		return UINT32_MAX;
	return m->srtt + (m->naks_lately < NAKS_MOST ? m->naks_lately : NAKS_MOST) * NAK_COST;
}

/* A total order, but for members that are alike in all this. */
static bool better(const struct member *a, const struct member *b, ustime now)
{
	const struct member *latest = a->group->latest;
	bool speaks = now - a->spoke <= RECENT;

	if (speaks != (now - b->spoke <= RECENT))
		return speaks;
	if (speaks && cost(a, now) != cost(b, now))
		return cost(a, now) < cost(b, now);
	if (speaks && a->spoke != b->spoke)
		return a->spoke > b->spoke;
	if (!speaks && a->heard != b->heard)
		return a->heard > b->heard;
	return a == latest;
}

/*
 * The best member but for `but`, or NULL: of those that sent an SRT packet just now the one
 * whose sender reports the shortest way, else the latest; when that is a while ago, the one
 * that was heard last.
 */
static struct member *best(const struct group *g, const struct member *but, const struct pkt *p,
			   suits *will_do, const struct turn *t)
{
	struct member *found = NULL;

	for (unsigned i = 0; i < g->places; i++) {
		struct member *m = &g->members[i];

		if (m->group && m != but && (!found || better(m, found, t->now)) &&
		    will_do(m, p, t->now))
			found = m;
	}
	return found;
}

static bool affords(const struct member *m, const struct pkt *p, ustime now)
{
	(void)now;
	return member_affords(m, p->len);
}

static void nobody(const struct group *g, struct pkt *p, const struct turn *t)
{
	turn_drop(g->count > 0 ? &t->drops->budget : &t->drops->no_member, p);
}

void reply_once(struct group *g, struct pkt *p, const struct turn *t)
{
	struct member *m = best(g, NULL, p, affords, t);

	if (m)
		member_give(m, p, t);
	else
		nobody(g, p, t);
}

static void give_copy(struct member *m, const struct pkt *p, const struct turn *t)
{
	struct pkt *copy = pkt_copy(p);

	if (copy)
		member_give(m, copy, t);
	else
		t->drops->pool++;
}

static void offer_copy(struct member *m, const struct pkt *p, const struct turn *t)
{
	if (member_takes(m, p, t->now))
		give_copy(m, p, t);
	else
		t->drops->budget++;
}

static bool alive(const struct member *m, const struct turn *t)
{
	return t->now - m->heard < earlier(LIVE, t->cfg->member_timeout);
}

void reply_twice(struct group *g, struct pkt *p, const struct turn *t)
{
	struct member *first = best(g, NULL, p, affords, t), *second;

	if (!first) {
		nobody(g, p, t);
		return;
	}
	second = best(g, first, p, affords, t);
	if (second && alive(second, t))
		give_copy(second, p, t);
	member_give(first, p, t);
}

void reply_all(struct group *g, struct pkt *p, const struct turn *t)
{
	struct member *first = best(g, NULL, p, member_takes, t), *second;

	if (!first) {
		nobody(g, p, t);
		return;
	}
	if (g->own_peer) {
		second = best(g, first, p, member_takes, t);
		if (second && alive(second, t))
			give_copy(second, p, t);
	} else {
		for (unsigned i = 0; i < g->places; i++) {
			struct member *m = &g->members[i];

			if (m->group && m != first && alive(m, t))
				offer_copy(m, p, t);
		}
	}
	member_give(first, p, t);
}
