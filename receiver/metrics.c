/* SPDX-License-Identifier: MIT */
#include "receiver/metrics.h"

#include <stdlib.h>
#include <string.h>

#include "shared/io/errname.h"
#include "shared/io/exposition.h"

/* Bounds of histograms, powers of two in us. */
enum {
	FORWARD_LEAST = 3,  /* 8 us */
	FORWARD_MOST = 18,  /* 0.26 s */
	DELAY_LEAST = 10,   /* 1 ms */
	DELAY_MOST = 23,    /* 8.4 s */
};

/* A group, without its members. */
struct group_row {
	char name[SCENE_NAME];
	enum receiver_stream stream;
	uint64_t up_bytes;
	uint64_t in_bytes;
	uint64_t rate; /* bytes per second */
	usspan rtt;
	usspan latency;
	unsigned links;
	unsigned held;
	unsigned missing;
	uint64_t late;
	uint64_t duplicate;
	uint64_t naks;
};

struct member_row {
	const char *group;
	char address[ENDPOINT_TEXT];
	uint64_t bytes_in;
	uint64_t bytes_out;
	bool reports;
	usspan rtt;
};

/* All groups that have lines, at one moment: each family is written for all of them in turn. */
struct rows {
	unsigned groups;
	unsigned members;
	struct group_row group[METRICS_GROUPS];
	struct member_row member[METRICS_MEMBERS];
};

static void add_member(struct rows *rows, const char *group, const struct receiver_member_view *m)
{
	struct member_row *row = &rows->member[rows->members++];

	*row = (struct member_row){
		.group = group,
		.bytes_in = m->bytes_in,
		.bytes_out = m->bytes_out,
		.reports = m->reports,
		.rtt = MSEC(m->srtt),
	};
	endpoint_print(&m->who, row->address);
}

static void add_group(struct rows *rows, const struct receiver_group_view *v,
		      const struct history_group_view *past)
{
	struct group_row *row = &rows->group[rows->groups++];

	*row = (struct group_row){
		.stream = v->stream,
		.up_bytes = v->up_bytes,
		.in_bytes = past->in_bytes,
		.rate = past->up_bps / 8,
		.rtt = v->srt_rtt,
		.latency = MSEC(v->latency),
		.links = v->count,
		.held = v->order.held,
		.missing = v->missing,
		.late = v->order.late,
		.duplicate = v->order.duplicate,
		.naks = v->naks,
	};
	scene_group_name(v->serial, v->port, row->name);
	for (unsigned i = 0; i < v->count && rows->members < METRICS_MEMBERS; i++)
		add_member(rows, row->name, &v->member[i]);
}

static void collect(struct rows *rows, const struct scene *scene, const struct history *history,
		    unsigned left, ustime now)
{
	struct receiver *r = scene->door->receiver;

	rows->groups = rows->members = 0;
	for (unsigned port = 1;
	     left > 0 && port <= scene->groups && rows->groups < METRICS_GROUPS; port++) {
		struct receiver_group_view v;
		struct history_group_view past;

		if (receiver_group_serial(r, port) == 0)
			continue;
		left--;
		receiver_group_view(r, port, now, &v);
		history_group(history, &v, now, &past);
		add_group(rows, &v, &past);
	}
}

static void counter(struct exposition *e, const char *name, const char *help, uint64_t n)
{
	exposition_family(e, EXPOSITION_COUNTER, name, help);
	exposition_number(e, n, NULL);
}

static void gauge(struct exposition *e, const char *name, const char *help, uint64_t n)
{
	exposition_family(e, EXPOSITION_GAUGE, name, help);
	exposition_number(e, n, NULL);
}

static void put_program(struct exposition *e, const struct scene *scene, ustime now)
{
	exposition_family(e, EXPOSITION_GAUGE, "srtla_rec_build_info",
			  "Which program this is; always 1.");
	exposition_number(e, 1, "version", VERSION, NULL);
	exposition_family(e, EXPOSITION_GAUGE, "srtla_rec_uptime_seconds",
			  "Time since the start of the program.");
	exposition_seconds(e, now - scene->began, NULL);
}

static void put_totals(struct exposition *e, const struct scene *scene,
		       const struct receiver_view *v, const struct history *history)
{
	struct history_totals t;

	history_totals(history, &t);
	gauge(e, "srtla_rec_groups", "Groups that are registered.", v->groups);
	gauge(e, "srtla_rec_groups_unproved",
	      "Groups whose data the SRT server has not acknowledged yet.", v->unproved);
	gauge(e, "srtla_rec_members", "Links of all groups.", v->members);
	gauge(e, "srtla_rec_forwarded_bytes_per_second",
	      "What went to the SRT servers over the last second.", t.up_bps / 8);
	counter(e, "srtla_rec_missing_packets_total",
		"Media given up, as it never came, or too late.", t.missing);
	counter(e, "srtla_rec_received_packets_total", "Datagrams from senders.",
		scene->front->packets_in);
	counter(e, "srtla_rec_received_bytes_total", "Bytes in datagrams from senders.",
		scene->front->bytes_in);
	counter(e, "srtla_rec_sent_packets_total", "Datagrams to senders.",
		scene->front->packets_out);
	counter(e, "srtla_rec_to_server_packets_total", "Packets to the SRT servers.",
		scene->servers->packets_out);
	counter(e, "srtla_rec_from_server_packets_total", "Packets from the SRT servers.",
		scene->servers->packets_in);
	counter(e, "srtla_rec_registrations_total", "Registrations of links that were answered.",
		v->reg2);
}

