/* SPDX-License-Identifier: MIT */
#include "pair_world.h"

#include <string.h>

#include "shared/wire/be.h"

enum { EVENTS = 20000 }; /* of one stretch of time: more would be a loop */

#define SERVER_EVERY MSEC(10)

unsigned pair_byte(struct world *w)
{
	return w->at < w->end ? *w->at++ : 0;
}

uint16_t pair_make_data(uint8_t *data, uint32_t seq)
{
	uint16_t len = (uint16_t)(SRT_HEADER_LEN + seq % 5 * 300);

	memset(data, (int)(seq * 7 & 0xff), len);
	put_be32(data, seq);
	put_be32(data + 4, UINT32_C(0xc0000001));
	put_be32(data + 8, seq * 1000);
	put_be32(data + 12, 9);
	return len;
}

static struct endpoint address(unsigned link)
{
	return (struct endpoint){.family = FAMILY_V4,
				 .port = (uint16_t)(5000 + link),
				 .addr = {192, 0, 2, (uint8_t)link}};
}

static bool falls(struct world *w, unsigned of_256)
{
	return rng_below(&w->rng, 256) < of_256;
}

void pair_set_out(struct world *w, unsigned link, bool down, const struct pkt *p)
{
	const struct weather *weather = &w->weather[link];

	if (falls(w, weather->loss) || p->len > ROAD_LEN)
		return;
	for (unsigned i = 0; i < ROAD; i++) {
		struct traveller *t = &w->road[i];

		if (t->due != 0)
			continue;
		t->due = w->now + 1 + weather->delay +
			 (usspan)rng_below(&w->rng, (uint64_t)weather->jitter + 1);
		t->link = link;
		t->down = down;
		t->len = p->len;
		memcpy(t->data, p->data, p->len);
		return;
	}
}

void pair_drain_sender(struct world *w)
{
	struct pkt *p;

	while ((p = outbox_take(&w->up))) {
		if (p->port == 0 || p->port > LINKS) {
			pkt_free(p);
			continue;
		}
		pair_set_out(w, p->port, false, p);
		if (falls(w, w->weather[p->port].twice))
			pair_set_out(w, p->port, false, p);
		pkt_free(w->refused);
		w->refused = p;
	}
	outbox_clear_notes(&w->up);
	send_core_check(w->s);
}

/* What the server gets. */
static void served(struct world *w, struct pkt *p)
{
	static uint8_t was[PKT_CAP];
	uint32_t nth;

	w->port = p->port;
	if (!srt_is_data(p->data, p->len))
		return;
	nth = (be32(p->data) - FIRST) & SEQ_MASK;
	must(nth < w->sent);
	must(pair_make_data(was, be32(p->data)) == p->len);
	srt_mark_resent(was);
	srt_mark_resent(p->data);
	must(memcmp(was, p->data, p->len) == 0);
	must(!w->had[nth] || w->asked[nth]);
	w->had[nth] = true;
	w->asked[nth] = false;
	while (w->whole < w->sent && w->had[w->whole])
		w->whole++;
}

static void drain_receiver(struct world *w)
{
	struct pkt *p;

	/* A new group or session knows nothing of what the old one passed on. */
	for (unsigned i = 0; i < w->down.note_count; i++)
		if (w->down.notes[i].kind == RECEIVER_GROUP_GONE ||
		    w->down.notes[i].kind == RECEIVER_SESSION_NEW)
			memset(w->asked, 1, sizeof(w->asked));
	outbox_clear_notes(&w->down);
	while ((p = outbox_take(&w->down))) {
		if (p->port == 0 && p->peer.addr[3] >= 1 && p->peer.addr[3] <= LINKS)
			pair_set_out(w, p->peer.addr[3], true, p);
		else if (p->port != 0)
			served(w, p);
		pkt_free(p);
	}
}

static void arrive(struct world *w, struct traveller *t)
{
	struct pkt *p = pkt_get(t->down ? &w->up_pool : &w->down_pool);

	t->due = 0;
	if (!p)
		return;
	memcpy(p->data, t->data, t->len);
	p->len = t->len;
	if (t->down) {
		sender_from_link(w->s, t->link, p, w->now, &w->up);
		pair_drain_sender(w);
		return;
	}
	p->peer = address(t->link);
	p->local = address(0);
	receiver_from_net(w->r, p, w->now, &w->down);
	drain_receiver(w);
}

struct pkt *pair_control(struct pkt_pool *pool, uint16_t type, uint32_t dest, uint16_t len)
{
	struct pkt *p = pkt_get(pool);

	if (!p)
		return NULL;
	memset(p->data, 0, len);
	put_be16(p->data, (uint16_t)(0x8000 | type));
	put_be32(p->data + 12, dest);
	p->len = len;
	return p;
}

static void server_sends(struct world *w, struct pkt *p)
{
	if (!p)
		return;
	put_be32(p->data + 8, (uint32_t)w->now);
	receiver_from_server(w->r, w->port, p, w->now, &w->down);
	drain_receiver(w);
}

