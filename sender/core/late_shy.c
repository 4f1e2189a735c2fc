/* SPDX-License-Identifier: MIT */
#include "sender/core/late.h"

#include "sender/core/inside.h"

/* Links that deliver nothing: how that is found, and how the end of it. */

#define TRAIN_MOST SEC(2) /* between tries of a link that answers, but delivers nothing */

enum {
	RAMP = 4,   /* packets that a link may have that was shy until now */
	TRAIN = 10, /* numbers in an SRTLA ACK */
};

static void note(struct outbox *out, enum sender_note kind, const struct link *l, int64_t number,
		 ustime now)
{
	outbox_note(out, &(struct note){
				 .kind = kind, .port = l->sched.port, .at = now, .number = number});
}

/* Whether a journey of it is under way on a link that is not shy. */
static bool in_good_hands(struct sender *s, const struct ring_slot *slot)
{
	for (unsigned i = 0; i < RING_HOPS; i++) {
		const struct link *l = links_get(&s->links, slot->hop[i].port);

		if (l && !l->way.shy)
			return true;
	}
	return false;
}

/* Everything under way on it goes out again, beside itself. */
static void resend_flight(struct sender *s, struct link *l, ustime now)
{
	struct flight *f = late_flight(&s->late, l);

	for (uint32_t at = f->first; at != f->next; at++) {
		struct flight_entry *e = flight_at(f, at);
		struct ring_slot *slot = e ? ring_find(&s->late.ring, e->seq) : NULL;

		if (slot && slot->state == RING_FLIES && slot->p && !in_good_hands(s, slot)) {
			slot->lost_on = (uint8_t)l->sched.port;
			ring_again(&s->late.ring, slot, now);
		}
	}
}

static void turn_shy(struct sender *s, struct link *l, ustime now, struct outbox *out)
{
	l->why = "delivers nothing";
	l->way.shy = true;
	l->way.shy_since = now;
	l->way.probe_due = now + s->tuning->probe;
	l->way.train_due = now;
	l->way.train_wait = 0;
	l->echo_due = earlier(l->echo_due, now);
	resend_flight(s, l, now);
	protect_alarm(&s->late.protect, now);
	note(out, SENDER_LINK_SHY, l, 0, now);
}

/* What went another way meanwhile, and what has arrived: nobody waits for that here. */
static void clear_answered(struct sender *s, struct link *l, ustime now)
{
	struct flight *f = late_flight(&s->late, l);

	for (uint32_t at = f->first; at != f->next; at++) {
		struct flight_entry *e = flight_at(f, at);
		struct ring_slot *slot = e ? ring_find(&s->late.ring, e->seq) : NULL;

		if (e && (!slot || slot->state != RING_FLIES || slot->flying > 1))
			late_missed(s, l, e, false, now);
	}
}

void late_trust(struct sender *s, struct link *l, ustime now)
{
	clear_answered(s, l, now);
	l->way.shy = false;
	l->way.ramp = RAMP * WAY_PACKET;
	l->way.trusted = now;
	l->way.untold = true;
	s->late.due = earlier(s->late.due, now);
}

static void tell_trusted(struct link *l, ustime now, struct outbox *out)
{
	if (l->way.untold)
		note(out, SENDER_LINK_TRUSTED, l, l->way.trusted - l->way.shy_since, now);
	l->way.untold = false;
}

static ustime silent_since(const struct link *l, const struct flight_entry *oldest)
{
	return later(l->way.proof, oldest->sent);
}

/* Another link that could carry on. */
static bool others_sound(const struct sender *s, const struct link *but)
{
	for (unsigned i = 0; i < s->links.live; i++) {
		const struct link *l = links_live(&s->links, i);

		if (l != but && !l->way.shy && l->terms.role != SENDER_OFF)
			return true;
	}
	return false;
}

/*
 * A classic receiver's server acknowledges up to the first number that is missing.  While
 * another link owes that one, the silence says nothing of this link.
 */
bool late_to_blame(struct sender *s, const struct flight_entry *oldest)
{
	const struct ring_slot *slot = ring_find(&s->late.ring, oldest->seq);

	return !slot || oldest->named || slot->state == RING_ARRIVED ||
	       !seq_before(s->late.ring.floor, oldest->seq);
}

static void watch(struct sender *s, struct link *l, ustime now, struct outbox *out)
{
	struct flight *f = late_flight(&s->late, l);
	struct flight_entry *oldest = flight_oldest(f);
	ustime end;

	if (!oldest || l->way.shy)
		return;
	end = silent_since(l, oldest) + late_patience(s, l);
	if (now < end)
		s->late.due = earlier(s->late.due, end);
	else if (!s->late.reported && !late_to_blame(s, oldest))
		s->late.due = earlier(s->late.due, now + MSEC(20));
	else if (others_sound(s, l))
		turn_shy(s, l, now, out);
	else
		s->late.due = earlier(s->late.due, now + MSEC(50));
}

/*
 * The newest numbers travel on it too; what comes of that is the proof.  A classic receiver
 * says nothing before it has ten of them: it gets these at once, when there is any sign of life.
 */
static void probe(struct sender *s, struct link *l, unsigned packets, ustime now,
		  struct outbox *out)
{
	uint32_t seq = s->late.newest;

	for (unsigned i = 0; i < 2 * TRAIN && packets > 0; i++, seq = (seq - 1) & SEQ_MASK) {
		struct ring_slot *slot = ring_find(&s->late.ring, seq);

		if (!slot || !slot->p || slot->state != RING_FLIES ||
		    ring_flies_on(slot, l->sched.port))
			continue;
		if (!late_send(s, slot, l, now, out))
			return;
		s->late.count.probes++;
		packets--;
	}
}

static void probe_in_time(struct sender *s, struct link *l, ustime now, struct outbox *out)
{
	if (!l->way.shy)
		return;
	if (now >= l->way.probe_due) {
		l->way.probe_due = now + s->tuning->probe;
		l->echo_due = earlier(l->echo_due, now);
		probe(s, l, 1, now, out);
	}
	s->late.due = earlier(s->late.due, l->way.probe_due);
}

/* The way exists: whether data get through as well is worth a try at once. */
void late_echoed(struct sender *s, struct link *l, usspan round, ustime now, struct outbox *out)
{
	(void)round;
	if (l->state != LINK_UP || !l->way.shy || now < l->way.train_due)
		return;
	l->way.train_wait = later(s->tuning->probe, earlier(2 * l->way.train_wait, TRAIN_MOST));
	l->way.train_due = now + l->way.train_wait;
	probe(s, l, s->late.reported ? 1 : TRAIN, now, out);
}

void late_look_at(struct sender *s, struct link *l, ustime now, struct outbox *out)
{
	tell_trusted(l, now, out);
	watch(s, l, now, out);
	probe_in_time(s, l, now, out);
}