static void put_losses(struct exposition *e, const struct scene *scene,
		       const struct receiver_view *v)
{
	const struct batch_refusal *r = batch_counts(scene->door->batch)->refusal;
	struct scene_count drop[SCENE_DROPS];

	scene_drops(scene, v, drop);
	exposition_family(e, EXPOSITION_COUNTER, "srtla_rec_drops_total",
			  "Packets that ended here, by cause.");
	for (unsigned i = 0; i < SCENE_DROPS; i++)
		exposition_number(e, drop[i].count, "cause", drop[i].name, NULL);
	exposition_family(e, EXPOSITION_COUNTER, "srtla_rec_refusals_total",
			  "Packets that a socket would not take, by error.");
	for (unsigned i = 0; i < BATCH_ERRORS && r[i].err; i++) {
		const char *name = errname(r[i].err);

		exposition_number(e, r[i].count, "errno", name ? name : "other", NULL);
	}
	exposition_family(e, EXPOSITION_COUNTER, "srtla_rec_kernel_drops_total",
			  "Datagrams that found the receive buffer of the port full.");
	exposition_number(e, scene->tally->media.lost, "socket", "media", NULL);
	exposition_number(e, scene->tally->registration.lost, "socket", "registrations", NULL);
	counter(e, "srtla_rec_log_lost_total", "Log lines that standard error did not take.",
		log_lost());
}

static void put_queues(struct exposition *e, const struct scene *scene,
		       const struct receiver_view *v)
{
	struct scene_queue queue[SCENE_QUEUES];

	scene_queues(scene, v, queue);
	exposition_family(e, EXPOSITION_GAUGE, "srtla_rec_queue_used",
			  "Packets, or groups, in each place where they are kept.");
	for (unsigned i = 0; i < SCENE_QUEUES; i++)
		exposition_number(e, queue[i].used, "queue", queue[i].name, NULL);
	exposition_family(e, EXPOSITION_GAUGE, "srtla_rec_queue_capacity", "How many fit there.");
	for (unsigned i = 0; i < SCENE_QUEUES; i++)
		exposition_number(e, queue[i].room, "queue", queue[i].name, NULL);
}

static void put_spans(struct exposition *e, const struct receiver_view *v)
{
	exposition_family(e, EXPOSITION_HISTOGRAM, "srtla_rec_hold_seconds",
			  "How long media waited for its turn, that which did.");
	exposition_histogram(e, &v->hold, DELAY_LEAST, DELAY_MOST, NULL);
	exposition_family(e, EXPOSITION_HISTOGRAM, "srtla_rec_path_seconds",
			  "How much later than the fastest media came, by its SRT clock.");
	exposition_histogram(e, &v->path, DELAY_LEAST, DELAY_MOST, NULL);
	exposition_family(e, EXPOSITION_HISTOGRAM, "srtla_rec_forward_seconds",
			  "How long packets toward the SRT server were in the program.");
	for (unsigned f = 0; f < FLOWS; f++)
		exposition_histogram(e, &v->forward[f], FORWARD_LEAST, FORWARD_MOST, "class",
				     flow_name((enum flow)f), NULL);
}

static void put_io(struct exposition *e, const struct scene *scene)
{
	const struct batch_counts *n = batch_counts(scene->door->batch);

	counter(e, "srtla_rec_wakeups_total", "Times that there was something to do.",
		loop_wakes(scene->door->loop));
	counter(e, "srtla_rec_reads_total", "Calls that brought packets.", n->reads);
	counter(e, "srtla_rec_writes_total", "Calls that took packets.", n->writes);
	counter(e, "srtla_rec_read_packets_total", "Packets that those calls brought.", n->came);
	counter(e, "srtla_rec_written_packets_total", "Packets that those calls took.", n->left);
	counter(e, "srtla_rec_coalesced_packets_total", "Packets that came several as one.",
		n->coalesced);
	counter(e, "srtla_rec_run_packets_total", "Packets that left several as one.", n->in_runs);
	counter(e, "srtla_rec_in_doubt_packets_total",
		"Packets of runs that were cut off: each may have left or not.", n->in_doubt);
}

/* One number of each group. */
static void put_each(struct exposition *e, const struct rows *rows, enum exposition_kind kind,
		     const char *name, const char *help,
		     uint64_t (*number)(const struct group_row *g))
{
	exposition_family(e, kind, name, help);
	for (unsigned i = 0; i < rows->groups; i++)
		exposition_number(e, number(&rows->group[i]), "group", rows->group[i].name, NULL);
}

#define NUMBER(field)                                             \
	static uint64_t get_##field(const struct group_row *g)    \
	{                                                         \
		return g->field;                                  \
	}

