/* SPDX-License-Identifier: MIT */
#include "receiver/core/reorder.h"

#include "receiver/core/gap.h"
#include "receiver/core/group.h"
#include "receiver/core/shelf.h"
#include "shared/wire/be.h"

/*
 * A long hold ends in a burst, and the SRT server's socket holds less than two hundred
 * packets where the system's defaults stand.  What comes meanwhile goes on top, so that the hold
 * ends whatever the rate.
 */
enum { SLICE_PACKETS = 32 };
#define SLICE USEC(500)

/* Who said nothing for so long has nothing on its way any more. */
#define OVER SEC(1)

/* So many of its packets a group may hold although others want the room. */
enum { FREE_SHARE = 256, SEARCH = 32 };

void reorder_init(struct reorder *r)
{
	*r = (struct reorder){.due = NEVER};
	asking_init(&r->asking);
}

/* What is missing before number x will not come any more. */
static void give_up(struct reorder *r, uint32_t x)
{
	r->missing += (unsigned)seq_diff(x, r->marks.next);
}

/* The lowest number that is held leaves the shelf; what is missing before it is given up. */
static struct pkt *take_lowest(struct group *g, struct shelf *shelf)
{
	struct reorder *r = &g->reorder;
	uint32_t x = marks_first(&r->marks, r->marks.next);

	r->held--;
	give_up(r, x);
	marks_advance(&r->marks, seq_add(x, 1));
	return shelf_take(shelf, g->port, x);
}

/* The same, for the server. */
static void release_lowest(struct group *g, const struct turn *t)
{
	struct receiver_order_view *figures = &g->reorder.figures;
	struct pkt *p = take_lowest(g, t->shelf);

	figures->longest = later(figures->longest, t->now - p->awaited);
	histogram_add(&t->figures->hold, t->now - p->came);
	group_forward(g, p, t);
}

/* Nothing is held any more. */
static void rest(struct group *g, struct shelf *shelf)
{
	g->reorder.due = NEVER;
	shelf_unqueue(shelf, g);
}

/* Those that are next, as far as the pace allows; false when it stopped them. */
static bool release_next(struct group *g, const struct turn *t)
{
	struct reorder *r = &g->reorder;

	while (r->held > 0 && marks_has(&r->marks, r->marks.next)) {
		if (t->now - r->slice >= SLICE) {
			r->slice = t->now;
			r->in_slice = 0;
		}
		if (r->in_slice == SLICE_PACKETS) {
			r->figures.paced++;
			r->due = r->slice + SLICE;
			return false;
		}
		r->in_slice++;
		release_lowest(g, t);
	}
	return true;
}

/* True when the gap before number x is over: nobody will fill it, or not in time. */
static bool gap_over(struct group *g, uint32_t x, const struct turn *t)
{
	struct reorder *r = &g->reorder;

	switch (gap_judge(g, shelf_look(t->shelf, g->port, x), t, &r->due)) {
	case GAP_PASSED:
		r->figures.passed++;
		return true;
	case GAP_SILENT:
		r->figures.silent++;
		return true;
	case GAP_TIMED_OUT:
		r->figures.timed_out++;
		return true;
	case GAP_WAITS:
		break;
	}
	return false;
}

/* Releases what may go and gives up what will not come; sets when to look again. */
static void settle(struct group *g, const struct turn *t)
{
	struct reorder *r = &g->reorder;

	for (;;) {
		uint32_t before = r->marks.next, x;

		if (!release_next(g, t))
			return;
		if (r->held == 0) {
			rest(g, t->shelf);
			return;
		}
		if (r->marks.next != before || !r->queued)
			shelf_queue(t->shelf, g);
		x = marks_first(&r->marks, r->marks.next);
		if (!gap_over(g, x, t))
			return;
		asking_missed(&r->asking, r->marks.next, t->now);
		give_up(r, x);
		marks_advance(&r->marks, x);
	}
}

void reorder_release(struct group *g, const struct turn *t)
{
	while (g->reorder.held > 0)
		release_lowest(g, t);
	rest(g, t->shelf);
}

