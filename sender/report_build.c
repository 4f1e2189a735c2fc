/* SPDX-License-Identifier: MIT */
#include "sender/report_build.h"

#ifdef HAVE_JANSSON

#include <jansson.h>
#include <stdio.h>

enum { SCHEMA = 1 };

/* Counters that no JSON reader takes for negative. */
static json_t *count(uint64_t n)
{
	return json_integer((json_int_t)(n & INT64_MAX));
}

/* For what may be unknown, or not be there. */
static json_t *count_if(bool known, uint64_t n)
{
	return known ? count(n) : json_null();
}

static json_t *millis(usspan us)
{
	return json_integer((us + 500) / 1000);
}

static json_t *millis_if(bool known, usspan us)
{
	return known ? millis(us) : json_null();
}

/* What is no text, or no UTF-8 as a name on a command line may be, is null. */
static json_t *text(const char *s)
{
	json_t *value = json_string(s);

	return value ? value : json_null();
}

static json_t *address(const struct endpoint *at)
{
	char buf[ENDPOINT_TEXT];

	return text(endpoint_print(at, buf));
}

/* Takes the value, and without memory none. */
static void set(json_t *object, const char *key, json_t *value)
{
	json_object_set_new(object, key, value);
}

/* By whose figures packets are given to it, and what it may do. */
static void tell_terms(json_t *o, const struct snapshot_link *link)
{
	const struct sender_terms *t = &link->terms;

	set(o, "role", text(sender_role_name((enum sender_role)link->view.role)));
	set(o, "weight", count(t->weight ? t->weight : SENDER_WEIGHT));
	set(o, "cap_bps", count_if(t->cap > 0, t->cap));
}

static void tell_path(json_t *o, const struct sender_link_view *l,
		      const struct interval_figures *f)
{
	set(o, "rtt_min_ms", millis_if(f->timed, f->rtt_least));
	set(o, "rtt_avg_ms", millis_if(f->timed, f->rtt_mean));
	set(o, "rtt_max_ms", millis_if(f->timed, f->rtt_most));
	set(o, "jitter_ms", millis_if(l->srtt > 0, l->rttvar));
	set(o, "loss_permille", count_if(f->loss != INTERVAL_NO_LOSS_KNOWN, (uint64_t)f->loss));
	set(o, "capacity_bps", count(l->capacity));
	set(o, "queue_ms", millis(l->queue));
}

static void tell_traffic(json_t *o, const struct snapshot_link *link)
{
	const struct sender_link_view *l = &link->view;

	set(o, "packets_sent", count(l->packets_out));
	set(o, "bytes_sent", count(l->bytes_out));
	set(o, "bytes_received", count(l->bytes_in));
	set(o, "bytes_today", count(link->bytes_today));
	set(o, "resent", count(l->resent));
	set(o, "refused", count(l->refused));
	set(o, "unsent_bytes", count(link->unsent));
	set(o, "mtu_bytes", count_if(link->mtu > 0, link->mtu));
}

/* Panels know a link by its place in the uplinks file. */
static json_t *connection(const struct report *r, const struct snapshot *s, unsigned place)
{
	const struct snapshot_link *link = &s->link[place];
	const struct sender_link_view *l = &link->view;
	const struct interval_figures *f = interval_of(&r->recent, link);
	json_t *o = json_object();
	char id[16];

	snprintf(id, sizeof(id), "%u", place);
	set(o, "conn_id", text(id));
	set(o, "name", text(link->name));
	set(o, "device", text(link->device));
	set(o, "address", address(&link->local));
	set(o, "state", text(snapshot_link_state(link)));
	set(o, "reason", text(snapshot_link_reason(link)));
	set(o, "since_ms", millis(l->since));
	tell_terms(o, link);
	set(o, "rtt_ms", millis(l->srtt));
	set(o, "nak_count", count(l->naks));
	set(o, "weight_percent", count((f->share + 5) / 10));
	set(o, "share_permille", count(f->share));
	set(o, "window", json_integer(l->window));
	set(o, "in_flight", json_integer(l->in_flight));
	set(o, "in_flight_room", count(s->view.flight_room));
	set(o, "bitrate_bps", count(l->rate * 8));
	tell_path(o, l, f);
	tell_traffic(o, link);
	return o;
}

static json_t *connections(const struct report *r, const struct snapshot *s)
{
	json_t *array = json_array();

	for (unsigned i = 0; i < s->count; i++)
		json_array_append_new(array, connection(r, s, i));
	return array;
}

static json_t *addresses(const struct snapshot *s)
{
	json_t *array = json_array();

	for (unsigned i = 0; i < sizeof(s->address) / sizeof(s->address[0]); i++) {
		if (s->address[i].family != FAMILY_NONE)
			json_array_append_new(array, address(&s->address[i]));
	}
	return array;
}

static json_t *queues(const struct snapshot *s)
{
	struct snapshot_queue queue[SNAPSHOT_QUEUES];
	json_t *array = json_array();

	snapshot_queues(s, queue);
	for (unsigned i = 0; i < SNAPSHOT_QUEUES; i++) {
		json_t *o = json_object();

		set(o, "name", text(queue[i].name));
		set(o, "used", count(queue[i].used));
		set(o, "room", count(queue[i].room));
		json_array_append_new(array, o);
	}
	return array;
}

