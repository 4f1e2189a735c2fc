/* SPDX-License-Identifier: MIT */
#include "receiver/core/arrivals.h"

#include <assert.h>
#include <stdlib.h>

#include "receiver/core/group.h"
#include "receiver/core/reply.h"
#include "shared/wire/be.h"
#include "shared/wire/report.h"

/*
 * Ten milliseconds are the time scale on which a modem is granted the air.  Where that costs
 * more than one byte in sixteen of what arrives, reports come less often.
 */
#define INTERVAL      MSEC(10)
#define INTERVAL_MOST MSEC(40)
enum { SHARE = 16, HEADERS = 20 + 8 }; /* of IP and UDP, on each report */

/* A member that was silent for so long and delivers again is worth a report of its own. */
#define SILENCE MSEC(100)

static_assert(2 * ARRIVALS_NEWS <= ARRIVALS, "nothing is overwritten before it was told twice");

enum { NOBODY = UINT8_MAX, END = UINT16_MAX };

/* What one report says of each member: where that begins in the ring, and goes on. */
struct chains {
	uint16_t first[RECEIVER_MEMBERS]; /* END: nowhere */
	uint16_t next[ARRIVALS];
};

static uint32_t ticks(ustime now)
{
	return (uint32_t)((uint64_t)now / REPORT_TICK);
}

void arrivals_want(struct group *g, bool wanted, const struct turn *t)
{
	if (!wanted)
		arrivals_finish(g);
	if (!wanted || g->arrivals)
		return;
	g->arrivals = calloc(1, sizeof(*g->arrivals));
	if (!g->arrivals)
		return;
	/* No two reports are closer than that for long: this is ahead of all before a restart. */
	g->arrivals->serial = (uint16_t)(t->now / INTERVAL);
	g->arrivals->interval = INTERVAL;
	g->arrivals->judged = t->now;
	g->arrivals->due = NEVER;
}

void arrivals_finish(struct group *g)
{
	free(g->arrivals);
	g->arrivals = NULL;
}

void arrivals_forget(struct group *g, const struct member *m)
{
	struct arrivals *a = g->arrivals;

	for (unsigned i = 0; a && i < ARRIVALS; i++) {
		if (a->ring[i].member == m - g->members)
			a->ring[i].member = NOBODY;
	}
}

/* A report names its links by the numbers that their keepalives bear. */
static bool nameable(const struct member *m)
{
	return m->reports && m->conn_id <= UINT8_MAX;
}

/* True when there is anything that can be told. */
static bool sort(const struct group *g, struct chains *c)
{
	const struct arrivals *a = g->arrivals;
	bool any = false;

	for (unsigned i = 0; i < g->places; i++)
		c->first[i] = END;
	for (uint32_t at = a->end; at != a->again;) {
		uint16_t place = (uint16_t)(--at % ARRIVALS);
		uint8_t member = a->ring[place].member;

		if (member == NOBODY || !nameable(&g->members[member]))
			continue;
		c->next[place] = c->first[member];
		c->first[member] = place;
		any = true;
	}
	return any;
}

static void write_link(struct report_writer *w, const struct group *g, unsigned member,
		       const struct chains *c)
{
	const struct member *m = &g->members[member];

	if (!report_add_link(w, (uint8_t)m->conn_id, (uint32_t)m->data_in))
		return;
	for (uint16_t place = c->first[member]; place != END; place = c->next[place]) {
		const struct arrival *r = &g->arrivals->ring[place];

		if (!report_add(w, &(struct report_arrival){.seq = r->seq, .at = r->at}))
			return;
	}
}

/* Reports all; what finds no room in it is lost, as a whole report may be. */
static void tell(struct group *g, const struct turn *t)
{
	struct arrivals *a = g->arrivals;
	struct report_writer w;
	struct chains c;
	struct pkt *p;

	if (!sort(g, &c))
		return;
	a->serial++;
	p = turn_packet(t);
	if (!p)
		return;
	report_begin(&w, p->data, a->serial, ticks(t->now));
	for (unsigned i = 0; i < g->places; i++) {
		if (c.first[i] != END)
			write_link(&w, g, i, &c);
	}
	p->len = (uint16_t)report_end(&w);
	a->spent += p->len + HEADERS;
	a->reports++;
	reply_twice(g, p, t);
}

/* Whether reports may come more often, or must not. */
static void judge(struct arrivals *a, ustime now)
{
	if (now - a->judged < a->interval)
		return;
	if (SHARE * a->spent > a->bytes)
		a->interval = earlier(2 * a->interval, INTERVAL_MOST);
	else if (2 * SHARE * a->spent <= a->bytes)
		a->interval = later(a->interval / 2, INTERVAL);
	a->judged = now;
	a->bytes = a->spent = 0;
}

void arrivals_run(struct group *g, const struct turn *t)
{
	struct arrivals *a = g->arrivals;
	bool goes_on;

	if (!a || a->due > t->now)
		return;
	goes_on = a->news != a->end;
	tell(g, t);
	a->again = a->news;
	a->news = a->end;
	a->told = t->now;
	if (goes_on)
		judge(a, t->now); /* a pause of the stream costs little: no reason to be slow after it */
	a->due = goes_on ? t->now + a->interval : NEVER;
}

void arrivals_add(struct group *g, struct member *m, const struct pkt *p,
		  const struct turn *t)
{
	struct arrivals *a = g->arrivals;
	struct arrival *r = &a->ring[a->end++ % ARRIVALS];
	ustime came = later(pkt_came(p, t->now), m->brought); /* a report cannot step back in time */

	r->seq = be32(p->data);
	r->at = ticks(came);
	r->member = (uint8_t)(m - g->members);
	a->bytes += p->len;
	if (came - m->brought >= SILENCE || a->end - a->news == ARRIVALS_NEWS)
		a->due = t->now;
	else if (a->due == NEVER)
		a->due = later(t->now, a->told + a->interval);
	m->brought = came;
	if (a->end - a->news == ARRIVALS_NEWS) /* a turn may bring more than there are places */
		arrivals_run(g, t);
}
