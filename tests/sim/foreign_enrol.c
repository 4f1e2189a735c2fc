/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "tests/sim/foreign_receiver.h"
#include "tests/sim/world.h"

/* Who is here, and how one gets in. */

void foreign_note(const struct foreign_call *c, unsigned kind, const struct foreign_group *g,
		  const struct endpoint *who, const char *why)
{
	outbox_note(c->out, &(struct note){.kind = kind,
					   .port = (unsigned)(g - c->r->group) + 1,
					   .at = c->now,
					   .who = *who,
					   .why = why});
}

void foreign_say(const struct foreign_call *c, const struct endpoint *to,
		 const struct endpoint *from, const void *data, size_t len)
{
	struct pkt *p = pkt_get(c->r->pool);

	must(p != NULL);
	memcpy(p->data, data, len);
	p->len = (uint16_t)len;
	p->peer = *to;
	p->local = *from;
	outbox_put(c->out, 0, p);
}

static void answer(const struct foreign_call *c, const struct pkt *asked, unsigned type)
{
	uint8_t buf[FOREIGN_PADDED] = {0};

	put_be16(buf, (uint16_t)type);
	c->r->errs += type == F_REG_ERR;
	c->r->ngps += type == F_REG_NGP;
	foreign_say(c, &asked->peer, &asked->local, buf, c->r->traits.reply_len);
}

struct foreign_member *foreign_member_of(struct foreign_group *g, const struct endpoint *who)
{
	for (unsigned i = 0; i < FOREIGN_MEMBERS; i++)
		if (g->member[i].here && endpoint_equal(&g->member[i].who, who))
			return &g->member[i];
	return NULL;
}

/* The group that has this address as a link, or NULL. */
struct foreign_group *foreign_home_of(struct foreign_receiver *r, const struct endpoint *who)
{
	for (unsigned i = 0; i < FOREIGN_GROUPS; i++)
		if (r->group[i].serial && foreign_member_of(&r->group[i], who))
			return &r->group[i];
	return NULL;
}

void foreign_reg1(const struct foreign_call *c, const struct pkt *p)
{
	struct foreign_group *g = NULL;
	uint8_t reply[F_REG_LEN];

	for (unsigned i = FOREIGN_GROUPS; i-- > 0;) {
		struct foreign_group *one = &c->r->group[i];

		if (one->serial && endpoint_equal(&one->last, &p->peer)) {
			answer(c, p, F_REG_ERR);
			return;
		}
		if (!one->serial)
			g = one;
	}
	if (!g || foreign_home_of(c->r, &p->peer)) {
		answer(c, p, F_REG_ERR);
		return;
	}
	g->serial = ++c->r->last_serial;
	g->made = g->server_spoke = c->now;
	g->last = p->peer;
	g->last_local = p->local;
	memcpy(g->id, p->data + 2, F_HALF);
	rng_fill(&c->r->rng, g->id + F_HALF, F_ID - F_HALF);
	foreign_note(c, RECEIVER_GROUP_NEW, g, &p->peer, NULL);
	put_be16(reply, F_REG2);
	memcpy(reply + 2, g->id, F_ID);
	foreign_say(c, &p->peer, &p->local, reply, sizeof(reply));
}

static struct foreign_group *group_of_id(struct foreign_receiver *r, const uint8_t *id)
{
	for (unsigned i = 0; i < FOREIGN_GROUPS; i++)
		if (r->group[i].serial && memcmp(r->group[i].id, id, F_ID) == 0)
			return &r->group[i];
	return NULL;
}

static void add_member(const struct foreign_call *c, struct foreign_group *g, const struct pkt *p)
{
	struct foreign_member *m = g->member;
	unsigned used = 0;

	while (m->here)
		m++;
	*m = (struct foreign_member){
		.here = true, .who = p->peer, .local = p->local, .heard = c->now};
	g->count++;
	foreign_note(c, RECEIVER_MEMBER_NEW, g, &p->peer, NULL);
	for (unsigned i = 0; i < FOREIGN_GROUPS; i++)
		used += c->r->group[i].count > 0;
	if (used > c->r->most_used)
		c->r->most_used = used;
}

void foreign_reg2(const struct foreign_call *c, const struct pkt *p)
{
	struct foreign_group *g = group_of_id(c->r, p->data + 2);
	struct foreign_group *home = foreign_home_of(c->r, &p->peer);

	if (!g) {
		answer(c, p, F_REG_NGP);
		return;
	}
	if ((home && home != g) || (!home && g->count >= c->r->traits.links)) {
		answer(c, p, F_REG_ERR);
		return;
	}
	if (!home)
		add_member(c, g, p);
	g->last = p->peer;
	g->last_local = p->local;
	answer(c, p, F_REG3);
}