static json_t *percentiles(const struct histogram *h)
{
	json_t *o = json_object();

	set(o, "count", count(h->count));
	set(o, "p50", count((uint64_t)histogram_percentile(h, 500)));
	set(o, "p95", count((uint64_t)histogram_percentile(h, 950)));
	set(o, "p99", count((uint64_t)histogram_percentile(h, 990)));
	return o;
}

static json_t *latencies(const struct interval *v)
{
	json_t *o = json_object(), *forward = json_object();

	for (unsigned f = 0; f < FLOWS; f++)
		set(forward, flow_name((enum flow)f), percentiles(&v->forward[f]));
	set(o, "forward", forward);
	set(o, "path", percentiles(&v->path));
	return o;
}

static json_t *refusals(const struct snapshot *s)
{
	struct snapshot_count refusal[SNAPSHOT_REFUSALS];
	unsigned n = snapshot_refusals(s, refusal);
	json_t *array = json_array();

	for (unsigned i = 0; i < n; i++) {
		json_t *o = json_object();

		set(o, "errno", text(refusal[i].name));
		set(o, "count", count(refusal[i].count));
		json_array_append_new(array, o);
	}
	return array;
}

static json_t *drops(const struct snapshot *s)
{
	struct snapshot_count drop[SNAPSHOT_DROPS];
	json_t *o = json_object();

	snapshot_drops(s, drop);
	for (unsigned i = 0; i < SNAPSHOT_DROPS; i++)
		set(o, drop[i].name, count(drop[i].count));
	return o;
}

static json_t *copies(const struct sender_view *v)
{
	json_t *o = json_object();

	set(o, "packets", count(v->copies));
	set(o, "bytes", count(v->copy_bytes));
	set(o, "over_budget", count(v->over_budget));
	return o;
}

/* What was done about losses, before the encoder heard of them. */
static json_t *repairs(const struct sender_view *v)
{
	json_t *o = json_object();

	set(o, "resent", count(v->resent_out));
	set(o, "probes", count(v->probes));
	set(o, "naks_answered", count(v->naks_kept));
	set(o, "evicted", count(v->evicted));
	return o;
}

/* What passed between the program and the kernel, and how many calls and wake-ups it took. */
static json_t *io(const struct door_traffic *t)
{
	const struct batch_counts *c = &t->count;
	json_t *o = json_object();

	set(o, "way", text(batch_io_name(t->io)));
	set(o, "wakes", count(t->wakes));
	set(o, "reads", count(c->reads));
	set(o, "packets_read", count(c->came));
	set(o, "coalesced", count(c->coalesced));
	set(o, "writes", count(c->writes));
	set(o, "packets_written", count(c->left));
	set(o, "runs", count(c->runs));
	set(o, "packets_in_runs", count(c->in_runs));
	set(o, "in_doubt", count(c->in_doubt));
	set(o, "refused", count(c->refused));
	set(o, "starved", count(c->starved));
	set(o, "kernel_drops", count(t->kernel_drops));
	return o;
}

/* Who is speaking, and with whom. */
static void tell_program(json_t *o, const struct snapshot *s)
{
	set(o, "schema_version", json_integer(SCHEMA));
	set(o, "program", text("srtla_send"));
	set(o, "version", text(VERSION));
	set(o, "last_updated_ms", json_integer((json_int_t)s->wall_ms));
	set(o, "uptime_s", count((uint64_t)s->uptime / SEC(1)));
	set(o, "listen_port", count(s->listen_port));
	set(o, "host", text(s->host));
	set(o, "host_port", count(s->host_port));
	set(o, "addresses", addresses(s));
	set(o, "peer", text(snapshot_peer(s)));
}

static void tell_stream(json_t *o, const struct report *r, const struct snapshot *s)
{
	const struct sender_view *v = &s->view;

	set(o, "joined", json_boolean(v->joined));
	set(o, "live_links", count(v->live));
	set(o, "latency_ms", count(v->latency));
	set(o, "mode", text(sender_mode_name((enum sender_mode)v->mode)));
	set(o, "bitrate_bps", count(r->recent.app_rate));
	set(o, "capacity_bps", count(v->capacity));
	set(o, "safe_bps", count(v->safe_rate));
	set(o, "waiting", count(v->waiting));
	set(o, "packets_in", count(v->app_packets_in));
	set(o, "packets_resent", count(v->resent_in));
}

char *report_build(const struct report *r, const struct snapshot *s)
{
	json_t *root = json_object();
	char *written;

	tell_program(root, s);
	tell_stream(root, r, s);
	set(root, "copies", copies(&s->view));
	set(root, "repairs", repairs(&s->view));
	set(root, "drops", drops(s));
	set(root, "refusals", refusals(s));
	set(root, "queues", queues(s));
	set(root, "latency_us", latencies(&r->recent));
	set(root, "io", io(&s->traffic));
	set(root, "log_lost", count(s->log_lost));
	set(root, "connections", connections(r, s));
	written = json_dumps(root, JSON_COMPACT);
	json_decref(root);
	return written;
}

#endif
