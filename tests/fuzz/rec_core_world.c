/* SPDX-License-Identifier: MIT */
#include "rec_core_world.h"

#include <string.h>

#include "shared/wire/be.h"
#include "shared/wire/report.h"
#include "shared/wire/srt.h"

enum { REPORT_RECORD = 10 }; /* bytes of an arrival, at the most */

#define ALIVE SEC(14) /* heard so lately, a member does not leave by itself */

uint8_t world_byte(struct world *w)
{
	return w->at < w->end ? *w->at++ : 0;
}

/* Six hosts in three networks; each speaks IPv4, IPv6, IPv4 as mapped, and from a second port. */
struct endpoint world_address(unsigned n)
{
	unsigned host = n / 4 % 6, net = host % 3;
	struct endpoint ep = {.family = FAMILY_V4, .port = (uint16_t)(4000 + n % 4 / 3)};

	if (n % 4 == 1) {
		ep.family = FAMILY_V6;
		memcpy(ep.addr,
		       (uint8_t[]){0x20, 1, 0xd, 0xb8, 0, (uint8_t)net, [15] = (uint8_t)host}, 16);
	} else if (n % 4 == 2) {
		ep.family = FAMILY_V6;
		memcpy(ep.addr,
		       (uint8_t[]){[10] = 0xff, 0xff, 192, 0, (uint8_t)net, (uint8_t)(host + 1)},
		       16);
	} else {
		memcpy(ep.addr, (uint8_t[]){192, 0, (uint8_t)net, (uint8_t)(host + 1)}, 4);
	}
	return ep;
}

struct scale *world_scale(struct world *w, const struct endpoint *who)
{
	unsigned i = 0;

	while (w->scale[i].who.family != FAMILY_NONE && !endpoint_equal(&w->scale[i].who, who))
		must(++i < ADDRESSES);
	w->scale[i].who = *who;
	return &w->scale[i];
}

uint64_t world_on_wire(const struct endpoint *who, size_t len)
{
	return len + (who->family == FAMILY_V4 ? 28u : 48u);
}

/* May this one go beyond what came from there?  The origin of a group may, each second. */
static bool favoured(struct world *w, const struct pkt *p, struct scale *s)
{
	const struct member *m = registry_member(&w->r->registry, &p->peer);

	if (!m || !endpoint_equal(&m->group->id.origin, &p->peer) || p->len < SRT_HEADER_LEN ||
	    be16(p->data) != (0x8000 | SRT_ACK) || (s->favour != 0 && w->now - s->favour < SEC(1)))
		return false;
	s->favour = w->now;
	return true;
}

static void weigh(struct world *w, const struct pkt *p)
{
	struct scale *s = world_scale(w, &p->peer);
	uint64_t len = world_on_wire(&p->peer, p->len);

	if (s->out + len <= 3 * s->in)
		s->out += len;
	else
		must(favoured(w, p, s));
}

uint64_t world_ended(struct world *w)
{
	uint64_t count[sizeof(struct receiver_drops) / sizeof(uint64_t)], sum = 0;

	memcpy(count, &w->r->drops, sizeof(count));
	for (size_t i = 0; i < sizeof(count) / sizeof(count[0]); i++)
		sum += count[i];
	for (const struct group *g = w->r->registry.by_id; g; g = g->hh.next)
		sum += g->server_refused + g->naks_again + g->reorder.held +
		       (g->login.waiting != NULL);
	return sum;
}

/* What waits is where the core says that it waits. */
static void check_packets(struct world *w)
{
	const struct receiver *r = w->r;
	size_t held = 0, waiting = 0;

	for (const struct group *g = r->registry.by_id; g; g = g->hh.next) {
		held += g->reorder.held;
		waiting += g->login.waiting != NULL;
	}
	must(held == r->shelf.count && held <= HOLD);
	must(w->pool.in_use == held + waiting);
}

