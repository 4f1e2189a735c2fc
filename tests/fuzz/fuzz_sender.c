/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sender/core/sender.h"
#include "shared/wire/be.h"
#include "shared/wire/keepalive.h"
#include "shared/wire/srt.h"

/*
 * The whole sender core under a script: bytes and time.  Each step is a byte
 * that says what happens, a byte that says to whom, and what that needs.
 * Besides the sanitizers: every packet comes home, windows stay in bounds,
 * nothing of the encoder leaves by a link that is not up, time-outs move.
 */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LINKS = 4, POOL = 256, STEPS = 512 };

enum step {
	STEP_TIME,
	STEP_FROM_APP,
	STEP_FROM_LINK,
	STEP_ANSWER, /* the registration that a receiver would send now */
	STEP_ECHO,   /* the latest packet of a link comes back */
	STEP_ERROR,
	STEP_ADD,
	STEP_REMOVE,
	STEP_REOPEN,
	STEP_KINDS,
};

struct script {
	const uint8_t *at;
	size_t left;
};

struct bench {
	struct pkt_pool pool;
	struct outbox out;
	struct sender *s;
	ustime now;
	struct pkt *last;                  /* left by a link, and may come back refused */
	uint8_t asked[LINKS + 1][PKT_CAP]; /* latest packet of each link */
	uint16_t asked_len[LINKS + 1];
};

static void must(bool holds)
{
	if (!holds)
		abort();
}

static unsigned byte(struct script *s)
{
	if (s->left == 0)
		return 0;
	s->left--;
	return *s->at++;
}

static struct pkt *bytes(struct script *s, struct pkt_pool *pool)
{
	struct pkt *p = pkt_get(pool);
	size_t len = byte(s) * 6u;

	must(p != NULL);
	if (len > s->left)
		len = s->left;
	memcpy(p->data, s->at, len);
	p->len = (uint16_t)len;
	s->at += len;
	s->left -= len;
	return p;
}

static bool is_up(struct bench *b, unsigned port)
{
	struct sender_view v;

	sender_view(b->s, b->now, &v);
	for (unsigned i = 0; i < v.count; i++)
		if (v.link[i].port == port)
			return v.link[i].state == LINK_UP;
	return false;
}

static void look_at_packets(struct bench *b)
{
	struct pkt *p;

	while ((p = outbox_take(&b->out))) {
		must(p->len <= PKT_CAP && p->port <= SENDER_LINKS);
		if (p->port != 0 && srt_is_data(p->data, p->len))
			must(is_up(b, p->port));
		if (p->port >= 1 && p->port <= LINKS) {
			memcpy(b->asked[p->port], p->data, p->len);
			b->asked_len[p->port] = p->len;
			pkt_free(b->last);
			b->last = p;
			continue;
		}
		pkt_free(p);
	}
	outbox_clear_notes(&b->out);
}

static void look_at_view(struct bench *b)
{
	struct sender_view v;

	sender_view(b->s, b->now, &v);
	must(v.live <= v.count);
	for (unsigned i = 0; i < v.count; i++) {
		must(v.link[i].window >= 1000 && v.link[i].window <= 60000);
		must(v.link[i].in_flight >= 0);
		must(v.link[i].srtt >= 0);
	}
}

static void answer(struct bench *b, unsigned port, unsigned which)
{
	static const enum srtla_type types[] = {SRTLA_REG_NGP, SRTLA_REG2, SRTLA_REG3,
						SRTLA_REG_ERR};
	struct pkt *p = pkt_get(&b->pool);

	must(p != NULL);
	if (which % 4 == 1)
		p->len = (uint16_t)srtla_build_reg(p->data, SRTLA_REG2, b->asked[port] + 2);
	else
		p->len = (uint16_t)srtla_build_reply(p->data, types[which % 4]);
	sender_from_link(b->s, port, p, b->now, &b->out);
}

static void echo(struct bench *b, unsigned port, bool as_own_peer)
{
	struct pkt *p = pkt_get(&b->pool);

	must(p != NULL);
	memcpy(p->data, b->asked[port], b->asked_len[port]);
	p->len = b->asked_len[port];
	if (as_own_peer)
		keepalive_answer(p->data, p->len, 0);
	sender_from_link(b->s, port, p, b->now, &b->out);
}

static void fail_last(struct bench *b, unsigned port, unsigned which)
{
	static const int errors[] = {EAGAIN, ENOBUFS, EMSGSIZE, ECONNREFUSED, ENETUNREACH, EPERM};
	struct pkt *p = b->last && b->last->port == port ? b->last : NULL;

	if (p)
		b->last = NULL;
	sender_link_error(b->s, port, p, errors[which % 6], b->now, &b->out);
}

static void step(struct bench *b, struct script *s)
{
	unsigned kind = byte(s) % STEP_KINDS, who = byte(s);
	unsigned port = 1 + who % LINKS;
	struct pkt *p;

	switch (kind) {
	case STEP_TIME:
		b->now += (ustime)(who * who) * 100;
		if (b->now >= sender_deadline(b->s))
			sender_run(b->s, b->now, &b->out);
		must(sender_deadline(b->s) > b->now);
		break;
	case STEP_FROM_APP:
		p = bytes(s, &b->pool);
		p->peer.family = FAMILY_V4;
		p->peer.port = (uint16_t)(1 + who % 3);
		sender_from_app(b->s, p, b->now, &b->out);
		break;
	case STEP_FROM_LINK:
		sender_from_link(b->s, who % 8, bytes(s, &b->pool), b->now, &b->out);
		break;
	case STEP_ANSWER:
		answer(b, port, who / LINKS);
		break;
	case STEP_ECHO:
		echo(b, port, who & 0x80);
		break;
	case STEP_ERROR:
		fail_last(b, port, who / LINKS);
		break;
	case STEP_ADD:
		sender_link_add(b->s, who, b->now, &b->out);
		break;
	case STEP_REMOVE:
		sender_link_remove(b->s, port, b->now, &b->out);
		break;
	case STEP_REOPEN:
		sender_link_reopened(b->s, sender_next_reopen(b->s), b->now, &b->out);
		break;
	}
	look_at_packets(b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct sender_config cfg = {.half = {1, 2, 3}, .seed = 1};
	struct script script = {data, size};
	struct bench b = {.now = SEC(1)};

	must(pkt_pool_init(&b.pool, POOL));
	outbox_init(&b.out);
	b.s = sender_create(&cfg, &b.pool, b.now);
	must(b.s != NULL);
	sender_link_add(b.s, 0, b.now, &b.out);
	sender_link_add(b.s, 1, b.now, &b.out);
	look_at_packets(&b);
	for (int i = 0; i < STEPS && script.left > 0; i++)
		step(&b, &script);
	look_at_view(&b);
	sender_destroy(b.s);
	pkt_free(b.last);
	outbox_finish(&b.out);
	must(b.pool.in_use == 0);
	pkt_pool_finish(&b.pool);
	return 0;
}
