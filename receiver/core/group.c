/* SPDX-License-Identifier: MIT */
#include "receiver/core/group.h"

#include <errno.h>

#include "receiver/core/registry.h"
#include "receiver/core/reply.h"
#include "shared/wire/be.h"

static void note(const struct group *g, unsigned kind, int64_t number, const struct turn *t)
{
	struct note n = {.kind = kind, .port = g->port, .at = t->now, .number = number};

	outbox_note(t->out, &n);
}

/*
 * An SRT listener that still serves a caller is deaf to the same caller's next
 * session until the old one times out: say the goodbye that was never said.
 */
static void say_goodbye(const struct group *g, const struct session *to, const struct turn *t)
{
	struct pkt *p = pkt_get(t->pool);

	if (!p) {
		t->drops->pool++;
		return;
	}
	p->len = (uint16_t)srt_build_shutdown(p->data, to->server_id, to->timestamp);
	outbox_put(t->out, g->port, p);
}

static void watch_caller(struct group *g, const struct pkt *p, const struct turn *t)
{
	struct session before;

	if (session_from_caller(&g->session, p->data, p->len, &before) != SESSION_BEGINS)
		return;
	if (before.server_id != 0 && !before.over)
		say_goodbye(g, &before, t);
	note(g, RECEIVER_SESSION_NEW, g->session.caller_id, t);
}

static void watch_server(struct group *g, const struct pkt *p, const struct turn *t)
{
	switch (session_from_server(&g->session, p->data, p->len)) {
	case SESSION_AGREED:
		note(g, RECEIVER_SESSION_AGREED, g->session.latency, t);
		break;
	case SESSION_REFUSED:
		note(g, RECEIVER_SESSION_REFUSED, 0, t);
		break;
	case SESSION_GOES_ON:
	case SESSION_BEGINS:
		break;
	}
}

void group_up(struct group *g, struct member *m, struct pkt *p, const struct turn *t)
{
	if (srt_is_data(p->data, p->len))
		member_data(m, be32(p->data), t);
	else
		watch_caller(g, p, t);

	m->spoke = t->now;
	g->latest = m;
	g->up_packets++;
	g->up_bytes += p->len;
	outbox_put(t->out, g->port, p);
}

void group_keepalive(struct group *g, struct member *m, struct pkt *p, const struct turn *t)
{
	if (member_keepalive(m, p, t) && !g->own_peer) {
		g->own_peer = true;
		note(g, RECEIVER_PEER_OWN, 0, t);
	}
}

void group_down(struct group *g, struct pkt *p, const struct turn *t)
{
	struct srt_head head;
	bool ack, nak;

	if (g->server_away) {
		g->server_away = false;
		note(g, RECEIVER_SERVER_BACK, 0, t);
	}
	if (!srt_parse_head(p->data, p->len, &head)) {
		turn_drop(&t->drops->runt, p);
		return;
	}
	if (srtla_type(p->data, p->len) != SRTLA_NOT_OURS) {
		turn_drop(&t->drops->unknown, p);
		return;
	}
	if (head.control)
		watch_server(g, p, t);

	ack = head.control && head.type == SRT_ACK;
	nak = head.control && head.type == SRT_NAK;
	g->down_packets++;
	g->acks += ack;
	g->naks += nak;
	if (ack || nak)
		reply_all(g, p, t);
	else
		reply_once(g, p, t);
}

/* Our own want of room, or this packet's size: it says nothing about the server. */
static bool blames_packet(int err)
{
	return err == EAGAIN || err == EWOULDBLOCK || err == EINTR || err == ENOBUFS ||
	       err == ENOMEM || err == EMSGSIZE;
}

void group_server_error(struct group *g, struct pkt *p, int err, const struct turn *t)
{
	if (p)
		turn_drop(&g->server_refused, p);
	if (blames_packet(err) || g->server_away)
		return;
	g->server_away = true;
	note(g, RECEIVER_SERVER_AWAY, err, t);
}

void group_lose(struct group *g, struct member *m, const char *why, const struct turn *t)
{
	struct note n = {.kind = RECEIVER_MEMBER_GONE,
			 .port = g->port,
			 .at = t->now,
			 .who = m->who,
			 .why = why};

	outbox_note(t->out, &n);
	registry_remove(t->registry, m);
	if (g->count == 0)
		g->empty_since = t->now;
}

void group_end(struct group *g, const char *why, const struct turn *t)
{
	struct note n = {.kind = RECEIVER_GROUP_GONE,
			 .port = g->port,
			 .at = t->now,
			 .who = g->id.origin,
			 .why = why};

	outbox_note(t->out, &n);
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