void pair_server_asks(struct world *w, uint32_t from, uint32_t count)
{
	struct pkt *p = pair_control(&w->down_pool, SRT_NAK, 7, 24);

	if (!p || from >= w->sent)
		return;
	if (count > w->sent - from)
		count = w->sent - from;
	put_be32(p->data + 16, seq_add(FIRST, from) | SEQ_NONE);
	put_be32(p->data + 20, seq_add(FIRST, from + count - 1));
	for (uint32_t nth = from; nth < from + count; nth++)
		w->asked[nth] |= w->had[nth];
	server_sends(w, p);
}

/* It acknowledges, and asks for the first that it lacks while it has later ones. */
static void serve(struct world *w)
{
	struct pkt *p;
	uint32_t lacks = 0;

	w->server_due = w->now + SERVER_EVERY;
	if (w->port == 0)
		return;
	p = pair_control(&w->down_pool, SRT_ACK, 7, 44);
	if (p) {
		put_be32(p->data + 4, ++w->acks);
		put_be32(p->data + 16, seq_add(FIRST, w->whole));
	}
	server_sends(w, p);
	while (w->whole + lacks < w->sent && !w->had[w->whole + lacks])
		lacks++;
	if (lacks > 0 && w->whole + lacks < w->sent)
		pair_server_asks(w, w->whole, lacks);
}

static struct traveller *next_traveller(struct world *w)
{
	struct traveller *first = NULL;

	for (unsigned i = 0; i < ROAD; i++)
		if (w->road[i].due != 0 && (!first || w->road[i].due < first->due))
			first = &w->road[i];
	return first;
}

void pair_pass(struct world *w, usspan span)
{
	ustime until = w->now + span;

	for (unsigned events = 0;; events++) {
		struct traveller *t = next_traveller(w);
		ustime due = earlier(t ? t->due : NEVER, w->server_due);

		must(events < EVENTS);
		due = earlier(due, earlier(sender_deadline(w->s), receiver_deadline(w->r)));
		if (due > until)
			break;
		w->now = later(w->now, due);
		if (t && t->due <= w->now) {
			arrive(w, t);
		} else if (sender_deadline(w->s) <= w->now) {
			sender_run(w->s, w->now, &w->up);
			must(sender_deadline(w->s) > w->now);
			pair_drain_sender(w);
		} else if (receiver_deadline(w->r) <= w->now) {
			receiver_run(w->r, w->now, &w->down);
			must(receiver_deadline(w->r) > w->now);
			drain_receiver(w);
		} else {
			serve(w);
		}
	}
	w->now = until;
}

void pair_app(struct world *w, struct pkt *p)
{
	if (!p)
		return;
	p->peer = address(200);
	sender_from_app(w->s, p, w->now, &w->up);
	pair_drain_sender(w);
}

static struct pkt *handshake(struct pkt_pool *pool, uint32_t kind, uint32_t id, uint32_t dest,
			     uint32_t latency)
{
	struct pkt *p = pair_control(pool, SRT_HANDSHAKE, dest, SRT_HANDSHAKE_LEN + 16);

	must(p != NULL);
	put_be32(p->data + 16, 5);
	put_be16(p->data + 22, 1);
	put_be32(p->data + 24, FIRST);
	put_be32(p->data + 36, kind);
	put_be32(p->data + 40, id);
	put_be32(p->data + 64, dest ? 0x00020003 : 0x00010003); /* HSRSP or HSREQ, three words */
	put_be32(p->data + 68, 0x00010503);
	put_be32(p->data + 72, 0xbf);
	put_be32(p->data + 76, latency << 16 | latency);
	return p;
}

void pair_begin(struct world *w, uint32_t latency)
{
	for (unsigned i = 0; i < LINKS; i++)
		must(sender_link_add(w->s, i, w->now, &w->up) == i + 1);
	pair_drain_sender(w);
	pair_pass(w, MSEC(400));
	if (latency == 0)
		return;
	pair_app(w, handshake(&w->up_pool, SRT_HS_INDUCTION, 7, 0, 0));
	pair_pass(w, MSEC(30));
	server_sends(w, handshake(&w->down_pool, SRT_HS_INDUCTION, 9, 7, 0));
	pair_app(w, handshake(&w->up_pool, SRT_HS_CONCLUSION, 7, 0, latency));
	pair_pass(w, MSEC(30));
	server_sends(w, handshake(&w->down_pool, SRT_HS_CONCLUSION, 9, 7, latency));
	pair_pass(w, MSEC(30));
}

void pair_end(struct world *w)
{
	for (unsigned link = 1; link <= LINKS; link++)
		w->weather[link] = (struct weather){.delay = MSEC(20)};
	pair_pass(w, MSEC(500));
	send_core_check_all(w->s, &w->up_pool, w->refused != NULL);
	receiver_release(w->r, w->now, &w->down);
	drain_receiver(w);
	sender_destroy(w->s);
	receiver_destroy(w->r);
	pkt_free(w->refused);
	outbox_finish(&w->up);
	outbox_finish(&w->down);
	must(w->up_pool.in_use == 0 && w->down_pool.in_use == 0);
	pkt_pool_finish(&w->up_pool);
	pkt_pool_finish(&w->down_pool);
}
