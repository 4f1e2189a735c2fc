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

const char *receiver_stream_name(enum receiver_stream s)
{
	static const char *const names[] = {"offline", "starting", "live", "stalled", "ended"};

	return names[s];
}

/* The long-lived key: a process that starts in this one's place knows the streams again. */
static uint64_t mark_of(const struct receiver *r, const char *stream_id)
{
	uint64_t mark = siphash64(&r->cfg.readopt_key, stream_id, strlen(stream_id));

	return mark ? mark : 1;
}

uint64_t receiver_stream_mark(const struct receiver *r, const struct group *g)
{
	return g->session.stream_id[0] ? mark_of(r, g->session.stream_id) : g->stream_mark;
}

unsigned receiver_find_stream(const struct receiver *r, const char *stream_id)
{
	uint64_t mark = mark_of(r, stream_id);
	const struct group *found = NULL;
	unsigned left = stream_id[0] ? r->registry.group_count : 0;

	for (unsigned port = 1; left > 0; port++) {
		const struct group *g = registry_port(&r->registry, port);

		if (!g)
			continue;
		left--;
		if (receiver_stream_mark(r, g) == mark &&
		    (!found || g->session_at > found->session_at))
			found = g;
	}
	return found ? found->port : 0;
}

static enum receiver_stream stream_of(const struct group *g, ustime now)
{
	const struct reorder *o = &g->reorder;
	bool media = o->started && o->latest >= g->session_at;

	if (g->session.caller_id == 0)
		return RECEIVER_OFFLINE;
	if (g->session.over || g->session.refused || g->upstream.lost)
		return RECEIVER_ENDED;
	if (g->session.server_id == 0 || !media || !g->proved)
		return RECEIVER_STARTING;
	return now - o->latest < RECEIVER_STALL ? RECEIVER_LIVE : RECEIVER_STALLED;
}

static void view_stream(const struct group *g, ustime now, struct receiver_group_view *v)
{
	const struct reorder *o = &g->reorder;

	v->stream = stream_of(g, now);
	v->session_age = g->session.caller_id ? now - g->session_at : 0;
	v->quiet = o->started && o->latest >= g->session_at ? now - o->latest : NEVER;
	v->missing = o->missing;
	v->srt_rtt = g->acks ? g->srt_rtt : 0;
	v->srt_rttvar = g->acks ? g->srt_rttvar : 0;
}

void receiver_view(struct receiver *r, ustime now, struct receiver_view *v)
{
	(void)now;
	memset(v, 0, sizeof(*v));
	v->held = r->shelf.count;
	v->held_room = r->shelf.limit;
	v->groups_room = r->cfg.groups;
	v->pool_used = (unsigned)r->pool->in_use;
	v->pool_room = (unsigned)r->pool->size;
	v->hold = r->figures.hold;
	v->path = r->figures.path;
	memcpy(v->forward, r->figures.forward, sizeof(v->forward));
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
	v->plain = g->plain;
	v->latency = g->session.latency;
	view_stream(g, now, v);
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
