/* SPDX-License-Identifier: MIT */
#include "receiver/core/group.h"

#include <errno.h>

#include "receiver/core/agenda.h"
#include "receiver/core/gate.h"
#include "receiver/core/registry.h"
#include "receiver/core/reply.h"
#include "receiver/core/tenure.h"
#include "shared/wire/be.h"
#include "shared/wire/keepalive.h"

void group_note(const struct group *g, unsigned kind, int64_t number, const struct turn *t)
{
	turn_note(t, (struct note){.kind = kind, .port = g->port, .number = number});
}

/*
 * An SRT listener that still serves a caller is deaf to the same caller's next
 * session until the old one times out: say the goodbye that was never said.
 */
static void say_goodbye(const struct group *g, const struct session *to, const struct turn *t)
{
	struct pkt *p = turn_packet(t);

	if (!p)
		return;
	p->len = (uint16_t)srt_build_shutdown(p->data, to->server_id, to->timestamp);
	outbox_put(t->out, g->port, p);
}

static void session_begins(struct group *g, const struct session *before, const struct turn *t)
{
	reorder_end(g, t);
	if (before->server_id != 0 && !before->over)
		say_goodbye(g, before, t);
	playout_init(&g->playout);
	g->session_at = t->now;
	g->stream_mark = 0;
	(*t->changes)++;
	group_note(g, RECEIVER_SESSION_NEW, g->session.caller_id, t);
}

static void watch_caller(struct group *g, const struct pkt *p, const struct turn *t)
{
	struct session before;
	struct srt_handshake hs;
	struct srt_head head;

	if (!srt_parse_head(p->data, p->len, &head))
		return;
	if (session_from_caller(&g->session, p->data, p->len, &before) == SESSION_BEGINS)
		session_begins(g, &before, t);
	if (head.type == SRT_SHUTDOWN)
		reorder_release(g, t); /* the server takes nothing after it */
	if (head.type == SRT_KEEPALIVE)
		playout_heard(&g->playout, head.timestamp);
	if (head.type == SRT_ACKACK)
		playout_ackack(&g->playout, head.timestamp, g->srt_rtt, t->now);
	if (head.type == SRT_HANDSHAKE && g->session.server_id == 0 &&
	    srt_parse_handshake(p->data, p->len, &hs) && hs.type == SRT_HS_CONCLUSION)
		playout_begin(&g->playout, head.timestamp, t->now);
}

static void watch_server(struct group *g, const struct pkt *p, const struct turn *t)
{
	bool over = g->session.over;

	switch (session_from_server(&g->session, p->data, p->len)) {
	case SESSION_AGREED:
		reorder_agreed(g, t);
		g->playout.latency = MSEC(g->session.latency);
		(*t->changes)++;
		group_note(g, RECEIVER_SESSION_AGREED, g->session.latency, t);
		break;
	case SESSION_REFUSED:
		group_note(g, RECEIVER_SESSION_REFUSED, 0, t);
		if (tenure_blames_caller(p))
			tenure_login_failed(g, t);
		break;
	case SESSION_GOES_ON:
	case SESSION_BEGINS:
		break;
	}
	/* Some servers look at the stream id only once they have taken the call. */
	if (!over && g->session.over && !g->proved)
		tenure_login_failed(g, t);
}

static enum flow flow_of(const struct pkt *p)
{
	if (!srt_is_data(p->data, p->len))
		return FLOW_CONTROL;
	return p->data[4] & 0x04 ? FLOW_RETRANSMISSION : FLOW_DATA;
}

void group_forward(struct group *g, struct pkt *p, const struct turn *t)
{
	histogram_add(&t->figures->forward[flow_of(p)], t->now - pkt_came(p, t->now));
	g->up_packets++;
	g->up_bytes += p->len;
	upstream_sent(g, p, t);
	outbox_put(t->out, g->port, p);
}

static void media_up(struct group *g, struct member *m, struct pkt *p, const struct turn *t)
{
	member_data(m, be32(p->data), t);
	if (g->arrivals)
		arrivals_add(g, m, p, t);
	if (login_from_caller(g, m, p, t))
		reorder_data(g, m, p, t);
}

void group_control(struct group *g, struct pkt *p, const struct turn *t)
{
	watch_caller(g, p, t);
	group_forward(g, p, t);
}

/* Control packets overtake the media that waits. */
static void control_up(struct group *g, struct member *m, struct pkt *p, const struct turn *t)
{
	if (!t->cfg->gate_off && !gate_passes(p->data, p->len, t->drops)) {
		pkt_free(p);
		return;
	}
	if (login_from_caller(g, m, p, t))
		group_control(g, p, t);
}

void group_up(struct group *g, struct member *m, struct pkt *p, const struct turn *t)
{
	m->spoke = t->now;
	g->latest = m;
	if (g->asked == 0)
		g->asked = t->now;
	if (srt_is_data(p->data, p->len))
		media_up(g, m, p, t);
	else
		control_up(g, m, p, t);
	group_reschedule(g, t);
}

void group_reschedule(struct group *g, const struct turn *t)
{
	ustime due = earlier(g->reorder.due, g->upstream.due);

	if (g->arrivals)
		due = earlier(due, g->arrivals->due);
	if (due != g->due)
		agenda_set(t->agenda, g, due);
}

void group_run(struct group *g, const struct turn *t)
{
	if (g->reorder.due <= t->now)
		reorder_run(g, t);
	if (g->upstream.due <= t->now)
		upstream_run(g, t);
	arrivals_run(g, t);
	group_reschedule(g, t);
}

