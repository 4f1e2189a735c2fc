/* SPDX-License-Identifier: MIT */
#include "sender/core/late.h"

#include "sender/core/inside.h"

/* Which link a packet leaves by, and when. */

#define TICK MSEC(1)  /* what waits for room is looked at no sooner */
#define TOCK MSEC(10) /* and no later */

enum { SCAN = 128 }; /* packets that cannot go are passed over in one turn */

/* A copy of slot leaves by link l. */
bool late_send(struct sender *s, struct ring_slot *slot, struct link *l, ustime now,
	       struct outbox *out)
{
	struct flight *f = late_flight(&s->late, l);
	struct pkt *p = flight_full(f) ? NULL : pkt_copy(slot->p);
	struct ring_hop *hop;

	if (!p)
		return false; /* the pool counts its part */
	if (slot->hops > 0)
		srt_mark_resent(p->data);
	if (f->count == 0) {
		late_moved(s); /* another one is the oldest */
		s->late.due = earlier(s->late.due, now + late_patience(s, l));
	}
	hop = &slot->hop[slot->hops % RING_HOPS];
	if (hop->port != 0) { /* nobody looks for that journey any more */
		struct flight_entry *old =
			flight_at(&s->late.flight[hop->port - 1], hop->place);

		slot->flying--;
		if (old) {
			late_moved(s);
			flight_close(&s->late.flight[hop->port - 1], old, FLIGHT_LOST);
			s->links.at[hop->port - 1].sched.in_flight--;
		}
	}
	hop->port = (uint8_t)l->sched.port;
	hop->place = flight_add(f, slot->seq, p->len, now);
	slot->flying++;
	if (slot->hops < UINT8_MAX)
		slot->hops++;
	if (slot->hops == 1 && (s->late.sent == 0 || seq_before(s->late.newest, slot->seq)))
		s->late.newest = slot->seq;
	s->late.sent++;
	l->data_out++;
	l->resent_out += slot->hops > 1;
	l->data_at = now;
	l->marked = false;
	l->echo_due = earlier(l->echo_due, now + LINK_IDLE);
	if (l->newest == SEQ_NONE || seq_before(l->newest, slot->seq))
		l->newest = slot->seq;
	s->due = earlier(s->due, l->echo_due);
	l->sched.in_flight = (int32_t)f->count;
	if (flight_full(f) || l->terms.cap > 0)
		late_moved(s); /* it may have no room any more */
	link_send(l, p, now, out);
	return true;
}

static struct sched_path *best(struct late_paths *v, const struct ring_slot *slot,
			       uint64_t avoid, ustime now)
{
	int at = sched_capacity_pick(v->path, v->count, slot->p->len, avoid,
				     now - slot->p->came);

	return at < 0 ? NULL : &v->path[at];
}

/* Links that have had it, and whether lost or not yet: no good for it, unless there are no others. */
static uint64_t had_it(const struct ring_slot *slot)
{
	uint64_t had = 0;

	for (unsigned i = 0; i < RING_HOPS; i++)
		if (slot->hop[i].port != 0)
			had |= UINT64_C(1) << (slot->hop[i].port - 1);
	if (slot->lost_on)
		had |= UINT64_C(1) << (slot->lost_on - 1);
	return had;
}

/* Links through which so many bytes do not fit. */
static uint64_t too_narrow(const struct sender *s, size_t len)
{
	uint64_t narrow = 0;

	for (unsigned i = 0; i < s->links.live; i++) {
		const struct link *l = links_live(&s->links, i);

		if (l->mtu > 0 && len > l->mtu)
			narrow |= UINT64_C(1) << (l->sched.port - 1);
	}
	return narrow;
}

static bool others(const struct late_paths *v, uint64_t avoid)
{
	for (unsigned i = 0; i < v->count; i++)
		if (v->path[i].open && !(avoid >> (v->path[i].port - 1) & 1))
			return true;
	return false;
}

/* Its further copies, each on a link of its own that has room now. */
static void duplicate(struct sender *s, struct ring_slot *slot, unsigned extra,
		      struct late_paths *v, ustime now, struct outbox *out)
{
	for (; extra > 0; extra--) {
		struct sched_path *to = best(v, slot, had_it(slot), now);

		if (!to || sched_capacity_wait(to, slot->p->len) > 0 ||
		    !late_send(s, slot, links_get(&s->links, to->port), now, out))
			return;
		to->bytes += slot->p->len;
		protect_spent(&s->late.protect, slot->p->len);
	}
}

