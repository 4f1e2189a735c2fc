/* SPDX-License-Identifier: MIT */
#include "receiver/report.h"

#ifdef HAVE_JANSSON
#include <jansson.h>
#endif
#include <stdio.h>
#include <string.h>

#include "receiver/jsontext.h"
#include "shared/io/errname.h"

enum { SCHEMA = 1, SERVER = 300 };

const char *report_version(void)
{
#ifdef HAVE_JANSSON
	return "jansson " JANSSON_VERSION;
#else
	return NULL;
#endif
}

static uint64_t seconds(usspan us)
{
	return us > 0 ? (uint64_t)(us / SEC(1)) : 0;
}

static int64_t rounded_ms(usspan us)
{
	return (us + 500) / 1000;
}

static void put_totals(struct jsontext *j, const struct scene *scene,
		       const struct receiver_view *v, const struct history *history)
{
	struct history_totals t;

	history_totals(history, &t);
	jsontext_open(j, "totals", '{');
	jsontext_number(j, "groups", v->groups);
	jsontext_number(j, "groups_room", v->groups_room);
	jsontext_number(j, "members", v->members);
	jsontext_number(j, "unproved", v->unproved);
	jsontext_number(j, "bitrate_bps", t.up_bps);
	jsontext_number(j, "missing", t.missing);
	jsontext_number(j, "packets_in", scene->front->packets_in);
	jsontext_number(j, "bytes_in", scene->front->bytes_in);
	jsontext_number(j, "packets_out", scene->front->packets_out);
	jsontext_number(j, "to_server", scene->servers->packets_out);
	jsontext_number(j, "from_server", scene->servers->packets_in);
	jsontext_close(j, '}');
}

static void put_queues(struct jsontext *j, const struct scene *scene, const struct receiver_view *v)
{
	struct scene_queue queue[SCENE_QUEUES];

	scene_queues(scene, v, queue);
	jsontext_open(j, "queues", '[');
	for (unsigned i = 0; i < SCENE_QUEUES; i++) {
		jsontext_open(j, NULL, '{');
		jsontext_word(j, "name", queue[i].name);
		jsontext_number(j, "used", queue[i].used);
		jsontext_number(j, "room", queue[i].room);
		jsontext_close(j, '}');
	}
	jsontext_close(j, ']');
}

static void put_losses(struct jsontext *j, const struct scene *scene, const struct receiver_view *v)
{
	const struct batch_refusal *r = batch_counts(scene->door->batch)->refusal;
	struct scene_count drop[SCENE_DROPS];

	scene_drops(scene, v, drop);
	jsontext_open(j, "drops", '{');
	for (unsigned i = 0; i < SCENE_DROPS; i++)
		jsontext_number(j, drop[i].name, drop[i].count);
	jsontext_close(j, '}');
	jsontext_number(j, "kernel_drops", scene_kernel_drops(scene));
	jsontext_open(j, "refusals", '[');
	for (unsigned i = 0; i < BATCH_ERRORS && r[i].err; i++) {
		jsontext_open(j, NULL, '{');
		jsontext_word(j, "errno", errname(r[i].err) ? errname(r[i].err) : "other");
		jsontext_number(j, "count", r[i].count);
		jsontext_close(j, '}');
	}
	jsontext_close(j, ']');
}

static void put_spans(struct jsontext *j, const char *key, const struct histogram *h)
{
	jsontext_open(j, key, '{');
	jsontext_number(j, "count", h->count);
	jsontext_number(j, "p50", (uint64_t)histogram_percentile(h, 500));
	jsontext_number(j, "p95", (uint64_t)histogram_percentile(h, 950));
	jsontext_number(j, "p99", (uint64_t)histogram_percentile(h, 990));
	jsontext_close(j, '}');
}

