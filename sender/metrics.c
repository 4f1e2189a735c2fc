/* SPDX-License-Identifier: MIT */
#include "sender/metrics.h"

#include "sender/metrics_inside.h"

/* What packets wait here is sorted from 8 us to 1 s. */
enum { LEAST = 3, MOST = 20 };

#define OF_ALL(member) offsetof(struct snapshot, member)

static const struct metrics_counter counters[] = {
	{"srtla_send_encoder_received_packets_total", "Packets from the encoder.",
	 OF_ALL(view.app_packets_in)},
	{"srtla_send_encoder_received_bytes_total", "Bytes from the encoder.",
	 OF_ALL(view.app_bytes_in)},
	{"srtla_send_encoder_resent_packets_total", "Of these: how many it had sent before.",
	 OF_ALL(view.resent_in)},
	{"srtla_send_encoder_sent_packets_total", "Packets to the encoder.",
	 OF_ALL(view.app_packets_out)},
	{"srtla_send_acks_total", "Distinct SRT ACKs passed to the encoder.", OF_ALL(view.acks)},
	{"srtla_send_naks_total", "Distinct SRT NAKs from the receiver.", OF_ALL(view.naks)},
	{"srtla_send_naks_answered_total", "NAKs answered here, of which the encoder did not hear.",
	 OF_ALL(view.naks_kept)},
	{"srtla_send_resent_packets_total", "Packets sent again from here, on another link.",
	 OF_ALL(view.resent_out)},
	{"srtla_send_probes_total", "Copies sent to see whether a shy link delivers.",
	 OF_ALL(view.probes)},
	{"srtla_send_evicted_packets_total", "Copies given up for want of room.",
	 OF_ALL(view.evicted)},
	{"srtla_send_copies_total", "Packets that travelled once more on purpose.",
	 OF_ALL(view.copies)},
	{"srtla_send_copied_bytes_total", "Bytes of these.", OF_ALL(view.copy_bytes)},
	{"srtla_send_copies_over_budget_total",
	 "Packets that deserved more copies than --extra allows.", OF_ALL(view.over_budget)},
	{"srtla_send_wakeups_total", "How often there was something to do.", OF_ALL(traffic.wakes)},
	{"srtla_send_reads_total", "Calls that brought packets.", OF_ALL(traffic.count.reads)},
	{"srtla_send_read_packets_total", "Packets that they brought.", OF_ALL(traffic.count.came)},
	{"srtla_send_coalesced_packets_total", "Of these: how many came together as one.",
	 OF_ALL(traffic.count.coalesced)},
	{"srtla_send_starved_packets_total", "Packets lost as no memory was left for them.",
	 OF_ALL(traffic.count.starved)},
	{"srtla_send_writes_total", "Calls that took packets.", OF_ALL(traffic.count.writes)},
	{"srtla_send_written_packets_total", "Packets that they took.", OF_ALL(traffic.count.left)},
	{"srtla_send_runs_total", "How often several packets left as one.",
	 OF_ALL(traffic.count.runs)},
	{"srtla_send_run_packets_total", "Packets that did.", OF_ALL(traffic.count.in_runs)},
	{"srtla_send_in_doubt_packets_total", "Packets of runs that may have been lost at once.",
	 OF_ALL(traffic.count.in_doubt)},
	{"srtla_send_kernel_drops_total", "Packets dropped as a receive buffer was full.",
	 OF_ALL(traffic.kernel_drops)},
	{"srtla_send_log_lost_total", "Log lines that nobody took.", OF_ALL(log_lost)},
};

static void tell_program(struct exposition *e, const struct snapshot *s)
{
	exposition_family(e, EXPOSITION_GAUGE, "srtla_send_build_info", "Which program this is.");
	exposition_number(e, 1, "version", VERSION, NULL);
	exposition_family(e, EXPOSITION_GAUGE, "srtla_send_start_time_seconds",
			  "When it was started, since 1970.");
	exposition_seconds(e, s->began_ms * MSEC(1), NULL);
	exposition_family(e, EXPOSITION_GAUGE, "srtla_send_mode_info", "The mode in force.");
	exposition_number(e, 1, "mode", sender_mode_name((enum sender_mode)s->view.mode), NULL);
	exposition_family(e, EXPOSITION_GAUGE, "srtla_send_peer_info", "What the receiver is.");
	exposition_number(e, 1, "peer", snapshot_peer(s), NULL);
	exposition_family(e, EXPOSITION_GAUGE, "srtla_send_io_info",
			  "How packets pass between the program and the kernel.");
	exposition_number(e, 1, "way", batch_io_name(s->traffic.io), NULL);
}

