/* SPDX-License-Identifier: MIT */
#include "sender/report.h"

#include <errno.h>
#include <stdalign.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "shared/io/log.h"
#include "shared/io/statefile.h"

#ifdef HAVE_JANSSON

#include <jansson.h>

enum {
	SCHEMA = 1,
	MODE = 0644,
	SCRATCH = 1024 * 1024, /* four times what 64 links take; untouched, it costs nothing */
};

/*
 * What a report is made of while it is made.  The next one begins there anew: the program, which
 * may run for months, asks for no memory once it has started.
 */
static struct {
	size_t used;
	alignas(max_align_t) unsigned char bytes[SCRATCH];
} scratch;

static void *take(size_t size)
{
	size_t step = (size + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
	unsigned char *at = scratch.bytes + scratch.used;

	if (size > SCRATCH || step > SCRATCH - scratch.used)
		return NULL;
	scratch.used += step;
	return at;
}

static void give(void *p)
{
	(void)p;
}

const char *report_version(void)
{
	return "jansson " JANSSON_VERSION;
}

/* Counters that no JSON reader takes for negative. */
static json_t *count(uint64_t n)
{
	return json_integer((json_int_t)(n & INT64_MAX));
}

static uint64_t sent_since(const struct report *r, const struct sender_link_view *l)
{
	uint64_t before = r->bytes[l->port];

	return l->bytes_out >= before ? l->bytes_out - before : l->bytes_out;
}

/* Panels know a link by its place in the uplinks file. */
static json_t *connection(const struct sender_link_view *l, const char *name, unsigned place,
			  uint64_t share)
{
	char id[16];

	snprintf(id, sizeof(id), "%u", place);
	return json_pack("{s:s, s:I, s:o, s:o, s:i, s:i, s:o, s:s, s:s, s:s, s:o, s:i, s:o, s:o, s:o, s:o}",
			 "conn_id", id,
			 "rtt_ms", (json_int_t)((l->srtt + 500) / 1000),
			 "nak_count", count(l->naks),
			 "weight_percent", count(share),
			 "window", (int)l->window,
			 "in_flight", (int)l->in_flight,
			 "bitrate_bps", count(l->rate * 8),
			 "name", name,
			 "state", l->shy ? "shy" : link_state_name(l->state),
			 "role", sender_role_name((enum sender_role)l->role),
			 "capacity_bps", count(l->capacity),
			 "queue_ms", (int)((l->queue + 500) / 1000),
			 "packets_sent", count(l->packets_out),
			 "bytes_sent", count(l->bytes_out),
			 "bytes_received", count(l->bytes_in),
			 "refused", count(l->refused));
}

static const struct sender_link_view *view_of(const struct sender_view *v, unsigned port)
{
	for (unsigned i = 0; i < v->count; i++) {
		if (v->link[i].port == port)
			return &v->link[i];
	}
	return NULL;
}

static json_t *connections(struct report *r, const struct sender_view *v,
			   const struct links *links)
{
	json_t *array = json_array();
	uint64_t total = 0;

	for (unsigned i = 0; i < v->count; i++)
		total += sent_since(r, &v->link[i]);
	for (unsigned i = 0; i < links->count; i++) {
		const struct uplink *u = links->uplink[i];
		const struct sender_link_view *l = view_of(v, u->port);
		uint64_t share = l && total ? sent_since(r, l) * 100 / total : 0;

		if (l)
			json_array_append_new(array, connection(l, u->name, i, share));
	}
	for (unsigned i = 0; i < v->count; i++)
		r->bytes[v->link[i].port] = v->link[i].bytes_out;
	return array;
}

static json_t *drops(const struct sender_view *v, uint64_t oversize)
{
	const struct sender_drops *d = &v->drops;

	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
			 "runt", count(d->runt),
			 "no_link", count(d->no_link),
			 "stranger", count(d->stranger),
			 "held_over", count(d->held_over),
			 "refused", count(d->refused),
			 "repeat", count(d->repeat),
			 "stray", count(d->stray),
			 "no_encoder", count(d->no_encoder),
			 "pool", count(d->pool),
			 "twice", count(d->twice),
			 "outdated", count(d->outdated),
			 "expired", count(v->expired),
			 "oversize", count(oversize));
}

static json_t *copies(const struct sender_view *v)
{
	return json_pack("{s:o, s:o, s:o}",
			 "packets", count(v->copies),
			 "bytes", count(v->copy_bytes),
			 "over_budget", count(v->over_budget));
}

