/* SPDX-License-Identifier: MIT */
#include "sender/core/sender.h"

#include <stdlib.h>
#include <string.h>

#include "sender/core/feedback.h"
#include "sender/core/inside.h"

#define LINK_TIMEOUT SEC(4)
#define FIRST_JOIN   SEC(10) /* so long without any link is worth a word */

struct sender *sender_create(const struct sender_config *cfg, struct pkt_pool *pool, ustime now)
{
	struct sender *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->pool = pool;
	s->rule = sched_rule(cfg->mode);
	s->link_timeout = cfg->link_timeout ? cfg->link_timeout : LINK_TIMEOUT;
	s->speak_of_failure = now + FIRST_JOIN;
	s->due = s->speak_of_failure;
	seat_init(&s->seat);
	relay_init(&s->relay, cfg->seed);
	sentlog_init(&s->log);
	join_init(&s->join, cfg->half, cfg->seed, pool);
	return s;
}

void sender_destroy(struct sender *s)
{
	if (!s)
		return;
	pkt_free(s->held);
	free(s);
}

/* The earliest of all that waits.  Life signs only move it back, so it may come early. */
static ustime next_due(const struct sender *s)
{
	ustime due = s->speak_of_failure;

	for (unsigned i = 0; i < SENDER_LINKS; i++) {
		const struct link *l = &s->links.at[i];

		due = earlier(due, join_deadline(&s->join, l));
		if (l->state == LINK_UP)
			due = earlier(due, earlier(l->echo_due, l->heard + s->link_timeout));
		else if (l->state == LINK_JOINING)
			due = earlier(due, l->answered + s->link_timeout);
	}
	return due;
}

void sender_run(struct sender *s, ustime now, struct outbox *out)
{
	for (unsigned i = 0; i < SENDER_LINKS; i++) {
		struct link *l = &s->links.at[i];

		if (l->state == LINK_UP && now - l->heard >= s->link_timeout)
			sender_lose(s, l, "silent", now, out);
		else if (l->state == LINK_JOINING && now - l->answered >= s->link_timeout)
			sender_lose(s, l, "no answer", now, out);
		else if (l->state == LINK_UP && now >= l->echo_due)
			link_echo(l, s->pool, s->peer != SENDER_PEER_CLASSIC, now, out);
	}
	join_run(&s->join, &s->links, now, out);
	if (now >= s->speak_of_failure) {
		s->speak_of_failure = NEVER;
		outbox_note(out, &(struct note){.kind = SENDER_NEVER_JOINED, .at = now});
	}
	s->due = next_due(s);
}

ustime sender_deadline(const struct sender *s)
{
	return s->due;
}

/* What was in flight belongs to numbers that are no more. */
static void forget_flight(struct sender *s)
{
	for (unsigned i = 0; i < SENDER_LINKS; i++)
		s->links.at[i].sched.in_flight = 0;
}

static bool is_handshake(const struct pkt *p)
{
	struct srt_head head;

	return srt_parse_head(p->data, p->len, &head) && head.control && head.type == SRT_HANDSHAKE;
}

static void encoder_is_new(struct sender *s, ustime now, struct outbox *out)
{
	outbox_note(out, &(struct note){.kind = SENDER_ENCODER_NEW,
					.at = now,
					.number = s->seat.session.caller_id,
					.who = s->seat.who});
}

static void session_begins(struct sender *s, ustime now, struct outbox *out)
{
	sentlog_init(&s->log);
	forget_flight(s);
	relay_forget(&s->relay);
	encoder_is_new(s, now, out);
}

void sender_from_app(struct sender *s, struct pkt *p, ustime now, struct outbox *out)
{
	struct session before;
	struct srt_head head;

	if (now >= s->due)
		sender_run(s, now, out);
	p->port = 0;
	s->app_packets_in++;
	s->app_bytes_in += p->len;
	if (!srt_parse_head(p->data, p->len, &head)) {
		s->drops.runt++;
		goto drop;
	}
	switch (seat_claim(&s->seat, &p->peer, p->data, p->len, now)) {
	case SEAT_NEW_STRANGER:
		outbox_note(out, &(struct note){.kind = SENDER_ENCODER_IGNORED,
						.at = now,
						.who = p->peer});
		s->drops.stranger++;
		goto drop;
	case SEAT_STRANGER:
		s->drops.stranger++;
		goto drop;
	case SEAT_NEW_HOLDER:
		if (!is_handshake(p)) /* in mid-stream: we are the ones who are new */
			encoder_is_new(s, now, out);
		break;
	case SEAT_HOLDER:
		break;
	}
	if (head.control &&
	    session_from_caller(&s->seat.session, p->data, p->len, &before) == SESSION_BEGINS)
		session_begins(s, now, out);
	if (!head.control && head.resent)
		s->resent_in++;
	sender_up(s, p, !head.control, head.seq, now, out);
	return;

drop:
	pkt_free(p);
}

/* The newest handshake waits for the first link that comes to life. */
static void hold(struct sender *s, struct pkt *p)
{
	if (s->held) {
		s->drops.held_over++;
		pkt_free(s->held);
	}
	s->held = p;
}

void sender_up(struct sender *s, struct pkt *p, bool data, uint32_t seq, ustime now,
	       struct outbox *out)
{
	unsigned port = s->rule->pick(s->links.sched, s->links.live, p->port);
	struct link *l = links_get(&s->links, port);

	if (!l && s->links.live == 0 && is_handshake(p)) {
		hold(s, p);
		return;
	}
	if (!l) {
		s->drops.no_link++;
		pkt_free(p);
		return;
	}
	if (data) {
		if (!sentlog_add(&s->log, port - 1, seq))
			forget_flight(s);
		l->sched.in_flight++;
		l->data_out++;
	}
	link_send(l, p, now, out);
}

void sender_from_link(struct sender *s, unsigned port, struct pkt *p, ustime now,
		      struct outbox *out)
{
	struct link *l = links_get(&s->links, port);

	if (now >= s->due)
		sender_run(s, now, out);
	if (!l) {
		s->drops.stray++;
		pkt_free(p);
		return;
	}
	l->packets_in++;
	l->bytes_in += p->len;
	switch (srtla_type(p->data, p->len)) {
	case SRTLA_NOT_OURS:
		sender_down(s, l, p, now, out);
		return;
	case SRTLA_KEEPALIVE:
		link_heard(l, now);
		sender_echoed(s, l, p, now, out);
		break;
	case SRTLA_ACK:
		link_heard(l, now);
		feedback_srtla_ack(&s->links, &s->log, p->data, p->len);
		break;
	case SRTLA_UNKNOWN:
		s->drops.stray++;
		break;
	default:
		sender_answered(s, l, p, now, out);
		break;
	}
	pkt_free(p);
}