static void put_latency(struct jsontext *j, const struct receiver_view *v)
{
	jsontext_open(j, "latency_us", '{');
	put_spans(j, "hold", &v->hold);
	put_spans(j, "path", &v->path);
	jsontext_open(j, "forward", '{');
	for (unsigned f = 0; f < FLOWS; f++)
		put_spans(j, flow_name((enum flow)f), &v->forward[f]);
	jsontext_close(j, '}');
	jsontext_close(j, '}');
}

static void put_io(struct jsontext *j, const struct scene *scene)
{
	const struct batch_counts *n = batch_counts(scene->door->batch);

	jsontext_open(j, "io", '{');
	jsontext_word(j, "way", batch_io_name(batch_io(scene->door->batch)));
	jsontext_number(j, "wakes", loop_wakes(scene->door->loop));
	jsontext_number(j, "reads", n->reads);
	jsontext_number(j, "packets_read", n->came);
	jsontext_number(j, "coalesced", n->coalesced);
	jsontext_number(j, "writes", n->writes);
	jsontext_number(j, "packets_written", n->left);
	jsontext_number(j, "runs", n->runs);
	jsontext_number(j, "packets_in_runs", n->in_runs);
	jsontext_number(j, "in_doubt", n->in_doubt);
	jsontext_close(j, '}');
}

/* What its sender tells is null where it tells nothing. */
static void put_member(struct jsontext *j, const struct receiver_member_view *m,
		       const struct history_member_view *past)
{
	char address[ENDPOINT_TEXT];

	jsontext_open(j, NULL, '{');
	jsontext_word(j, "address", endpoint_print(&m->who, address));
	jsontext_number(j, "age_s", seconds(past->age));
	jsontext_number(j, "idle_ms", (uint64_t)(m->idle / 1000));
	jsontext_number(j, "bitrate_bps", past->bps);
	jsontext_number(j, "share_permille", past->share);
	jsontext_maybe(j, "rtt_ms", m->reports, m->srtt);
	jsontext_maybe(j, "jitter_ms", m->reports, rounded_ms(past->jitter));
	jsontext_number(j, "packets_received", m->packets_in);
	jsontext_number(j, "bytes_received", m->bytes_in);
	jsontext_number(j, "packets_sent", m->packets_out);
	jsontext_number(j, "bytes_sent", m->bytes_out);
	jsontext_maybe(j, "window", m->reports, m->window);
	jsontext_maybe(j, "in_flight", m->reports, m->in_flight);
	jsontext_maybe(j, "naks", m->reports, m->naks);
	jsontext_close(j, '}');
}

static void put_members(struct jsontext *j, const struct receiver_group_view *v,
			const struct history_group_view *past)
{
	jsontext_open(j, "members", '[');
	for (unsigned i = 0; i < v->count; i++)
		put_member(j, &v->member[i], &past->member[i]);
	jsontext_close(j, ']');
}

/* "127.0.0.1:4001", as it was asked for. */
static void put_server(struct jsontext *j, const struct scene *scene, unsigned number)
{
	const struct host *h = number < HOSTS_MOST ? &scene->hosts->host[number] : NULL;
	char text[SERVER];

	if (!h || !h->name) {
		jsontext_null(j, "server");
		return;
	}
	snprintf(text, sizeof(text), strchr(h->name, ':') ? "[%s]:%u" : "%s:%u", h->name,
		 (unsigned)h->port);
	jsontext_word(j, "server", text);
}

static void put_stream(struct jsontext *j, const struct scene *scene,
		       const struct receiver_group_view *v)
{
	char name[SCENE_NAME];

	scene_group_name(v->serial, v->port, name);
	jsontext_word(j, "group", name);
	jsontext_word(j, "state", receiver_stream_name(v->stream));
	jsontext_number(j, "age_s", seconds(v->age));
	jsontext_number(j, "session_s", seconds(v->session_age));
	jsontext_maybe(j, "quiet_ms", v->quiet != NEVER, v->quiet / 1000);
	jsontext_word(j, "peer", scene_peer(v));
	put_server(j, scene, v->server);
	jsontext_maybe(j, "latency_ms", v->latency, v->latency);
	jsontext_maybe(j, "rtt_ms", v->srt_rtt, rounded_ms(v->srt_rtt));
	jsontext_maybe(j, "rtt_spread_ms", v->srt_rtt, rounded_ms(v->srt_rttvar));
}

