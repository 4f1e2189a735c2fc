/* SPDX-License-Identifier: MIT */
#include "send_core_check.h"

static bool journey_of(const struct ring_slot *slot, unsigned port, uint32_t place)
{
	unsigned found = 0;

	for (unsigned i = 0; i < RING_HOPS; i++)
		found += slot->hop[i].port == port && slot->hop[i].place == place;
	must(found <= 1);
	return found == 1;
}

/* Every open entry whose number is in the ring is one of its journeys. */
static void check_flight(struct sender *s, unsigned port)
{
	struct flight *f = &s->late.flight[port - 1];
	uint32_t open = 0, named = 0;
	uint64_t bytes = 0;

	must(f->sent == f->arrived + f->lost + f->count);
	must(f->next - f->first <= FLIGHT_ROOM);
	for (uint32_t at = f->first; at != f->next; at++) {
		struct flight_entry *e = flight_at(f, at);
		struct ring_slot *slot = e ? ring_find(&s->late.ring, e->seq) : NULL;

		must(e || at != f->first);
		open += e != NULL;
		named += e && e->named;
		bytes += e ? e->size : 0;
		must(!slot || journey_of(slot, port, at));
	}
	must(open == f->count && named == f->named && bytes == f->bytes);
}

static void check_link(struct sender *s, const struct link *l)
{
	const struct flight *f = &s->late.flight[l - s->links.at];

	if (f->next != 0)
		check_flight(s, (unsigned)(l - s->links.at) + 1);
	if (l->state != LINK_UP)
		must(f->count == 0);
	if (l->state != LINK_UNUSED && s->late.on)
		must(l->sched.in_flight == (int32_t)f->count);
}

static void check_queue(struct ring *r, const struct ring_queue *q, bool again)
{
	const struct ring_slot *before = NULL;
	uint16_t id = q->head;
	uint32_t count = 0;
	uint64_t bytes = 0;

	for (; count < q->count; count++) {
		const struct ring_slot *slot = &r->slot[id];

		must(id < RING_NUMBERS && slot->state == RING_WAITS && slot->p);
		must(slot->again == again);
		must(slot->prev == (before ? (uint16_t)(before - r->slot) : UINT16_MAX));
		must(!before || seq_before(before->seq, slot->seq));
		bytes += slot->p->len;
		before = slot;
		id = slot->next;
	}
	must(id == UINT16_MAX && bytes == q->bytes);
	must(q->tail == (before ? (uint16_t)(before - r->slot) : UINT16_MAX));
}

/* Nobody oversleeps. */
static void check_deadlines(struct sender *s)
{
	ustime due = sender_deadline(s);

	must(due <= s->late.due && due <= s->speak_of_failure);
	for (unsigned i = 0; i < SENDER_LINKS; i++) {
		const struct link *l = &s->links.at[i];

		if (l->state == LINK_UP)
			must(due <= l->echo_due);
		must(due <= join_deadline(&s->join, l));
	}
}

void send_core_check(struct sender *s)
{
	for (unsigned i = 0; i < SENDER_LINKS; i++)
		check_link(s, &s->links.at[i]);
	check_queue(&s->late.ring, &s->late.ring.again, true);
	check_queue(&s->late.ring, &s->late.ring.fresh, false);
	check_deadlines(s);
}

static void check_slot(struct sender *s, const struct ring_slot *slot)
{
	const struct ring *r = &s->late.ring;
	unsigned flying = 0;

	must(r->any && (slot->seq & (RING_NUMBERS - 1)) == (size_t)(slot - r->slot));
	must(seq_diff(r->newest, slot->seq) >= 0);
	for (unsigned i = 0; i < RING_HOPS; i++) {
		const struct flight_entry *e;

		if (slot->hop[i].port == 0)
			continue;
		e = flight_at(&s->late.flight[slot->hop[i].port - 1], slot->hop[i].place);
		must(e && e->seq == slot->seq);
		flying++;
	}
	must(flying == slot->flying);
	switch ((enum ring_state)slot->state) {
	case RING_WAITS:
		must(slot->p != NULL);
		break;
	case RING_FLIES:
		must(flying > 0);
		break;
	case RING_LOST:
		must(flying == 0);
		break;
	case RING_FREE:
	case RING_ARRIVED:
		break;
	}
}

void send_core_check_all(struct sender *s, const struct pkt_pool *pool, size_t outside)
{
	const struct ring *r = &s->late.ring;
	size_t waiting = 0, copies = 0;

	send_core_check(s);
	for (unsigned i = 0; i < RING_NUMBERS; i++) {
		const struct ring_slot *slot = &r->slot[i];

		must(slot->state != RING_FREE || !slot->p);
		if (slot->state != RING_FREE)
			check_slot(s, slot);
		waiting += slot->state == RING_WAITS;
		copies += slot->p != NULL;
	}
	must(waiting == r->again.count + r->fresh.count);
	must(pool->in_use == copies + (s->held != NULL) + outside);
}
