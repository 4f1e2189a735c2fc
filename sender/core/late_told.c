/* SPDX-License-Identifier: MIT */
#include "sender/core/late.h"

#include "sender/core/inside.h"
#include "shared/base/seq.h"
#include "shared/wire/srtla.h"

/* What any receiver says of the packets that left. */

enum { GUARD = 3 }; /* packets that may overtake one on its own link: radios reorder a little */

#define GUARD_TIME MSEC(10) /* the same, in time */

/* A link that carries media at all brings ten packets, and so an SRTLA ACK, in this time. */
#define UNHEARD      MSEC(200)
#define UNHEARD_MARK MSEC(50)

bool late_unheard(const struct sender *s, const struct link *l, ustime now)
{
	return !s->late.reported && now - l->way.heard >= UNHEARD;
}

void late_looped(struct link *l, usspan loop, ustime now)
{
	way_loop(&l->way, loop, now);
	histogram_add(&l->path, loop);
}

struct flight_entry *late_journey(struct sender *s, const struct ring_slot *slot, unsigned hop,
				  struct link **l)
{
	*l = links_get(&s->links, slot->hop[hop].port);
	return *l ? flight_at(late_flight(&s->late, *l), slot->hop[hop].place) : NULL;
}

struct flight_entry *late_entry(struct late *y, uint32_t seq, unsigned port)
{
	const struct ring_slot *slot = ring_find(&y->ring, seq);
	struct flight_entry *found = NULL;

	for (unsigned i = 0; slot && i < ring_hops(slot); i++) {
		struct flight_entry *e;

		if (slot->hop[i].port != port)
			continue;
		e = flight_at(&y->flight[port - 1], slot->hop[i].place);
		if (e && e->seq == slot->seq && (!found || e->sent < found->sent))
			found = e;
	}
	return found;
}

/* The slot of an open entry, one journey less; NULL when the number is long gone. */
static struct ring_slot *close_entry(struct sender *s, struct link *l, struct flight_entry *e,
				     enum flight_fate fate)
{
	struct flight *f = late_flight(&s->late, l);
	struct ring_slot *slot = ring_find(&s->late.ring, e->seq);
	bool known = false;

	for (unsigned i = 0; slot && i < ring_hops(slot); i++) {
		if (slot->hop[i].port == l->sched.port &&
		    flight_at(f, slot->hop[i].place) == e) {
			slot->hop[i].port = 0;
			known = true;
		}
	}
	flight_close(f, e, fate);
	l->sched.in_flight = (int32_t)f->count;
	if (!known)
		return NULL;
	slot->flying--;
	return slot;
}

void late_proven(struct sender *s, struct link *l, ustime now)
{
	l->way.proof = now;
	if (l->way.shy)
		late_trust(s, l, now);
	else if (l->way.ramp)
		l->way.ramp *= 2;
}

void late_landed(struct sender *s, struct link *l, struct flight_entry *e, ustime now)
{
	struct ring_slot *slot = close_entry(s, l, e, FLIGHT_ARRIVED);

	if (slot && slot->state != RING_ARRIVED) {
		if (slot->state == RING_WAITS)
			ring_unqueue(&s->late.ring, slot);
		slot->state = RING_ARRIVED;
		slot->changed = now;
	}
}

void late_missed(struct sender *s, struct link *l, struct flight_entry *e, bool again,
		 ustime now)
{
	struct ring_slot *slot = close_entry(s, l, e, FLIGHT_LOST);

	if (!slot)
		return;
	slot->lost_on = (uint8_t)l->sched.port;
	slot->changed = now;
	if (slot->state != RING_FLIES || slot->flying > 0)
		return;
	slot->state = RING_LOST;
	if (again && slot->p)
		ring_again(&s->late.ring, slot, now);
}

static bool has_arrived(struct sender *s, uint32_t seq)
{
	const struct ring_slot *slot = ring_find(&s->late.ring, seq);

	return !slot || slot->state == RING_ARRIVED;
}

void late_overtaken(struct sender *s, struct link *l, const struct late_told *told, bool again,
		    ustime now)
{
	struct flight *f = late_flight(&s->late, l);

	for (uint32_t at = f->first; f->count > 0 && (int32_t)(told->place - at) > 0; at++) {
		struct flight_entry *e = flight_at(f, at);

		if (!e)
			continue;
		if (told->place - at < GUARD && told->sent - e->sent < GUARD_TIME)
			break;
		if ((again || e->named) && !has_arrived(s, e->seq))
			way_lost(&l->way, now);
		late_missed(s, l, e, again || e->named, now);
	}
}

static uint32_t place_of(const struct flight *f, const struct flight_entry *e)
{
	uint32_t at = f->first & (FLIGHT_ROOM - 1);
	uint32_t index = (uint32_t)(e - f->entry);

	return f->first + ((index - at) & (FLIGHT_ROOM - 1));
}

void late_land(struct sender *s, struct link *l, struct flight_entry *e, struct late_told *told,
		 ustime now)
{
	struct flight *f = late_flight(&s->late, l);
	uint32_t place = place_of(f, e);

	if (!told->any || (int32_t)(place - told->place) > 0) {
		told->sent = e->sent;
		told->place = place;
	}
	told->any = true;
	l->acked++;
	way_arrived(&l->way, e->size);
	late_landed(s, l, e, now);
}

