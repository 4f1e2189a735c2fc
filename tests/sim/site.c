/* SPDX-License-Identifier: MIT */
#include "tests/sim/site.h"

#include <errno.h>
#include <string.h>

#include "shared/wire/keepalive.h"
#include "shared/wire/srtla.h"
#include "tests/sim/bond.h"
#include "tests/sim/foreign_receiver.h"

enum {
	HELD = 8192, /* packets that the receiver may hold back */
	POOL = HELD + 2048,
	SRTLA_PORT = 5000,
	FIRST_PORT = 20000, /* of sockets toward the SRT server */
};

static struct pkt *packet(struct site *s, const uint8_t *data, size_t len)
{
	struct pkt *p = pkt_get(&s->pool);

	if (!p)
		return NULL;
	memcpy(p->data, data, len);
	p->len = (uint16_t)len;
	return p;
}

/* Our socket toward the server; a new one for each group that takes this port. */
static void socket_address(struct site *s, unsigned port, struct endpoint *ep)
{
	uint32_t serial = s->door->group_serial(s->core, port);

	must(port <= SITE_GROUPS);
	if (s->socket[port].serial != serial) {
		s->socket[port].serial = serial;
		s->socket[port].port = ++s->last_port;
	}
	*ep = s->loopback;
	ep->port = s->socket[port].port;
}

static void put_aside(struct site *s, const struct endpoint *from, const struct pkt *p)
{
	if (s->backlog == SITE_BACKLOG) {
		s->overflowed++;
		return;
	}
	s->waiting[s->backlog].from = *from;
	s->waiting[s->backlog].len = p->len;
	memcpy(s->waiting[s->backlog++].data, p->data, p->len);
}

static void to_server(struct site *s, const struct pkt *p)
{
	struct endpoint from;

	socket_address(s, p->port, &from);
	if (s->server_stalls) {
		put_aside(s, &from, p);
		return;
	}
	if (s->server.there) {
		srt_listener_input(&s->server, &from, p->data, p->len);
		return;
	}
	s->refused++;
	s->door->server_error(s->core, p->port, NULL, ECONNREFUSED, s->world->now, &s->out);
}

/*
 * What is behind a keepalive's figures is for our own kind alone.  Of a mute
 * receiver it is hidden on the way in and shown again on the way out, so it is
 * returned as it was, and nothing more.
 */
static void veil(struct pkt *p)
{
	if (p->len > KEEPALIVE_EXTENDED && srtla_type(p->data, p->len) == SRTLA_KEEPALIVE)
		p->data[KEEPALIVE_EXTENDED] ^= 0xff;
}

static void to_net(struct site *s, struct pkt *p)
{
	if (s->cfg.mute)
		veil(p);
	if (!endpoint_equal(&p->local, &s->here))
		s->wrong_address++;
	for (unsigned i = 0; i < s->bonds; i++)
		if (bond_take_reply(s->bond[i], &p->peer, p->data, p->len))
			return;
	s->to_nobody++;
}

static void flush(struct site *s)
{
	struct pkt *p;

	/* The server answers while it takes a packet: the next one waits until it is done. */
	if (s->flushing)
		return;
	s->flushing = true;
	while ((p = outbox_take(&s->out))) {
		if (p->port == 0)
			to_net(s, p);
		else
			to_server(s, p);
		pkt_free(p);
	}
	s->flushing = false;
	timeline_take(s->line, SIDE_RECEIVER, 0, &s->out, receiver_note_name);
	timer_set(&s->due, s->door->deadline(s->core));
}

static void run_due(void *who)
{
	struct site *s = who;

	if (!s->core)
		return;
	s->door->run(s->core, s->world->now, &s->out);
	flush(s);
}

void site_input(struct site *s, const uint8_t *data, size_t len, const struct endpoint *from)
{
	struct pkt *p;

	p = s->core ? packet(s, data, len) : NULL;
	if (!p) {
		s->unheard++;
		return;
	}
	p->peer = *from;
	p->local = s->here;
	if (s->cfg.mute)
		veil(p);
	s->door->from_net(s->core, p, s->world->now, &s->out);
	flush(s);
}

