/* SPDX-License-Identifier: MIT */
#include "sender/core/late.h"

#include "sender/core/inside.h"
#include "shared/wire/be.h"

/* What waits for a link, from its coming to its going. */

#define SLACK   MSEC(5)  /* between the last moment to send a packet and that to play it */
#define BLIND   SEC(2)   /* packets are of use for so long, where L is not known */
#define NO_ROOM MSEC(5)  /* a socket that was full is tried again */

enum { RESERVE = 512 }; /* packets of the pool that copies on their way need */

void late_init(struct late *y)
{
	ring_init(&y->ring);
	y->headroom.looked = y->headroom.strained = LONG_AGO;
	y->report_at = LONG_AGO;
	y->reinject = LATE_REINJECT;
	y->due = NEVER;
}

void late_finish(struct late *y)
{
	ring_finish(&y->ring);
}

void late_forget(struct sender *s)
{
	late_moved(s);
	ring_finish(&s->late.ring);
	s->late.sent = 0;
	for (unsigned i = 0; i < s->links.live; i++)
		low_init(&links_live(&s->links, i)->way.back); /* by another clock */
	for (unsigned i = 0; i < SENDER_LINKS; i++) {
		if (s->late.flight[i].next != 0)
			flight_init(&s->late.flight[i]);
		s->links.at[i].sched.in_flight = 0;
		s->links.at[i].newest = SEQ_NONE;
	}
}

void late_data(struct sender *s, struct pkt *p, const struct srt_head *head, ustime now,
	       struct outbox *out)
{
	usspan latency = MSEC(s->seat.session.latency);
	struct ring_slot *slot;

	if (ring_strange(&s->late.ring, head->seq))
		late_forget(s);
	slot = ring_find(&s->late.ring, head->seq);
	if (slot && (slot->p || slot->state != RING_LOST)) {
		/* The encoder sends it again by itself: we do that, when it is lost. */
		if (slot->state == RING_LOST)
			ring_again(&s->late.ring, slot, now);
		s->drops.twice++;
		pkt_free(p);
	} else {
		ustime deadline = slot ? slot->deadline : now + (latency ? latency - SLACK : BLIND);

		p->came = pkt_came(p, now); /* it waits since then */
		while (s->pool->size - s->pool->in_use < RESERVE && ring_evict(&s->late.ring))
			s->late.count.evicted++;
		s->late.count.evicted += ring_waits_at(&s->late.ring, head->seq);
		if (!ring_put(&s->late.ring, head->seq, p, deadline)) {
			s->drops.outdated++;
			pkt_free(p);
			return;
		}
	}
	late_flow(s, now, out);
}

void late_control(struct sender *s, struct pkt *p, uint16_t type, ustime now,
		  struct outbox *out)
{
	struct late_paths *v = late_paths(s, now);
	struct sched_path *first = NULL, *second = NULL;
	struct pkt *copy;

	for (unsigned i = 0; i < v->count; i++) {
		struct sched_path *path = &v->path[i];
		usspan delay = sched_capacity_delay(path, p->len);

		if (!path->open)
			continue;
		if (!first || delay < sched_capacity_delay(first, p->len)) {
			second = first;
			first = path;
		} else if (!second || delay < sched_capacity_delay(second, p->len)) {
			second = path;
		}
	}
	if (!first) {
		sender_up(s, p, false, 0, now, out);
		return;
	}
	/* Both ends are ours: the second of two is dropped there. */
	if (second && late_own_peer(s) && (type == SRT_HANDSHAKE || type == SRT_SHUTDOWN) &&
	    (copy = pkt_copy(p)) != NULL)
		link_send(links_get(&s->links, second->port), copy, now, out);
	link_send(links_get(&s->links, first->port), p, now, out);
}

void late_refused(struct sender *s, struct link *l, struct pkt *p, ustime now,
		  struct outbox *out)
{
	struct srt_head head;
	struct flight_entry *e;

	l->way.blocked_until = now + NO_ROOM;
	if (srt_parse_head(p->data, p->len, &head) && !head.control &&
	    (e = late_entry(&s->late, head.seq, l->sched.port)) != NULL)
		late_missed(s, l, e, true, now);
	s->drops.refused++;
	pkt_free(p);
	s->late.due = earlier(s->late.due, l->way.blocked_until);
	late_drain(s, now, out);
}

void late_link_up(struct sender *s, struct link *l, ustime now)
{
	way_init(&l->way, now);
	flight_init(late_flight(&s->late, l));
	s->late.report_known[l->sched.port - 1] = false;
	s->late.due = earlier(s->late.due, now);
	protect_alarm(&s->late.protect, now);
}

void late_link_down(struct sender *s, struct link *l, ustime now, struct outbox *out)
{
	struct flight *f = late_flight(&s->late, l);

	for (uint32_t at = f->first; at != f->next; at++) {
		struct flight_entry *e = flight_at(f, at);

		if (e)
			late_missed(s, l, e, true, now);
	}
	l->sched.in_flight = 0;
	protect_alarm(&s->late.protect, now);
	late_drain(s, now, out);
}

void late_stop(struct sender *s, ustime now, struct outbox *out)
{
	struct pkt_list waiting = {0};
	struct ring_slot *slot;
	struct pkt *p;

	while ((slot = ring_first(&s->late.ring)) != NULL) {
		ring_unqueue(&s->late.ring, slot);
		if (slot->hops > 0)
			srt_mark_resent(slot->p->data);
		pkt_list_push(&waiting, slot->p);
		slot->p = NULL;
	}
	late_forget(s);
	while ((p = pkt_list_pop(&waiting)) != NULL)
		sender_up(s, p, true, be32(p->data), now, out);
}