void reorder_drop(struct group *g, struct shelf *shelf)
{
	while (g->reorder.held > 0)
		pkt_free(take_lowest(g, shelf));
	rest(g, shelf);
}

void reorder_end(struct group *g, const struct turn *t)
{
	g->reorder.figures.ended += g->reorder.held > 0;
	g->reorder.ended = true;
	reorder_release(g, t);
}

void reorder_agreed(struct group *g, const struct turn *t)
{
	if (!g->reorder.ended)
		return;
	reorder_end(g, t);
	g->reorder.started = false;
}

/* The media of this socket are put in order from now on, from this number. */
static void begin(struct group *g, uint32_t socket, uint32_t next, const struct turn *t)
{
	struct reorder *r = &g->reorder;

	reorder_end(g, t);
	r->started = true;
	r->ended = false;
	r->socket = socket;
	r->began = t->now;
	r->missing = 0;
	marks_init(&r->marks, next & SEQ_MASK);
	for (unsigned i = 0; i < g->places; i++)
		g->members[i].sends = false;
}

/* Memory is short: the gap that waits longest is given up, first where much is held. */
static void press(const struct turn *t)
{
	struct group *g = t->shelf->oldest, *found = g;
	struct reorder *r;
	uint32_t x;

	for (unsigned i = 0; i < SEARCH && g; i++, g = g->reorder.newer) {
		if (g->reorder.held > FREE_SHARE) {
			found = g;
			break;
		}
	}
	r = &found->reorder;
	r->figures.pressed++;
	x = marks_first(&r->marks, r->marks.next);
	give_up(r, x);
	marks_advance(&r->marks, x);
	r->slice = t->now;
	r->in_slice = 0;
	settle(found, t);
	group_reschedule(found, t);
}

/* The member has delivered this number, be it the first to do so or not. */
static void delivers(struct member *m, const struct pkt *p, uint32_t seq, const struct turn *t)
{
	lag_packet(&m->lag, pkt_came(p, t->now), t->now);
	if (m->idle && seq != m->idle_seq)
		m->idle = false;
	if (!m->sends || seq_before(m->highest, seq)) {
		m->highest = seq;
		m->sends = true;
	}
}

/* The first that is held with a number after seq, or NULL. */
static const struct pkt *held_behind(const struct group *g, uint32_t seq, const struct turn *t)
{
	const struct reorder *r = &g->reorder;

	if (r->held == 0 || !seq_before(seq, r->top))
		return NULL;
	return shelf_look(t->shelf, g->port, marks_first(&r->marks, seq));
}

/* How late the member was with this packet. */
static void study(struct group *g, struct member *m, const struct pkt *p, uint32_t seq,
		  const struct turn *t)
{
	struct reorder *r = &g->reorder;
	bool resent = p->data[4] & 0x04;
	const struct pkt *behind;

	if (resent)
		return;
	if (seq_before(seq, r->marks.next)) {
		/* Given up too early: this member wants more patience. */
		lag_filled(&m->lag, 2 * lag_patience(&m->lag, SEC(1)), t->now);
		return;
	}
	behind = held_behind(g, seq, t);
	if (behind) /* it may have come before we saw what was behind it: then nobody waited */
		lag_filled(&m->lag, later(0, pkt_came(p, t->now) - behind->awaited), t->now);
}

/* By its caller's clock, and when it took the call: a packet that needed no longer counts 0. */
static void study_path(struct group *g, const struct pkt *p, const struct turn *t)
{
	ustime play = playout_time(&g->playout, be32(p->data + 8));

	if (play != NEVER && !(p->data[4] & 0x04))
		histogram_add(&t->figures->path,
			      pkt_came(p, t->now) - (play - g->playout.latency));
}

static void hold(struct group *g, struct pkt *p, uint32_t seq, const struct turn *t)
{
	struct reorder *r = &g->reorder;
	const struct pkt *behind = held_behind(g, seq, t);

	p->port = g->port;
	/*
	 * All that it waits for was missed already when the first one behind it was seen.  Seen, not
	 * came: what is missing may wait in another socket, and patience starts when we can look.
	 */
	p->awaited = behind ? behind->awaited : t->now;
	p->came = pkt_came(p, t->now);
	if (!behind)
		r->top = seq_add(seq, 1);
	marks_set(&r->marks, seq);
	shelf_put(t->shelf, p);
	r->held++;
	r->in_slice--;
	r->figures.waited++;
	if (r->held > r->figures.most)
		r->figures.most = r->held;
}

