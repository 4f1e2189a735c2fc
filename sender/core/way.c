/* SPDX-License-Identifier: MIT */
#include "sender/core/way.h"

#include <string.h>

#define FIRST_RATE  UINT64_C(250000) /* bytes/s, while nothing is known: 2 Mbit/s */
#define LEAST_RATE  UINT64_C(8000)
#define MOST_RATE   UINT64_C(1250000000)
#define EMPTY       MSEC(5)
#define GRANT       MSEC(15) /* packets wait for a turn of the radio, in good health too */

/* Without news, what is known of losses halves in a second: it is time to look again. */
#define REST MSEC(100)

/* The shortest way is remembered for 20 s, so there are two tries at seeing it. */
#define DRAIN_EVERY SEC(8)
#define DRAIN_MOST  MSEC(200)

#define LONG SEC(60)

enum {
	RESTS = 14,
	LOSS_ONE = 1 << 16,
	LOSS_MEMORY = 50,    /* packets */
	CUT = 85,            /* percent of the rate that are left after an overflow */
	PACE = 3,            /* a third of the window is a frame */
	COARSE = 5,          /* windows: what is acknowledged in heaps evens out */
	BURST = 4,           /* packets that leave at once without being a queue */
};

void way_init(struct way *p, ustime now)
{
	memset(p, 0, sizeof(*p));
	low_init(&p->loop_least);
	low_init(&p->round);
	low_init(&p->forward);
	low_init(&p->back);
	delivery_init(&p->delivery);
	p->queue_least = NEVER;
	p->rate = FIRST_RATE;
	p->proof = now;
	p->heard = p->marked = p->cut = p->trusted = LONG_AGO;
	p->rested = now;
	p->emptied = now;
}

void way_round(struct way *p, usspan sample, ustime now)
{
	low_sample(&p->round, sample, now);
}

void way_loop(struct way *p, usspan sample, ustime now)
{
	rtt_sample(&p->loop, sample, now);
	low_sample(&p->loop_least, sample, now);
}

void way_queues(struct way *p, usspan queue, ustime now)
{
	p->queue = queue;
	p->sampled = true;
	p->queue_least = earlier(p->queue_least, queue);
	p->queue_most = later(p->queue_most, queue);
	if (queue < EMPTY)
		p->emptied = now;
}

void way_arrived(struct way *p, uint64_t bytes)
{
	p->fresh += bytes;
	p->loss -= p->loss / LOSS_MEMORY;
}

static usspan stands(const struct way *p, const struct sender_tuning *t)
{
	usspan loop = p->loop_least.least;

	return later(t->backlog, loop == LOW_NONE ? 0 : loop / 10);
}

static bool close_mark(struct way *p, ustime at)
{
	if (p->fresh == 0)
		return false;
	delivery_mark(&p->delivery, p->fresh, p->queue_least == NEVER ? p->queue : p->queue_least,
		      at);
	p->fresh = 0;
	p->queue_least = NEVER;
	p->marked = at;
	return true;
}

/* A full link's rate is what arrives; another's is at least that. */
static void learn(struct way *p, usspan window, const struct sender_tuning *t)
{
	uint64_t rate;
	usspan queue;

	if (!delivery_rate(&p->delivery, window, &rate, &queue))
		return;
	p->full = queue > stands(p, t);
	if (p->full)
		p->rate = (p->rate * (100 - t->follow) + rate * t->follow) / 100;
	else if (rate > p->rate)
		p->rate = rate;
}

/* While packets stand behind each other their pace is the link's own, for a frame too. */
static void learn_pace(struct way *p, usspan window)
{
	uint64_t rate;
	usspan queue;

	if (delivery_rate(&p->delivery, window, &rate, &queue) && queue > EMPTY &&
	    rate > p->rate)
		p->rate += (rate - p->rate) / 2;
}

