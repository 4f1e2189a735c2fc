/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "sender/report.h"

static struct report report;
static struct snapshot snapshot;
static struct sender_view *const view = &snapshot.view;
static struct sender_link_view *const first = &snapshot.link[0].view;
static struct sender_link_view *const second = &snapshot.link[1].view;

static int two_links(void **state)
{
	(void)state;
	memset(&snapshot, 0, sizeof(snapshot));
	report_init(&report, "/nowhere", MSEC(1000), 0);
	snapshot.now = SEC(100);
	snapshot.uptime = SEC(10) + MSEC(700);
	snapshot.host = "rec.example.org";
	snapshot.host_port = 5000;
	snapshot.wall_ms = INT64_C(1700000000123);
	snapshot.listen_port = 9000;
	snapshot.count = 2;
	strcpy(snapshot.link[0].name, "usb0/192.168.8.100");
	strcpy(snapshot.link[1].name, "usb1/192.168.8.100");
	snapshot.traffic = (struct door_traffic){.io = BATCH_GSO, .wakes = 31, .kernel_drops = 32};
	snapshot.traffic.count = (struct batch_counts){
		.reads = 33,
		.came = 34,
		.coalesced = 35,
		.starved = 36,
		.oversize = 6,
		.writes = 37,
		.left = 38,
		.runs = 39,
		.in_runs = 40,
		.refused = 41,
		.in_doubt = 42,
	};
	*first = (struct sender_link_view){
		.port = 1,
		.state = LINK_UP,
		.role = SENDER_BACKUP,
		.since = SEC(61),
		.why = "no carrier",
		.window = 20000,
		.in_flight = 7,
		.srtt = MSEC(42) + 600,
		.rttvar = MSEC(3),
		.naks = 3,
		.bytes_out = 3000,
		.bytes_in = 88,
		.packets_out = 4,
		.resent = 2,
		.refused = 1,
		.rate = 312500,
	};
	*second = (struct sender_link_view){
		.port = 2,
		.state = LINK_DOWN,
		.why = "it went silent",
		.window = 1000,
		.bytes_out = 1000,
	};
	view->joined = true;
	view->latency = 2000;
	view->app_packets_in = 5;
	view->resent_in = 2;
	view->drops.no_link = 9;
	view->mode = SENDER_REDUNDANT;
	view->copies = 11;
	view->copy_bytes = 12000;
	view->over_budget = 13;
	view->capacity = 12000000;
	view->safe_rate = 9000000;
	view->waiting = 3;
	view->resent_out = 21;
	view->probes = 22;
	view->naks_kept = 23;
	view->evicted = 24;
	view->expired = 25;
	first->capacity = 4000000;
	first->queue = 12600;
	return 0;
}

static json_t *written(void)
{
	const char *text = report_json(&report, &snapshot);
	json_t *root;

	assert_non_null(text);
	root = json_loads(text, 0, NULL);
	assert_non_null(root);
	return root;
}

static json_int_t number(json_t *object, const char *key)
{
	json_t *n = json_object_get(object, key);

	if (!json_is_integer(n))
		fail_msg("%s is no integer", key);
	return json_integer_value(n);
}

static void assert_text(json_t *object, const char *key, const char *value)
{
	json_t *s = json_object_get(object, key);

	assert_true(json_is_string(s));
	assert_string_equal(json_string_value(s), value);
}

static void panels_find_the_keys_that_they_read(void **state)
{
	json_t *root = written(), *c;

	(void)state;
	assert_int_equal(number(root, "schema_version"), 1);
	assert_int_equal(number(root, "last_updated_ms"), INT64_C(1700000000123));
	assert_int_equal(json_array_size(json_object_get(root, "connections")), 2);
	c = json_array_get(json_object_get(root, "connections"), 0);
	assert_text(c, "conn_id", "0");
	assert_int_equal(number(c, "rtt_ms"), 43);
	assert_int_equal(number(c, "nak_count"), 3);
	assert_int_equal(number(c, "weight_percent"), 75);
	assert_int_equal(number(c, "window"), 20000);
	assert_int_equal(number(c, "in_flight"), 7);
	assert_int_equal(number(c, "bitrate_bps"), 2500000);
	json_decref(root);
}