NUMBER(up_bytes)
NUMBER(in_bytes)
NUMBER(rate)
NUMBER(links)
NUMBER(held)
NUMBER(missing)
NUMBER(late)
NUMBER(duplicate)
NUMBER(naks)

static void put_group_counts(struct exposition *e, const struct rows *rows)
{
	put_each(e, rows, EXPOSITION_GAUGE, "srtla_rec_group_members", "Links of the group.",
		 get_links);
	put_each(e, rows, EXPOSITION_COUNTER, "srtla_rec_group_received_bytes_total",
		 "Bytes from its links, to the second.", get_in_bytes);
	put_each(e, rows, EXPOSITION_COUNTER, "srtla_rec_group_forwarded_bytes_total",
		 "Bytes of it to the SRT server.", get_up_bytes);
	put_each(e, rows, EXPOSITION_GAUGE, "srtla_rec_group_forwarded_bytes_per_second",
		 "The same over the last second.", get_rate);
	put_each(e, rows, EXPOSITION_GAUGE, "srtla_rec_group_held_packets",
		 "Media that waits for its turn.", get_held);
	put_each(e, rows, EXPOSITION_COUNTER, "srtla_rec_group_missing_packets_total",
		 "Media of this session given up, as it never came, or too late.", get_missing);
	put_each(e, rows, EXPOSITION_COUNTER, "srtla_rec_group_late_packets_total",
		 "Media that came after it had been given up.", get_late);
	put_each(e, rows, EXPOSITION_COUNTER, "srtla_rec_group_duplicate_packets_total",
		 "Media that had passed before.", get_duplicate);
	put_each(e, rows, EXPOSITION_COUNTER, "srtla_rec_group_naks_total",
		 "Reports of loss by the SRT server.", get_naks);
}

static void put_group_states(struct exposition *e, const struct rows *rows)
{
	exposition_family(e, EXPOSITION_GAUGE, "srtla_rec_group_state",
			  "1 for the state that its stream is in, 0 for the others.");
	for (const struct group_row *g = rows->group; g < rows->group + rows->groups; g++) {
		for (int s = RECEIVER_OFFLINE; s <= RECEIVER_ENDED; s++)
			exposition_number(e, g->stream == (enum receiver_stream)s, "group", g->name,
					  "state", receiver_stream_name((enum receiver_stream)s),
					  NULL);
	}
}

/* Those that are known. */
static void put_group_spans(struct exposition *e, const struct rows *rows)
{
	exposition_family(e, EXPOSITION_GAUGE, "srtla_rec_group_rtt_seconds",
			  "Round trip between encoder and SRT server, as the server measures it.");
	for (const struct group_row *g = rows->group; g < rows->group + rows->groups; g++) {
		if (g->rtt)
			exposition_seconds(e, g->rtt, "group", g->name, NULL);
	}
	exposition_family(e, EXPOSITION_GAUGE, "srtla_rec_group_latency_seconds",
			  "SRT latency of its session.");
	for (const struct group_row *g = rows->group; g < rows->group + rows->groups; g++) {
		if (g->latency)
			exposition_seconds(e, g->latency, "group", g->name, NULL);
	}
}

static void put_members(struct exposition *e, const struct rows *rows)
{
	exposition_family(e, EXPOSITION_COUNTER, "srtla_rec_member_received_bytes_total",
			  "Bytes from this link.");
	for (const struct member_row *m = rows->member; m < rows->member + rows->members; m++)
		exposition_number(e, m->bytes_in, "group", m->group, "member", m->address, NULL);
	exposition_family(e, EXPOSITION_COUNTER, "srtla_rec_member_sent_bytes_total",
			  "Bytes to this link.");
	for (const struct member_row *m = rows->member; m < rows->member + rows->members; m++)
		exposition_number(e, m->bytes_out, "group", m->group, "member", m->address, NULL);
	exposition_family(e, EXPOSITION_GAUGE, "srtla_rec_member_rtt_seconds",
			  "Round trip of this link, as its sender tells.");
	for (const struct member_row *m = rows->member; m < rows->member + rows->members; m++) {
		if (m->reports)
			exposition_seconds(e, m->rtt, "group", m->group, "member", m->address,
					   NULL);
	}
}

char *metrics_text(const struct scene *scene, const struct history *history, ustime now,
		   size_t *len)
{
	struct rows *rows = malloc(sizeof(*rows));
	struct receiver_view v;
	struct exposition e;

	if (!rows)
		return NULL;
	receiver_view(scene->door->receiver, now, &v);
	collect(rows, scene, history, v.groups, now);
	exposition_open(&e);
	put_program(&e, scene, now);
	put_totals(&e, scene, &v, history);
	put_losses(&e, scene, &v);
	put_queues(&e, scene, &v);
	put_spans(&e, &v);
	put_io(&e, scene);
	put_group_counts(&e, rows);
	put_group_states(&e, rows);
	put_group_spans(&e, rows);
	put_members(&e, rows);
	free(rows);
	return exposition_close(&e, len);
}
