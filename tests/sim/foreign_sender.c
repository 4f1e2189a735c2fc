/* SPDX-License-Identifier: MIT */
#include "tests/sim/foreign_sender.h"

#include <stdlib.h>
#include <string.h>

#include "tests/sim/world.h"

#define TICK SEC(1)

enum {
	WINDOW_TOP = 60000,
	KEEPALIVE_TIME = 10,
	KEEPALIVE_FIGURES = 38,
};

static void srtla_ack(struct foreign_sender *s, struct foreign_link *l, size_t len)
{
	int32_t count = len > 4 ? (int32_t)(len - 4) / 4 : 0;

	l->in_flight = l->in_flight > count ? l->in_flight - count : 0;
	for (unsigned i = 0; i < s->count; i++)
		if (s->link[i].up && (s->link[i].window += count) > WINDOW_TOP)
			s->link[i].window = WINDOW_TOP;
}

static void echoed(struct foreign_sender *s, const struct foreign_link *l, const struct pkt *p)
{
	unsigned len = s->traits.keepalive_len;

	if (p->len == len && memcmp(p->data, l->keepalive, len) == 0)
		s->echoes++;
	else
		s->bad_echoes++;
}

static bool had_before(struct foreign_sender *s, const struct pkt *p)
{
	uint8_t told[FOREIGN_TOLD] = {0};

	memcpy(told, p->data, p->len < FOREIGN_TOLD ? p->len : FOREIGN_TOLD);
	for (unsigned i = 0; i < FOREIGN_FEEDBACK; i++)
		if (memcmp(s->seen[i], told, FOREIGN_TOLD) == 0)
			return true;
	memcpy(s->seen[s->seen_at++ % FOREIGN_FEEDBACK], told, FOREIGN_TOLD);
	return false;
}

/* Gives p away. */
static void to_app(const struct foreign_turn *c, struct pkt *p)
{
	unsigned type = foreign_type(p->data, p->len);
	unsigned copies = c->s->traits.ack_copies;

	p->peer = c->s->encoder;
	if (copies == 0 && (type == F_SRT_ACK || type == F_SRT_NAK) && had_before(c->s, p)) {
		pkt_free(p);
		return;
	}
	for (unsigned i = 1; i < copies && type == F_SRT_ACK; i++)
		outbox_put(c->out, 0, pkt_copy(p));
	outbox_put(c->out, 0, p);
}

static void from_link(void *core, unsigned port, struct pkt *p, ustime now, struct outbox *out)
{
	struct foreign_turn c = {core, now, out};
	struct foreign_link *l = &c.s->link[port - 1];
	unsigned type = foreign_type(p->data, p->len);

	if (l->up && type != F_REG2 && type != F_REG_NGP && type != F_REG_ERR)
		l->heard = now;
	if (type == F_ACK) {
		srtla_ack(c.s, l, p->len);
	} else if (type == F_KEEPALIVE) {
		echoed(c.s, l, p);
	} else if (!foreign_answered(&c, l, p)) {
		to_app(&c, p);
		return;
	}
	pkt_free(p);
}

static struct foreign_link *pick(struct foreign_sender *s)
{
	struct foreign_link *best = NULL;
	int32_t best_score = -1;

	for (unsigned i = 0; i < s->count; i++) {
		struct foreign_link *l = &s->link[(s->turn + i) % s->count];
		int32_t score = s->traits.round_robin ? 0 : l->window / (l->in_flight + 1);

		if (l->up && score > best_score) {
			best = l;
			best_score = score;
		}
	}
	if (best && s->traits.round_robin)
		s->turn = best->port % s->count;
	return best;
}

static void from_app(void *core, struct pkt *p, ustime now, struct outbox *out)
{
	struct foreign_sender *s = core;
	struct foreign_link *l = pick(s);

	s->encoder = p->peer;
	if (!l) {
		s->no_link++;
		pkt_free(p);
		return;
	}
	l->in_flight += !(p->data[0] & 0x80);
	l->sent = now;
	outbox_put(out, l->port, p);
}

