/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "sender/core/inside.h"

/* What the sender shows of itself. */

static void show_link(struct link *l, ustime now, struct sender_link_view *v)
{
	v->port = l->sched.port;
	v->rank = l->rank;
	v->state = l->state;
	v->window = l->sched.window;
	v->in_flight = l->sched.in_flight;
	v->srtt = l->rtt.smoothed;
	v->rtt_least = l->rtt.least;
	v->rttvar = l->rtt.spread;
	v->since = now - l->since;
	if (l->state == LINK_UP && l->way.shy)
		v->since = now - l->way.shy_since;
	else if (l->state == LINK_UP && l->way.trusted > l->since)
		v->since = now - l->way.trusted;
	v->why = l->why;
	v->path = l->path;
	v->resent = l->resent_out;
	v->packets_out = l->packets_out;
	v->bytes_out = l->bytes_out;
	v->data_out = l->data_out;
	v->packets_in = l->packets_in;
	v->bytes_in = l->bytes_in;
	v->acked = l->acked;
	v->naks = l->naks;
	v->refused = l->refused;
	v->rate = rate_bytes_per_second(&l->rate, now);
	v->role = l->terms.role;
	v->shy = l->state == LINK_UP && l->way.shy;
	v->capacity = l->way.rate * 8;
	v->queue = l->way.queue;
}

static void show_flight(const struct flight *f, struct sender_link_view *v)
{
	v->flown = f->sent;
	v->landed = f->arrived;
	v->lost = f->lost;
}

void sender_view(struct sender *s, ustime now, struct sender_view *v)
{
	memset(v, 0, sizeof(*v));
	v->joined = s->join.whole;
	v->peer = s->peer;
	v->latency = s->seat.session.latency;
	v->live = s->links.live;
	v->mode = s->mode;
	if (s->late.on) {
		v->capacity = s->late.headroom.capacity;
		v->safe_rate = s->late.headroom.safe;
	}
	v->waiting = s->late.ring.again.count + s->late.ring.fresh.count;
	v->held = s->late.ring.held;
	v->held_room = RING_NUMBERS;
	v->flight_room = FLIGHT_ROOM;
	v->pool_used = (unsigned)s->pool->in_use;
	v->pool_room = (unsigned)s->pool->size;
	memcpy(v->forward, s->forward, sizeof(v->forward));
	v->resent_out = s->late.count.resent;
	v->probes = s->late.count.probes;
	v->expired = s->late.count.expired;
	v->evicted = s->late.count.evicted;
	v->naks_kept = s->late.count.naks_kept;
	v->copies = s->late.protect.packets;
	v->copy_bytes = s->late.protect.bytes;
	v->over_budget = s->late.protect.over_budget;
	v->app_packets_in = s->app_packets_in;
	v->app_bytes_in = s->app_bytes_in;
	v->app_packets_out = s->app_packets_out;
	v->resent_in = s->resent_in;
	v->acks = s->acks;
	v->naks = s->naks;
	v->drops = s->drops;
	v->drops.stray += s->join.strays;
	v->drops.pool = s->pool->refused;
	for (unsigned i = 0; i < SENDER_LINKS; i++)
		if (s->links.at[i].sched.port != 0) {
			show_flight(&s->late.flight[i], &v->link[v->count]);
			show_link(&s->links.at[i], now, &v->link[v->count++]);
		}
}

usspan sender_latency(const struct sender *s)
{
	const struct session *session = &s->seat.session;

	return session->over ? 0 : MSEC(session->latency);
}

const char *sender_mode_name(enum sender_mode mode)
{
	static const char *const names[] = {
		[SENDER_CLASSIC] = "classic",
		[SENDER_QUALITY] = "quality",
		[SENDER_BALANCE] = "balance",
		[SENDER_REDUNDANT] = "redundant",
		[SENDER_AUTO] = "auto",
	};

	return names[mode];
}

const char *sender_role_name(enum sender_role role)
{
	static const char *const names[] = {
		[SENDER_NORMAL] = "normal",
		[SENDER_OVERFLOW] = "overflow",
		[SENDER_BACKUP] = "backup",
		[SENDER_OFF] = "off",
	};

	return names[role];
}

const char *sender_note_name(unsigned kind)
{
	static const char *const names[] = {
		[SENDER_LINK_UP] = "link_up",
		[SENDER_LINK_DOWN] = "link_down",
		[SENDER_LINK_REFUSED] = "link_refused",
		[SENDER_LINK_ELSEWHERE] = "link_elsewhere",
		[SENDER_LINK_MTU] = "link_mtu",
		[SENDER_GROUP_JOINED] = "group_joined",
		[SENDER_GROUP_LOST] = "group_lost",
		[SENDER_NO_LINKS] = "no_links",
		[SENDER_NEVER_JOINED] = "never_joined",
		[SENDER_PEER_KNOWN] = "peer_known",
		[SENDER_ENCODER_NEW] = "encoder_new",
		[SENDER_ENCODER_IGNORED] = "encoder_ignored",
		[SENDER_LATENCY] = "latency",
		[SENDER_LINK_SHY] = "link_shy",
		[SENDER_LINK_TRUSTED] = "link_trusted",
		[SENDER_MODE] = "mode",
	};

	if (kind < sizeof(names) / sizeof(names[0]) && names[kind])
		return names[kind];
	return "note";
}
