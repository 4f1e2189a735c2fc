/* SPDX-License-Identifier: MIT */
#include "sender/core/late.h"

#include "sender/core/inside.h"

/* What the passing of time means for packets that are under way. */

#define HOLE        MSEC(100) /* a NAK would have come */
#define STALE       SEC(4)    /* nobody will say any more what became of it */
#define SILENT      SEC(1)    /* reports that stop for so long while data are under way */
#define USUAL_SLACK MSEC(20)

enum { REINJECT_SCAN = 64 }; /* packets of a link that are looked at in one turn */

usspan late_usual(const struct sender *s, const struct link *l)
{
	usspan least = l->way.loop_least.least == LOW_NONE ? 0 : l->way.loop_least.least;

	return later(l->way.loop.smoothed + 4 * l->way.loop.spread,
		     least + 2 * s->tuning->queue) + USUAL_SLACK;
}

/*
 * What was asked for and has had its time is lost, on a link of which nothing else is heard.
 * On others it is lost when it has been overtaken, and not before.
 */
static void give_up_named(struct sender *s, struct link *l, ustime now)
{
	struct flight *f = late_flight(&s->late, l);

	if (!late_unheard(s, l, now))
		return;
	for (uint32_t at = f->first; f->named > 0 && at != f->next; at++) {
		struct flight_entry *e = flight_at(f, at);

		if (!e || !e->named)
			continue;
		if (now < e->sent + late_usual(s, l)) {
			s->late.due = earlier(s->late.due, e->sent + late_usual(s, l));
			return;
		}
		way_lost(&l->way, now);
		late_missed(s, l, e, true, now);
	}
}

/* Nobody will say any more what became of these. */
static void forget_stale(struct sender *s, struct link *l, ustime now)
{
	struct flight_entry *e;

	while ((e = flight_oldest(late_flight(&s->late, l))) != NULL && now - e->sent > STALE)
		late_missed(s, l, e, false, now);
}

/* What has been under way for too long travels again, beside itself, while the budget lasts. */
static void reinject(struct sender *s, struct link *l, ustime now)
{
	struct flight *f = late_flight(&s->late, l);
	usspan patience = late_patience(s, l);
	unsigned looked = 0;

	if (l->way.shy)
		return;
	for (uint32_t at = f->first; at != f->next && looked < REINJECT_SCAN; at++, looked++) {
		struct flight_entry *e = flight_at(f, at);
		struct ring_slot *slot;

		if (!e)
			continue;
		if (now < e->sent + patience) {
			s->late.due = earlier(s->late.due, e->sent + patience);
			return;
		}
		slot = ring_find(&s->late.ring, e->seq);
		if (late_unheard(s, l, now) && !late_to_blame(s, e))
			continue;
		if (!slot || !slot->p || slot->state != RING_FLIES || slot->flying > 1 ||
		    slot->deadline < now || s->late.reinject < slot->p->len)
			continue;
		s->late.reinject -= slot->p->len;
		ring_again(&s->late.ring, slot, now);
	}
}

/*
 * The number that the server waits for, where no link has it under way any more: should the
 * NAK that asks for it be lost, or came when it was too early to tell, this is the second look.
 */
static void mend_hole(struct sender *s, ustime now)
{
	struct ring_slot *slot = ring_find(&s->late.ring, s->late.ring.floor);

	if (!slot || slot->state != RING_LOST || !slot->p)
		return;
	if (now - slot->changed >= HOLE)
		ring_again(&s->late.ring, slot, now);
	else
		s->late.due = earlier(s->late.due, slot->changed + HOLE);
}

static void refill(struct sender *s)
{
	uint64_t sent = s->app_bytes_in - s->late.refilled_at;

	s->late.refilled_at = s->app_bytes_in;
	s->late.reinject += (int64_t)(sent * s->tuning->reinject / 100);
	if (s->late.reinject > LATE_REINJECT)
		s->late.reinject = LATE_REINJECT;
}

static uint32_t flying(const struct sender *s)
{
	uint32_t count = 0;

	for (unsigned i = 0; i < s->links.live; i++)
		count += s->late.flight[links_live(&s->links, i)->sched.port - 1].count;
	return count;
}

static void look_ahead(struct sender *s, ustime now)
{
	const struct ring_slot *first = ring_first(&s->late.ring);
	struct headroom_signs signs = {
		.carried = s->app_bytes_in,
		.waited = first ? now - first->p->came : 0,
		.latency = MSEC(s->seat.session.latency),
	};

	if (now - s->late.headroom.looked >= HEADROOM_EVERY) {
		for (unsigned i = 0; i < s->links.live; i++) {
			struct link *l = links_live(&s->links, i);

			l->unsent /= 2; /* the shell asks only while it sends */
			if (l->way.shy || l->terms.role == SENDER_OFF)
				continue;
			signs.rate += l->way.rate;
			signs.full |= l->way.full;
		}
		headroom_look(&s->late.headroom, &signs, now);
	}
	s->late.due = earlier(s->late.due, s->late.headroom.looked + HEADROOM_EVERY);
}

void late_run(struct sender *s, ustime now, struct outbox *out)
{
	s->late.due = NEVER;
	refill(s);
	if (now - s->late.report_at > SILENT && flying(s) > 0)
		s->late.reported = false;
	for (unsigned i = 0; i < s->links.live; i++) {
		struct link *l = links_live(&s->links, i);

		forget_stale(s, l, now);
		late_look_at(s, l, now, out);
		give_up_named(s, l, now);
		reinject(s, l, now);
	}
	mend_hole(s, now);
	look_ahead(s, now);
	late_drain(s, now, out);
}