/* A hello of the sender; what it can do may be another than the last time. */
static void own_sender(struct group *g, uint32_t abilities, const struct turn *t)
{
	g->repairs = abilities & KEEPALIVE_REPAIRS;
	arrivals_want(g, abilities & KEEPALIVE_REPORTS, t);
	if (g->own_peer)
		return;
	g->own_peer = true;
	(*t->changes)++;
	group_note(g, RECEIVER_PEER_OWN, 0, t);
}

void group_keepalive(struct group *g, struct member *m, struct pkt *p, const struct turn *t)
{
	uint32_t abilities;

	if (g->plain) {
		turn_drop(&t->drops->unknown, p); /* nobody there speaks SRTLA */
		return;
	}
	if (member_keepalive(m, p, t, &abilities))
		own_sender(g, abilities, t);
	if (m->idle)
		reorder_run(g, t); /* what waited for this member need not any more */
	group_reschedule(g, t);
}

static void watch_ack(struct group *g, const struct pkt *p, const struct turn *t)
{
	struct srt_ack ack;

	if (!srt_parse_ack(p->data, p->len, &ack) || !ack.full)
		return;
	g->srt_rtt = ack.rtt;
	g->srt_rttvar = ack.rttvar;
	*t->changes += !g->proved;
	tenure_leave(t->tenure, g);
	g->proved = true;
}

/* False: it said nothing new, and has been dropped. */
static bool nak_down(struct group *g, struct pkt *p, const struct turn *t)
{
	reorder_nak(g, p, t->now);
	if (nakgate_passes(&g->nakgate, p, g->srt_rtt + 4 * g->srt_rttvar, t->now))
		return true;
	turn_drop(&g->naks_again, p);
	return false;
}

void group_down(struct group *g, struct pkt *p, const struct turn *t)
{
	struct srt_head head;
	bool ack, nak;

	if (!srt_parse_head(p->data, p->len, &head)) {
		turn_drop(&t->drops->runt, p);
		return;
	}
	if (srtla_type(p->data, p->len) != SRTLA_NOT_OURS) {
		turn_drop(&t->drops->unknown, p);
		return;
	}
	tenure_heard(g, t);
	if (!upstream_heard(g, p, t) || (head.control && !login_from_server(g, p, t))) {
		group_reschedule(g, t);
		return;
	}
	if (head.control)
		watch_server(g, p, t);
	if (head.control && head.type == SRT_ACK)
		watch_ack(g, p, t);
	if (head.control && head.type == SRT_NAK && !nak_down(g, p, t))
		return;

	ack = head.control && head.type == SRT_ACK;
	nak = head.control && head.type == SRT_NAK;
	g->down_packets++;
	g->acks += ack;
	g->naks += nak;
	if (ack || nak)
		reply_all(g, p, t);
	else
		reply_once(g, p, t);
	group_reschedule(g, t);
}

/* Our own want of room, or this packet's size: it says nothing about the server. */
static bool blames_packet(int err)
{
	return err == EAGAIN || err == EWOULDBLOCK || err == EINTR || err == ENOBUFS ||
	       err == ENOMEM || err == EMSGSIZE;
}

void group_server_error(struct group *g, struct pkt *p, int err, const struct turn *t)
{
	if (p && srt_is_data(p->data, p->len))
		reorder_forget(g, be32(p->data));
	if (p)
		turn_drop(&g->server_refused, p);
	if (blames_packet(err))
		return;
	upstream_refused(g, err, t);
	group_reschedule(g, t);
}

struct member *group_gain(struct group *g, const struct endpoint *who, const struct turn *t)
{
	struct member *m = registry_add(t->registry, g, who);

	if (!m)
		return NULL;
	(*t->changes)++;
	turn_note(t, (struct note){.kind = RECEIVER_MEMBER_NEW, .port = g->port, .who = *who});
	return m;
}

void group_lose(struct group *g, struct member *m, const char *why, const struct turn *t)
{
	turn_note(t, (struct note){
		.kind = RECEIVER_MEMBER_GONE, .port = g->port, .who = m->who, .why = why});
	(*t->changes)++;
	arrivals_forget(g, m);
	registry_remove(t->registry, m);
	if (g->count == 0)
		g->empty_since = t->now;
}

void group_end(struct group *g, const char *why, const struct turn *t)
{
	turn_note(t, (struct note){
		.kind = RECEIVER_GROUP_GONE, .port = g->port, .who = g->id.origin, .why = why});
	agenda_set(t->agenda, g, NEVER);
	tenure_leave(t->tenure, g);
	reorder_drop(g, t->shelf);
	login_finish(&g->login);
	(*t->changes)++;
	registry_close(t->registry, g);
}

bool group_age(struct group *g, const struct turn *t)
{
	for (unsigned i = 0; i < t->cfg->members; i++) {
		struct member *m = &g->members[i];

		if (m->group && t->now - m->heard >= t->cfg->member_timeout)
			group_lose(g, m, "silent", t);
	}
	return g->count == 0 && t->now - g->empty_since >= t->cfg->group_timeout;
}

void group_excuse(struct group *g, usspan deaf, const struct turn *t)
{
	g->empty_since = earlier(t->now, g->empty_since + deaf);
	for (unsigned i = 0; i < t->cfg->members; i++) {
		struct member *m = &g->members[i];

		if (m->group)
			m->heard = earlier(t->now, m->heard + deaf);
	}
}