/* A link that could have more, and has no queue, may carry more than is known of it. */
static void climb(struct way *p, const struct sender_tuning *t)
{
	if (p->limited && p->sampled && p->queue <= stands(p, t))
		p->rate += p->rate * t->climb / 100;
	p->limited = false;
	p->sampled = false;
	if (p->rate < LEAST_RATE)
		p->rate = LEAST_RATE;
	if (p->rate > MOST_RATE)
		p->rate = MOST_RATE;
}

void way_mark(struct way *p, ustime at, const struct sender_tuning *t)
{
	if (!close_mark(p, at))
		return;
	learn(p, t->window, t);
	learn_pace(p, t->window / PACE);
	climb(p, t);
}

void way_mark_coarse(struct way *p, ustime at, const struct sender_tuning *t)
{
	if (!close_mark(p, at))
		return;
	learn(p, t->window * COARSE, t);
	climb(p, t);
}

void way_lost(struct way *p, ustime now)
{
	bool overflow = p->queue_most >= 2 * GRANT && p->queue > p->queue_most / 2;

	if (!overflow)
		p->loss += (LOSS_ONE - p->loss) / LOSS_MEMORY;
	else if (now - p->cut >= p->loop.smoothed) {
		p->cut = now;
		p->rate = p->rate * CUT / 100;
	}
}

void way_rest(struct way *p, ustime now)
{
	if (p->loss > 0 && now - p->rested > LONG)
		p->loss = 0;
	for (; p->loss > 0 && now - p->rested >= REST; p->rested += REST)
		p->loss -= (p->loss + RESTS - 1) / RESTS;
	if (p->loss == 0)
		p->rested = now;
}

void way_rested(struct way *p, ustime at)
{
	if (p->loss == 0)
		p->rested = at;
}

static usspan loop_least(const struct way *p)
{
	usspan loop = earlier(p->loop_least.least, p->round.least);

	return loop == LOW_NONE ? MSEC(100) : loop;
}

/*
 * A queue that never empties hides how long the way is without one: now and then it must, for
 * as long as that takes, while other links carry on.
 */
static bool drains(struct way *p, ustime now)
{
	if (now < p->drain_until)
		return true;
	if (!p->full || now - p->emptied < DRAIN_EVERY)
		return false;
	p->emptied = now;
	p->drain_until = now + earlier(p->queue + GRANT, DRAIN_MOST);
	return true;
}

/* Three divisions for each link and packet, were they not remembered. */
static void work_out(struct way *p, usspan loop, bool own_peer, const struct sender_tuning *t)
{
	usspan told = MSEC(10);

	/* A classic receiver speaks after ten packets: half of that time, in the mean. */
	if (!own_peer)
		told += earlier(MSEC(100),
				(usspan)(5 * WAY_PACKET * UINT64_C(1000000) / p->rate));
	p->room.rate = p->rate;
	p->room.loop = loop;
	p->room.own_peer = own_peer;
	p->room.window = p->rate * (uint64_t)(loop + told + t->queue) / 1000000;
	p->room.holds = p->rate * (uint64_t)(loop + GRANT) / 1000000 + BURST * WAY_PACKET;
}

void way_open(struct way *p, bool own_peer, ustime now, const struct sender_tuning *t)
{
	uint64_t least = (own_peer ? t->least : t->least_classic) * (uint64_t)WAY_PACKET;
	usspan loop = loop_least(p);

	if (p->room.rate != p->rate || p->room.loop != loop || p->room.own_peer != own_peer)
		work_out(p, loop, own_peer, t);
	p->window = p->room.window;
	if (drains(p, now))
		p->window = p->rate * (uint64_t)loop / 1000000 / 2;
	if (p->window < least)
		p->window = least;
	if (p->window <= p->ramp)
		p->ramp = 0;
	else if (p->ramp != 0)
		p->window = p->ramp;
}

ustime way_until(const struct way *p, ustime now)
{
	ustime until = p->loss > 0 ? p->rested + REST : NEVER;

	if (now < p->drain_until)
		return earlier(until, p->drain_until);
	return p->full ? earlier(until, p->emptied + DRAIN_EVERY) : until;
}
