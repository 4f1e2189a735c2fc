/* SPDX-License-Identifier: MIT */
#include "tests/sim/bond.h"

#include <stdio.h>
#include <string.h>

#include "tests/sim/foreign_sender.h"

enum {
	POOL = 16384,
	FIRST_PORT = 40000, /* of links' faces */
	ENCODER_PORT = 33333,
};

void bond_new_face(struct bond *b, struct bond_link *l)
{
	l->face.port = ++b->last_port;
}

static void to_link(struct bond *b, struct pkt *p)
{
	struct bond_link *l = &b->link[p->port - 1];

	must(p->port >= 1 && p->port <= b->cfg.links);
	if (l->fault != 0) {
		b->door->link_error(b->core, p->port, p, l->fault, b->world->now, &b->out);
		return;
	}
	if (b->dwell)
		dwell_leaves(b->dwell, b->world->now, p->data, p->len);
	path_send(&l->up, p->data, p->len, &l->face);
	pkt_free(p);
}

static void to_app(struct bond *b, struct pkt *p)
{
	if (!endpoint_equal(&p->peer, &b->caller.here))
		b->to_strangers++;
	srt_caller_input(&b->caller, &p->peer, p->data, p->len);
	pkt_free(p);
}

static void reopen(struct bond *b)
{
	unsigned port;

	while ((port = b->door->next_reopen(b->core)) != 0) {
		b->reopened++;
		bond_new_face(b, &b->link[port - 1]);
		b->door->link_reopened(b->core, port, b->world->now, &b->out);
	}
}

void bond_flush(struct bond *b)
{
	struct pkt *p;

	do {
		/* What the encoder answers comes back in here: the queue stays in order. */
		while ((p = outbox_take(&b->out))) {
			if (p->port == 0)
				to_app(b, p);
			else
				to_link(b, p);
		}
		reopen(b);
	} while (b->out.packets.count > 0);
	timeline_take(b->site->line, SIDE_SENDER, b->number, &b->out, sender_note_name);
	timer_set(&b->due, b->door->deadline(b->core));
}

static bool asleep(const struct bond *b)
{
	return b->world->now < b->asleep_until;
}

static void run_due(void *who)
{
	struct bond *b = who;

	if (!b->core)
		return;
	if (asleep(b)) {
		timer_set(&b->due, b->asleep_until);
		return;
	}
	b->runs++;
	b->door->run(b->core, b->world->now, &b->out);
	must(b->door->deadline(b->core) > b->world->now);
	bond_flush(b);
}

static struct pkt *packet(struct bond *b, const uint8_t *data, size_t len)
{
	struct pkt *p = pkt_get(&b->pool);

	must(p != NULL);
	memcpy(p->data, data, len);
	p->len = (uint16_t)len;
	return p;
}

void bond_from_app(struct bond *b, const struct endpoint *from, const uint8_t *data, size_t len)
{
	struct pkt *p;

	if (asleep(b) || !b->core) {
		b->unheard++;
		return;
	}
	p = packet(b, data, len);
	p->peer = *from;
	b->door->from_app(b->core, p, b->world->now, &b->out);
	bond_flush(b);
}

static void from_encoder(void *who, const uint8_t *data, size_t len)
{
	struct bond *b = who;

	if (b->dwell)
		dwell_enters(b->dwell, b->world->now, data, len);
	bond_from_app(b, &b->caller.here, data, len);
}

/* On the time line of the census. */
static ustime since(const struct bond *b)
{
	return b->world->now - b->census_began;
}

static void entered_up(void *who, const uint8_t *data, size_t len, const struct road_fate *fate)
{
	struct bond_link *l = who;

	census_up(l->bond->census, l->port - 1, since(l->bond), data, len, fate);
}

static void entered_down(void *who, const uint8_t *data, size_t len, const struct road_fate *fate)
{
	struct bond_link *l = who;

	(void)fate;
	census_down(l->bond->census, l->port - 1, since(l->bond), data, len);
}

void bond_watch(struct bond *b, struct census *census)
{
	b->census = census;
	b->census_began = b->world->now;
	for (unsigned i = 0; i < b->cfg.links; i++) {
		b->link[i].up.entered = entered_up;
		b->link[i].down.entered = entered_down;
	}
}

static void came_up(void *who, const uint8_t *data, size_t len, const struct endpoint *mark)
{
	struct bond_link *l = who;
	struct bond *b = l->bond;

	if (b->census)
		census_arrived(b->census, l->port - 1, since(b), l->up.sent - b->census_began, data,
			       len);
	site_input(b->site, data, len, mark);
}