static void each_link_says_its_name_state_and_counts(void **state)
{
	json_t *root = written(), *c;

	(void)state;
	c = json_array_get(json_object_get(root, "connections"), 0);
	assert_text(c, "name", "usb0/192.168.8.100");
	assert_text(c, "state", "up");
	assert_int_equal(number(c, "packets_sent"), 4);
	assert_int_equal(number(c, "bytes_sent"), 3000);
	assert_int_equal(number(c, "bytes_received"), 88);
	assert_int_equal(number(c, "refused"), 1);
	assert_int_equal(number(root, "listen_port"), 9000);
	assert_true(json_is_true(json_object_get(root, "joined")));
	assert_int_equal(number(root, "latency_ms"), 2000);
	assert_int_equal(number(root, "packets_in"), 5);
	assert_int_equal(number(root, "packets_resent"), 2);
	assert_int_equal(number(json_object_get(root, "drops"), "no_link"), 9);
	assert_int_equal(number(json_object_get(root, "drops"), "oversize"), 6);
	json_decref(root);
}

static void mode_roles_and_copies_are_told(void **state)
{
	json_t *root = written(), *all, *c;

	(void)state;
	assert_text(root, "mode", "redundant");
	c = json_object_get(root, "copies");
	assert_int_equal(number(c, "packets"), 11);
	assert_int_equal(number(c, "bytes"), 12000);
	assert_int_equal(number(c, "over_budget"), 13);
	all = json_object_get(root, "connections");
	assert_text(json_array_get(all, 0), "role", "backup");
	assert_text(json_array_get(all, 1), "role", "normal");
	json_decref(root);
}

static void capacity_and_repairs_are_told(void **state)
{
	json_t *root, *c;

	(void)state;
	first->shy = true;
	root = written();
	assert_int_equal(number(root, "capacity_bps"), 12000000);
	assert_int_equal(number(root, "safe_bps"), 9000000);
	assert_int_equal(number(root, "waiting"), 3);
	c = json_object_get(root, "repairs");
	assert_int_equal(number(c, "resent"), 21);
	assert_int_equal(number(c, "probes"), 22);
	assert_int_equal(number(c, "naks_answered"), 23);
	assert_int_equal(number(c, "evicted"), 24);
	assert_int_equal(number(json_object_get(root, "drops"), "expired"), 25);
	c = json_array_get(json_object_get(root, "connections"), 0);
	assert_text(c, "state", "shy");
	assert_int_equal(number(c, "capacity_bps"), 4000000);
	assert_int_equal(number(c, "queue_ms"), 13);
	json_decref(root);
}

static void what_passed_between_the_program_and_the_kernel_is_told(void **state)
{
	json_t *root = written(), *io = json_object_get(root, "io");

	(void)state;
	assert_text(io, "way", "gso");
	assert_int_equal(number(io, "wakes"), 31);
	assert_int_equal(number(io, "kernel_drops"), 32);
	assert_int_equal(number(io, "reads"), 33);
	assert_int_equal(number(io, "packets_read"), 34);
	assert_int_equal(number(io, "coalesced"), 35);
	assert_int_equal(number(io, "starved"), 36);
	assert_int_equal(number(io, "writes"), 37);
	assert_int_equal(number(io, "packets_written"), 38);
	assert_int_equal(number(io, "runs"), 39);
	assert_int_equal(number(io, "packets_in_runs"), 40);
	assert_int_equal(number(io, "refused"), 41);
	assert_int_equal(number(io, "in_doubt"), 42);
	json_decref(root);
}

static void the_share_is_that_of_the_last_interval(void **state)
{
	json_t *root = written(), *all;

	(void)state;
	json_decref(root);
	first->bytes_out += 100;
	second->bytes_out += 900;
	snapshot.now += SEC(1);
	root = written();
	all = json_object_get(root, "connections");
	assert_int_equal(number(json_array_get(all, 0), "weight_percent"), 10);
	assert_int_equal(number(json_array_get(all, 1), "weight_percent"), 90);
	assert_int_equal(number(json_array_get(all, 1), "share_permille"), 900);
	json_decref(root);
	snapshot.now += SEC(1);
	root = written();
	all = json_object_get(root, "connections");
	assert_int_equal(number(json_array_get(all, 0), "weight_percent"), 0);
	json_decref(root);
}

static void a_link_is_known_by_its_place_in_the_file(void **state)
{
	json_t *root, *c;

	(void)state;
	snapshot.link[2] = snapshot.link[0];
	snapshot.link[0] = snapshot.link[1];
	snapshot.link[1] = snapshot.link[2];
	root = written();
	c = json_array_get(json_object_get(root, "connections"), 1);
	assert_text(c, "conn_id", "1");
	assert_text(c, "name", "usb0/192.168.8.100");
	json_decref(root);
}