static void gauge(struct exposition *e, const char *name, const char *help, uint64_t n)
{
	exposition_family(e, EXPOSITION_GAUGE, name, help);
	exposition_number(e, n, NULL);
}

static void tell_stream(struct exposition *e, const struct snapshot *s)
{
	const struct sender_view *v = &s->view;

	gauge(e, "srtla_send_joined", "Whether a receiver has taken the group.", v->joined);
	gauge(e, "srtla_send_links", "Links, whatever their state.", s->count);
	gauge(e, "srtla_send_live_links", "Links that are up.", v->live);
	gauge(e, "srtla_send_capacity_bytes_per_second", "What the links deliver now.",
	      v->capacity / 8);
	gauge(e, "srtla_send_safe_bytes_per_second",
	      "What an encoder may send that they still do when one gets worse.", v->safe_rate / 8);
	gauge(e, "srtla_send_link_in_flight_capacity_packets",
	      "How many packets of one link can be under way.", v->flight_room);
	gauge(e, "srtla_send_waiting_packets", "Packets that wait for a link.", v->waiting);
	exposition_family(e, EXPOSITION_GAUGE, "srtla_send_latency_seconds",
			  "The latency that the SRT peers agreed on; 0 before they have.");
	exposition_seconds(e, MSEC(v->latency), NULL);
	for (size_t i = 0; i < sizeof(counters) / sizeof(counters[0]); i++) {
		exposition_family(e, EXPOSITION_COUNTER, counters[i].name, counters[i].help);
		exposition_number(e, metrics_count(&counters[i], s), NULL);
	}
}

static void tell_queues(struct exposition *e, const struct snapshot *s)
{
	struct snapshot_queue queue[SNAPSHOT_QUEUES];

	snapshot_queues(s, queue);
	exposition_family(e, EXPOSITION_GAUGE, "srtla_send_queue_packets", "Packets in a queue.");
	for (unsigned i = 0; i < SNAPSHOT_QUEUES; i++)
		exposition_number(e, queue[i].used, "queue", queue[i].name, NULL);
	exposition_family(e, EXPOSITION_GAUGE, "srtla_send_queue_capacity_packets",
			  "Packets that it has room for.");
	for (unsigned i = 0; i < SNAPSHOT_QUEUES; i++)
		exposition_number(e, queue[i].room, "queue", queue[i].name, NULL);
}

static void tell_losses(struct exposition *e, const struct snapshot *s)
{
	struct snapshot_count drop[SNAPSHOT_DROPS], refusal[SNAPSHOT_REFUSALS];
	unsigned refusals = snapshot_refusals(s, refusal);

	snapshot_drops(s, drop);
	exposition_family(e, EXPOSITION_COUNTER, "srtla_send_drops_total",
			  "Packets that ended here, by cause.");
	for (unsigned i = 0; i < SNAPSHOT_DROPS; i++)
		exposition_number(e, drop[i].count, "cause", drop[i].name, NULL);
	exposition_family(e, EXPOSITION_COUNTER, "srtla_send_refusals_total",
			  "How often a socket would not take a packet, by reason.");
	for (unsigned i = 0; i < refusals; i++)
		exposition_number(e, refusal[i].count, "errno", refusal[i].name, NULL);
}

static void tell_waits(struct exposition *e, const struct snapshot *s)
{
	exposition_family(e, EXPOSITION_HISTOGRAM, "srtla_send_forward_seconds",
			  "How long packets waited here for a link, by class.");
	for (unsigned f = 0; f < FLOWS; f++)
		exposition_histogram(e, &s->view.forward[f], LEAST, MOST, "class",
				     flow_name((enum flow)f), NULL);
}

char *metrics_text(const struct snapshot *s, size_t *len)
{
	struct exposition e;

	exposition_open(&e);
	tell_program(&e, s);
	tell_stream(&e, s);
	tell_queues(&e, s);
	tell_losses(&e, s);
	tell_waits(&e, s);
	metrics_links(&e, s);
	return exposition_close(&e, len);
}
