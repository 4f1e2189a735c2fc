/* SPDX-License-Identifier: MIT */
#include "fuzz.h"

#include <errno.h>
#include <string.h>

#include "receiver/core/receiver.h"
#include "shared/wire/be.h"
#include "shared/wire/srtla.h"

/*
 * A script over the whole receiver core: time that passes, datagrams of a few
 * addresses, packets and errors of the SRT server.  Registrations have steps
 * of their own, since nobody guesses a cookie.  After each step:
 *
 *	- every packet is either home in the pool or was in the outbox,
 *	- what came in went out, or one more drop is counted,
 *	- an answer goes to who asked, and is at most three times as long,
 *	- strangers hear nothing, unless they register,
 *	- now and then, and at the end, the tables agree with each other.
 */
enum { GROUPS = 3, MEMBERS = 3, ADDRESSES = 12, IDS = 4, POOL = 32, STEPS = 4000 };

struct world {
	const uint8_t *at; /* the rest of the script */
	const uint8_t *end;
	struct pkt_pool pool;
	struct receiver *r;
	struct outbox out;
	ustime now;
	uint8_t id[IDS][SRTLA_ID_LEN]; /* given out lately */
	unsigned last_id;
};

static uint8_t byte(struct world *w)
{
	return w->at < w->end ? *w->at++ : 0;
}

/* Odd ones are IPv6, every sixth one mapped IPv4; two share each host. */
static struct endpoint address(unsigned n)
{
	struct endpoint ep = {.family = n % 2 ? FAMILY_V6 : FAMILY_V4};

	n %= ADDRESSES;
	ep.port = (uint16_t)(4000 + n / 6);
	if (n % 6 == 5) {
		ep.family = FAMILY_V6;
		memcpy(ep.addr, (uint8_t[]){[10] = 0xff, 0xff, 192, 0, 2, 1}, 16);
	} else if (ep.family == FAMILY_V6) {
		memcpy(ep.addr, (uint8_t[]){0x20, 1, 0xd, 0xb8, [15] = (uint8_t)(n % 6)}, 16);
	} else {
		memcpy(ep.addr, (uint8_t[]){192, 0, 2, (uint8_t)(n % 6 + 1)}, 4);
	}
	return ep;
}

/* Those of the core as a whole. */
static uint64_t drops(struct world *w)
{
	uint64_t count[sizeof(struct receiver_drops) / sizeof(uint64_t)], sum = 0;
	struct receiver_view v;

	receiver_view(w->r, w->now, &v);
	memcpy(count, &v.drops, sizeof(count));
	for (size_t i = 0; i < sizeof(count) / sizeof(count[0]); i++)
		sum += count[i];
	return sum;
}

static bool is_member(struct world *w, const struct endpoint *who)
{
	struct receiver_group_view g;

	for (unsigned port = 1; port <= GROUPS; port++) {
		if (!receiver_group_view(w->r, port, w->now, &g))
			continue;
		for (unsigned i = 0; i < g.count; i++) {
			if (endpoint_equal(&g.member[i].who, who))
				return true;
		}
	}
	return false;
}

static void check_tables(struct world *w)
{
	struct receiver_group_view g;
	struct receiver_view v;
	struct endpoint seen[GROUPS * MEMBERS];
	unsigned groups = 0, members = 0;

	receiver_view(w->r, w->now, &v);
	for (unsigned port = 1; port <= GROUPS; port++) {
		bool there = receiver_group_view(w->r, port, w->now, &g);

		must(there == (receiver_group_serial(w->r, port) != 0));
		groups += there;
		must(g.count <= MEMBERS);
		for (unsigned i = 0; i < g.count; i++) {
			for (unsigned j = 0; j < members; j++)
				must(!endpoint_equal(&seen[j], &g.member[i].who));
			seen[members++] = g.member[i].who;
		}
	}
	must(groups == v.groups && members == v.members);
	must((groups == 0) == (receiver_deadline(w->r) == NEVER));
}

/* Empties the outbox; `asker` NULL: whoever may be answered. */
static size_t drain(struct world *w, const struct endpoint *asker, size_t asked)
{
	size_t answered = 0, count = 0;
	struct pkt *p;

	while ((p = outbox_take(&w->out))) {
		count++;
		must(p->port <= GROUPS && p->len <= PKT_CAP);
		if (p->port == 0 && asker) {
			must(endpoint_equal(&p->peer, asker));
			answered += p->len;
		}
		if (p->port == 0 && srtla_type(p->data, p->len) == SRTLA_REG2)
			memcpy(w->id[w->last_id++ % IDS], p->data + 2, SRTLA_ID_LEN);
		if (p->port != 0)
			must(srtla_type(p->data, p->len) == SRTLA_NOT_OURS && p->len >= 16);
		pkt_free(p);
	}
	must(!asker || answered <= 3 * asked);
	must(w->pool.in_use == 0);
	for (unsigned i = 0; i < w->out.note_count; i++)
		must(strcmp(receiver_note_name(w->out.notes[i].kind), "note") != 0);
	outbox_clear_notes(&w->out);
	return count;
}

