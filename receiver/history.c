/* SPDX-License-Identifier: MIT */
#include "receiver/history.h"

#include <stdlib.h>
#include <string.h>

#include "receiver/chart.h"
#include "receiver/start.h"

#define ROUND SEC(1)
#define SLICE MSEC(1) /* between two parts of a round */

enum {
	SLICE_GROUPS = 32, /* some 0.1 ms of a turn, of 16 members each */
	JITTER_GAIN = 16,  /* as RFC 3550 has it: a jump is forgotten in half a minute */
};

/* A member as it was when it was looked at last. */
struct past_member {
	uint32_t id;
	uint32_t since;  /* the second in which it came */
	uint64_t bytes;
	uint32_t rate;   /* bytes per second */
	uint16_t rtt;    /* ms, 0 unknown */
	uint16_t jitter; /* 1/16 ms */
};

/* A group as it was when it was looked at last; its members are the first `count` of its places. */
struct past_group {
	uint32_t serial;
	unsigned count;
	bool known;
	ustime at;
	uint64_t up_bytes;
	uint64_t up_bps;
	uint64_t in_bps;
	uint64_t in_bytes;
	unsigned missing;
};

struct history {
	unsigned groups;
	unsigned members;           /* places that each group has */
	struct past_group *past;    /* place i is port i + 1 */
	struct past_member *member; /* `members` for each group */
	struct siphash_key key;     /* of the members' ids */
	struct chart *chart;
	ustime began;
	ustime next;                /* when to go on */
	ustime round;               /* when the next round is due */
	unsigned port;              /* where this round goes on; 0: none is under way */
	unsigned left;              /* groups that it has not met yet */
	struct chart_totals sums;   /* of this round, so far */
	struct history_totals totals;
};

struct history *history_create(unsigned groups, unsigned members, ustime now)
{
	struct history *h = calloc(1, sizeof(*h));

	if (!h)
		return NULL;
	h->groups = groups;
	h->members = members;
	h->past = calloc(groups, sizeof(*h->past));
	h->member = calloc((size_t)groups * members, sizeof(*h->member));
	h->chart = chart_create();
	if (!h->past || !h->member || !h->chart || start_draw_key(&h->key) != 0) {
		history_destroy(h);
		return NULL;
	}
	h->began = now;
	h->next = h->round = now + ROUND;
	return h;
}

void history_destroy(struct history *h)
{
	if (!h)
		return;
	chart_destroy(h->chart);
	free(h->member);
	free(h->past);
	free(h);
}

static uint32_t id_of(const struct history *h, const struct endpoint *who)
{
	return (uint32_t)endpoint_hash(who, &h->key);
}

static struct past_member *members_of(const struct history *h, unsigned port)
{
	return h->member + (size_t)(port - 1) * h->members;
}

/* The one with this id, most likely at `place`; NULL: it is new. */
static const struct past_member *find(const struct past_member *m, unsigned count, unsigned place,
				      uint32_t id)
{
	for (unsigned i = 0; i < count; i++) {
		const struct past_member *here = &m[(place + i) % count];

		if (here->id == id)
			return here;
	}
	return NULL;
}

static uint64_t per_second(uint64_t n, usspan span)
{
	return span > 0 ? n * SEC(1) / (uint64_t)span : 0;
}

static uint16_t next_jitter(const struct past_member *was, uint16_t rtt)
{
	int jump = was->rtt > rtt ? was->rtt - rtt : rtt - was->rtt;
	int jitter = was->jitter;

	if (was->rtt == 0 || rtt == 0)
		return rtt ? was->jitter : 0;
	jitter += jump - (jitter + JITTER_GAIN / 2) / JITTER_GAIN;
	return jitter < UINT16_MAX ? (uint16_t)jitter : UINT16_MAX;
}

/* Bytes that this member brought since the last look. */
static uint64_t follow_member(struct past_member *m, const struct past_member *was,
			      const struct receiver_member_view *v, usspan span, uint32_t second)
{
	/* It may have gone and come back in between: then its counters began anew. */
	uint64_t more = was && v->bytes_in >= was->bytes ? v->bytes_in - was->bytes : v->bytes_in;
	uint64_t rate = per_second(more, span);

	m->bytes = v->bytes_in;
	m->rate = rate < UINT32_MAX ? (uint32_t)rate : UINT32_MAX;
	m->since = was ? was->since : second;
	m->rtt = !v->reports ? 0 : v->srtt < UINT16_MAX ? (uint16_t)v->srtt : UINT16_MAX;
	m->jitter = was ? next_jitter(was, m->rtt) : 0;
	return more;
}