static void put_counts(struct jsontext *j, const struct receiver_group_view *v,
		       const struct history_group_view *past)
{
	jsontext_number(j, "bitrate_bps", past->up_bps);
	jsontext_number(j, "received_bps", past->in_bps);
	jsontext_number(j, "held", v->order.held);
	jsontext_number(j, "missing", v->missing);
	jsontext_number(j, "late", v->order.late);
	jsontext_number(j, "duplicates", v->order.duplicate);
	jsontext_number(j, "longest_hold_ms", (uint64_t)rounded_ms(v->order.longest));
	jsontext_number(j, "bytes", v->up_bytes);
	jsontext_number(j, "packets", v->up_packets);
	jsontext_number(j, "acks", v->acks);
	jsontext_number(j, "naks", v->naks);
	jsontext_number(j, "links", v->count);
}

static void put_group(struct jsontext *j, const struct scene *scene, const struct history *history,
		      const struct receiver_group_view *v, bool with_members, ustime now)
{
	struct history_group_view past;

	history_group(history, v, now, &past);
	put_stream(j, scene, v);
	put_counts(j, v, &past);
	if (with_members)
		put_members(j, v, &past);
}

static void put_groups(struct jsontext *j, const struct scene *scene, const struct history *history,
		       unsigned left, ustime now)
{
	bool with_members = left <= REPORT_GROUPS;

	jsontext_open(j, "groups", '[');
	for (unsigned port = 1; left > 0 && port <= scene->groups; port++) {
		struct receiver_group_view v;

		if (receiver_group_serial(scene->door->receiver, port) == 0)
			continue;
		left--;
		receiver_group_view(scene->door->receiver, port, now, &v);
		jsontext_open(j, NULL, '{');
		put_group(j, scene, history, &v, with_members, now);
		jsontext_close(j, '}');
	}
	jsontext_close(j, ']');
}

char *report_json(const struct scene *scene, const struct history *history, ustime now,
		  size_t *len)
{
	struct jsontext j = {0};
	struct receiver_view v;

	receiver_view(scene->door->receiver, now, &v);
	jsontext_open(&j, NULL, '{');
	jsontext_number(&j, "schema_version", SCHEMA);
	jsontext_word(&j, "program", "srtla_rec");
	jsontext_word(&j, "version", VERSION);
	jsontext_number(&j, "uptime_s", seconds(now - scene->began));
	jsontext_number(&j, "last_updated_ms", (uint64_t)scene_wall_ms());
	jsontext_number(&j, "listen_port", scene->front->local.port);
	put_totals(&j, scene, &v, history);
	put_queues(&j, scene, &v);
	put_losses(&j, scene, &v);
	put_latency(&j, &v);
	put_io(&j, scene);
	jsontext_number(&j, "log_lost", log_lost());
	put_groups(&j, scene, history, v.groups, now);
	jsontext_close(&j, '}');
	return jsontext_finish(&j, len);
}

char *report_group_json(const struct scene *scene, const struct history *history, const char *name,
			ustime now, size_t *len)
{
	unsigned port = scene_find_group(scene, name);
	struct jsontext j = {0};
	struct receiver_group_view v;

	if (port == 0 || !receiver_group_view(scene->door->receiver, port, now, &v))
		return NULL;
	jsontext_open(&j, NULL, '{');
	jsontext_number(&j, "schema_version", SCHEMA);
	put_group(&j, scene, history, &v, true, now);
	jsontext_close(&j, '}');
	return jsontext_finish(&j, len);
}
