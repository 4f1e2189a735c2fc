/* SPDX-License-Identifier: MIT */
#include "receiver/core/login.h"

#include <string.h>

#include "receiver/core/admit.h"
#include "receiver/core/cookie.h"
#include "receiver/core/enrol.h"
#include "receiver/core/group.h"
#include "receiver/core/penalty.h"
#include "receiver/core/registry.h"
#include "receiver/core/tenure.h"
#include "shared/wire/be.h"
#include "shared/wire/handshake.h"

enum {
	LABEL_COOKIE = 'S', /* the key makes other things too, see cookie.c */
	VERSION = 5,        /* of a handshake with a stream id */
};

/* After a wrong key a group tries no other for so long: keys are not to be guessed. */
#define SHUT_FOR SEC(1)

void login_finish(struct login *l)
{
	pkt_free(l->waiting);
	l->waiting = NULL;
}

static uint32_t addressed(const struct pkt *p)
{
	return be32(p->data + 12);
}

/* The same for the same caller and group in the same two minutes; nobody else can tell it. */
static uint32_t cookie_for(const struct group_id *id, uint32_t caller, uint32_t period,
			   const struct turn *t)
{
	uint8_t claim[1 + sizeof(*id) + 8];

	claim[0] = LABEL_COOKIE;
	memcpy(claim + 1, id, sizeof(*id));
	put_be32(claim + 1 + sizeof(*id), caller);
	put_be32(claim + 5 + sizeof(*id), period);
	return (uint32_t)siphash64(&t->cfg->create_key, claim, sizeof(claim));
}

static bool has_our_cookie(const struct srt_handshake *hs, const struct group_id *id,
			   const struct turn *t)
{
	uint32_t period = cookie_period(t->now + t->boot_ahead);

	return hs->cookie == cookie_for(id, hs->socket_id, period, t) ||
	       hs->cookie == cookie_for(id, hs->socket_id, period - 1, t);
}

/* The question goes back as its own answer, and is never shorter. */
static void answer(struct pkt *p, const struct srt_handshake *hs, const struct group_id *id,
		   const struct turn *t)
{
	uint32_t period = cookie_period(t->now + t->boot_ahead);

	p->len = (uint16_t)handshake_answer(p->data, cookie_for(id, hs->socket_id, period, t));
}

/*
 * May this conclusion come in, and where to?  NULL, or why not.  Of two stream ids servers
 * take one, the other, or a mixture, and none that is not announced: neither is a key.
 */
static const char *unfit(const struct srt_handshake *hs, unsigned *server, const struct turn *t)
{
	char text[SESSION_STREAM_ID];

	*server = 0;
	if (!t->keys)
		return NULL;
	if (hs->version != VERSION || !(hs->extension & SRT_EXT_CONFIG) || hs->stream_ids != 1 ||
	    hs->stream_id_len >= sizeof(text))
		return "no stream key";
	srt_stream_id(hs, text, sizeof(text));
	return keys_find(t->keys, text, server) ? NULL : "stream key not listed";
}

/* Turns the conclusion into its refusal. */
static void refuse(struct pkt *p, const struct turn *t)
{
	t->drops->unkeyed++;
	p->len = (uint16_t)handshake_refuse(p->data, HANDSHAKE_FORBIDDEN);
}

/* Puts the induction to the server; its conclusion p waits. */
static void call(struct group *g, struct pkt *p, const struct srt_handshake *hs, unsigned server,
		 const struct turn *t)
{
	struct login *l = &g->login;
	struct pkt *ask = turn_packet(t);

	if (!ask) {
		pkt_free(p);
		return;
	}
	login_finish(l);
	l->state = LOGIN_CALLING;
	l->caller = hs->socket_id;
	l->waiting = p;
	*t->changes += g->server != server;
	g->server = server;
	ask->len = (uint16_t)handshake_induction(ask->data, p->data);
	group_control(g, ask, t);
}

static void from_induction(struct group *g, struct member *m, struct pkt *p,
			   const struct srt_handshake *hs, const struct turn *t)
{
	struct login *l = &g->login;

	if (l->state == LOGIN_SHUT && l->caller == hs->socket_id) {
		turn_drop(&t->drops->unkeyed, p);
		return;
	}
	if (l->state == LOGIN_OPEN)
		l->state = LOGIN_NONE;
	answer(p, hs, &g->id, t);
	member_give(m, p, t);
}

