/* SPDX-License-Identifier: MIT */
#include "sender/core/late.h"

#include "sender/core/inside.h"

/* NAKs end here as long as the ring holds what they ask for. */

enum { NAK_NUMBERS = 8192 }; /* looked at for one NAK at most: one receive buffer of libsrt */

static usspan least_round(const struct sender *s)
{
	usspan least = NEVER;

	for (unsigned i = 0; i < s->links.live; i++)
		least = earlier(least, links_live(&s->links, i)->way.round.least);
	return least == NEVER ? MSEC(50) : least;
}

/*
 * Its journeys: one that was overtaken is lost; one that left too lately for the server to know
 * of it is not meant; any other is given the time that it usually takes.
 */
static void judge_flying(struct sender *s, struct ring_slot *slot, ustime now)
{
	for (unsigned i = 0; i < RING_HOPS; i++) {
		struct link *l;
		struct flight_entry *e = late_journey(s, slot, i, &l);

		if (!e || now - e->sent < l->way.round.least || e->named)
			continue;
		e->named = true;
		late_flight(&s->late, l)->named++;
		s->late.due = earlier(s->late.due, e->sent + late_usual(s, l));
	}
}

static void judge(struct sender *s, struct ring_slot *slot, ustime now)
{
	struct link *l;

	switch ((enum ring_state)slot->state) {
	case RING_FREE:
	case RING_WAITS:
		break;
	case RING_FLIES:
		judge_flying(s, slot, now);
		break;
	case RING_LOST:
		l = links_get(&s->links, slot->lost_on);
		if (l)
			way_lost(&l->way, now);
		if (slot->p)
			ring_again(&s->late.ring, slot, now);
		break;
	case RING_ARRIVED:
		/* Said before the server had it, or lost behind the receiver? */
		if (slot->p && now - slot->changed >= least_round(s) + MSEC(20))
			ring_again(&s->late.ring, slot, now);
		break;
	}
}

bool late_nak(struct sender *s, struct pkt *p, ustime now, struct outbox *out)
{
	struct ring *r = &s->late.ring;
	uint32_t left = NAK_NUMBERS, from, to;
	uint32_t span = r->any ? (uint32_t)seq_diff(r->newest, r->floor) + 1 : 0;
	struct srt_nak nak;

	if (!srt_nak_begin(&nak, p->data, p->len, r->floor, span))
		return true;
	while (left > 0 && srt_nak_next(&nak, &from, &to)) {
		for (uint32_t seq = from; left > 0; seq = seq_add(seq, 1)) {
			struct ring_slot *slot = ring_find(r, seq);

			left--;
			if (slot && (slot->p || slot->state != RING_LOST))
				judge(s, slot, now);
			else
				nak.odd++; /* lost before it came here, or there was no room for it */
			if (seq == to)
				break;
		}
	}
	late_drain(s, now, out);
	if (nak.odd > 0)
		return true;
	s->late.count.naks_kept++;
	return false;
}
