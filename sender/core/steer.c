/* SPDX-License-Identifier: MIT */
#include "sender/core/inside.h"

/* What the owner of the stream and those who know the links say about them. */

void steer_mode(struct sender *s, enum sender_mode mode)
{
	s->mode = mode;
	sched_set_mode(&s->sched, mode);
	s->late.on = mode != SENDER_CLASSIC && mode != SENDER_QUALITY;
	if (!s->late.on)
		s->late.due = NEVER;
	protect_set_mode(&s->late.protect, mode);
}

/* What was in flight belongs to numbers that are no more. */
void sender_forget_flight(struct sender *s)
{
	for (unsigned i = 0; i < SENDER_LINKS; i++)
		s->links.at[i].sched.in_flight = 0;
}

void sender_set_mode(struct sender *s, enum sender_mode mode, ustime now, struct outbox *out)
{
	bool was_late = s->late.on;

	late_moved(s);
	steer_mode(s, mode);
	if (!was_late || !s->late.on) {
		sentlog_init(&s->log);
		sender_forget_flight(s);
	}
	if (was_late && !s->late.on)
		late_stop(s, now, out);
	s->due = earlier(s->due, now); /* patience is another */
	outbox_note(out, &(struct note){.kind = SENDER_MODE, .at = now, .number = mode});
}

void sender_quality_without(struct sender *s, unsigned parts)
{
	sched_set_without(&s->sched, parts);
}

void sender_hint(struct sender *s, usspan window, ustime now)
{
	protect_hint(&s->late.protect, window, now);
}

void sender_link_terms(struct sender *s, unsigned port, const struct sender_terms *terms,
		       ustime now, struct outbox *out)
{
	struct link *l = links_get(&s->links, port);

	if (!l)
		return;
	late_moved(s);
	l->terms = *terms;
	if (l->terms.weight == 0)
		l->terms.weight = SENDER_WEIGHT;
	l->sched.role = terms->role;
	l->allowed = now;
	l->allowance = 0;
	if (s->late.on)
		late_drain(s, now, out);
}

void sender_link_hint(struct sender *s, unsigned port, const struct sender_link_hint *hint,
		      ustime now, struct outbox *out)
{
	struct link *l = links_get(&s->links, port);

	if (!l)
		return;
	late_moved(s);
	l->hint = *hint;
	l->hinted = now;
	l->hint_until = hint->valid > 0 ? now + hint->valid : 0;
	if (s->late.on)
		late_drain(s, now, out);
}

void sender_link_unsent(struct sender *s, unsigned port, size_t bytes)
{
	struct link *l = links_get(&s->links, port);

	late_moved(s);
	if (l)
		l->unsent = bytes;
}

void sender_link_mtu(struct sender *s, unsigned port, size_t payload)
{
	struct link *l = links_get(&s->links, port);

	late_moved(s);
	if (l)
		l->mtu = payload;
}
