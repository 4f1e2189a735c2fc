/* SPDX-License-Identifier: MIT */
#include "sender/snapshot.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sender/today.h"
#include "shared/io/errname.h"
#include "shared/io/log.h"

enum { STEADY_MS = 1000 };

/* A program has one morning and one start, whoever asks for them. */
static struct {
	struct today today;
	int64_t began_ms;
} shown;

/* Readers compare the stamp with their own wall clock; nothing here is timed by it. */
static int64_t wall_clock_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* Both clocks are read one after the other: what is a little off is no other start. */
static int64_t began(const struct snapshot *s)
{
	int64_t at = s->wall_ms - s->uptime / MSEC(1);

	if (llabs(at - shown.began_ms) > STEADY_MS)
		shown.began_ms = at;
	return shown.began_ms;
}

static const struct sender_link_view *view_of(const struct sender_view *v, unsigned port)
{
	for (unsigned i = 0; i < v->count; i++) {
		if (v->link[i].port == port)
			return &v->link[i];
	}
	return NULL;
}

/* What the ground is like is known once a socket stands on it. */
static const char *trouble(const struct uplink *u)
{
	if (uplink_is_open(u))
		return ground_trouble(&u->ground);
	if (u->trouble == EDESTADDRREQ)
		return "the receiver has no address of this family";
	return u->trouble ? strerror(u->trouble) : NULL;
}

static void take_link(struct snapshot_link *l, const struct uplink *u,
		      const struct sender_link_view *v)
{
	memcpy(l->name, u->name, sizeof(l->name));
	memcpy(l->device, u->id.device, sizeof(l->device));
	l->local = u->id.local;
	l->terms = u->terms;
	l->open = uplink_is_open(u);
	l->trouble = trouble(u);
	l->unsent = u->unsent;
	l->mtu = u->payload;
	l->view = *v;
}

void snapshot_take(const struct scene *scene, ustime now, struct snapshot *s)
{
	const struct links *links = scene->links;

	memset(s, 0, sizeof(*s));
	s->now = now;
	s->uptime = now - scene->began;
	s->wall_ms = wall_clock_ms();
	s->began_ms = began(s);
	s->listen_port = scene->cfg->listen_port;
	s->host = scene->cfg->host;
	s->host_port = scene->cfg->host_port;
	for (unsigned f = FAMILY_V4; f <= FAMILY_V6; f++) {
		const struct endpoint *at = host_address(scene->host, (enum family)f);

		if (at)
			s->address[f - FAMILY_V4] = *at;
	}
	sender_view(scene->door->sender, now, &s->view);
	door_traffic(scene->door, &s->traffic);
	s->app_refused = scene->app->refused;
	s->homeless = scene->door->homeless;
	s->notes_lost = scene->door->out.notes_lost;
	s->log_lost = log_lost();
	for (unsigned i = 0; i < links->count; i++) {
		const struct uplink *u = links->uplink[i];
		const struct sender_link_view *v = view_of(&s->view, u->port);

		if (v)
			take_link(&s->link[s->count++], u, v);
	}
	for (unsigned i = 0; i < s->count; i++) {
		struct snapshot_link *l = &s->link[i];

		l->bytes_today = today_count(&shown.today, l->name, l->view.port,
					     l->view.bytes_out, s->wall_ms);
	}
}

void snapshot_drops(const struct snapshot *s, struct snapshot_count drops[SNAPSHOT_DROPS])
{
	const struct sender_drops *d = &s->view.drops;
	const struct snapshot_count all[SNAPSHOT_DROPS] = {
		{"runt", d->runt},
		{"no_link", d->no_link},
		{"stranger", d->stranger},
		{"held_over", d->held_over},
		{"refused", d->refused},
		{"repeat", d->repeat},
		{"stray", d->stray},
		{"no_encoder", d->no_encoder},
		{"pool", d->pool},
		{"twice", d->twice},
		{"outdated", d->outdated},
		{"expired", s->view.expired},
		{"oversize", s->traffic.count.oversize},
		{"not_to_encoder", s->app_refused},
		{"homeless", s->homeless},
	};

	memcpy(drops, all, sizeof(all));
}

unsigned snapshot_refusals(const struct snapshot *s,
			   struct snapshot_count refusals[SNAPSHOT_REFUSALS])
{
	const struct batch_refusal *r = s->traffic.count.refusal;
	uint64_t other = 0;
	unsigned n = 0;

	for (unsigned i = 0; i < BATCH_ERRORS && r[i].err != 0; i++) {
		const char *name = i < BATCH_ERRORS - 1 ? errname(r[i].err) : NULL;

		if (name)
			refusals[n++] = (struct snapshot_count){name, r[i].count};
		else
			other += r[i].count;
	}
	if (other > 0)
		refusals[n++] = (struct snapshot_count){"other", other};
	return n;
}

void snapshot_queues(const struct snapshot *s, struct snapshot_queue queues[SNAPSHOT_QUEUES])
{
	const struct sender_view *v = &s->view;

	queues[0] = (struct snapshot_queue){"held", v->held, v->held_room};
	queues[1] = (struct snapshot_queue){"pool", v->pool_used, v->pool_room};
}

const char *snapshot_link_state(const struct snapshot_link *l)
{
	return l->view.shy ? "shy" : link_state_name(l->view.state);
}

const char *snapshot_link_reason(const struct snapshot_link *l)
{
	if (l->trouble)
		return l->trouble;
	return l->view.state == LINK_UP && !l->view.shy ? NULL : l->view.why;
}

const char *snapshot_peer(const struct snapshot *s)
{
	switch (s->view.peer) {
	case SENDER_PEER_OWN:
		return "own";
	case SENDER_PEER_CLASSIC:
		return "classic";
	case SENDER_PEER_UNKNOWN:
		break;
	}
	return "unknown";
}
