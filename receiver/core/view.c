/* SPDX-License-Identifier: MIT */
#include "receiver/core/view.h"

#include <string.h>

#include "receiver/core/state.h"

/* Telemetry comes every second; two misses, and it tells of the past. */
#define FRESH SEC(2)

static void view_member(const struct member *m, ustime now, struct receiver_member_view *v)
{
	v->who = m->who;
	v->idle = now - m->heard;
	v->packets_in = m->packets_in;
	v->bytes_in = m->bytes_in;
	v->data_in = m->data_in;
	v->packets_out = m->packets_out;
	v->bytes_out = m->bytes_out;
	v->reports = m->reports && now - m->reported <= FRESH;
	if (!v->reports)
		return;
	v->window = m->window;
	v->in_flight = m->in_flight;
	v->srtt = m->srtt;
	v->naks = m->naks;
	v->rate = m->rate;
}

void receiver_view(struct receiver *r, ustime now, struct receiver_view *v)
{
	(void)now;
	memset(v, 0, sizeof(*v));
	v->groups = r->registry.group_count;
	v->members = r->registry.member_count;
	v->unproved = r->tenure.count;
	v->reg1 = r->enrol.reg1;
	v->reg2 = r->enrol.reg2;
	v->drops = r->drops;
}

bool receiver_group_view(struct receiver *r, unsigned port, ustime now,
			 struct receiver_group_view *v)
{
	const struct group *g = registry_port(&r->registry, port);

	memset(v, 0, sizeof(*v));
	if (!g)
		return false;
	v->port = g->port;
	v->serial = g->serial;
	v->age = now - g->made;
	v->own_peer = g->own_peer;
	v->latency = g->session.latency;
	v->up_packets = g->up_packets;
	v->up_bytes = g->up_bytes;
	v->down_packets = g->down_packets;
	v->acks = g->acks;
	v->naks = g->naks;
	v->naks_again = g->naks_again;
	v->reports = g->arrivals ? g->arrivals->reports : 0;
	v->server_refused = g->server_refused;
	v->proved = g->proved;
	v->server = g->server;
	v->order = g->reorder.figures;
	v->order.held = g->reorder.held;
	for (unsigned i = 0; i < r->cfg.members; i++) {
		if (g->members[i].group)
			view_member(&g->members[i], now, &v->member[v->count++]);
	}
	return true;
}