/* What was done about losses, before the encoder heard of them. */
static json_t *repairs(const struct sender_view *v)
{
	return json_pack("{s:o, s:o, s:o, s:o}",
			 "resent", count(v->resent_out),
			 "probes", count(v->probes),
			 "naks_answered", count(v->naks_kept),
			 "evicted", count(v->evicted));
}

/* What passed between the program and the kernel, and how many calls and wake-ups it took. */
static json_t *io(const struct door_traffic *t)
{
	const struct batch_counts *c = &t->count;

	return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
			 "way", batch_io_name(t->io),
			 "wakes", count(t->wakes),
			 "reads", count(c->reads),
			 "packets_read", count(c->came),
			 "coalesced", count(c->coalesced),
			 "writes", count(c->writes),
			 "packets_written", count(c->left),
			 "runs", count(c->runs),
			 "packets_in_runs", count(c->in_runs),
			 "in_doubt", count(c->in_doubt),
			 "refused", count(c->refused),
			 "starved", count(c->starved),
			 "kernel_drops", count(t->kernel_drops));
}

static char *build(struct report *r, const struct sender_view *v, const struct door_traffic *t,
		   const struct links *links, int64_t wall_ms)
{
	json_t *root = json_pack("{s:i, s:I, s:i, s:b, s:i, s:s, s:o, s:o, s:o, s:o, s:o, "
				 "s:o, s:o, s:o, s:o, s:o}",
				 "schema_version", SCHEMA,
				 "last_updated_ms", (json_int_t)wall_ms,
				 "listen_port", (int)r->listen_port,
				 "joined", (int)v->joined,
				 "latency_ms", (int)v->latency,
				 "mode", sender_mode_name((enum sender_mode)v->mode),
				 "capacity_bps", count(v->capacity),
				 "safe_bps", count(v->safe_rate),
				 "waiting", count(v->waiting),
				 "packets_in", count(v->app_packets_in),
				 "packets_resent", count(v->resent_in),
				 "copies", copies(v),
				 "repairs", repairs(v),
				 "drops", drops(v, t->count.oversize),
				 "io", io(t),
				 "connections", connections(r, v, links));
	char *text = json_dumps(root, JSON_COMPACT);

	json_decref(root);
	return text;
}

const char *report_json(struct report *r, const struct sender_view *v,
			const struct door_traffic *t, const struct links *links, int64_t wall_ms)
{
	const char *text;

	scratch.used = 0;
	json_set_alloc_funcs(take, give);
	text = build(r, v, t, links, wall_ms);
	json_set_alloc_funcs(malloc, free);
	return text;
}

/* Readers compare the stamp with their own wall clock; nothing here is timed by it. */
static int64_t wall_clock_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static void write_file(struct report *r, const char *text)
{
	int err = text ? statefile_replace(r->path, text, strlen(text), MODE) : -ENOMEM;

	if (err && !r->failing)
		log_warn("event=stats_file file=%s why=\"%s\"", r->path, strerror(-err));
	else if (!err && r->failing)
		log_info("event=stats_file file=%s why=\"written again\"", r->path);
	r->failing = err != 0;
	if (!err)
		r->written = true;
}

void report_run(struct report *r, const struct links *links, ustime now)
{
	struct door_traffic traffic;
	struct sender_view v;

	if (!r->path || now < r->next)
		return;
	r->next = now + r->interval;
	sender_view(links->door->sender, now, &v);
	door_traffic(links->door, &traffic);
	write_file(r, report_json(r, &v, &traffic, links, wall_clock_ms()));
}

#else

const char *report_version(void)
{
	return NULL;
}

const char *report_json(struct report *r, const struct sender_view *v,
			const struct door_traffic *t, const struct links *links, int64_t wall_ms)
{
	(void)r, (void)v, (void)t, (void)links, (void)wall_ms;
	return NULL;
}

void report_run(struct report *r, const struct links *links, ustime now)
{
	(void)r, (void)links, (void)now;
}

#endif

void report_init(struct report *r, const char *path, usspan interval, uint16_t listen_port,
		 ustime now)
{
	memset(r, 0, sizeof(*r));
	r->path = path;
	r->interval = interval;
	r->listen_port = listen_port;
	r->next = now;
}

void report_finish(struct report *r)
{
	if (r->written)
		unlink(r->path);
	r->written = false;
}

ustime report_deadline(const struct report *r)
{
	return r->path ? r->next : NEVER;
}