/* The next `want` bytes of the script as a packet; shorter where the script ends. */
static struct pkt *scripted(struct world *w, size_t want)
{
	struct pkt *p = pkt_get(&w->pool);
	size_t left = (size_t)(w->end - w->at);

	must(p != NULL);
	if (want > left)
		want = left;
	memcpy(p->data, w->at, want);
	w->at += want;
	p->len = (uint16_t)want;
	return p;
}

static void net(struct world *w, unsigned from, struct pkt *p)
{
	struct endpoint who = address(from);
	enum srtla_type type = srtla_type(p->data, p->len);
	bool registers = type == SRTLA_REG1 || type == SRTLA_REG2;
	uint64_t before = drops(w);
	size_t asked = p->len, count;

	p->peer = who;
	p->local = address(0);
	endpoint_normalise(&who);
	receiver_from_net(w->r, p, w->now, &w->out);
	count = drain(w, &who, asked);
	must(count > 0 || drops(w) > before);
	must(count == 0 || registers || is_member(w, &who));
	must(!registers || count <= 1);
}

static void reg1(struct world *w)
{
	uint8_t id[SRTLA_ID_LEN];
	struct pkt *p = pkt_get(&w->pool);
	unsigned from = byte(w);

	must(p != NULL);
	memset(id, byte(w) % 4, sizeof(id));
	p->len = (uint16_t)srtla_build_reg(p->data, SRTLA_REG1, id);
	net(w, from, p);
}

/* With an id given out before, or a bit next to it. */
static void reg2(struct world *w)
{
	struct pkt *p = pkt_get(&w->pool);
	unsigned from = byte(w), id = byte(w), flip;

	must(p != NULL);
	p->len = (uint16_t)srtla_build_reg(p->data, SRTLA_REG2, w->id[id % IDS]);
	if (id >= 0xc0) {
		flip = byte(w);
		p->data[2 + flip] ^= (uint8_t)(1 << id % 8);
	}
	net(w, from, p);
}

static void media(struct world *w)
{
	unsigned from = byte(w);
	struct pkt *p = pkt_get(&w->pool);

	must(p != NULL);
	memset(p->data, 0, 16);
	p->data[3] = byte(w);
	p->len = 16;
	net(w, from, p);
}

static void server_speaks(struct world *w)
{
	unsigned port = byte(w) % (GROUPS + 2);
	uint64_t before = drops(w);
	size_t count;

	receiver_from_server(w->r, port, scripted(w, byte(w)), w->now, &w->out);
	count = drain(w, NULL, 0);
	must(count > 0 || drops(w) > before);
	must(count <= MEMBERS);
}

static void server_fails(struct world *w)
{
	static const int errors[] = {ECONNREFUSED, EAGAIN, ENOBUFS, EHOSTUNREACH};
	unsigned port = byte(w) % (GROUPS + 2), what = byte(w);
	struct pkt *p = what & 4 ? scripted(w, 16) : NULL;
	struct receiver_group_view g;
	uint64_t before = 0, after = 0;
	bool cost = p != NULL;

	if (receiver_group_view(w->r, port, w->now, &g))
		before = g.server_refused;
	before += drops(w);
	receiver_server_error(w->r, port, p, errors[what % 4], w->now, &w->out);
	must(drain(w, NULL, 0) == 0);
	if (receiver_group_view(w->r, port, w->now, &g))
		after = g.server_refused;
	after += drops(w);
	must(after == before + cost);
}

/* Up to 51 s at once; a deadline that has passed was kept or is now. */
static void time_passes(struct world *w)
{
	uint8_t step = byte(w);

	w->now += step < 128 ? MSEC(step) : MSEC(400) * (step - 127);
	receiver_run(w->r, w->now, &w->out);
	must(receiver_deadline(w->r) > w->now);
	drain(w, NULL, 0);
}

static void step(struct world *w)
{
	unsigned from;

	switch (byte(w) % 8) {
	case 0:
		time_passes(w);
		break;
	case 1:
		from = byte(w);
		net(w, from, scripted(w, byte(w)));
		break;
	case 2:
		reg1(w);
		break;
	case 3:
		reg2(w);
		break;
	case 4:
		media(w);
		break;
	case 5:
		server_speaks(w);
		break;
	case 6:
		server_fails(w);
		break;
	default:
		from = byte(w);
		net(w, from, scripted(w, 8u * byte(w)));
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct receiver_config cfg = {.groups = GROUPS, .members = MEMBERS};
	struct world w = {.at = data, .end = data + size, .now = SEC(5)};

	must(pkt_pool_init(&w.pool, POOL));
	outbox_init(&w.out);
	w.r = receiver_create(&cfg, &w.pool, w.now);
	must(w.r != NULL);
	receiver_set_boottime(w.r, SEC(100));
	for (unsigned i = 0; i < STEPS && w.at < w.end; i++) {
		step(&w);
		if (i % 8 == 0)
			check_tables(&w);
	}
	check_tables(&w);
	receiver_destroy(w.r);
	outbox_finish(&w.out);
	pkt_pool_finish(&w.pool);
	return 0;
}
