/* SPDX-License-Identifier: MIT */
#include "sender/core/late.h"

#include "sender/core/inside.h"

/* What the links look like to the choice. */

#define HINT_TRIAL SEC(1)
#define HINT_COST  MSEC(200) /* that a hint can speak against a link */

enum {
	HINT_BEST = 1000,
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

/*
 * The way to the receiver, up to a time that is the same for all links; and when that is no more
 * known unless more is heard.
 */
static bool way_there(const struct way *p, bool own_peer, ustime now, usspan *to, ustime *until)
{
	if (own_peer && low_fresh(&p->forward, now)) {
		*to = p->forward.least;
		*until = low_stale(&p->forward);
		return true;
	}
	if (own_peer || !low_fresh(&p->round, now) || !low_fresh(&p->back, now))
		return false;
	*to = p->round.least - p->back.least;
	*until = earlier(low_stale(&p->round), low_stale(&p->back));
	return true;
}

/* Somebody expects nothing of it. */
static bool hinted_out(const struct link *l, ustime now)
{
	return now < l->hint_until && l->hint.quality == 0;
}

/* What is to be known of all links before any of them can be judged. */
struct common {
	bool own_peer;
	usspan offset;    /* half a round trip of the shortest link is its way there */
	usspan feedback;  /* what it adds to a round trip, in the mean */
	uint32_t price;   /* of a loss */
	unsigned weight;  /* the largest */
	bool all_shy;
};

static struct common look_over(const struct sender *s, ustime now)
{
	const struct sender_tuning *t = s->tuning;
	bool own = late_own_peer(s);
	struct common c = {.own_peer = own,
			   .feedback = (own ? t->feedback : t->feedback_classic) / 2,
			   .price = (uint32_t)(own ? t->loss_cost : t->loss_cost_classic),
			   .all_shy = true};
	usspan least = NEVER, to;
	ustime until;

	for (unsigned i = 0; i < s->links.live; i++) {
		const struct link *l = links_live(&s->links, i);

		if (l->terms.weight > c.weight)
			c.weight = l->terms.weight;
		c.all_shy &= l->way.shy || l->terms.role == SENDER_OFF || hinted_out(l, now);
		if (l->way.round.least < least && way_there(&l->way, own, now, &to, &until)) {
			least = l->way.round.least;
			c.offset = to - least / 2;
		}
	}
	return c;
}

static usspan forward(const struct way *p, const struct common *c, ustime now, ustime *until)
{
	usspan to;

	*until = NEVER;
	if (way_there(p, c->own_peer, now, &to, until))
		return later(0, to - c->offset);
	return p->round.least == LOW_NONE ? MSEC(50) : p->round.least / 2;
}

/* When something is to be heard of what is under way. */
static ustime expected(const struct way *p, struct flight *f, const struct common *c)
{
	const struct flight_entry *oldest = flight_oldest(f);

	return oldest ? later(oldest->sent, p->proof) + late_loop(p) + c->feedback : NEVER;
}

/* What is under way for longer than it should counts twice, as nobody knows how long it will be. */
static usspan overdue(ustime expected, ustime now)
{
	return now > expected ? 2 * (now - expected) : 0;
}

/*
 * What is expected of it bends what was measured; once it has delivered for a while since then, only
 * what was measured counts.
 */
static void bend(const struct link *l, struct sched_path *path, ustime now, ustime *until)
{
	if (now >= l->hint_until)
		return;
	*until = earlier(*until, l->hint_until);
	if (l->hint.quality > 0 && now >= l->hinted + HINT_TRIAL &&
	    l->way.proof >= l->hinted + HINT_TRIAL)
		return;
	*until = earlier(*until, later(now + 1, l->hinted + HINT_TRIAL));
	path->cost += HINT_COST * (HINT_BEST - (usspan)l->hint.quality) / HINT_BEST;
	if (l->hint.capacity > 0 && l->hint.capacity / 8 < path->rate)
		path->rate = l->hint.capacity / 8 ? l->hint.capacity / 8 : 1;
}

static unsigned tier_of(const struct link *l)
{
	return l->terms.role == SENDER_OVERFLOW ? 1 : l->terms.role == SENDER_BACKUP ? 2 : 0;
}

static usspan lighter(const struct link *l, unsigned most)
{
	return most > l->terms.weight ? MSEC(LIGHTER) * (most - l->terms.weight) / most : 0;
}

/* What its socket holds is ahead of all that comes. */
static usspan unsent(const struct link *l)
{
	return l->unsent ? (usspan)(l->unsent * 1000000 / l->way.rate) : 0;
}

/* How the choice sees the link; returns when the mere passing of time may change that. */
static ustime look_at(struct sender *s, struct link *l, const struct common *c,
		      struct sched_path *path, ustime now)
{
	struct flight *f = late_flight(&s->late, l);
	ustime due = expected(&l->way, f, c), until;

	way_rest(&l->way, now);
	way_open(&l->way, c->own_peer, now, s->tuning);
	path->port = l->sched.port;
	path->tier = tier_of(l);
	path->open = (c->all_shy || !(l->way.shy || hinted_out(l, now))) && !flight_full(f) &&
		     now >= l->way.blocked_until && link_affords(l, now);
	path->forward = forward(&l->way, c, now, &until);
	path->cost = overdue(due, now) + lighter(l, c->weight) + unsent(l) +
		     (usspan)((uint64_t)c->price * l->way.loss / LOSS_ONE);
	path->rate = l->way.rate;
	path->window = l->way.window;
	path->holds = way_holds(&l->way);
	path->bytes = f->bytes;
	bend(l, path, now, &until);
	if (l->terms.cap > 0)
		return now;
	if (now < l->way.blocked_until)
		until = earlier(until, l->way.blocked_until);
	return later(now + 1, earlier(earlier(until, due), way_until(&l->way, now)));
}

struct late_paths *late_paths(struct sender *s, ustime now)
{
	struct late_paths *v = &s->late.paths;
	struct common c;

	if (v->kept && now < v->until) {
		v->at = now;
		return v;
	}
	c = look_over(s, now);
	v->count = 0;
	v->until = NEVER;
	v->narrowest = SIZE_MAX;
	for (unsigned i = 0; i < s->links.live; i++) {
		struct link *l = links_live(&s->links, i);

		if (l->mtu > 0 && l->mtu < v->narrowest)
			v->narrowest = l->mtu;
		if (l->terms.role != SENDER_OFF)
			v->until = earlier(v->until,
					   look_at(s, l, &c, &v->path[v->count++], now));
	}
	v->at = now;
	return v;
}

void late_moved(struct sender *s)
{
	struct late_paths *v = &s->late.paths;

	if (!v->kept)
		return;
	v->kept = false;
	for (unsigned i = 0; i < v->count; i++)
		way_rested(&s->links.at[v->path[i].port - 1].way, v->at);
}
