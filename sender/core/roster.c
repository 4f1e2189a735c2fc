/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "sender/core/inside.h"
#include "shared/wire/be.h"

/* Links that come, go and fail. */

enum {
	REFUSED_LOSS = 100, /* of a window, for a packet that its socket had no room for */
	REFUSALS = 3,       /* that came by themselves, in a row: one may be forged or stray */
};

void sender_live_changed(struct sender *s, ustime now, struct outbox *out)
{
	late_moved(s);
	links_sort(&s->links);
	if (s->links.live == 0) {
		outbox_note(out, &(struct note){.kind = SENDER_NO_LINKS, .at = now});
		return;
	}
	s->speak_of_failure = NEVER;
	if (s->held) {
		struct pkt *p = s->held;

		s->held = NULL;
		sender_up(s, p, false, 0, now, out);
	}
}

static void note_down(struct link *l, const char *why, ustime now, struct outbox *out)
{
	l->why = why;
	outbox_note(out, &(struct note){.kind = SENDER_LINK_DOWN,
					.port = l->sched.port,
					.at = now,
					.why = why});
}

void sender_lose(struct sender *s, struct link *l, const char *why, ustime now, struct outbox *out)
{
	bool was_up = l->state == LINK_UP;

	if (!link_handle(l, LINK_EV_LOST, now) || !was_up)
		return;
	sentlog_clear_link(&s->log, l->sched.port - 1);
	note_down(l, why, now, out);
	sender_live_changed(s, now, out);
	if (s->late.on)
		late_link_down(s, l, now, out);
}

unsigned sender_link_add(struct sender *s, unsigned rank, ustime now, struct outbox *out)
{
	unsigned port = 1;

	while (port <= SENDER_LINKS && links_get(&s->links, port))
		port++;
	if (port > SENDER_LINKS)
		return 0;
	link_init(&s->links.at[port - 1], port, rank, now);
	links_bound(&s->links);
	sender_run(s, now, out);
	return port;
}

void sender_link_rank(struct sender *s, unsigned port, unsigned rank)
{
	struct link *l = links_get(&s->links, port);

	if (!l)
		return;
	late_moved(s);
	l->rank = rank;
	links_sort(&s->links);
}

void sender_link_remove(struct sender *s, unsigned port, ustime now, struct outbox *out)
{
	struct link *l = links_get(&s->links, port);

	if (!l)
		return;
	sender_lose(s, l, "removed", now, out);
	join_forget(&s->join, &s->links, l, now);
	l->state = LINK_UNUSED;
	l->sched.port = 0;
	links_bound(&s->links);
	sender_run(s, now, out);
}

unsigned sender_next_reopen(struct sender *s)
{
	unsigned port = s->join.wish;

	s->join.wish = 0;
	return port;
}

void sender_link_reopened(struct sender *s, unsigned port, ustime now, struct outbox *out)
{
	struct link *l = links_get(&s->links, port);

	if (!l)
		return;
	sender_lose(s, l, "new socket", now, out);
	join_forget(&s->join, &s->links, l, now);
	rtt_init(&l->rtt);
	l->mtu_told = false;
	sender_run(s, now, out);
}

void sender_link_carrier(struct sender *s, unsigned port, const char *lost, ustime now,
			 struct outbox *out)
{
	struct link *l = links_get(&s->links, port);

	if (!l)
		return;
	if (lost)
		sender_lose(s, l, lost, now, out);
	else if (l->state != LINK_UP)
		join_hurry(l, now);
	sender_run(s, now, out);
}

/* Why the way is gone, or NULL when err says no such thing. */
static const char *gone(int err)
{
	switch (err) {
	case EAGAIN:
	case ENOBUFS:
	case ENOMEM:
	case EINTR:
	case EMSGSIZE:
		return NULL;
	case ECONNREFUSED:
		return "connection refused";
	case ENETUNREACH:
		return "network unreachable";
	case EHOSTUNREACH:
		return "host unreachable";
	case ENETDOWN:
		return "network down";
	case EPERM:
	case EACCES:
		return "not permitted";
	case ENODEV:
	case ENXIO:
		return "no such device";
	case EADDRNOTAVAIL:
		return "address not available";
	default:
		return "socket error";
	}
}

/*
 * What a socket says of the packet at hand is so.  What it was told of an earlier one anybody
 * may have sent, and so is believed when it repeats itself and the link says nothing.
 */
static bool believed(struct link *l, const struct pkt *p, int err)
{
	return (p && err != ECONNREFUSED) || ++l->unreachable >= REFUSALS;
}

/* Takes back what counts p as sent by link l; true when it may go elsewhere. */
static bool take_back(struct sender *s, struct link *l, const struct pkt *p)
{
	l->refused++;
	if (srtla_type(p->data, p->len) != SRTLA_NOT_OURS)
		return false;
	if (srt_is_data(p->data, p->len) && !s->late.on) {
		sentlog_remove(&s->log, l->sched.port - 1, be32(p->data));
		if (l->sched.in_flight > 0)
			l->sched.in_flight--;
	}
	return true;
}

static void tell_mtu(struct link *l, const struct pkt *p, ustime now, struct outbox *out)
{
	if (l->mtu_told)
		return;
	l->mtu_told = true;
	outbox_note(out, &(struct note){.kind = SENDER_LINK_MTU,
					.port = l->sched.port,
					.at = now,
					.number = p->len});
}

void sender_link_error(struct sender *s, unsigned port, struct pkt *p, int err, ustime now,
		       struct outbox *out)
{
	struct link *l = links_get(&s->links, port);
	const char *why;
	bool again;

	if (!l) {
		s->drops.refused += p != NULL;
		pkt_free(p);
		return;
	}
	late_moved(s);
	again = p && take_back(s, l, p);
	if (p && err == EMSGSIZE) {
		tell_mtu(l, p, now, out);
	} else if (p && l->state == LINK_UP) {
		l->sched.window -= REFUSED_LOSS;
		if (l->sched.window < WINDOW_LEAST)
			l->sched.window = WINDOW_LEAST;
	}
	why = gone(err);
	/* The host is there: should it be so, its receiver may be back in no time. */
	if (err == ECONNREFUSED && l->state == LINK_UP)
		join_hurry(l, now);
	if (why && believed(l, p, err))
		sender_lose(s, l, why, now, out);
	s->due = earlier(s->due, now); /* what this link waits for has changed */
	if (again && s->late.on && srt_is_data(p->data, p->len)) {
		late_refused(s, l, p, now, out);
		return;
	}
	if (again && p->refusals++ < s->links.live) {
		bool data = srt_is_data(p->data, p->len);

		p->port = port;
		sender_up(s, p, data, data ? be32(p->data) : 0, now, out);
		return;
	}
	s->drops.refused += p != NULL;
	pkt_free(p);
}
