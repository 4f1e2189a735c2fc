/* SPDX-License-Identifier: MIT */
#include "receiver/core/reply.h"

/* The sender's choice of a link is worth following while it is this recent. */
#define RECENT MSEC(250)

/*
 * A member that was silent for longer gets no copies: whoever is there calls
 * every second, and copies would keep a way alive that only works toward it.
 */
#define LIVE SEC(5)

struct member *reply_pick(const struct group *g, const struct turn *t)
{
	struct member *best = g->latest;

	if (best && t->now - best->spoke <= RECENT)
		return best;
	for (unsigned i = 0; i < t->cfg->members; i++) {
		struct member *m = &g->members[i];

		if (m->group && (!best || m->heard > best->heard))
			best = m;
	}
	return best;
}

void reply_once(struct group *g, struct pkt *p, const struct turn *t)
{
	struct member *m = reply_pick(g, t);

	if (m)
		member_send(m, p, t);
	else
		turn_drop(&t->drops->no_member, p);
}

void reply_all(struct group *g, struct pkt *p, const struct turn *t)
{
	usspan live = earlier(LIVE, t->cfg->member_timeout);
	struct member *first = reply_pick(g, t);

	for (unsigned i = 0; i < t->cfg->members; i++) {
		struct member *m = &g->members[i];
		struct pkt *copy;

		if (!m->group || m == first || t->now - m->heard >= live)
			continue;
		copy = pkt_copy(p);
		if (copy)
			member_send(m, copy, t);
		else
			t->drops->pool++;
	}
	if (first)
		member_send(first, p, t);
	else
		turn_drop(&t->drops->no_member, p);
}
