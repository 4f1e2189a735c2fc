/* SPDX-License-Identifier: MIT */
#include "tests/sim/foreign_receiver.h"

#include <stdlib.h>
#include <string.h>

#include "tests/sim/world.h"

#define CLEAN_EVERY SEC(3)
#define PROBE_EVERY SEC(1)
#define THROTTLE    MSEC(500)

enum { TELEMETRY = 38 }; /* the longest keepalive that is known */

static void end_group(const struct foreign_call *c, struct foreign_group *g, const char *why)
{
	foreign_note(c, RECEIVER_GROUP_GONE, g, &g->last, why);
	memset(g, 0, sizeof(*g));
}

static void pad(struct pkt *p)
{
	if (p->len >= FOREIGN_PADDED)
		return;
	memset(p->data + p->len, 0, FOREIGN_PADDED - p->len);
	p->len = FOREIGN_PADDED;
}

/* True when p goes back. */
static bool echo(const struct foreign_call *c, struct foreign_group *g, struct pkt *p)
{
	const struct foreign_receiver_traits *t = &c->r->traits;

	c->r->keepalives++;
	c->r->long_keepalives += p->len > TELEMETRY;
	if (t->keepalives_lead) {
		g->last = p->peer;
		g->last_local = p->local;
	}
	if (t->forwards_keepalives) {
		if (p->len < TELEMETRY)
			return false;
		outbox_put(c->out, (unsigned)(g - c->r->group) + 1, p);
		return true;
	}
	if (t->echo_most && p->len > t->echo_most)
		p->len = (uint16_t)t->echo_most;
	if (t->pads)
		pad(p);
	outbox_put(c->out, 0, p);
	return true;
}

static void count_data(const struct foreign_call *c, struct foreign_member *m, uint32_t seq)
{
	enum foreign_acks way = c->r->traits.acks;
	uint8_t buf[4 + 4 * F_ACK_COUNT];

	m->owed[m->owed_count++] = seq;
	if (m->owed_count < F_ACK_COUNT)
		return;
	m->owed_count = 0;
	if (way == ACKS_NEVER || (way == ACKS_THROTTLED && c->now - m->acked < THROTTLE))
		return;
	m->acked = c->now;
	put_be32(buf, way == ACKS_MALFORMED ? F_ACK : (uint32_t)F_ACK << 16);
	for (size_t i = 0; i < F_ACK_COUNT; i++)
		put_be32(buf + 4 + 4 * i, m->owed[i]);
	foreign_say(c, &m->who, &m->local, buf, sizeof(buf));
}

/* True when p was passed on. */
static bool from_link(const struct foreign_call *c, struct pkt *p)
{
	struct foreign_group *g = foreign_home_of(c->r, &p->peer);
	struct foreign_member *m = g ? foreign_member_of(g, &p->peer) : NULL;

	if (!m) {
		c->r->strangers += p->len >= F_SRT_LEAST && !(p->data[0] & 0x80);
		return false;
	}
	m->heard = c->now;
	m->local = p->local;
	if (foreign_type(p->data, p->len) == F_KEEPALIVE)
		return echo(c, g, p);
	if (p->len < F_SRT_LEAST)
		return false;
	g->last = p->peer;
	g->last_local = p->local;
	g->used = true;
	if (!(p->data[0] & 0x80))
		count_data(c, m, be32(p->data));
	outbox_put(c->out, (unsigned)(g - c->r->group) + 1, p);
	return true;
}

static void from_net(void *core, struct pkt *p, ustime now, struct outbox *out)
{
	struct foreign_call c = {core, now, out};
	unsigned type = foreign_type(p->data, p->len);

	if (type == F_REG1 && p->len == F_REG_LEN)
		foreign_reg1(&c, p);
	else if (type == F_REG2 && p->len == F_REG_LEN)
		foreign_reg2(&c, p);
	else if (type != F_REG1 && type != F_REG2 && from_link(&c, p))
		return;
	pkt_free(p);
}

static struct foreign_group *group_at(struct foreign_receiver *r, unsigned port)
{
	must(port >= 1);
	return port <= FOREIGN_GROUPS && r->group[port - 1].serial ? &r->group[port - 1] : NULL;
}

