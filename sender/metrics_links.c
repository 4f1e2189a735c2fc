/* SPDX-License-Identifier: MIT */
#include "sender/metrics_inside.h"

/* The way to the receiver and back is sorted from 1 ms to 16 s. */
enum { LEAST = 10, MOST = 24 };

#define OF_LINK(member) offsetof(struct snapshot_link, member)

static const struct metrics_counter link_counters[] = {
	{"srtla_send_link_sent_packets_total", "Packets sent.", OF_LINK(view.packets_out)},
	{"srtla_send_link_sent_data_packets_total", "SRT data packets sent.",
	 OF_LINK(view.data_out)},
	{"srtla_send_link_sent_bytes_total", "Bytes of UDP payload sent.", OF_LINK(view.bytes_out)},
	{"srtla_send_link_received_packets_total", "Packets received.", OF_LINK(view.packets_in)},
	{"srtla_send_link_received_bytes_total", "Bytes of UDP payload received.",
	 OF_LINK(view.bytes_in)},
	{"srtla_send_link_resent_packets_total", "Data packets on it that had been sent before.",
	 OF_LINK(view.resent)},
	{"srtla_send_link_delivered_packets_total", "Late-bound data packets that arrived.",
	 OF_LINK(view.landed)},
	{"srtla_send_link_lost_packets_total", "Late-bound data packets that did not.",
	 OF_LINK(view.lost)},
	{"srtla_send_link_acks_total", "Data packets that the receiver acknowledged.",
	 OF_LINK(view.acked)},
	{"srtla_send_link_naks_total", "NAKs for what it had carried.", OF_LINK(view.naks)},
	{"srtla_send_link_refused_packets_total", "Packets that its socket would not take.",
	 OF_LINK(view.refused)},
};

/* One gauge of each link, and where it is not known of none. */
struct link_gauge {
	const char *name;
	const char *help;
	void (*tell)(struct exposition *e, const struct snapshot_link *l);
};

static void up(struct exposition *e, const struct snapshot_link *l)
{
	exposition_number(e, l->view.state == LINK_UP, "link", l->name, NULL);
}

static void shy(struct exposition *e, const struct snapshot_link *l)
{
	exposition_number(e, l->view.shy, "link", l->name, NULL);
}

static void state(struct exposition *e, const struct snapshot_link *l)
{
	exposition_seconds(e, l->view.since, "link", l->name, NULL);
}

static void rtt(struct exposition *e, const struct snapshot_link *l)
{
	if (l->view.srtt > 0)
		exposition_seconds(e, l->view.srtt, "link", l->name, NULL);
}

static void rtt_least(struct exposition *e, const struct snapshot_link *l)
{
	if (l->view.srtt > 0)
		exposition_seconds(e, l->view.rtt_least, "link", l->name, NULL);
}

static void jitter(struct exposition *e, const struct snapshot_link *l)
{
	if (l->view.srtt > 0)
		exposition_seconds(e, l->view.rttvar, "link", l->name, NULL);
}

static void queue(struct exposition *e, const struct snapshot_link *l)
{
	exposition_seconds(e, l->view.queue, "link", l->name, NULL);
}

static void window(struct exposition *e, const struct snapshot_link *l)
{
	exposition_ratio(e, l->view.window > 0 ? (unsigned)l->view.window : 0, "link", l->name,
			 NULL);
}

static void in_flight(struct exposition *e, const struct snapshot_link *l)
{
	exposition_number(e, l->view.in_flight > 0 ? (uint64_t)l->view.in_flight : 0, "link",
			  l->name, NULL);
}

static void rate(struct exposition *e, const struct snapshot_link *l)
{
	exposition_number(e, l->view.rate, "link", l->name, NULL);
}

static void capacity(struct exposition *e, const struct snapshot_link *l)
{
	exposition_number(e, l->view.capacity / 8, "link", l->name, NULL);
}

static void cap(struct exposition *e, const struct snapshot_link *l)
{
	if (l->terms.cap > 0)
		exposition_number(e, l->terms.cap / 8, "link", l->name, NULL);
}