/* Groups on trial are those that are not proved, each once, and no network is miscounted. */
static void check_trials(struct world *w)
{
	const struct tenure *n = &w->r->tenure;
	unsigned unproved = 0, crowds = 0;

	for (const struct group *g = w->r->registry.by_id; g; g = g->hh.next)
		unproved += !g->proved;
	must(unproved == n->count);
	for (unsigned i = 0; i < n->count; i++) {
		must(n->trials[i].group->serial != 0 && !n->trials[i].group->proved);
		must(i == 0 || n->trials[i].group != n->trials[i - 1].group);
	}
	for (uint32_t i = 0; i <= n->mask; i++)
		crowds += n->crowd[i];
	must(crowds == n->count && n->count <= n->limit);
}

void world_check_tables(struct world *w)
{
	static struct endpoint seen[GROUPS * MEMBERS];
	struct receiver_group_view g;
	struct receiver_view v;
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
	check_trials(w);
}

void world_note_safe(struct world *w)
{
	memset(w->safe, 0, sizeof(w->safe));
	for (const struct group *g = w->r->registry.by_id; g; g = g->hh.next) {
		for (unsigned i = 0; g->proved && i < MEMBERS; i++) {
			if (g->members[i].group && w->now - g->members[i].heard < ALIVE)
				w->safe[g->port] = g->serial;
		}
	}
}

void world_check_safe(const struct world *w)
{
	for (unsigned port = 1; port <= GROUPS; port++)
		must(w->safe[port] == 0 || w->safe[port] == receiver_group_serial(w->r, port));
}

/* To a caller whose session is lost; it goes to the best member, whoever asked. */
static bool is_goodbye(const struct pkt *p)
{
	return p->len == SRT_SHUTDOWN_LEN && be16(p->data) == (0x8000 | SRT_SHUTDOWN);
}

/* What a conclusion must bring back. */
static void remember_cookie(struct world *w, const struct pkt *p)
{
	struct srt_handshake hs;

	if (srt_parse_handshake(p->data, p->len, &hs))
		w->cookie = hs.cookie;
}

/* It says something, and all that it says can be read. */
static void check_report(const struct pkt *p)
{
	struct report_reader r;
	struct report_link link;
	struct report_arrival a;
	unsigned links;

	must(p->len <= REPORT_MAX && report_open(&r, p->data, p->len) && r.links > 0);
	for (links = r.links; links > 0; links--) {
		must(report_next_link(&r, &link));
		must(link.records > 0 || p->len > REPORT_MAX - REPORT_RECORD);
		must(link.records <= link.total);
		while (report_next(&r, &a))
			link.records--;
		must(link.records == 0);
	}
	must(!report_next_link(&r, &link) && r.at == r.end);
}

size_t world_drain(struct world *w, const struct endpoint *asker, size_t asked)
{
	uint64_t answered = 0;
	size_t count = 0;
	struct pkt *p;

	while ((p = outbox_take(&w->out))) {
		count++;
		must(p->port <= GROUPS && p->len <= PKT_CAP);
		if (srtla_type(p->data, p->len) == SRTLA_REPORT) {
			/* of what all have sent, to two of them; weigh() says how much they get */
			weigh(w, p);
			check_report(p);
		} else if (p->port == 0) {
			weigh(w, p);
			must(!asker || endpoint_equal(&p->peer, asker) || is_goodbye(p));
			answered += world_on_wire(&p->peer, p->len);
			remember_cookie(w, p);
		}
		if (p->port == 0 && srtla_type(p->data, p->len) == SRTLA_REG2)
			memcpy(w->id[w->last_id++ % IDS], p->data + 2, SRTLA_ID_LEN);
		if (p->port != 0)
			must(srtla_type(p->data, p->len) == SRTLA_NOT_OURS && p->len >= 16);
		pkt_free(p);
	}
	must(!asker || answered <= 3 * world_on_wire(asker, asked));
	check_packets(w);
	for (unsigned i = 0; i < w->out.note_count; i++)
		must(strcmp(receiver_note_name(w->out.notes[i].kind), "note") != 0);
	outbox_clear_notes(&w->out);
	return count;
}
