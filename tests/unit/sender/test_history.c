/* SPDX-License-Identifier: MIT */
#include "sender/history.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct history *history;
static struct snapshot next;
static ustime now;

/* In place of the real one: there is no program to take it of. */
void __wrap_snapshot_take(const struct scene *scene, ustime at, struct snapshot *s);
void __wrap_snapshot_take(const struct scene *scene, ustime at, struct snapshot *s)
{
	(void)scene;
	next.now = at;
	*s = next;
}

static int empty(void **state)
{
	(void)state;
	memset(&next, 0, sizeof(next));
	now = SEC(100);
	next.wall_ms = INT64_C(1700000000123);
	history = history_create(now);
	assert_non_null(history);
	return 0;
}

static int gone(void **state)
{
	(void)state;
	history_destroy(history);
	return 0;
}

/* A link in the snapshots from now on; the place in them is its port. */
static struct sender_link_view *link_at(unsigned place, const char *name)
{
	struct snapshot_link *l = &next.link[place];

	memset(l, 0, sizeof(*l));
	snprintf(l->name, sizeof(l->name), "%s", name);
	l->view.port = place + 1;
	if (next.count <= place)
		next.count = place + 1;
	return &l->view;
}

static void samples(unsigned n)
{
	while (n-- > 0) {
		now = history_deadline(history);
		history_run(history, NULL, now);
	}
}

static json_t *told(void)
{
	size_t len;
	char *text = history_json(history, &len);
	json_error_t why;
	json_t *root;

	assert_non_null(text);
	root = json_loadb(text, len, 0, &why);
	if (!root)
		fail_msg("%s at %d: %s", why.text, why.position, text);
	free(text);
	return root;
}

static json_t *link_told(json_t *root, const char *name)
{
	json_t *l;
	size_t i;

	json_array_foreach(json_object_get(root, "links"), i, l) {
		if (strcmp(json_string_value(json_object_get(l, "name")), name) == 0)
			return l;
	}
	return NULL;
}

/* The sample that many seconds before the latest. */
static json_t *sample(json_t *of, const char *key, size_t ago)
{
	json_t *all = json_object_get(of, key);

	assert_true(json_array_size(all) > ago);
	return json_array_get(all, json_array_size(all) - 1 - ago);
}

static void assert_sample(json_t *of, const char *key, size_t ago, json_int_t value)
{
	json_t *n = sample(of, key, ago);

	assert_true(json_is_integer(n));
	assert_int_equal(json_integer_value(n), value);
}

static void assert_none(json_t *of, const char *key, size_t ago)
{
	assert_true(json_is_null(sample(of, key, ago)));
}

static void it_begins_empty(void **state)
{
	json_t *root = told(), *totals;

	(void)state;
	assert_int_equal(json_integer_value(json_object_get(root, "seconds")), 0);
	assert_int_equal(json_array_size(json_object_get(root, "links")), 0);
	totals = json_object_get(root, "totals");
	assert_int_equal(json_array_size(json_object_get(totals, "held")), 0);
	json_decref(root);
}

static void a_sample_is_taken_each_second_and_not_before(void **state)
{
	json_t *root;

	(void)state;
	history_run(history, NULL, now);
	assert_int_equal(history_deadline(history), now + SEC(1));
	history_run(history, NULL, now + SEC(1) - 1);
	history_run(history, NULL, now + SEC(1));
	root = told();
	assert_int_equal(json_integer_value(json_object_get(root, "seconds")), 2);
	assert_int_equal(json_integer_value(json_object_get(root, "interval_s")), 1);
	assert_int_equal(json_integer_value(json_object_get(root, "schema_version")), 1);
	assert_int_equal(json_integer_value(json_object_get(root, "wall_ms")), next.wall_ms);
	assert_string_equal(json_string_value(json_object_get(root, "program")), "srtla_send");
	json_decref(root);
}

