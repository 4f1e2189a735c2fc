/* SPDX-License-Identifier: MIT */
#include "sender/core/sender.h"

#include <stdlib.h>
#include <string.h>

#include "sender/core/feedback.h"
#include "sender/core/inside.h"

#define PATIENT      SEC(15)  /* silence that ends a link which is shy by then */
#define IMPATIENT    SEC(4)   /* the same, for the rules that know no shy links */
#define IDLE_ECHO    MSEC(100) /* between keepalives of a link without data */
#define ECHO         SEC(1)
#define FIRST_JOIN   SEC(10) /* so long without any link is worth a word */

static usspan link_timeout(const struct sender *s)
{
	if (s->link_timeout > 0)
		return s->link_timeout;
	return s->late.on ? PATIENT : IMPATIENT;
}

struct sender *sender_create(const struct sender_config *cfg, struct pkt_pool *pool, ustime now)
{
	struct sender *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->pool = pool;
	s->link_timeout = cfg->link_timeout;
	s->tuning = cfg->tuning ? cfg->tuning : &sender_tuning_default;
	late_init(&s->late);
	sched_init(&s->sched, cfg->mode, cfg->quality_without);
	protect_init(&s->late.protect, cfg->mode, cfg->copies, cfg->extra);
	steer_mode(s, cfg->mode);
	s->speak_of_failure = now + FIRST_JOIN;
	s->due = s->speak_of_failure;
	seat_init(&s->seat);
	relay_init(&s->relay, cfg->seed);
	sentlog_init(&s->log);
	join_init(&s->join, cfg->half, cfg->seed, pool);
	if (cfg->record)
		sender_resume(s, cfg->record, now);
	return s;
}

void sender_destroy(struct sender *s)
{
	if (!s)
		return;
	pkt_free(s->held);
	late_finish(&s->late);
	free(s);
}

/* The earliest of all that waits.  Life signs only move it back, so it may come early. */
static ustime next_due(const struct sender *s)
{
	ustime due = earlier(s->speak_of_failure, s->late.due);

	for (unsigned i = 0; i < s->links.top; i++) {
		const struct link *l = &s->links.at[i];

		due = earlier(due, join_deadline(&s->join, l));
		if (l->state == LINK_UP)
			due = earlier(due, earlier(l->echo_due, l->heard + link_timeout(s)));
		else if (l->state == LINK_JOINING)
			due = earlier(due, l->answered + link_timeout(s));
	}
	return due;
}

/*
 * A busy link calls each second.  One without data does so more often, so that its way is
 * known when it is needed, and says that the receiver need not wait for it.
 */
static void echo(struct sender *s, struct link *l, ustime now, struct outbox *out)
{
	bool idle = now - l->data_at >= LINK_IDLE;
	bool quiet = l->way.shy || now - l->data_at >= IDLE_ECHO ||
		     late_unheard(s, l, now); /* then the echo tells of its queue */
	bool mark = idle && !l->marked && s->peer == SENDER_PEER_OWN;
	bool greet = s->peer != SENDER_PEER_CLASSIC;

	if (!s->late.on) {
		link_echo(l, s->pool, greet, 0, false, now, out);
		return;
	}
	if (mark || now - l->echoed >= (quiet ? IDLE_ECHO : ECHO))
		link_echo(l, s->pool, greet, KEEPALIVE_REPAIRS | KEEPALIVE_REPORTS, idle, now, out);
	l->marked |= idle;
	l->echo_due = l->marked || late_unheard(s, l, now) ? now + IDLE_ECHO : l->data_at + LINK_IDLE;
}

void sender_run(struct sender *s, ustime now, struct outbox *out)
{
	late_moved(s);
	if (now >= s->late.due)
		late_run(s, now, out);
	for (unsigned i = 0; i < s->links.top; i++) {
		struct link *l = &s->links.at[i];

		if (l->state == LINK_UP && now - l->heard >= link_timeout(s))
			sender_lose(s, l, "silent", now, out);
		else if (join_refused(l, now))
			sender_lose(s, l, "connection refused", now, out);
		else if (l->state == LINK_JOINING && now - l->answered >= link_timeout(s))
			sender_lose(s, l, "no answer", now, out);
		else if (l->state == LINK_UP && now >= l->echo_due)
			echo(s, l, now, out);
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
	return earlier(s->due, s->late.due);
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
	sender_forget_flight(s);
	late_forget(s);
	relay_forget(&s->relay);
	encoder_is_new(s, now, out);
}

void sender_from_app(struct sender *s, struct pkt *p, ustime now, struct outbox *out)
{
	struct session before;
	struct srt_head head;

	if (now >= sender_deadline(s))
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
	if (!s->late.on || head.control) /* else when it leaves */
		histogram_add(&s->forward[head.control  ? FLOW_CONTROL
					  : head.resent ? FLOW_RETRANSMISSION
							: FLOW_DATA],
			      now - pkt_came(p, now));
	if (s->late.on && !head.control)
		late_data(s, p, &head, now, out);
	else if (s->late.on && s->links.live > 0)
		late_control(s, p, head.type, now, out);
	else
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

static unsigned choose(struct sender *s, unsigned avoid, ustime now)
{
	if (now >= s->sched.stale_from)
		sched_prepare(&s->sched, &s->links, now);
	return sched_pick(&s->sched, s->links.sched, s->links.live, avoid, now);
}

void sender_up(struct sender *s, struct pkt *p, bool data, uint32_t seq, ustime now,
	       struct outbox *out)
{
	unsigned port = choose(s, p->port, now);
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
			sender_forget_flight(s);
		l->sched.in_flight++;
		l->data_out++;
	}
	link_send(l, p, now, out);
}

void sender_from_link(struct sender *s, unsigned port, struct pkt *p, ustime now,
		      struct outbox *out)
{
	struct link *l = links_get(&s->links, port);
	enum srtla_type type;

	if (now >= sender_deadline(s))
		sender_run(s, now, out);
	if (!l) {
		s->drops.stray++;
		pkt_free(p);
		return;
	}
	l->packets_in++;
	l->bytes_in += p->len;
	type = srtla_type(p->data, p->len);
	if (type != SRTLA_REPORT) /* each comes twice, and the second tells nothing */
		late_moved(s);
	switch (type) {
	case SRTLA_NOT_OURS:
		sender_down(s, l, p, now, out);
		return;
	case SRTLA_KEEPALIVE:
		link_heard(l, now);
		sender_echoed(s, l, p, now, out);
		break;
	case SRTLA_ACK:
		link_heard(l, now);
		if (s->late.on)
			late_srtla_ack(s, l, p, now, out);
		else
			feedback_srtla_ack(&s->links, &s->log, p->data, p->len);
		break;
	case SRTLA_REPORT:
		link_heard(l, now);
		if (s->late.on)
			late_report(s, p, now, out);
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