static void from_server(void *who, const struct endpoint *to, const uint8_t *data, size_t len)
{
	struct site *s = who;
	struct pkt *p;

	if (!s->core || s->server_stalls)
		return;
	for (unsigned port = 1; port <= SITE_GROUPS; port++) {
		if (s->socket[port].port != to->port ||
		    s->socket[port].serial != s->door->group_serial(s->core, port))
			continue;
		p = packet(s, data, len);
		if (!p)
			return;
		p->port = port;
		s->door->from_server(s->core, port, p, s->world->now, &s->out);
		flush(s);
		return;
	}
	s->closed++;
}

static void fresh_keys(struct site *s)
{
	struct rng *rng = &s->world->rng;

	rng_fill(rng, &s->keys.table_key, sizeof(s->keys.table_key));
	rng_fill(rng, &s->keys.create_key, sizeof(s->keys.create_key));
	rng_fill(rng, &s->keys.readopt_key, sizeof(s->keys.readopt_key));
}

static void write_file(struct site *s)
{
	for (unsigned port = 1; port <= SITE_GROUPS; port++) {
		struct site_record *f = &s->file[port];

		f->written = s->door->record && s->door->record(s->core, port, &f->group);
		f->port = s->socket[port].port;
	}
}

/* Each group has its socket toward the server back, with the port that it had. */
static void read_file(struct site *s)
{
	for (unsigned i = 1; i <= SITE_GROUPS; i++) {
		const struct site_record *f = &s->file[i];
		unsigned port;

		if (!f->written)
			continue;
		port = s->door->restore(s->core, &f->group, s->world->now, &s->out);
		must(port > 0);
		if (f->port == 0)
			continue;
		s->socket[port].serial = s->door->group_serial(s->core, port);
		s->socket[port].port = f->port;
	}
}

void site_start_receiver(struct site *s, bool same_keys)
{
	if (!same_keys)
		fresh_keys(s);
	s->core = s->door->create(&s->keys, s->cfg.foreign, &s->pool, s->world->now);
	must(s->core != NULL);
	if (same_keys)
		read_file(s);
	flush(s);
}

void site_end_receiver(struct site *s)
{
	s->door->release(s->core, s->world->now, &s->out);
	flush(s);
	site_stop_receiver(s);
}

void site_stop_receiver(struct site *s)
{
	write_file(s);
	s->door->destroy(s->core);
	s->core = NULL;
	memset(s->socket, 0, sizeof(s->socket));
	timer_set(&s->due, NEVER);
}

void site_stop_server(struct site *s)
{
	srt_listener_stop(&s->server);
}

void site_start_server(struct site *s)
{
	srt_listener_start(&s->server);
}

void site_stall_server(struct site *s)
{
	s->server_stalls = true;
}

void site_resume_server(struct site *s)
{
	s->server_stalls = false;
	for (unsigned i = 0; i < s->backlog; i++)
		srt_listener_input(&s->server, &s->waiting[i].from, s->waiting[i].data,
				   s->waiting[i].len);
	s->backlog = 0;
}

void site_init(struct site *s, struct world *w, const struct site_config *cfg,
	       struct timeline *line)
{
	memset(s, 0, sizeof(*s));
	s->world = w;
	s->cfg = *cfg;
	s->line = line;
	s->door = cfg->foreign ? &foreign_receiver : &our_receiver;
	s->last_port = FIRST_PORT;
	s->keys.groups = SITE_GROUPS;
	s->keys.members = cfg->members;
	s->keys.member_timeout = cfg->member_timeout;
	s->keys.group_timeout = cfg->group_timeout;
	s->keys.hold_packets = HELD;
	s->keys.hold = cfg->hold;
	rng_fill(&w->rng, s->keys.boot_id, sizeof(s->keys.boot_id));
	endpoint_parse(cfg->ipv6 ? "2001:db8:1::5" : "203.0.113.5", &s->here);
	s->here.port = SRTLA_PORT;
	endpoint_parse("127.0.0.1", &s->loopback);
	must(pkt_pool_init(&s->pool, POOL));
	outbox_init(&s->out);
	timer_init(&s->due, w, run_due, s);
	srt_listener_init(&s->server, w, &cfg->server);
	s->server.send = from_server;
	s->server.who = s;
	site_start_server(s);
	site_start_receiver(s, false);
}

void site_finish(struct site *s)
{
	s->door->destroy(s->core);
	outbox_finish(&s->out);
	srt_listener_finish(&s->server);
	pkt_pool_finish(&s->pool);
}
