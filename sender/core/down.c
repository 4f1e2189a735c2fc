/* SPDX-License-Identifier: MIT */
#include "sender/core/feedback.h"
#include "sender/core/inside.h"

/* The way back: what the receiver sent, over whichever link. */

#define ACK_COPIES SEC(1)   /* copies of one SRT ACK arrive within this */
#define NAK_COPIES MSEC(50) /* repeats, which must pass, come 100 ms apart */

void sender_answered(struct sender *s, struct link *l, const struct pkt *p, ustime now,
		     struct outbox *out)
{
	bool had_group = s->join.whole;

	if (join_answer(&s->join, &s->links, l, p->data, p->len, now, out)) {
		if (l->state != LINK_UP)
			sentlog_clear_link(&s->log, l->sched.port - 1);
		if (l->state == LINK_UP)
			late_link_up(s, l, now);
		sender_live_changed(s, now, out);
		if (s->late.on && l->state != LINK_UP)
			late_link_down(s, l, now, out);
		else if (s->late.on)
			late_drain(s, now, out);
	}
	if (s->join.whole && !had_group)
		s->peer = SENDER_PEER_UNKNOWN;
	sender_run(s, now, out);
}

void sender_echoed(struct sender *s, struct link *l, const struct pkt *p, ustime now,
		   struct outbox *out)
{
	struct keepalive k;
	usspan round;

	if (!keepalive_parse(p->data, p->len, &k))
		return;
	round = link_echoed(l, &k, pkt_came(p, now));
	if (round > 0)
		way_round(&l->way, round, now);
	if (round > 0 && s->late.on)
		late_echoed(s, l, round, now, out);
	if (!k.greets || s->peer != SENDER_PEER_UNKNOWN)
		return;
	/* Our own greeting, untouched: a receiver that knows nothing of it. */
	s->peer = k.hello.role == KEEPALIVE_ROLE_RECEIVER ? SENDER_PEER_OWN : SENDER_PEER_CLASSIC;
	outbox_note(out, &(struct note){.kind = SENDER_PEER_KNOWN,
					.port = l->sched.port,
					.at = now,
					.number = s->peer == SENDER_PEER_OWN});
}

static void acknowledged(struct sender *s, struct link *l, const struct srt_head *head,
			 const struct srt_ack *ack, ustime came, ustime now, struct outbox *out)
{
	if (s->late.on)
		late_srt_ack(s, l, head, ack, came, now, out);
	else
		feedback_srt_ack(&s->links, &s->log, ack->next);
}

/* Accounts for a control packet; false when the encoder has had it already. */
static bool feedback(struct sender *s, struct link *l, const struct srt_head *head, struct pkt *p,
		     ustime now, struct outbox *out)
{
	struct srt_ack ack;

	switch (head->type) {
	case SRT_ACK:
		if (srt_parse_ack(p->data, p->len, &ack))
			acknowledged(s, l, head, &ack, pkt_came(p, now), now, out);
		if (relay_repeats(&s->relay, p->data, p->len, ACK_COPIES, now))
			return false;
		s->acks++;
		return true;
	case SRT_NAK:
		if (!s->late.on)
			feedback_srt_nak(&s->links, &s->log, p->data, p->len, now);
		if (relay_repeats(&s->relay, p->data, p->len, NAK_COPIES, now))
			return false;
		s->naks++;
		return !s->late.on || late_nak(s, p, now, out);
	default:
		return true;
	}
}

void sender_down(struct sender *s, struct link *l, struct pkt *p, ustime now, struct outbox *out)
{
	struct srt_head head;

	if (!srt_parse_head(p->data, p->len, &head)) {
		s->drops.stray++;
		goto drop;
	}
	link_heard(l, now);
	if (head.control && !feedback(s, l, &head, p, now, out)) {
		s->drops.repeat++;
		goto drop;
	}
	/* Some receivers' SRTLA ACKs look like SRT data; the socket id tells. */
	if (!head.control && s->seat.session.caller_id != 0 &&
	    head.dest != s->seat.session.caller_id) {
		s->drops.stray++;
		goto drop;
	}
	if (!s->seat.taken) {
		s->drops.no_encoder++;
		goto drop;
	}
	if (head.control &&
	    session_from_server(&s->seat.session, p->data, p->len) == SESSION_AGREED)
		outbox_note(out, &(struct note){.kind = SENDER_LATENCY,
						.port = l->sched.port,
						.at = now,
						.number = s->seat.session.latency});
	s->app_packets_out++;
	p->peer = s->seat.who;
	outbox_put(out, 0, p);
	return;

drop:
	pkt_free(p);
}