static void from_server(void *core, unsigned port, struct pkt *p, ustime now, struct outbox *out)
{
	struct foreign_call c = {core, now, out};
	struct foreign_group *g = group_at(c.r, port);
	unsigned type = foreign_type(p->data, p->len);

	if (!g) {
		pkt_free(p);
		return;
	}
	g->server_spoke = now;
	if (c.r->traits.pads)
		pad(p);
	if (type == F_SRT_ACK || (type == F_SRT_NAK && c.r->traits.naks_to_all)) {
		for (unsigned i = 0; i < FOREIGN_MEMBERS; i++)
			if (g->member[i].here)
				foreign_say(&c, &g->member[i].who, &g->member[i].local, p->data,
					    p->len);
		pkt_free(p);
		return;
	}
	p->peer = g->last;
	p->local = g->last_local;
	outbox_put(out, 0, p);
}

static void server_error(void *core, unsigned port, struct pkt *p, int err, ustime now,
			 struct outbox *out)
{
	struct foreign_call c = {core, now, out};
	struct foreign_group *g = group_at(c.r, port);

	(void)err;
	pkt_free(p);
	if (g && c.r->traits.refusal_ends_group)
		end_group(&c, g, "refused");
}

static uint32_t group_serial(const void *core, unsigned port)
{
	const struct foreign_receiver *r = core;

	return port <= FOREIGN_GROUPS ? r->group[port - 1].serial : 0;
}

static void clean(const struct foreign_call *c, struct foreign_group *g)
{
	const struct foreign_receiver_traits *t = &c->r->traits;

	for (unsigned i = 0; i < FOREIGN_MEMBERS && t->link_timeout != NEVER; i++) {
		struct foreign_member *m = &g->member[i];

		if (!m->here || c->now - m->heard <= t->link_timeout)
			continue;
		foreign_note(c, RECEIVER_MEMBER_GONE, g, &m->who, "silent");
		m->here = false;
		g->count--;
	}
	if (g->count == 0 && c->now - g->made > (g->used ? t->group_timeout : t->half_made))
		end_group(c, g, "empty");
	else if (t->server_patience && c->now - g->server_spoke > t->server_patience)
		end_group(c, g, "silent server");
}

static void probe(const struct foreign_call *c, const struct foreign_group *g)
{
	uint8_t buf[FOREIGN_PADDED] = {0x90};

	for (unsigned i = 0; i < FOREIGN_MEMBERS; i++)
		if (g->member[i].here)
			foreign_say(c, &g->member[i].who, &g->member[i].local, buf,
				    c->r->traits.probe_len);
}

static void run(void *core, ustime now, struct outbox *out)
{
	struct foreign_call c = {core, now, out};
	bool cleans = now >= c.r->clean_due, probes = now >= c.r->probe_due;

	for (unsigned i = 0; i < FOREIGN_GROUPS; i++) {
		if (c.r->group[i].serial && cleans)
			clean(&c, &c.r->group[i]);
		if (c.r->group[i].serial && probes && c.r->traits.probe_len)
			probe(&c, &c.r->group[i]);
	}
	if (cleans)
		c.r->clean_due = now + CLEAN_EVERY;
	if (probes)
		c.r->probe_due = now + PROBE_EVERY;
}

static ustime deadline(const void *core)
{
	const struct foreign_receiver *r = core;

	return earlier(r->clean_due, r->probe_due);
}

static void *create(const struct receiver_config *cfg, const struct foreign_receiver_traits *traits,
		    struct pkt_pool *pool, ustime now)
{
	struct foreign_receiver *r = calloc(1, sizeof(*r));

	must(r != NULL && traits->links <= FOREIGN_MEMBERS && traits->reply_len <= FOREIGN_PADDED);
	r->traits = *traits;
	r->pool = pool;
	r->clean_due = now + CLEAN_EVERY;
	r->probe_due = now + PROBE_EVERY;
	rng_init(&r->rng, be64(cfg->create_key.bytes));
	return r;
}

const struct receiver_door foreign_receiver = {
	.create = create,
	.destroy = free,
	.from_net = from_net,
	.from_server = from_server,
	.server_error = server_error,
	.group_serial = group_serial,
	.run = run,
	.deadline = deadline,
};