/* Its cookie is ours. */
static bool from_conclusion(struct group *g, struct member *m, struct pkt *p,
			    const struct srt_handshake *hs, const struct turn *t)
{
	struct login *l = &g->login;
	bool shut = l->state == LOGIN_SHUT &&
		    (l->caller == hs->socket_id || t->now - l->shut < SHUT_FOR);
	unsigned server;
	const char *why = shut ? "again" : unfit(hs, &server, t);

	if (why) {
		if (!shut) {
			login_finish(l);
			*l = (struct login){
				.state = LOGIN_SHUT, .caller = hs->socket_id, .shut = t->now};
			turn_note(t, (struct note){.kind = RECEIVER_LOGIN_REFUSED,
						   .port = g->port,
						   .who = g->id.origin,
						   .why = why});
			tenure_login_failed(g, t);
		}
		refuse(p, t);
		member_give(m, p, t);
		return false;
	}
	if (l->state == LOGIN_OPEN && l->caller == hs->socket_id && g->server == server) {
		handshake_set_cookie(p->data, l->cookie);
		return true;
	}
	call(g, p, hs, server, t);
	return false;
}

bool login_from_caller(struct group *g, struct member *m, struct pkt *p, const struct turn *t)
{
	struct srt_handshake hs;
	uint32_t to = addressed(p);

	if ((!t->keys && !g->plain) || (to != 0 && to == g->session.server_id))
		return true;
	if (to == 0 && srt_parse_handshake(p->data, p->len, &hs) && hs.socket_id != 0) {
		if (hs.type == SRT_HS_INDUCTION) {
			from_induction(g, m, p, &hs, t);
			return false;
		}
		if (hs.type == SRT_HS_CONCLUSION && has_our_cookie(&hs, &g->id, t))
			return from_conclusion(g, m, p, &hs, t);
	}
	turn_drop(&t->drops->unkeyed, p);
	return false;
}

bool login_from_server(struct group *g, struct pkt *p, const struct turn *t)
{
	struct login *l = &g->login;
	struct pkt *waiting = l->waiting;
	struct srt_handshake hs;

	if ((!t->keys && !g->plain) || !srt_parse_handshake(p->data, p->len, &hs) ||
	    hs.type != SRT_HS_INDUCTION)
		return true;
	if (l->state == LOGIN_CALLING && addressed(p) == l->caller) {
		l->state = LOGIN_OPEN;
		l->cookie = hs.cookie;
		l->waiting = NULL;
		handshake_set_cookie(waiting->data, l->cookie);
		group_control(g, waiting, t);
	}
	turn_drop(&t->drops->unasked, p);
	return false;
}

/* The group of a plain caller, with him in it; NULL when there is no room. */
static struct member *enter(const struct group_id *id, const struct pkt *p, const struct turn *t)
{
	struct group *g = registry_group(t->registry, id);

	if (!g)
		g = enrol_open(id, t);
	if (!g)
		return NULL;
	g->plain = true;
	return group_gain(g, &p->peer, t);
}

/* A conclusion that shows that its sender receives at his address. */
static void come_in(const struct group_id *id, struct pkt *p, const struct srt_handshake *hs,
		    const struct turn *t)
{
	struct member *m;
	const char *why;
	unsigned server;

	if (penalty_holds(t->penalties, &p->peer, t->now, NULL)) {
		turn_drop(&t->drops->penalised, p);
		return;
	}
	why = unfit(hs, &server, t);
	if (why) {
		turn_note(t, (struct note){
			.kind = RECEIVER_LOGIN_REFUSED, .who = p->peer, .why = why});
		tenure_book(&p->peer, t);
		refuse(p, t);
		outbox_put(t->out, 0, p);
		return;
	}
	m = enter(id, p, t);
	if (!m) {
		turn_note(t, (struct note){
			.kind = RECEIVER_FULL, .who = p->peer, .why = "groups"});
		turn_drop(&t->drops->full, p);
		return;
	}
	member_heard(m, p, t->now);
	group_up(m->group, m, p, t);
}

void login_stranger(struct pkt *p, const struct turn *t)
{
	struct group_id id = {.origin = p->peer};
	struct srt_handshake hs;
	bool proved;

	if (!srt_parse_handshake(p->data, p->len, &hs) || addressed(p) != 0 ||
	    hs.socket_id == 0) {
		turn_drop(&t->drops->stranger, p);
		return;
	}
	proved = hs.type == SRT_HS_CONCLUSION && has_our_cookie(&hs, &id, t);
	if (!proved && hs.type != SRT_HS_INDUCTION) {
		turn_drop(&t->drops->stranger, p);
	} else if (!admit_one(t->admit, &p->peer, proved, t->now)) {
		turn_drop(&t->drops->hurried, p);
	} else if (proved) {
		come_in(&id, p, &hs, t);
	} else {
		answer(p, &hs, &id, t);
		outbox_put(t->out, 0, p);
	}
}