/* It cannot be lost a second time, or again: there would be no time to learn of it. */
static bool pressing(const struct sender *s, const struct ring_slot *slot, ustime now)
{
	usspan least = NEVER;

	for (unsigned i = 0; i < s->links.live; i++)
		least = earlier(least, late_loop(&links_live(&s->links, i)->way));
	return slot->hops >= 2 || (least != NEVER && slot->deadline - now < 2 * least);
}

/* True when it has left. */
static bool bind(struct sender *s, struct ring_slot *slot, struct late_paths *v, ustime now,
		 struct outbox *out)
{
	uint64_t narrow = slot->p->len > v->narrowest ? too_narrow(s, slot->p->len) : 0;
	uint64_t avoid = narrow | (slot->again ? had_it(slot) : 0);
	struct sched_path *to;
	unsigned extra;
	usspan wait;

	if (avoid && !others(v, avoid))
		avoid = narrow;
	if (avoid && !others(v, avoid))
		avoid = 0;
	to = best(v, slot, avoid, now);
	if (!to)
		return false;
	wait = sched_capacity_wait(to, slot->p->len);
	if (wait > 0) {
		s->late.due = earlier(s->late.due, now + wait);
		to->bytes += slot->p->len;
		return false;
	}
	ring_unqueue(&s->late.ring, slot);
	extra = slot->again ? pressing(s, slot, now)
			    : protect_extra(&s->late.protect, slot->p->data, slot->p->len, now);
	if (!late_send(s, slot, links_get(&s->links, to->port), now, out)) {
		ring_again(&s->late.ring, slot, slot->again ? slot->queued : now);
		s->late.due = earlier(s->late.due, now + TICK);
		return false;
	}
	slot->state = RING_FLIES;
	to->bytes += slot->p->len;
	s->late.count.resent += slot->again;
	histogram_add(&s->forward[slot->again ? FLOW_RETRANSMISSION : FLOW_DATA],
		      now - (slot->again ? slot->queued : slot->p->came));
	duplicate(s, slot, extra, v, now, out);
	return true;
}

/* Links that could do with more than their window lets through. */
static void mark_limited(struct sender *s, const struct late_paths *v)
{
	for (unsigned i = 0; i < v->count; i++) {
		struct link *l = links_get(&s->links, v->path[i].port);

		if (v->path[i].open &&
		    late_flight(&s->late, l)->bytes + WAY_PACKET > v->path[i].window)
			l->way.limited = true;
	}
}

/* The first behind `slot` that a link should have now, though those before it wait; or NULL. */
static struct ring_slot *skip(struct sender *s, struct ring_slot *slot, struct late_paths *v)
{
	struct ring *r = &s->late.ring;
	uint64_t left = sched_capacity_skip(v->path, v->count, slot->p->len,
					    r->again.bytes + r->fresh.bytes);

	if (left == UINT64_MAX)
		return NULL;
	while ((slot = ring_behind(r, slot)) != NULL && left > slot->p->len)
		left -= slot->p->len;
	return slot;
}

/* Lost ones first; each where it arrives first, if need be after a wait for that link. */
void late_flow(struct sender *s, ustime now, struct outbox *out)
{
	struct ring *r = &s->late.ring;
	struct ring_slot *slot = ring_first(r), *next;
	struct late_paths *v;
	unsigned stayed = 0;

	if (!slot)
		return;
	v = late_paths(s, now);
	v->kept = true;
	for (; slot && stayed < SCAN; slot = next) {
		next = ring_behind(r, slot);
		if (s->seat.session.latency > 0 && now > slot->deadline) {
			s->late.count.expired++;
			ring_let_go(r, slot);
		} else if (!bind(s, slot, v, now, out)) {
			stayed++;
			if (!slot->again)
				next = skip(s, slot, v);
		}
	}
	if (stayed > 0) {
		late_moved(s); /* what waits counted as under way */
		mark_limited(s, v);
		s->late.due = later(now + TICK, earlier(s->late.due, now + TOCK));
	}
	s->due = earlier(s->due, s->late.due);
}

void late_drain(struct sender *s, ustime now, struct outbox *out)
{
	late_moved(s);
	late_flow(s, now, out);
	late_moved(s); /* as whoever calls this may go on to do */
}