static void link_error(void *core, unsigned port, struct pkt *p, int err, ustime now,
		       struct outbox *out)
{
	struct foreign_turn c = {core, now, out};

	(void)err;
	pkt_free(p);
	foreign_lose(&c, &c.s->link[port - 1]);
}

static void keepalive(const struct foreign_turn *c, struct foreign_link *l)
{
	const struct foreign_sender *s = c->s;

	if (s->traits.keepalive_idle && c->now - l->sent <= TICK)
		return;
	put_be16(l->keepalive, F_KEEPALIVE);
	put_be64(l->keepalive + 2, (uint64_t)(c->now / 1000));
	put_be32(l->keepalive + KEEPALIVE_TIME, UINT32_C(0xc01f0001));
	put_be32(l->keepalive + 14, l->port);
	put_be32(l->keepalive + 18, (uint32_t)l->window);
	put_be32(l->keepalive + 22, (uint32_t)l->in_flight);
	put_be32(l->keepalive + 26, 50);
	put_be32(l->keepalive + 30, 7);
	put_be32(l->keepalive + 34, 250000);
	foreign_put(c, l, l->keepalive, s->traits.keepalive_len);
}

static void look_after(const struct foreign_turn *c, struct foreign_link *l)
{
	const struct foreign_sender_traits *t = &c->s->traits;

	if (l->up && c->now - l->heard > t->link_timeout)
		foreign_lose(c, l);
	if (l->up)
		keepalive(c, l);
	else if (t->reopen && c->now - l->opened >= t->reopen && c->s->pending != l->port)
		l->wants_socket = true;
	else if (!l->wants_socket)
		foreign_ask(c, l);
}

static void run(void *core, ustime now, struct outbox *out)
{
	struct foreign_turn c = {core, now, out};
	struct foreign_sender *s = c.s;

	if (now < s->tick)
		return;
	s->tick = now + TICK;
	foreign_think(&c);
	for (unsigned i = 0; i < s->count; i++)
		look_after(&c, &s->link[i]);
}

static ustime deadline(const void *core)
{
	const struct foreign_sender *s = core;

	return s->tick;
}

static unsigned link_add(void *core, unsigned rank, ustime now, struct outbox *out)
{
	struct foreign_turn c = {core, now, out};
	struct foreign_link *l = &c.s->link[c.s->count++];

	must(c.s->count <= FOREIGN_LINKS && rank + 1 == c.s->count);
	l->port = c.s->count;
	l->window = FOREIGN_WINDOW;
	l->opened = now;
	foreign_ask(&c, l);
	return l->port;
}

static unsigned next_reopen(void *core)
{
	struct foreign_sender *s = core;

	for (unsigned i = 0; i < s->count; i++) {
		if (!s->link[i].wants_socket)
			continue;
		s->link[i].wants_socket = false;
		return s->link[i].port;
	}
	return 0;
}

static void link_reopened(void *core, unsigned port, ustime now, struct outbox *out)
{
	struct foreign_turn c = {core, now, out};
	struct foreign_link *l = &c.s->link[port - 1];

	l->opened = now;
	foreign_ask(&c, l);
}

static void *create(const struct sender_config *cfg, const struct foreign_sender_traits *traits,
		    struct pkt_pool *pool, ustime now)
{
	struct foreign_sender *s = calloc(1, sizeof(*s));

	must(s != NULL && traits->keepalive_len <= KEEPALIVE_FIGURES);
	s->traits = *traits;
	s->pool = pool;
	s->began = s->lived = now;
	s->tick = now + TICK;
	rng_init(&s->rng, cfg->seed);
	foreign_forget_group(s);
	return s;
}

const struct sender_door foreign_sender = {
	.create = create,
	.destroy = free,
	.link_add = link_add,
	.next_reopen = next_reopen,
	.link_reopened = link_reopened,
	.from_app = from_app,
	.from_link = from_link,
	.link_error = link_error,
	.run = run,
	.deadline = deadline,
};
