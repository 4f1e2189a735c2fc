/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "tests/sim/foreign_sender.h"
#include "tests/sim/world.h"

/* How a model's links come to be up, and cease to be. */

#define PENDING  SEC(4)
#define ALL_TOLD SEC(2) /* so long the first REG1 waits for every link's answer */

enum { WINDOW_RETURNED = 1000 };

static void note(const struct foreign_turn *c, unsigned kind, const struct foreign_link *l)
{
	outbox_note(c->out, &(struct note){.kind = kind, .port = l->port, .at = c->now});
}

void foreign_put(const struct foreign_turn *c, struct foreign_link *l, const void *data, size_t len)
{
	struct pkt *p = pkt_get(c->s->pool);

	must(p != NULL);
	memcpy(p->data, data, len);
	p->len = (uint16_t)len;
	l->sent = c->now;
	outbox_put(c->out, l->port, p);
}

static void put_reg(const struct foreign_turn *c, struct foreign_link *l, unsigned type)
{
	uint8_t buf[F_REG_LEN];

	put_be16(buf, (uint16_t)type);
	memcpy(buf + 2, c->s->id, F_ID);
	c->s->reg1s += type == F_REG1;
	foreign_put(c, l, buf, sizeof(buf));
}

unsigned foreign_live(const struct foreign_sender *s)
{
	unsigned n = 0;

	for (unsigned i = 0; i < s->count; i++)
		n += s->link[i].up;
	return n;
}

static void ask_for_group(const struct foreign_turn *c, struct foreign_link *l)
{
	struct foreign_sender *s = c->s;

	s->whole = false;
	s->pending = l->port;
	s->pending_until = c->now + PENDING;
	put_reg(c, l, F_REG1);
}

void foreign_ask(const struct foreign_turn *c, struct foreign_link *l)
{
	struct foreign_sender *s = c->s;
	bool again = l->opened != c->now;

	if (s->pending == l->port && s->traits.repeats_reg1)
		put_reg(c, l, F_REG1);
	if (s->pending != 0)
		return;
	if (!s->whole && s->traits.first == FIRST_ASKS)
		ask_for_group(c, l);
	else if (!s->whole && s->traits.first == FIRST_PROBES_ONE && l != s->link)
		return;
	else if (!again || s->traits.repeats_reg2)
		put_reg(c, l, F_REG2);
}

void foreign_lose(const struct foreign_turn *c, struct foreign_link *l)
{
	if (l->up)
		note(c, SENDER_LINK_DOWN, l);
	l->up = false;
	l->window = c->s->traits.reopen ? FOREIGN_WINDOW : WINDOW_RETURNED;
	l->in_flight = 0;
	l->wants_socket = c->s->traits.reopen != 0;
}

static void revive(const struct foreign_turn *c, struct foreign_link *l)
{
	if (!l->up)
		note(c, SENDER_LINK_UP, l);
	l->up = true;
	l->heard = c->s->lived = c->now;
}

static void ngp(const struct foreign_turn *c, struct foreign_link *l)
{
	struct foreign_sender *s = c->s;

	s->ngps++;
	if (s->whole && s->traits.start_over)
		return;
	if (foreign_live(s) > 0 || s->pending != 0 || c->now <= s->pending_until)
		return;
	if (s->traits.first == FIRST_WAITS)
		l->told = true;
	else
		ask_for_group(c, l);
}

static void reg2(const struct foreign_turn *c, const struct foreign_link *l, const struct pkt *p)
{
	struct foreign_sender *s = c->s;

	if (s->pending != l->port || p->len != F_REG_LEN ||
	    (s->traits.checks_half && memcmp(p->data + 2, s->id, F_HALF) != 0))
		return;
	memcpy(s->id, p->data + 2, F_ID);
	s->whole = true;
	s->pending = 0;
	s->pending_until = c->now + PENDING;
	for (unsigned i = 0; i < s->count && s->traits.first != FIRST_WAITS; i++)
		put_reg(c, &s->link[i], F_REG2);
}

static void reg_err(const struct foreign_turn *c, struct foreign_link *l)
{
	c->s->errs++;
	if (c->s->traits.err_is_life)
		revive(c, l);
	else if (c->s->traits.err_ends_link)
		foreign_lose(c, l);
}

void foreign_forget_group(struct foreign_sender *s)
{
	s->whole = false;
	s->pending = 0;
	rng_fill(&s->rng, s->id, F_ID);
}

/* The REG1 that waited for every link to say that there is no group. */
static void ask_after_all(const struct foreign_turn *c)
{
	struct foreign_sender *s = c->s;
	struct foreign_link *first = NULL;
	unsigned told = 0;

	for (unsigned i = s->count; i-- > 0;) {
		if (!s->link[i].told)
			continue;
		told++;
		first = &s->link[i];
	}
	if (!first || s->pending != 0 || (told < s->count && c->now - s->began < ALL_TOLD))
		return;
	for (unsigned i = 0; i < s->count; i++)
		s->link[i].told = false;
	ask_for_group(c, first);
}

bool foreign_answered(const struct foreign_turn *c, struct foreign_link *l, const struct pkt *p)
{
	switch (foreign_type(p->data, p->len)) {
	case F_REG_NGP:
		ngp(c, l);
		return true;
	case F_REG2:
		reg2(c, l, p);
		return true;
	case F_REG3:
		revive(c, l);
		return true;
	case F_REG_ERR:
		reg_err(c, l);
		return true;
	default:
		return false;
	}
}

void foreign_think(const struct foreign_turn *c)
{
	struct foreign_sender *s = c->s;

	if (foreign_live(s) > 0)
		s->lived = c->now;
	if (s->pending != 0 && c->now > s->pending_until)
		s->pending = 0;
	if (s->traits.start_over && c->now - s->lived > s->traits.start_over) {
		s->lived = c->now;
		foreign_forget_group(s);
	}
	ask_after_all(c);
}
