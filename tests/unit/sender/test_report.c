/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <jansson.h>
#include <string.h>

#include "sender/report.h"

static struct report report;
static struct links links;
static struct door_traffic traffic;
static struct uplink usb0 = {.name = "usb0/192.168.8.100", .port = 1};
static struct uplink usb1 = {.name = "usb1/192.168.8.100", .port = 2};
static struct sender_view view;

static int two_links(void **state)
{
	(void)state;
	memset(&view, 0, sizeof(view));
	memset(&links, 0, sizeof(links));
	report_init(&report, "/nowhere", MSEC(1000), 9000, 0);
	links.uplink[0] = &usb0;
	links.uplink[1] = &usb1;
	links.count = 2;
	traffic = (struct door_traffic){.io = BATCH_GSO, .wakes = 31, .kernel_drops = 32};
	traffic.count = (struct batch_counts){.reads = 33,
					      .came = 34,
					      .coalesced = 35,
					      .starved = 36,
					      .oversize = 6,
					      .writes = 37,
					      .left = 38,
					      .runs = 39,
					      .in_runs = 40,
					      .refused = 41,
					      .in_doubt = 42};
	view.count = 2;
	view.link[0] = (struct sender_link_view){.port = 1,
						 .state = LINK_UP,
						 .role = SENDER_BACKUP,
						 .window = 20000,
						 .in_flight = 7,
						 .srtt = MSEC(42) + 600,
						 .naks = 3,
						 .bytes_out = 3000,
						 .bytes_in = 88,
						 .packets_out = 4,
						 .refused = 1,
						 .rate = 312500};
	view.link[1] = (struct sender_link_view){
		.port = 2, .state = LINK_DOWN, .window = 1000, .bytes_out = 1000};
	view.joined = true;
	view.latency = 2000;
	view.app_packets_in = 5;
	view.resent_in = 2;
	view.drops.no_link = 9;
	view.mode = SENDER_REDUNDANT;
	view.copies = 11;
	view.copy_bytes = 12000;
	view.over_budget = 13;
	view.capacity = 12000000;
	view.safe_rate = 9000000;
	view.waiting = 3;
	view.resent_out = 21;
	view.probes = 22;
	view.naks_kept = 23;
	view.evicted = 24;
	view.expired = 25;
	view.link[0].capacity = 4000000;
	view.link[0].queue = 12600;
	return 0;
}

static json_t *written(void)
{
	const char *text = report_json(&report, &view, &traffic, &links, INT64_C(1700000000123));
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
	view.link[0].shy = true;
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
	view.link[0].bytes_out += 100;
	view.link[1].bytes_out += 900;
	root = written();
	all = json_object_get(root, "connections");
	assert_int_equal(number(json_array_get(all, 0), "weight_percent"), 10);
	assert_int_equal(number(json_array_get(all, 1), "weight_percent"), 90);
	json_decref(root);
	root = written();
	all = json_object_get(root, "connections");
	assert_int_equal(number(json_array_get(all, 0), "weight_percent"), 0);
	json_decref(root);
}

static void a_link_is_known_by_its_place_in_the_file(void **state)
{
	json_t *root, *c;

	(void)state;
	links.uplink[0] = &usb1;
	links.uplink[1] = &usb0;
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
	view.count = 0;
	links.count = 0;
	root = written();
	assert_true(json_is_array(json_object_get(root, "connections")));
	assert_int_equal(json_array_size(json_object_get(root, "connections")), 0);
	json_decref(root);
}

static void as_many_links_as_there_may_be_find_room(void **state)
{
	static struct uplink uplink[SENDER_LINKS];
	json_t *root, *all;

	(void)state;
	view.count = links.count = SENDER_LINKS;
	for (unsigned i = 0; i < SENDER_LINKS; i++) {
		memset(uplink[i].name, 'n', sizeof(uplink[i].name) - 1);
		uplink[i].port = i + 1;
		links.uplink[i] = &uplink[i];
		view.link[i] = (struct sender_link_view){
			.port = i + 1, .state = LINK_UP, .naks = INT64_MAX, .bytes_out = INT64_MAX};
	}
	root = written();
	all = json_object_get(root, "connections");
	assert_int_equal(json_array_size(all), SENDER_LINKS);
	assert_text(json_array_get(all, SENDER_LINKS - 1), "name", uplink[0].name);
	json_decref(root);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(panels_find_the_keys_that_they_read, two_links),
		cmocka_unit_test_setup(each_link_says_its_name_state_and_counts, two_links),
		cmocka_unit_test_setup(mode_roles_and_copies_are_told, two_links),
		cmocka_unit_test_setup(capacity_and_repairs_are_told, two_links),
		cmocka_unit_test_setup(as_many_links_as_there_may_be_find_room, two_links),
		cmocka_unit_test_setup(what_passed_between_the_program_and_the_kernel_is_told, two_links),
		cmocka_unit_test_setup(the_share_is_that_of_the_last_interval, two_links),
		cmocka_unit_test_setup(a_link_is_known_by_its_place_in_the_file, two_links),
		cmocka_unit_test_setup(no_link_gives_an_empty_array, two_links),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
