/* SPDX-License-Identifier: MIT */
#include "sender/core/late.h"

#include "sender/core/inside.h"

/* What the links look like to the choice. */

enum {
	LIGHTER = 40, /* ms that a link of no weight seems to be longer */
	LOSS_ONE = 1 << 16,
};

bool late_own_peer(const struct sender *s)
{
	return s->late.reported;
}

usspan late_loop(const struct way *p)
{
	return p->loop.smoothed ? p->loop.smoothed
	       : p->round.least != LOW_NONE ? p->round.least : MSEC(200);
}

usspan late_patience(const struct sender *s, const struct link *l)
{
	const struct sender_tuning *t = s->tuning;
	usspan latency = MSEC(s->seat.session.latency);
	usspan least = t->impatience;
	usspan usual = late_loop(&l->way) + 4 * l->way.loop.spread;

	if (latency > 0)
		least = earlier(least, latency / 4);
	return later(least, usual + (late_own_peer(s) ? t->feedback : t->feedback_classic));
}

/* The way to the receiver, up to a time that is the same for all links. */
static bool way_there(const struct sender *s, const struct way *p, ustime now, usspan *to)
{
	if (late_own_peer(s) && low_fresh(&p->forward, now)) {
		*to = p->forward.least;
		return true;
	}
	if (late_own_peer(s) || !low_fresh(&p->round, now) || !low_fresh(&p->back, now))
		return false;
	*to = p->round.least - p->back.least;
	return true;
}

/* What is common to all: half a round trip of the shortest link is its way there. */
static usspan common(const struct sender *s, ustime now)
{
	usspan least = NEVER, offset = 0, to;

	for (unsigned i = 0; i < s->links.live; i++) {
		const struct way *p = &links_live(&s->links, i)->way;

		if (p->round.least < least && way_there(s, p, now, &to)) {
			least = p->round.least;
			offset = to - least / 2;
		}
	}
	return offset;
}

static usspan forward(const struct sender *s, const struct way *p, usspan offset, ustime now)
{
	usspan to;

	if (way_there(s, p, now, &to))
		return later(0, to - offset);
	return p->round.least == LOW_NONE ? MSEC(50) : p->round.least / 2;
}

/* What is under way for longer than it should counts twice, as nobody knows how long it will be. */
static usspan overdue(struct sender *s, const struct link *l, ustime now)
{
	struct flight_entry *oldest = flight_oldest(late_flight(&s->late, l));
	usspan expected = late_loop(&l->way) +
			  (late_own_peer(s) ? s->tuning->feedback : s->tuning->feedback_classic) / 2;

	if (!oldest)
		return 0;
	return later(0, 2 * (now - later(oldest->sent, l->way.proof) - expected));
}

static unsigned tier_of(const struct link *l)
{
	return l->terms.role == SENDER_OVERFLOW ? 1 : l->terms.role == SENDER_BACKUP ? 2 : 0;
}

static usspan lighter(const struct link *l, unsigned most)
{
	return most > l->terms.weight ? MSEC(LIGHTER) * (most - l->terms.weight) / most : 0;
}

unsigned late_paths(struct sender *s, struct sched_path path[SENDER_LINKS], ustime now)
{
	usspan offset = common(s, now);
	uint32_t price = (uint32_t)(late_own_peer(s) ? s->tuning->loss_cost
						: s->tuning->loss_cost_classic);
	unsigned count = 0, most = 0, sound = 0;

	for (unsigned i = 0; i < s->links.live; i++) {
		const struct link *l = links_live(&s->links, i);

		most = l->terms.weight > most ? l->terms.weight : most;
		sound += !l->way.shy && l->terms.role != SENDER_OFF;
	}
	for (unsigned i = 0; i < s->links.live; i++) {
		struct link *l = links_live(&s->links, i);
		struct flight *f = late_flight(&s->late, l);

		if (l->terms.role == SENDER_OFF)
			continue;
		way_rest(&l->way, now);
		way_open(&l->way, late_own_peer(s), now, s->tuning);
		path[count++] = (struct sched_path){
			.port = l->sched.port,
			.tier = tier_of(l),
			.open = (sound == 0 || !l->way.shy) && !flight_full(f) &&
				now >= l->way.blocked_until && link_affords(l, now),
			.forward = forward(s, &l->way, offset, now),
			.cost = overdue(s, l, now) + lighter(l, most) +
				(usspan)(l->unsent * 1000000 / l->way.rate) +
				(usspan)((uint64_t)price * l->way.loss / LOSS_ONE),
			.rate = l->way.rate,
			.window = l->way.window,
			.holds = way_holds(&l->way),
			.bytes = f->bytes,
		};
	}
	return count;
}