/* May the media of this socket take the place of those before? */
static bool takes_over(const struct group *g, uint32_t socket, ustime now)
{
	const struct reorder *r = &g->reorder;

	return !r->started || socket == g->session.server_id || now - r->latest > OVER;
}

/*
 * False for strays: a slow link still delivers what belonged to the session before, and a
 * single number that is far from the rest is none of them.  Begins anew where a session does,
 * or where numbers go on elsewhere.
 */
static bool belongs(struct group *g, const struct pkt *p, const struct turn *t)
{
	struct reorder *r = &g->reorder;
	uint32_t seq = be32(p->data), socket = be32(p->data + 12);

	if (!r->started || socket != r->socket) {
		if (!takes_over(g, socket, t->now))
			return false;
		begin(g, socket, socket == g->session.server_id ? g->session.caller_isn : seq, t);
	}
	if (marks_reach(&r->marks, seq))
		return true;
	if (r->latest >= r->began && t->now - r->latest <= OVER)
		return false;
	begin(g, socket, seq, t);
	return true;
}

static void pass(struct group *g, struct pkt *p, uint32_t seq, const struct turn *t)
{
	struct reorder *r = &g->reorder;

	marks_set(&r->marks, seq);
	if (seq_before(seq, r->marks.next)) {
		r->figures.late++;
		r->missing -= r->missing > 0;
	} else {
		marks_advance(&r->marks, seq_add(seq, 1));
		r->figures.filled += r->held > 0 && marks_has(&r->marks, r->marks.next);
	}
	group_forward(g, p, t);
}

void reorder_data(struct group *g, struct member *m, struct pkt *p, const struct turn *t)
{
	struct reorder *r = &g->reorder;
	uint32_t seq = be32(p->data);
	bool waits;

	if (!belongs(g, p, t)) {
		r->figures.stray++;
		group_forward(g, p, t);
		return;
	}
	r->latest = t->now;
	delivers(m, p, seq, t);
	if (marks_has(&r->marks, seq)) {
		r->figures.duplicate++;
		turn_drop(&t->drops->duplicate, p);
		reorder_run(g, t);
		return;
	}
	study(g, m, p, seq, t);
	study_path(g, p, t);
	waits = t->cfg->hold >= 0 && seq_before(r->marks.next, seq);
	if (waits && shelf_full(t->shelf)) {
		press(t); /* which may move this very group on */
		waits = seq_before(r->marks.next, seq);
	}
	if (waits)
		hold(g, p, seq, t);
	else
		pass(g, p, seq, t);
	reorder_run(g, t);
}

void reorder_forget(struct group *g, uint32_t seq)
{
	struct marks *m = &g->reorder.marks;

	if (g->reorder.started && marks_reach(m, seq) && seq_before(seq, m->next))
		marks_clear(m, seq);
}

void reorder_nak(struct group *g, const struct pkt *p, ustime now)
{
	const struct marks *m = &g->reorder.marks;
	uint32_t first = seq_add(m->next, SEQ_MASK + 1 - MARKS_REACH), from, to;
	unsigned left = MARKS_REACH; /* no number stands in an honest NAK twice */
	struct srt_nak nak;

	if (!g->reorder.started || !srt_nak_begin(&nak, p->data, p->len, first, MARKS_REACH))
		return;
	while (srt_nak_next(&nak, &from, &to)) {
		asking_heard(&g->reorder.asking, from, to, now);
		for (uint32_t seq = from; left > 0 && seq != seq_add(to, 1); left--) {
			marks_clear(&g->reorder.marks, seq);
			seq = seq_add(seq, 1);
		}
	}
}

void reorder_run(struct group *g, const struct turn *t)
{
	if (g->reorder.held > 0)
		settle(g, t);
	else
		g->reorder.due = NEVER;
}