static void totals_and_links_are_told(void **state)
{
	struct sender_link_view *a = link_at(0, "usb0"), *b = link_at(1, "usb1");
	json_t *root, *l;

	(void)state;
	next.uptime = SEC(1);
	samples(1);
	next.view = (struct sender_view){
		.app_bytes_in = 125000, .capacity = 12000000, .waiting = 3, .held = 40};
	*a = (struct sender_link_view){.port = 1,
				       .rate = 250000,
				       .srtt = MSEC(42) + 600,
				       .bytes_out = 750,
				       .flown = 10,
				       .landed = 9,
				       .lost = 1,
				       .in_flight = 7};
	b->bytes_out = 250;
	samples(1);
	root = told();
	l = json_object_get(root, "totals");
	assert_sample(l, "rate_bps", 0, 1000000);
	assert_sample(l, "capacity_bps", 0, 12000000);
	assert_sample(l, "waiting", 0, 3);
	assert_sample(l, "held", 0, 40);
	assert_sample(l, "held", 1, 0);
	l = link_told(root, "usb0");
	assert_sample(l, "rate_bps", 0, 2000000);
	assert_sample(l, "rtt_ms", 0, 43);
	assert_sample(l, "loss_permille", 0, 100);
	assert_sample(l, "share_permille", 0, 750);
	assert_sample(l, "in_flight", 0, 7);
	l = link_told(root, "usb1");
	assert_none(l, "rtt_ms", 0);
	assert_none(l, "loss_permille", 0);
	assert_sample(l, "share_permille", 0, 250);
	json_decref(root);
}

static void a_link_has_no_samples_from_before_it_came(void **state)
{
	json_t *root;

	(void)state;
	link_at(0, "usb0");
	samples(3);
	link_at(1, "usb1")->in_flight = 5;
	samples(2);
	root = told();
	assert_sample(link_told(root, "usb0"), "in_flight", 4, 0);
	assert_sample(link_told(root, "usb1"), "in_flight", 1, 5);
	assert_none(link_told(root, "usb1"), "in_flight", 2);
	assert_none(link_told(root, "usb1"), "in_flight", 4);
	json_decref(root);
}

static void a_link_that_is_gone_stays_until_its_last_sample_has_left(void **state)
{
	json_t *root;

	(void)state;
	link_at(0, "usb0");
	link_at(1, "usb1");
	samples(2);
	next.count = 1;
	samples(HISTORY_SECONDS - 1);
	root = told();
	assert_sample(link_told(root, "usb1"), "in_flight", HISTORY_SECONDS - 1, 0);
	assert_none(link_told(root, "usb1"), "in_flight", HISTORY_SECONDS - 2);
	json_decref(root);
	samples(1);
	root = told();
	assert_null(link_told(root, "usb1"));
	assert_non_null(link_told(root, "usb0"));
	json_decref(root);
}

static void a_link_that_comes_back_has_a_gap(void **state)
{
	json_t *root;

	(void)state;
	link_at(0, "usb0")->in_flight = 1;
	samples(1);
	next.count = 0;
	samples(2);
	link_at(0, "usb0")->in_flight = 2;
	samples(1);
	root = told();
	assert_sample(link_told(root, "usb0"), "in_flight", 0, 2);
	assert_none(link_told(root, "usb0"), "in_flight", 1);
	assert_none(link_told(root, "usb0"), "in_flight", 2);
	assert_sample(link_told(root, "usb0"), "in_flight", 3, 1);
	json_decref(root);
}

static void ten_minutes_are_kept_the_oldest_first(void **state)
{
	json_t *root;

	(void)state;
	link_at(0, "usb0");
	for (int32_t i = 0; i < HISTORY_SECONDS + 7; i++) {
		next.view.held = (unsigned)i;
		next.link[0].view.in_flight = i;
		samples(1);
	}
	root = told();
	assert_int_equal(json_integer_value(json_object_get(root, "seconds")), HISTORY_SECONDS);
	assert_int_equal(json_array_size(json_object_get(link_told(root, "usb0"), "rtt_ms")),
			 HISTORY_SECONDS);
	assert_sample(json_object_get(root, "totals"), "held", HISTORY_SECONDS - 1, 7);
	assert_sample(json_object_get(root, "totals"), "held", 0, HISTORY_SECONDS + 6);
	assert_sample(link_told(root, "usb0"), "in_flight", HISTORY_SECONDS - 1, 7);
	json_decref(root);
}