static void no_link_gives_an_empty_array(void **state)
{
	json_t *root;

	(void)state;
	snapshot.count = 0;
	root = written();
	assert_true(json_is_array(json_object_get(root, "connections")));
	assert_int_equal(json_array_size(json_object_get(root, "connections")), 0);
	json_decref(root);
}

/* A name that could not be longer, and as much as the counters hold. */
static void fill(struct snapshot_link *l, unsigned port)
{
	memset(l->name, 'n', sizeof(l->name) - 1);
	memset(l->device, 'd', sizeof(l->device) - 1);
	snprintf(l->name, sizeof(l->name), "%u", port);
	l->name[strlen(l->name)] = 'n';
	l->trouble = "Cannot assign requested address";
	memset(&l->local, 0xff, sizeof(l->local));
	l->local.family = FAMILY_V6;
	l->bytes_today = l->terms.cap = INT64_MAX;
	l->unsent = l->mtu = INT64_MAX;
	l->view = (struct sender_link_view){
		.port = port,
		.state = LINK_UP,
		.window = INT32_MAX,
		.in_flight = INT32_MAX,
		.srtt = INT32_MAX,
		.rttvar = INT32_MAX,
		.queue = INT32_MAX,
		.since = INT64_MAX / 2,
		.path = {.count = 1, .sum = INT32_MAX, .place[HISTOGRAM_PLACES - 1] = 1},
		.naks = INT64_MAX,
		.bytes_out = INT64_MAX,
		.bytes_in = INT64_MAX,
		.packets_out = INT64_MAX,
		.resent = INT64_MAX,
		.refused = INT64_MAX,
		.rate = INT64_MAX / 8,
		.capacity = INT64_MAX,
	};
}

static void as_many_links_as_there_may_be_find_room(void **state)
{
	json_t *root, *all;

	(void)state;
	snapshot.count = UPLINKS_MOST;
	for (unsigned i = 0; i < UPLINKS_MOST; i++)
		fill(&snapshot.link[i], i + 1);
	root = written();
	all = json_object_get(root, "connections");
	assert_int_equal(json_array_size(all), UPLINKS_MOST);
	assert_text(json_array_get(all, UPLINKS_MOST - 1), "name",
		    snapshot.link[UPLINKS_MOST - 1].name);
	assert_int_equal(number(json_array_get(all, UPLINKS_MOST - 1), "mtu_bytes"), INT64_MAX);
	json_decref(root);
}

static void who_speaks_with_whom_is_told(void **state)
{
	json_t *root, *at;

	(void)state;
	assert_true(endpoint_parse("192.0.2.9", &snapshot.address[0]));
	assert_true(endpoint_parse("2001:db8::9", &snapshot.address[1]));
	snapshot.address[0].port = snapshot.address[1].port = 5000;
	view->peer = SENDER_PEER_OWN;
	view->live = 1;
	snapshot.log_lost = 17;
	root = written();
	assert_text(root, "program", "srtla_send");
	assert_text(root, "version", VERSION);
	assert_int_equal(number(root, "uptime_s"), 10);
	assert_text(root, "host", "rec.example.org");
	assert_int_equal(number(root, "host_port"), 5000);
	at = json_object_get(root, "addresses");
	assert_int_equal(json_array_size(at), 2);
	assert_string_equal(json_string_value(json_array_get(at, 0)), "192.0.2.9:5000");
	assert_string_equal(json_string_value(json_array_get(at, 1)), "[2001:db8::9]:5000");
	assert_text(root, "peer", "own");
	assert_int_equal(number(root, "live_links"), 1);
	assert_int_equal(number(root, "log_lost"), 17);
	json_decref(root);
}

static void a_host_that_is_no_text_costs_no_report(void **state)
{
	json_t *root;

	(void)state;
	snapshot.host = "\xff\xfe";
	root = written();
	assert_true(json_is_null(json_object_get(root, "host")));
	json_decref(root);
}

