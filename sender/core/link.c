/* SPDX-License-Identifier: MIT */
#include "sender/core/link.h"

#include <string.h>

#include "shared/base/seq.h"

#define ECHO_EVERY  SEC(1)  /* the shortest patience in the field is 4 s */
#define CAP_BURST   MSEC(50) /* of a capped link: one frame, in the mean */
#define ECHO_LATEST SEC(10) /* an older echo tells nothing about the path of today */

const char *link_state_name(enum link_state state)
{
	switch (state) {
	case LINK_DOWN:
		return "down";
	case LINK_JOINING:
		return "joining";
	case LINK_UP:
		return "up";
	case LINK_UNUSED:
		break;
	}
	return "unused";
}

struct link *links_get(struct links *ls, unsigned port)
{
	if (port < 1 || port > SENDER_LINKS || ls->at[port - 1].sched.port == 0)
		return NULL;
	return &ls->at[port - 1];
}

void links_bound(struct links *ls)
{
	ls->top = SENDER_LINKS;
	while (ls->top > 0 && ls->at[ls->top - 1].sched.port == 0)
		ls->top--;
}

static bool ranks_before(const struct link *a, const struct link *b)
{
	return a->rank != b->rank ? a->rank < b->rank : a->sched.port < b->sched.port;
}

void links_sort(struct links *ls)
{
	const struct link *order[SENDER_LINKS];

	ls->live = 0;
	for (unsigned i = 0; i < ls->top; i++) {
		unsigned place = ls->live;

		if (ls->at[i].state != LINK_UP)
			continue;
		for (; place > 0 && ranks_before(&ls->at[i], order[place - 1]); place--)
			order[place] = order[place - 1];
		order[place] = &ls->at[i];
		ls->live++;
	}
	for (unsigned i = 0; i < ls->live; i++)
		ls->sched[i] = &order[i]->sched;
}

void link_init(struct link *l, unsigned port, unsigned rank, ustime now)
{
	memset(l, 0, sizeof(*l));
	l->sched.port = port;
	l->sched.window = WINDOW_START;
	l->rank = rank;
	l->state = LINK_DOWN;
	l->since = now;
	l->missed = now;
	l->answered = now;
	l->ask_due = now;
	l->barred_until = now;
	l->reopen_after = now;
	l->terms.weight = SENDER_WEIGHT;
	l->newest = SEQ_NONE;
	l->data_at = LONG_AGO;
	l->echoed = LONG_AGO;
	l->allowed = now;
	way_init(&l->way, now);
	rtt_init(&l->rtt);
	rate_init(&l->rate, now);
}

/* The whole map.  An event that does not apply leaves the state as it is. */
static enum link_state next_state(enum link_state s, enum link_event ev)
{
	switch (s) {
	case LINK_UNUSED:
		return s;
	case LINK_DOWN:
		return ev == LINK_EV_ANSWER ? LINK_JOINING : ev == LINK_EV_REG3 ? LINK_UP : s;
	case LINK_JOINING:
		return ev == LINK_EV_REG3 ? LINK_UP : ev == LINK_EV_LOST ? LINK_DOWN : s;
	case LINK_UP:
		return ev == LINK_EV_LOST ? LINK_DOWN : s;
	}
	return s;
}

static void enter(struct link *l, enum link_state s, ustime now)
{
	if (s == LINK_UP) {
		l->heard = now;
		l->echo_due = now;
		l->echoed = now - ECHO_EVERY; /* the first leaves at once */
		l->elsewhere = false;
		l->naks_since_up = 0;
		quality_init(&l->quality, now);
		l->sched.factor = QUALITY_ONE; /* until the next look at them all */
	} else if (l->state == LINK_UP) {
		l->sched.window = WINDOW_LEAST;
		l->sched.in_flight = 0;
		l->missed = now;
		l->answered = now;
		l->ask_due = now;
	}
	l->state = s;
	l->since = now;
	l->unreachable = 0;
}

bool link_handle(struct link *l, enum link_event ev, ustime now)
{
	enum link_state s = next_state(l->state, ev);

	if (s == l->state)
		return false;
	enter(l, s, now);
	return true;
}

bool link_affords(struct link *l, ustime now)
{
	int64_t most = (int64_t)(l->terms.cap / 8 * CAP_BURST / SEC(1)) + WAY_PACKET;

	if (l->terms.cap == 0)
		return true;
	l->allowance += (int64_t)(l->terms.cap / 8 * (uint64_t)earlier(now - l->allowed, SEC(1)) /
				  1000000);
	l->allowed = now;
	if (l->allowance > most)
		l->allowance = most;
	return l->allowance > 0;
}

void link_send(struct link *l, struct pkt *p, ustime now, struct outbox *out)
{
	l->packets_out++;
	l->bytes_out += p->len;
	l->allowance -= p->len;
	rate_add(&l->rate, p->len, now);
	outbox_put(out, l->sched.port, p);
}

void link_heard(struct link *l, ustime now)
{
	l->heard = now;
	l->unreachable = 0;
}

void link_echo(struct link *l, struct pkt_pool *pool, bool greet, uint32_t abilities, bool idle,
	       ustime now, struct outbox *out)
{
	struct pkt *p = pkt_get(pool);
	struct keepalive k = {
		.time = (uint64_t)now,
		.conn_id = l->sched.port - 1,
		.window = l->sched.window,
		.in_flight = l->sched.in_flight,
		.srtt = (uint32_t)(l->rtt.smoothed / 1000),
		.naks = l->naks_since_up,
		.rate = (uint32_t)rate_bytes_per_second(&l->rate, now),
		.greets = greet,
		.hello = {.role = KEEPALIVE_ROLE_SENDER,
			  .version = KEEPALIVE_VERSION,
			  .abilities = abilities},
		.idle = idle,
		.idle_seq = l->newest,
	};

	l->echo_due = now + ECHO_EVERY;
	l->echoed = now;
	if (!p)
		return; /* the pool counts it; the next one goes in a second */
	p->len = (uint16_t)keepalive_build(p->data, &k);
	l->echo[l->echo_at++ % LINK_ECHOES] = k.time;
	link_send(l, p, now, out);
}

usspan link_echoed(struct link *l, const struct keepalive *k, ustime came)
{
	if (!k->timed || k->time == 0)
		return 0; /* the receiver's own probe */
	for (unsigned i = 0; i < LINK_ECHOES; i++) {
		usspan sample;

		if (l->echo[i] != k->time)
			continue;
		l->echo[i] = 0;
		sample = came - (ustime)k->time;
		if (sample <= 0 || sample > ECHO_LATEST)
			return 0;
		rtt_sample(&l->rtt, sample, came);
		histogram_add(&l->path, sample);
		return sample;
	}
	return 0;
}