static void seconds_without_us_have_their_place(void **state)
{
	json_t *root;

	(void)state;
	link_at(0, "usb0")->in_flight = 4;
	samples(1);
	now += SEC(5) + MSEC(200);
	history_run(history, NULL, now);
	assert_int_equal(history_deadline(history), now + MSEC(800));
	root = told();
	assert_int_equal(json_integer_value(json_object_get(root, "seconds")), 6);
	assert_sample(link_told(root, "usb0"), "in_flight", 0, 4);
	assert_none(link_told(root, "usb0"), "in_flight", 1);
	assert_none(json_object_get(root, "totals"), "held", 4);
	assert_sample(link_told(root, "usb0"), "in_flight", 5, 4);
	json_decref(root);
	now += SEC(1000000);
	history_run(history, NULL, now);
	root = told();
	assert_none(json_object_get(root, "totals"), "held", HISTORY_SECONDS - 1);
	assert_sample(json_object_get(root, "totals"), "held", 0, 0);
	json_decref(root);
}

static void more_links_than_have_room_forget_the_one_that_left_first(void **state)
{
	char name[16];
	json_t *root;

	(void)state;
	for (unsigned i = 0; i < UPLINKS_MOST; i++) {
		snprintf(name, sizeof(name), "usb%u", i);
		link_at(i, name);
	}
	samples(1);
	link_at(3, "three");
	samples(1);
	link_at(4, "four");
	samples(1);
	root = told();
	assert_int_equal(json_array_size(json_object_get(root, "links")), UPLINKS_MOST);
	assert_null(link_told(root, "usb3"));
	assert_null(link_told(root, "usb4"));
	assert_sample(link_told(root, "three"), "in_flight", 1, 0);
	assert_none(link_told(root, "four"), "in_flight", 1);
	assert_sample(link_told(root, "usb5"), "in_flight", 2, 0);
	json_decref(root);
}

static void the_longest_there_can_be_finds_room(void **state)
{
	json_t *root, *last;

	(void)state;
	for (unsigned i = 0; i < UPLINKS_MOST; i++) {
		struct sender_link_view *v = link_at(i, "x");

		memset(next.link[i].name, '\x01', sizeof(next.link[i].name) - 1);
		next.link[i].name[0] = (char)('A' + i);
		v->rate = INT64_MAX / 8;
		v->srtt = INT64_MAX - 500;
		v->in_flight = INT32_MIN;
		v->flown = v->lost = INT64_MAX;
	}
	next.view.capacity = next.view.waiting = INT64_MAX;
	samples(1);
	json_decref(told()); /* the names are nearly all of it */
	samples(HISTORY_SECONDS);
	root = told();
	assert_int_equal(json_array_size(json_object_get(root, "links")), UPLINKS_MOST);
	assert_sample(json_object_get(root, "totals"), "waiting", 599, INT64_MAX);
	last = json_array_get(json_object_get(root, "links"), UPLINKS_MOST - 1);
	assert_sample(last, "in_flight", 0, INT32_MIN);
	json_decref(root);
}

static void without_memory_there_is_none(void **state)
{
	size_t len;

	(void)state;
	history_run(NULL, NULL, now);
	assert_true(history_deadline(NULL) == NEVER);
	assert_null(history_json(NULL, &len));
	history_destroy(NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, empty, gone)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(it_begins_empty),
		TEST(a_sample_is_taken_each_second_and_not_before),
		TEST(totals_and_links_are_told),
		TEST(a_link_has_no_samples_from_before_it_came),
		TEST(a_link_that_is_gone_stays_until_its_last_sample_has_left),
		TEST(a_link_that_comes_back_has_a_gap),
		TEST(ten_minutes_are_kept_the_oldest_first),
		TEST(seconds_without_us_have_their_place),
		TEST(more_links_than_have_room_forget_the_one_that_left_first),
		TEST(the_longest_there_can_be_finds_room),
		TEST(without_memory_there_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
