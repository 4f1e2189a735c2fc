/* SPDX-License-Identifier: MIT */
#include "receiver/core/gap.h"

#include "receiver/core/group.h"
#include "shared/wire/be.h"

/* The server must have what is missing so long before it plays it. */
#define GUARD     MSEC(30) /* and what it takes to ask for it, and a round trip for the copy */
#define GUARD_OWN MSEC(15)

/* Whoever is there calls each second; who missed two calls is not waited for. */
#define GONE MSEC(2500)

/* Without a play-out time. */
#define BLIND_HOLD MSEC(100)
#define LEAST_HOLD MSEC(20)

/* For two reports of what is missing, and the queue of the link that repairs. */
#define REPAIR_SLACK MSEC(80)

/* From when the server misses a packet until it has the copy. */
static usspan repair_by_server(const struct group *g)
{
	return g->srt_rtt + g->reorder.asking.takes + GUARD;
}

/* Until the sender's second try has come: two and a half round trips of its best link. */
static usspan repair_by_sender(const struct group *g)
{
	uint32_t least = UINT32_MAX; /* ms */

	for (unsigned i = 0; i < g->places; i++) {
		const struct member *m = &g->members[i];

		if (m->group && m->reports && m->srtt < least)
			least = m->srtt;
	}
	return least == UINT32_MAX ? 0 : MSEC(least) * 5 / 2 + REPAIR_SLACK;
}

/* The most that any member is waited for: it leaves the time to ask twice. */
static usspan most_patience(const struct group *g)
{
	usspan latency = g->playout.latency;

	if (latency == 0)
		return BLIND_HOLD;
	return later(LEAST_HOLD, earlier(latency / 3, latency - 2 * repair_by_server(g)));
}

/*
 * Until when this member may yet deliver what left together with a packet that came at
 * `came`.  While it delivers at all, by its next packet; and one that paused, or has not
 * begun, may be as late as it ever was.
 */
static ustime member_awaited(const struct reorder *r, const struct member *m, ustime came,
			     usspan most)
{
	if (!m->sends)
		return later(r->began + most, came + lag_late(&m->lag, most));
	return later(m->lag.last + lag_patience(&m->lag, most), came + lag_late(&m->lag, most));
}

/* Its sender says that it has nothing for it, and all that it had before has come. */
static bool at_rest(const struct member *m)
{
	if (!m->idle)
		return false;
	return m->idle_seq == SEQ_NONE || (m->sends && m->highest == m->idle_seq);
}

/*
 * Until when somebody may yet deliver what is missing before packet x; INT64_MIN when
 * every member that lives has delivered something newer.
 */
static ustime awaited(const struct group *g, const struct pkt *x, const struct turn *t)
{
	usspan most = most_patience(g);
	uint32_t seq = be32(x->data);
	ustime until = INT64_MIN;

	for (unsigned i = 0; i < g->places; i++) {
		const struct member *m = &g->members[i];

		if (!m->group || t->now - m->heard > GONE || at_rest(m) ||
		    (m->sends && !seq_before(m->highest, seq)))
			continue;
		until = later(until, member_awaited(&g->reorder, m, x->awaited, most));
	}
	return until;
}

/* When the gap before x is given up, whatever may yet come. */
static ustime latest(struct group *g, const struct pkt *x, const struct turn *t)
{
	ustime play = playout_time(&g->playout, be32(x->data + 8));
	ustime limit = play == NEVER ? x->awaited + BLIND_HOLD
		       : play - (g->repairs ? GUARD_OWN : repair_by_server(g));

	if (t->cfg->hold > 0)
		limit = earlier(limit, x->awaited + t->cfg->hold);
	return limit;
}

enum gap_state gap_judge(struct group *g, const struct pkt *first, const struct turn *t,
			 ustime *until)
{
	ustime limit = latest(g, first, t);
	ustime wait = awaited(g, first, t);
	bool passed = wait == INT64_MIN;

	if (limit <= t->now)
		return GAP_TIMED_OUT;
	if (g->repairs)
		wait = later(wait, first->awaited + repair_by_sender(g));
	if (wait <= t->now)
		return passed ? GAP_PASSED : GAP_SILENT;
	*until = earlier(limit, wait);
	return GAP_WAITS;
}