static void a_link_says_where_it_is_and_on_which_terms_it_serves(void **state)
{
	struct snapshot_link *link = &snapshot.link[0];
	json_t *root, *c;

	(void)state;
	strcpy(link->device, "usb0");
	assert_true(endpoint_parse("192.168.8.100", &link->local));
	link->terms = (struct sender_terms){.weight = 30, .cap = 4000000};
	link->unsent = 1234;
	link->mtu = 1372;
	link->bytes_today = 99;
	view->flight_room = 1024;
	root = written();
	c = json_array_get(json_object_get(root, "connections"), 0);
	assert_text(c, "device", "usb0");
	assert_text(c, "address", "192.168.8.100");
	assert_int_equal(number(c, "weight"), 30);
	assert_int_equal(number(c, "cap_bps"), 4000000);
	assert_int_equal(number(c, "since_ms"), 61000);
	assert_int_equal(number(c, "in_flight_room"), 1024);
	assert_int_equal(number(c, "unsent_bytes"), 1234);
	assert_int_equal(number(c, "mtu_bytes"), 1372);
	assert_int_equal(number(c, "bytes_today"), 99);
	assert_int_equal(number(c, "resent"), 2);
	c = json_array_get(json_object_get(root, "connections"), 1);
	assert_int_equal(number(c, "weight"), SENDER_WEIGHT);
	assert_true(json_is_null(json_object_get(c, "cap_bps")));
	assert_true(json_is_null(json_object_get(c, "mtu_bytes")));
	json_decref(root);
}

static json_t *reason(json_t *root, size_t link)
{
	json_t *all = json_object_get(root, "connections");

	return json_object_get(json_array_get(all, link), "reason");
}

static void a_link_has_a_reason_while_it_carries_nothing(void **state)
{
	json_t *root = written();

	(void)state;
	assert_true(json_is_null(reason(root, 0)));
	assert_string_equal(json_string_value(reason(root, 1)), "it went silent");
	json_decref(root);
	first->shy = true;
	snapshot.link[1].trouble = "no route";
	root = written();
	assert_string_equal(json_string_value(reason(root, 0)), "no carrier");
	assert_string_equal(json_string_value(reason(root, 1)), "no route");
	json_decref(root);
}

static void queues_tell_how_full_they_are(void **state)
{
	json_t *root, *all;

	(void)state;
	view->held = 100;
	view->held_room = 8192;
	view->pool_used = 200;
	view->pool_room = 16384;
	root = written();
	all = json_object_get(root, "queues");
	assert_int_equal(json_array_size(all), 2);
	assert_text(json_array_get(all, 0), "name", "held");
	assert_int_equal(number(json_array_get(all, 0), "used"), 100);
	assert_int_equal(number(json_array_get(all, 0), "room"), 8192);
	assert_text(json_array_get(all, 1), "name", "pool");
	assert_int_equal(number(json_array_get(all, 1), "used"), 200);
	assert_int_equal(number(json_array_get(all, 1), "room"), 16384);
	json_decref(root);
}

static void sockets_that_refuse_are_told_by_errno(void **state)
{
	struct batch_refusal *r = snapshot.traffic.count.refusal;
	json_t *root, *all;

	(void)state;
	r[0] = (struct batch_refusal){EAGAIN, 5};
	r[1] = (struct batch_refusal){ENOBUFS, 6};
	root = written();
	all = json_object_get(root, "refusals");
	assert_int_equal(json_array_size(all), 2);
	assert_text(json_array_get(all, 0), "errno", "EAGAIN");
	assert_int_equal(number(json_array_get(all, 0), "count"), 5);
	assert_text(json_array_get(all, 1), "errno", "ENOBUFS");
	assert_int_equal(number(json_array_get(all, 1), "count"), 6);
	json_decref(root);
}

static void latencies_are_told_by_class_in_microseconds(void **state)
{
	json_t *root, *latency, *c;

	(void)state;
	for (unsigned i = 0; i < 99; i++)
		histogram_add(&view->forward[FLOW_DATA], 6);
	histogram_add(&view->forward[FLOW_DATA], 7);
	histogram_add(&first->path, MSEC(40));
	histogram_add(&second->path, MSEC(40));
	root = written();
	latency = json_object_get(root, "latency_us");
	c = json_object_get(json_object_get(latency, "forward"), "data");
	assert_int_equal(number(c, "count"), 100);
	assert_int_equal(number(c, "p50"), 6);
	assert_int_equal(number(c, "p99"), 6);
	c = json_object_get(json_object_get(latency, "forward"), "control");
	assert_int_equal(number(c, "count"), 0);
	assert_int_equal(number(c, "p95"), 0);
	assert_non_null(json_object_get(json_object_get(latency, "forward"), "retransmission"));
	c = json_object_get(latency, "path");
	assert_int_equal(number(c, "count"), 2);
	assert_in_range(number(c, "p50"), 40000, 48000);
	json_decref(root);
}