static void follow_members(struct history *h, struct past_group *p,
			   const struct receiver_group_view *v, usspan span, ustime now)
{
	struct past_member before[RECEIVER_MEMBERS], *m = members_of(h, v->port);
	unsigned count = v->count < h->members ? v->count : h->members;
	uint64_t sum = 0;

	memcpy(before, m, p->count * sizeof(*m));
	for (unsigned i = 0; i < count; i++) {
		uint32_t id = id_of(h, &v->member[i].who);
		const struct past_member *was = find(before, p->count, i, id);

		m[i].id = id;
		sum += follow_member(&m[i], was, &v->member[i], span,
				     (uint32_t)((now - h->began) / SEC(1)));
	}
	p->count = count;
	p->in_bytes += sum;
	p->in_bps = per_second(sum * 8, span);
}

/* Media that was given up since the last look; a new session counts from 0. */
static unsigned follow_missing(struct past_group *p, const struct receiver_group_view *v)
{
	unsigned more = v->missing >= p->missing ? v->missing - p->missing : v->missing;

	p->missing = v->missing;
	return more;
}

static void follow_group(struct history *h, const struct receiver_group_view *v, ustime now)
{
	struct past_group *p = &h->past[v->port - 1];
	unsigned missing;
	usspan span;

	if (p->serial != v->serial)
		*p = (struct past_group){
			.serial = v->serial, .at = now, .up_bytes = v->up_bytes};
	span = now - p->at;
	p->known = span > 0;
	p->up_bps = per_second((v->up_bytes - p->up_bytes) * 8, span);
	p->up_bytes = v->up_bytes;
	p->at = now;
	follow_members(h, p, v, span, now);
	missing = follow_missing(p, v);
	chart_group(h->chart, v->serial, v->port, &(struct chart_sample){
		.rate = p->up_bps, .held = v->order.held, .missing = missing, .rtt = v->srt_rtt});
	h->sums.rate += p->up_bps;
	h->sums.missing += missing;
}

static void begin_round(struct history *h, const struct receiver_view *v, ustime now)
{
	h->round = later(h->round + ROUND, now + ROUND / 2);
	h->port = 1;
	h->left = v->groups;
	h->sums = (struct chart_totals){.groups = v->groups, .held = v->held};
}

static void end_round(struct history *h)
{
	h->port = 0;
	h->next = h->round;
	h->totals.up_bps = h->sums.rate;
	h->totals.missing += h->sums.missing;
	chart_row(h->chart, &h->sums, scene_wall_ms());
}

void history_run(struct history *h, const struct scene *scene, ustime now)
{
	struct receiver *r = scene->door->receiver;
	unsigned looked = 0;

	if (!h || now < h->next)
		return;
	if (h->port == 0) {
		struct receiver_view v;

		receiver_view(r, now, &v);
		begin_round(h, &v, now);
	}
	for (; h->left > 0 && h->port <= h->groups && looked < SLICE_GROUPS; h->port++) {
		struct receiver_group_view v;

		if (receiver_group_serial(r, h->port) == 0)
			continue;
		receiver_group_view(r, h->port, now, &v);
		follow_group(h, &v, now);
		h->left--;
		looked++;
	}
	if (h->left > 0 && h->port <= h->groups)
		h->next = now + SLICE;
	else
		end_round(h);
}

ustime history_deadline(const struct history *h)
{
	return h ? h->next : NEVER;
}

static void show_member(const struct history *h, const struct past_group *p,
			const struct past_member *m, ustime now, struct history_member_view *v)
{
	uint64_t bps = (uint64_t)m->rate * 8;

	v->bps = bps;
	v->share = p->in_bps ? (unsigned)(bps * 1000 / p->in_bps) : 0;
	v->age = now - h->began - SEC(m->since);
	v->jitter = (usspan)m->jitter * MSEC(1) / JITTER_GAIN;
}

void history_group(const struct history *h, const struct receiver_group_view *v, ustime now,
		   struct history_group_view *g)
{
	const struct past_group *p = h ? &h->past[v->port - 1] : NULL;

	memset(g, 0, sizeof(*g));
	for (unsigned i = 0; h && i < v->count; i++)
		g->member[i].id = id_of(h, &v->member[i].who);
	if (!p || p->serial != v->serial)
		return;
	g->known = p->known;
	g->up_bps = p->up_bps;
	g->in_bps = p->in_bps;
	g->in_bytes = p->in_bytes;
	for (unsigned i = 0; i < v->count; i++) {
		const struct past_member *m =
			find(members_of(h, v->port), p->count, i, g->member[i].id);

		if (m)
			show_member(h, p, m, now, &g->member[i]);
	}
}

void history_totals(const struct history *h, struct history_totals *t)
{
	*t = h ? h->totals : (struct history_totals){0};
}

char *history_json(const struct history *h, size_t *len)
{
	return h ? chart_json(h->chart, len) : NULL;
}
