/* SPDX-License-Identifier: MIT */
#include "sender/core/late.h"

#include "sender/core/inside.h"
#include "shared/wire/report.h"

/* What our own receiver reports: each arrival, on which link and when. */

#define JUMP SEC(5) /* no report takes that long */

/* The sender's time of an arrival does not matter: only differences are ever asked for. */
static ustime arrival_time(struct late *y, uint32_t ticks)
{
	y->clock += (int32_t)(ticks - y->clock_ticks);
	y->clock_ticks = ticks;
	return y->clock * REPORT_TICK;
}

/* False when some arrivals on this link were never told: then nothing can be called lost. */
static bool complete(struct late *y, unsigned port, const struct report_link *head)
{
	uint32_t before = y->report_total[port - 1];
	bool first = !y->report_known[port - 1];

	y->report_known[port - 1] = true;
	y->report_total[port - 1] = head->total;
	return head->total - (first ? 0 : before) <= head->records;
}

static void told_of_link(struct sender *s, struct link *l, struct report_reader *r,
			 const struct report_link *head, ustime came, ustime now)
{
	struct way *p = &l->way;
	bool whole = complete(&s->late, l->sched.port, head);
	struct report_arrival a;
	struct late_told told = {0};
	ustime at = 0;

	while (report_next(r, &a)) {
		struct flight_entry *e = late_entry(&s->late, a.seq, l->sched.port);
		usspan took;

		if (!e)
			continue;
		at = arrival_time(&s->late, a.at);
		took = at - e->sent;
		low_sample(&p->forward, took, now);
		if (r->records == 0 && came >= e->sent)
			late_looped(l, came - e->sent, now);
		way_queues(p, took - p->forward.least, now);
		late_land(s, l, e, &told, now);
	}
	if (!told.any)
		return;
	late_proven(s, l, now);
	way_mark(p, at, s->tuning);
	if (whole)
		late_overtaken(s, l, &told, true, now);
}

/* Whether the receiver's clock goes on as it did: another receiver's does not. */
static bool another_clock(const struct late *y, uint32_t clock, ustime now)
{
	usspan there = (int32_t)(clock - y->report_clock) * (usspan)REPORT_TICK;
	usspan off = there - (now - y->report_at);

	return off > JUMP || off < -JUMP;
}

static void forget_ways(struct sender *s)
{
	for (unsigned i = 0; i < s->links.live; i++)
		low_init(&links_live(&s->links, i)->way.forward);
}

void late_report(struct sender *s, const struct pkt *p, ustime now, struct outbox *out)
{
	ustime came = pkt_came(p, now);
	struct report_reader r;
	struct report_link head;

	if (!report_open(&r, p->data, p->len))
		return;
	if (s->late.reported && (int16_t)(r.serial - s->late.report_serial) <= 0)
		return; /* the copy by another link was faster */
	late_moved(s);
	if (s->late.reported && another_clock(&s->late, r.clock, now))
		forget_ways(s);
	s->late.reported = true;
	s->late.report_serial = r.serial;
	s->late.report_at = now;
	s->late.report_clock = r.clock;
	while (report_next_link(&r, &head)) {
		struct link *l = links_get(&s->links, head.conn_id + 1u);

		if (l && l->state == LINK_UP)
			told_of_link(s, l, &r, &head, came, now);
	}
	late_drain(s, now, out);
}
