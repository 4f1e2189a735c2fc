/* SPDX-License-Identifier: MIT */
#include "sender/core/ring.h"

#include <string.h>

enum { MASK = RING_NUMBERS - 1, NOBODY = UINT16_MAX };

static uint16_t place_of(const struct ring *r, const struct ring_slot *slot)
{
	return (uint16_t)(slot - r->slot);
}

static void queue_init(struct ring_queue *q)
{
	*q = (struct ring_queue){.head = NOBODY, .tail = NOBODY};
}

void ring_init(struct ring *r)
{
	queue_init(&r->again);
	queue_init(&r->fresh);
}

void ring_finish(struct ring *r)
{
	if (!r->any)
		return;
	for (unsigned i = 0; i < RING_NUMBERS; i++)
		pkt_free(r->slot[i].p);
	memset(r, 0, sizeof(*r));
	ring_init(r);
}

struct ring_slot *ring_find(struct ring *r, uint32_t seq)
{
	struct ring_slot *slot = &r->slot[seq & MASK];

	return slot->state != RING_FREE && slot->seq == seq ? slot : NULL;
}

bool ring_strange(const struct ring *r, uint32_t seq)
{
	int32_t ahead = seq_diff(seq, r->newest);

	return r->any && (ahead >= RING_NUMBERS || ahead <= -RING_NUMBERS);
}

bool ring_waits_at(const struct ring *r, uint32_t seq)
{
	const struct ring_slot *slot = &r->slot[seq & MASK];

	return slot->state == RING_WAITS && slot->seq != seq;
}

static struct ring_queue *queue_of(struct ring *r, const struct ring_slot *slot)
{
	return slot->again ? &r->again : &r->fresh;
}

/* Behind all whose number comes before; new ones come in order, and find their place at once. */
static void enqueue(struct ring *r, struct ring_slot *slot)
{
	struct ring_queue *q = queue_of(r, slot);
	uint16_t id = place_of(r, slot), behind = q->tail;

	while (behind != NOBODY && seq_before(slot->seq, r->slot[behind].seq))
		behind = r->slot[behind].prev;
	slot->prev = behind;
	slot->next = behind == NOBODY ? q->head : r->slot[behind].next;
	*(behind == NOBODY ? &q->head : &r->slot[behind].next) = id;
	*(slot->next == NOBODY ? &q->tail : &r->slot[slot->next].prev) = id;
	q->count++;
	q->bytes += slot->p->len;
	slot->state = RING_WAITS;
}

void ring_unqueue(struct ring *r, struct ring_slot *slot)
{
	struct ring_queue *q = queue_of(r, slot);

	*(slot->prev == NOBODY ? &q->head : &r->slot[slot->prev].next) = slot->next;
	*(slot->next == NOBODY ? &q->tail : &r->slot[slot->next].prev) = slot->prev;
	q->count--;
	q->bytes -= slot->p->len;
	slot->state = slot->flying ? RING_FLIES : RING_LOST;
}

void ring_let_go(struct ring *r, struct ring_slot *slot)
{
	if (slot->state == RING_WAITS)
		ring_unqueue(r, slot);
	r->held -= slot->p != NULL;
	pkt_free(slot->p);
	slot->p = NULL;
}

static void forget(struct ring *r, struct ring_slot *slot)
{
	if (slot->state == RING_FREE)
		return;
	ring_let_go(r, slot);
	slot->state = RING_FREE;
}

bool ring_put(struct ring *r, uint32_t seq, struct pkt *p, ustime deadline)
{
	struct ring_slot *slot = &r->slot[seq & MASK];

	if (ring_strange(r, seq))
		ring_finish(r);
	if (!r->any) {
		r->any = true;
		r->newest = seq;
		r->floor = seq;
	}
	if (seq_diff(r->newest, seq) >= RING_NUMBERS)
		return false;
	if (seq_before(r->newest, seq))
		r->newest = seq;
	if (seq_before(seq, r->floor))
		r->floor = seq;
	if (seq_diff(r->newest, r->floor) >= RING_NUMBERS)
		r->floor = (r->newest - (RING_NUMBERS - 1)) & SEQ_MASK;
	forget(r, slot);
	memset(slot, 0, sizeof(*slot));
	slot->seq = seq;
	slot->p = p;
	r->held++;
	slot->deadline = deadline;
	enqueue(r, slot);
	return true;
}

void ring_again(struct ring *r, struct ring_slot *slot, ustime now)
{
	slot->again = true;
	slot->queued = now;
	enqueue(r, slot);
}

struct ring_slot *ring_first(struct ring *r)
{
	uint16_t head = r->again.head != NOBODY ? r->again.head : r->fresh.head;

	return head == NOBODY ? NULL : &r->slot[head];
}

struct ring_slot *ring_behind(struct ring *r, const struct ring_slot *slot)
{
	uint16_t next = slot->next;

	if (next == NOBODY && slot->again)
		next = r->fresh.head;
	return next == NOBODY ? NULL : &r->slot[next];
}

bool ring_evict(struct ring *r)
{
	while (r->any && seq_diff(r->newest, r->floor) >= 0) {
		struct ring_slot *slot = ring_find(r, r->floor);

		r->floor = seq_add(r->floor, 1);
		if (slot && slot->p) {
			ring_let_go(r, slot);
			return true;
		}
	}
	return false;
}

bool ring_flies_on(const struct ring_slot *slot, unsigned port)
{
	for (unsigned i = 0; slot->flying && i < RING_HOPS; i++)
		if (slot->hop[i].port == port)
			return true;
	return false;
}