static void round_trips_are_those_of_the_interval_or_null(void **state)
{
	json_t *root, *c;

	(void)state;
	histogram_add(&first->path, MSEC(40));
	histogram_add(&first->path, MSEC(80));
	root = written();
	c = json_array_get(json_object_get(root, "connections"), 0);
	assert_in_range(number(c, "rtt_min_ms"), 40, 48);
	assert_int_equal(number(c, "rtt_avg_ms"), 60);
	assert_in_range(number(c, "rtt_max_ms"), 80, 96);
	assert_int_equal(number(c, "jitter_ms"), 3);
	json_decref(root);
	snapshot.now += SEC(1);
	root = written();
	c = json_array_get(json_object_get(root, "connections"), 0);
	assert_true(json_is_null(json_object_get(c, "rtt_min_ms")));
	assert_true(json_is_null(json_object_get(c, "rtt_avg_ms")));
	assert_true(json_is_null(json_object_get(c, "rtt_max_ms")));
	assert_true(json_is_null(json_object_get(c, "loss_permille")));
	json_decref(root);
}

static void each_reader_has_an_interval_of_his_own(void **state)
{
	static struct report other;
	json_t *root;

	(void)state;
	report_init(&other, NULL, 0, 0);
	view->app_bytes_in = 1000000;
	json_decref(written());
	view->app_bytes_in += 125000;
	snapshot.now += SEC(1);
	root = written();
	assert_int_equal(number(root, "bitrate_bps"), 1000000);
	json_decref(root);
	root = json_loads(report_json(&other, &snapshot), 0, NULL);
	assert_int_equal(number(root, "bitrate_bps"), 1125000 * 8 * 10 / 107);
	json_decref(root);
}

static json_t *manual;

/* Each key of the object, and of those in it, stands in the manual as a word that has a meaning. */
static void assert_explained(json_t *value)
{
	const char *key;
	json_t *in;
	size_t i;

	json_object_foreach(value, key, in) {
		if (!json_object_get(manual, key))
			fail_msg("%s is not in the manual", key);
		assert_explained(in);
	}
	json_array_foreach(value, i, in)
		assert_explained(in);
}

/* All words that are set as variables between this heading and the next. */
static json_t *variables(const char *heading)
{
	FILE *f = fopen(MANUAL, "r");
	json_t *words = json_object();
	bool inside = false;
	char line[256];

	assert_non_null(f);
	while (fgets(line, sizeof(line), f)) {
		if (strncmp(line, ".Sh ", 4) == 0)
			inside = strncmp(line + 4, heading, strlen(heading)) == 0;
		if (!inside || (strncmp(line, ".Va ", 4) != 0 && strncmp(line, ".It Va ", 7) != 0))
			continue;
		for (char *w = strtok(line, " \n"); w; w = strtok(NULL, " \n"))
			json_object_set_new(words, w, json_true());
	}
	fclose(f);
	return words;
}

static void every_key_stands_in_the_manual(void **state)
{
	json_t *root;

	(void)state;
	snapshot.traffic.count.refusal[0] = (struct batch_refusal){EAGAIN, 5};
	manual = variables("STATS");
	root = written();
	assert_explained(root);
	json_decref(root);
	json_decref(manual);
}

#define TEST(name) cmocka_unit_test_setup(name, two_links)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(panels_find_the_keys_that_they_read),
		TEST(each_link_says_its_name_state_and_counts),
		TEST(mode_roles_and_copies_are_told),
		TEST(capacity_and_repairs_are_told),
		TEST(as_many_links_as_there_may_be_find_room),
		TEST(what_passed_between_the_program_and_the_kernel_is_told),
		TEST(the_share_is_that_of_the_last_interval),
		TEST(a_link_is_known_by_its_place_in_the_file),
		TEST(no_link_gives_an_empty_array),
		TEST(who_speaks_with_whom_is_told),
		TEST(a_host_that_is_no_text_costs_no_report),
		TEST(a_link_says_where_it_is_and_on_which_terms_it_serves),
		TEST(a_link_has_a_reason_while_it_carries_nothing),
		TEST(queues_tell_how_full_they_are),
		TEST(sockets_that_refuse_are_told_by_errno),
		TEST(latencies_are_told_by_class_in_microseconds),
		TEST(round_trips_are_those_of_the_interval_or_null),
		TEST(each_reader_has_an_interval_of_his_own),
		TEST(every_key_stands_in_the_manual),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