static void weight(struct exposition *e, const struct snapshot_link *l)
{
	exposition_number(e, l->terms.weight ? l->terms.weight : SENDER_WEIGHT, "link", l->name,
			  NULL);
}

static void today(struct exposition *e, const struct snapshot_link *l)
{
	exposition_number(e, l->bytes_today, "link", l->name, NULL);
}

static void unsent(struct exposition *e, const struct snapshot_link *l)
{
	exposition_number(e, l->unsent, "link", l->name, NULL);
}

static void mtu(struct exposition *e, const struct snapshot_link *l)
{
	if (l->mtu > 0)
		exposition_number(e, l->mtu, "link", l->name, NULL);
}

static const struct link_gauge link_gauges[] = {
	{"srtla_send_link_up", "1 while the receiver has it in the group.", up},
	{"srtla_send_link_shy", "1 while it is up, but delivers nothing.", shy},
	{"srtla_send_link_state_seconds", "For how long that has been so.", state},
	{"srtla_send_link_rtt_seconds", "Round-trip time, smoothed.", rtt},
	{"srtla_send_link_rtt_least_seconds", "The shortest ever.", rtt_least},
	{"srtla_send_link_jitter_seconds", "How much it varies, mean deviation.", jitter},
	{"srtla_send_link_queue_seconds", "How long its latest packet waited in the modem.", queue},
	{"srtla_send_link_window_packets", "The window of SRTLA.", window},
	{"srtla_send_link_in_flight_packets", "Packets under way.", in_flight},
	{"srtla_send_link_rate_bytes_per_second", "Sent in the last second.", rate},
	{"srtla_send_link_capacity_bytes_per_second", "What it delivers, as far as is known.",
	 capacity},
	{"srtla_send_link_cap_bytes_per_second", "What its owner lets it carry at most.", cap},
	{"srtla_send_link_weight", "Its part, compared with the other links'.", weight},
	{"srtla_send_link_sent_today_bytes", "Sent since midnight, local time.", today},
	{"srtla_send_link_unsent_bytes", "Bytes that its socket holds.", unsent},
	{"srtla_send_link_mtu_bytes", "The longest UDP payload that fits.", mtu},
};

static void tell_path(struct exposition *e, const struct snapshot *s)
{
	exposition_family(e, EXPOSITION_HISTOGRAM, "srtla_send_path_seconds",
			  "From leaving by a link to being told of the arrival.");
	for (unsigned i = 0; i < s->count; i++)
		exposition_histogram(e, &s->link[i].view.path, LEAST, MOST, "link",
				     s->link[i].name, NULL);
}

static void tell_info(struct exposition *e, const struct snapshot *s)
{
	exposition_family(e, EXPOSITION_GAUGE, "srtla_send_link_info", "Whose link this is.");
	for (unsigned i = 0; i < s->count; i++) {
		const struct snapshot_link *l = &s->link[i];
		char address[ENDPOINT_TEXT];

		exposition_number(e, 1, "link", l->name, "device", l->device, "address",
				  endpoint_print(&l->local, address), "role",
				  sender_role_name((enum sender_role)l->view.role), NULL);
	}
}

void metrics_links(struct exposition *e, const struct snapshot *s)
{
	tell_info(e, s);
	tell_path(e, s);
	for (size_t g = 0; g < sizeof(link_gauges) / sizeof(link_gauges[0]); g++) {
		exposition_family(e, EXPOSITION_GAUGE, link_gauges[g].name, link_gauges[g].help);
		for (unsigned i = 0; i < s->count; i++)
			link_gauges[g].tell(e, &s->link[i]);
	}
	for (size_t c = 0; c < sizeof(link_counters) / sizeof(link_counters[0]); c++) {
		exposition_family(e, EXPOSITION_COUNTER, link_counters[c].name,
				  link_counters[c].help);
		for (unsigned i = 0; i < s->count; i++)
			exposition_number(e, metrics_count(&link_counters[c], &s->link[i]), "link",
					  s->link[i].name, NULL);
	}
}