static void came_down(void *who, const uint8_t *data, size_t len, const struct endpoint *mark)
{
	struct bond_link *l = who;
	struct bond *b = l->bond;

	if (!endpoint_equal(mark, &l->face)) {
		l->to_old_face++;
		return;
	}
	if (asleep(b) || !b->core) {
		b->unheard++;
		return;
	}
	b->door->from_link(b->core, l->port, packet(b, data, len), b->world->now, &b->out);
	bond_flush(b);
}

static bool behind(const struct bond_link *l, const struct endpoint *to)
{
	return endpoint_same_host(&l->face, to);
}

bool bond_take_reply(struct bond *b, const struct endpoint *to, const uint8_t *data, size_t len)
{
	for (unsigned i = 0; i < b->cfg.links; i++) {
		if (behind(&b->link[i], to)) {
			path_send(&b->link[i].down, data, len, to);
			return true;
		}
	}
	return false;
}

static void init_link(struct bond *b, unsigned i)
{
	struct bond_link *l = &b->link[i];
	char text[ENDPOINT_TEXT];

	snprintf(text, sizeof(text), b->cfg.ipv6 ? "2001:db8:2:%u::%u" : "198.51.%u.%u",
		 100 + b->number, i + 1);
	must(endpoint_parse(text, &l->face));
	bond_new_face(b, l);
	l->bond = b;
	path_init(&l->up, b->world, &b->cfg.up[i]);
	path_init(&l->down, b->world, &b->cfg.down[i]);
	l->up.arrive = came_up;
	l->down.arrive = came_down;
	l->up.who = l->down.who = l;
}

static bool plain(const struct sender_terms *t)
{
	return t->role == SENDER_NORMAL && t->weight == 0 && t->cap == 0;
}

static void start(struct bond *b, const struct sender_record *record)
{
	struct sender_config cfg = {
		.mode = b->cfg.mode,
		.seed = rng_next(&b->world->rng),
		.link_timeout = b->cfg.link_timeout,
		.copies = b->cfg.copies,
		.extra = b->cfg.extra,
		.tuning = b->cfg.tuning,
		.record = record,
	};

	rng_fill(&b->world->rng, cfg.half, sizeof(cfg.half));
	b->core = b->door->create(&cfg, b->cfg.foreign, &b->pool, b->world->now);
	must(b->core != NULL);
	for (unsigned i = 0; i < b->cfg.links; i++) {
		b->link[i].port = b->door->link_add(b->core, i, b->world->now, &b->out);
		must(b->link[i].port == i + 1);
		if (b->door->link_terms && !plain(&b->cfg.terms[i]))
			b->door->link_terms(b->core, i + 1, &b->cfg.terms[i], b->world->now,
					    &b->out);
	}
	bond_flush(b);
}

void bond_start_sender(struct bond *b)
{
	start(b, NULL);
}

void bond_resume_sender(struct bond *b)
{
	for (unsigned i = 0; i < b->cfg.links; i++)
		b->link[i].face.port = b->link[i].port_before;
	start(b, &b->record);
}

void bond_init(struct bond *b, struct site *site, const struct bond_config *cfg)
{
	struct endpoint encoder;

	memset(b, 0, sizeof(*b));
	b->world = site->world;
	b->site = site;
	b->cfg = *cfg;
	b->door = cfg->foreign ? &foreign_sender : &our_sender;
	b->number = site->bonds;
	b->last_port = FIRST_PORT;
	must(cfg->links <= BOND_LINKS && site->bonds < SITE_BONDS);
	site->bond[site->bonds++] = b;
	must(pkt_pool_init(&b->pool, POOL));
	outbox_init(&b->out);
	timer_init(&b->due, b->world, run_due, b);
	endpoint_parse("127.0.0.1", &encoder);
	encoder.port = ENCODER_PORT;
	srt_caller_init(&b->caller, b->world, &cfg->caller, &encoder);
	b->caller.send = from_encoder;
	b->caller.who = b;
	for (unsigned i = 0; i < cfg->links; i++)
		init_link(b, i);
	bond_start_sender(b);
}

void bond_finish(struct bond *b)
{
	b->door->destroy(b->core);
	outbox_finish(&b->out);
	for (unsigned i = 0; i < b->cfg.links; i++) {
		path_finish(&b->link[i].up);
		path_finish(&b->link[i].down);
	}
	pkt_pool_finish(&b->pool);
}
