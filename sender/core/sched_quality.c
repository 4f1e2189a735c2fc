/* SPDX-License-Identifier: MIT */
#include "sender/core/link.h"
#include "sender/core/sched.h"

/*
 * The reference rule with a memory: what a link offers counts for less while
 * its last losses are fresh, and the link chosen last is kept until another is
 * clearly better, so that packets stay in runs.  Only the links of the best
 * role that is there are asked.
 */

/* A tenth, as deployed.  A change costs no more than order: no least time between two. */
enum { CLEARLY_BETTER = 11, AS_GOOD = 10 };

/*
 * The first packet of each such span may be spent on a look: four a second,
 * 0.5 % of 8 Mbit/s, and over the eight seconds in which a link is worth it
 * thirty-two, among which a loss of 10 % shows.
 */
#define LOOK_EVERY MSEC(250)

#define FRESH MSEC(50) /* a factor of 0.5, which moves fastest, gains 0.0125 in that */

/*
 * Weights count for nothing up to here and in full from WINDOW_START on: a
 * heavy link that loses packets gives its share away before it is at its end.
 */
enum { WEIGHTS_FROM = WINDOW_START / 2 };

/* Of those that may be chosen. */
static unsigned lightest_of(struct links *ls)
{
	unsigned lightest = 0;

	for (unsigned i = 0; i < ls->live; i++) {
		const struct link *l = links_get(ls, ls->sched[i]->port);

		if (l->sched.role != SENDER_OFF && (!lightest || l->terms.weight < lightest))
			lightest = l->terms.weight;
	}
	return lightest;
}

/* What its weight makes of a factor; the lightest link's weight is one. */
static uint64_t weighed(uint64_t factor, const struct link *l, unsigned lightest)
{
	const int32_t ramp = WINDOW_START - WEIGHTS_FROM;
	int32_t over = l->sched.window - WEIGHTS_FROM;
	uint64_t more = factor * (l->terms.weight - lightest) / lightest;

	if (over <= 0)
		return factor;
	return factor + (over < ramp ? more * (uint64_t)over / (uint64_t)ramp : more);
}

/* All that changes with time alone.  Packets drive it, for an idle link has no use for it. */
static void prepare(struct links *ls, unsigned without, ustime now)
{
	unsigned lightest = lightest_of(ls);

	for (unsigned i = 0; i < ls->live; i++) {
		struct link *l = links_get(ls, ls->sched[i]->port);
		uint64_t factor;

		if (l->sched.role == SENDER_OFF)
			continue;
		factor = quality_factor(&l->quality, l->rtt.smoothed, without, now);
		if (!(without & SENDER_QUALITY_RECOVERY))
			l->sched.window = quality_recover(&l->quality, l->sched.window, now);
		if (!(without & SENDER_QUALITY_WEIGHTS))
			factor = weighed(factor, l, lightest);
		l->sched.factor = (uint32_t)factor;
		l->sched.look =
			!(without & SENDER_QUALITY_LOOKS) && quality_wants_look(&l->quality, now);
	}
}

/*
 * Window times factor for each packet in flight, the one just chosen included;
 * kept as a fraction, which is exact and spares a division for each link.
 * Products of two stay below 2^63 with 2^20 packets in flight: a window is
 * below 2^16 and a factor below 2^23.
 */
struct score {
	uint64_t offer;
	uint64_t packets;
};

static struct score score_of(const struct sched_link *l)
{
	return (struct score){.offer = (uint64_t)l->window * l->factor,
			      .packets = (uint64_t)l->in_flight + 1};
}

static bool beats(struct score a, struct score b)
{
	return a.offer * b.packets > b.offer * a.packets;
}

static bool clearly_beats(struct score a, struct score b)
{
	return a.offer * b.packets * AS_GOOD >= b.offer * a.packets * CLEARLY_BETTER;
}

/* The best of those that are worth a look, and of this role; NULL when there is none. */
static const struct sched_link *worth_a_look(const struct sched_link *const *live, unsigned count,
					     unsigned avoid, enum sender_role role)
{
	const struct sched_link *look = NULL;

	for (unsigned i = 0; i < count; i++) {
		const struct sched_link *l = live[i];

		if (!l->look || l->port == avoid || l->role != role)
			continue;
		if (!look || beats(score_of(l), score_of(look)))
			look = l;
	}
	return look;
}

/* Which link is best changes from packet to packet: what depends on it is no branch. */
static unsigned pick(const struct sched_link *const *live, unsigned count,
		     const struct sched_ask *ask)
{
	const struct sched_link *best = NULL, *last = NULL, *look = NULL;
	struct score most = {.offer = 0, .packets = 1};
	enum sender_role role = SENDER_BACKUP; /* the best that is there */
	bool looks = false;

	for (unsigned i = 0; i < count; i++) {
		const struct sched_link *l = live[i];
		struct score score = score_of(l);
		bool better;

		if (l->port == ask->avoid || l->role > role)
			continue;
		if (l->role < role) {
			role = l->role;
			most.offer = 0;
			last = NULL;
		}
		better = beats(score, most);
		best = better ? l : best;
		most.offer = better ? score.offer : most.offer;
		most.packets = better ? score.packets : most.packets;
		last = l->port == ask->last ? l : last;
		looks |= l->look;
	}
	if (!best)
		return 0;
	if (looks && ask->now / LOOK_EVERY != ask->last_at / LOOK_EVERY)
		look = worth_a_look(live, count, ask->avoid, role);
	if (look)
		return look->port;
	if (last && !(ask->without & SENDER_QUALITY_STICK))
		best = clearly_beats(most, score_of(last)) ? best : last;
	return best->port;
}

const struct sched_rule sched_quality = {
	.name = "quality",
	.fresh = FRESH,
	.prepare = prepare,
	.pick = pick,
};