static usspan queue_of(const struct way *p, usspan loop)
{
	return p->loop_least.least == LOW_NONE ? 0 : later(0, loop - p->loop_least.least);
}

void late_srtla_ack(struct sender *s, struct link *l, const struct pkt *p, ustime now,
		    struct outbox *out)
{
	size_t count = srtla_ack_count(p->data, p->len);
	ustime came = pkt_came(p, now);
	bool reported = s->late.reported && now - s->late.report_at < SEC(1);
	struct late_told told = {0};

	for (size_t i = 0; i < count; i++) {
		struct flight_entry *e =
			late_entry(&s->late, srtla_ack_seq(p->data, i), l->sched.port);
		usspan loop;

		if (!e)
			continue;
		loop = came - e->sent;
		/* The last had just arrived; the others waited for it. */
		if (i == count - 1 && !reported && loop >= 0) {
			late_looped(l, loop, now);
			way_round(&l->way, loop, now);
			way_queues(&l->way, queue_of(&l->way, loop), now);
		}
		late_land(s, l, e, &told, now);
	}
	if (!told.any)
		return;
	late_proven(s, l, now);
	if (reported) {
		late_drain(s, now, out);
		return;
	}
	l->way.heard = now;
	way_mark(&l->way, came, s->tuning);
	late_overtaken(s, l, &told, false, now);
	late_drain(s, now, out);
}

/* Every copy of `slot` that is under way: it has arrived, by whichever. */
static void cover(struct sender *s, struct ring_slot *slot, ustime now)
{
	/* Once it is too late, the server acknowledges what it never had. */
	bool alone = slot->flying == 1 && slot->state == RING_FLIES && now < slot->deadline;
	struct link *l;

	/* Where arrivals are reported, a report says the same, and better. */
	for (unsigned i = 0; !s->late.reported && i < RING_HOPS; i++) {
		struct flight_entry *e = late_journey(s, slot, i, &l);

		if (!e || (l->way.shy && !alone))
			continue;
		if (alone)
			way_arrived(&l->way, e->size);
		late_landed(s, l, e, now);
		if (alone)
			late_proven(s, l, now);
	}
	/* Overtaken by what was acknowledged, it seemed lost; the acknowledgement was. */
	l = links_get(&s->links, slot->lost_on);
	if (l && slot->state == RING_LOST && slot->hops == 1 && now < slot->deadline)
		way_arrived(&l->way, slot->p ? slot->p->len : 0);
	if (slot->state == RING_WAITS)
		ring_unqueue(&s->late.ring, slot);
	slot->state = RING_ARRIVED;
	slot->changed = now;
	ring_let_go(&s->late.ring, slot);
}

/* A link whose receiver does not acknowledge what it brings has only this. */
static void mark_unheard(struct sender *s, struct link *l, ustime came, ustime now)
{
	if (late_unheard(s, l, now) && now - l->way.marked >= UNHEARD_MARK)
		way_mark_coarse(&l->way, came, s->tuning);
}

/*
 * The number that the server waited for at its ACK before has arrived since, so ten milliseconds
 * ago at most: that tells the delay of a link from which no SRTLA ACKs come.  Not where an ACK
 * between was lost, nor when the number travelled twice (after Karn), nor when it is too late.
 */
static void step(struct sender *s, uint32_t number, ustime came, ustime now)
{
	struct ring_slot *slot = ring_find(&s->late.ring, s->late.ring.floor);
	bool next = number == s->late.ack_number + 1;

	s->late.ack_number = number;
	if (!next || !slot || slot->state != RING_FLIES || slot->hops != 1 ||
	    now >= slot->deadline)
		return;
	for (unsigned i = 0; i < RING_HOPS; i++) {
		struct link *l;
		struct flight_entry *e = late_journey(s, slot, i, &l);

		if (!e || came < e->sent || !late_unheard(s, l, now))
			continue;
		late_looped(l, came - e->sent, now);
		way_queues(&l->way, queue_of(&l->way, came - e->sent), now);
	}
}

/* SRT's own clock, which wraps after 71.6 minutes, without end. */
static ustime server_time(struct late *y, uint32_t stamp)
{
	y->server_clock += (int32_t)(stamp - y->server_stamp);
	y->server_stamp = stamp;
	return y->server_clock;
}

void late_srt_ack(struct sender *s, struct link *l, const struct srt_head *head,
		  const struct srt_ack *ack, ustime came, ustime now, struct outbox *out)
{
	struct ring *r = &s->late.ring;

	if (ack->full)
		low_sample(&l->way.back, came - server_time(&s->late, head->timestamp), now);
	if (!r->any || seq_diff(ack->next, r->newest) > 1 || !seq_before(r->floor, ack->next))
		return;
	if (ack->full)
		step(s, ack->number, came, now);
	for (; seq_before(r->floor, ack->next); r->floor = seq_add(r->floor, 1)) {
		struct ring_slot *slot = ring_find(r, r->floor);

		if (slot)
			cover(s, slot, now);
	}
	if (!s->late.reported)
		for (unsigned i = 0; i < s->links.live; i++)
			mark_unheard(s, links_live(&s->links, i), came, now);
	late_drain(s, now, out);
}
