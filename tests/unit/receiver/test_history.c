/* SPDX-License-Identifier: MIT */
#include "report_rig.h"

#include <jansson.h>

#include "receiver/chart.h"

static struct history *h;

static int set_up_history(void **state)
{
	set_up(state);
	h = history_create(1024, 64, clock_now);
	assert_non_null(h);
	return 0;
}

static int finish_history(void **state)
{
	history_destroy(h);
	return finish(state);
}

static struct history_group_view past(unsigned port)
{
	struct receiver_group_view v = view(port);
	struct history_group_view g;

	history_group(h, &v, clock_now, &g);
	return g;
}

static json_t *chart(void)
{
	size_t len = 0;
	char *text = history_json(h, &len);
	json_error_t error;
	json_t *root;

	assert_non_null(text);
	root = json_loadb(text, len, 0, &error);
	if (!root)
		fail_msg("%s: %.60s", error.text, text + error.position);
	free(text);
	return root;
}

/* Of the group in this place, or of the totals when it is below 0. */
static json_t *line(json_t *root, int place, const char *name)
{
	json_t *of = place < 0 ? json_object_get(root, "totals")
			       : json_array_get(json_object_get(root, "groups"), (size_t)place);
	json_t *array = json_object_get(of, name);

	assert_true(json_is_array(array));
	assert_int_equal(json_array_size(array),
			 json_integer_value(json_object_get(root, "seconds")));
	return array;
}

static void a_rate_is_what_came_in_the_last_second(void **state)
{
	unsigned port = restore(1, 2);
	struct history_group_view g;

	(void)state;
	look(h);
	assert_false(past(port).known);
	for (uint32_t i = 0; i < 40; i++)
		feed(1, i % 4 == 0, 1 + i, 1000);
	look(h);
	g = past(port);
	assert_true(g.known);
	assert_int_equal(g.up_bps, 320000);
	assert_int_equal(g.in_bps, 320000);
	assert_int_equal(g.in_bytes, 40000 + 2 * CREDIT);
	assert_int_equal(g.member[0].bps, 240000);
	assert_int_equal(g.member[1].bps, 80000);
	assert_int_equal(g.member[0].share, 750);
	assert_int_equal(g.member[1].share, 250);
	look(h);
	assert_int_equal(past(port).up_bps, 0);
	assert_int_equal(past(port).in_bytes, 40000 + 2 * CREDIT);
}

static void a_longer_wait_between_looks_changes_no_rate(void **state)
{
	unsigned port = restore(1, 1);

	(void)state;
	look(h);
	for (uint32_t i = 0; i < 40; i++)
		feed(1, 0, 1 + i, 1000);
	clock_now += MSEC(2000);
	look(h); /* after two seconds */
	assert_in_range(past(port).up_bps, 159000, 161000);
}

static void a_port_that_another_group_takes_starts_anew(void **state)
{
	unsigned port = restore(1, 1);
	uint32_t serial = view(port).serial;

	(void)state;
	look(h);
	for (uint32_t i = 0; i < 40; i++)
		feed(1, 0, 1 + i, 1000);
	look(h);
	assert_int_equal(past(port).up_bps, 320000);
	for (int i = 0; i < 60; i++)
		receiver_run(shell.door.receiver, clock_now += SEC(1), &shell.door.out);
	assert_int_equal(receiver_group_serial(shell.door.receiver, port), 0);

	clock_now = later(clock_now, history_deadline(h) + 1);
	assert_int_equal(restore(1, 1), port);
	assert_int_not_equal(view(port).serial, serial);
	assert_int_equal(past(port).up_bps, 0);
	assert_int_equal(past(port).in_bytes, 0);
	look(h);
	assert_false(past(port).known);
	assert_int_equal(past(port).in_bytes, CREDIT);
}

static void who_leaves_takes_no_figures_of_the_others_along(void **state)
{
	unsigned port = restore(1, 3);
	uint32_t id, seq = 1;

	(void)state;
	look(h);
	feed(1, 0, seq++, 500);
	look(h);
	id = past(port).member[2].id;
	assert_int_not_equal(id, past(port).member[1].id);
	for (int i = 0; i < 20; i++) { /* the first falls silent */
		feed(1, 1, seq++, 500);
		feed(1, 2, seq++, 1000);
		clock_now += SEC(1);
		receiver_run(shell.door.receiver, clock_now, &shell.door.out);
		outlet_drain(&shell.outlet, clock_now);
		look(h);
	}
	assert_int_equal(view(port).count, 2);
	assert_int_equal(past(port).member[1].id, id);
	feed(1, 2, seq++, 1000);
	look(h);
	assert_int_equal(past(port).member[1].bps, 8000);
	assert_int_equal(past(port).member[1].share, 1000);
	assert_in_range(past(port).member[1].age, SEC(20), SEC(50));
	assert_int_equal(past(port).in_bytes, 500 + 20 * 1500 + 1000 + 3 * CREDIT);
}

static void no_address_can_be_told_from_an_id(void **state)
{
	unsigned port = restore(1, 1);
	struct history *other = history_create(1024, 64, clock_now);
	struct receiver_group_view v = view(port);
	struct history_group_view g;

	(void)state;
	assert_non_null(other);
	history_group(other, &v, clock_now, &g);
	assert_int_not_equal(g.member[0].id, past(port).member[0].id); /* each has its own key */
	history_destroy(other);
}

static void many_groups_are_looked_at_in_slices(void **state)
{
	(void)state;
	for (unsigned mark = 1; mark <= 200; mark++)
		restore(mark, 2);
	look(h);
	for (unsigned mark = 1; mark <= 200; mark++)
		feed(mark, 0, 1, 1000);
	assert_int_equal(look(h), 7);
	for (unsigned port = 1; port <= 200; port++)
		assert_in_range(past(port).up_bps, 7900, 8100);
}

static void the_chart_has_a_place_for_each_second(void **state)
{
	json_t *root;

	(void)state;
	look(h);
	root = chart();
	assert_int_equal(json_array_size(json_object_get(root, "groups")), 0);
	assert_int_equal(json_array_size(line(root, -1, "rate_bps")), 1);
	json_decref(root);
	restore(1, 1);
	look(h);
	feed(1, 0, 1, 1000);
	look(h);
	root = chart();
	assert_int_equal(json_array_size(line(root, 0, "rate_bps")), 3);
	assert_true(json_is_null(json_array_get(line(root, 0, "rate_bps"), 0)));
	assert_int_equal(json_integer_value(json_array_get(line(root, 0, "rate_bps"), 1)), 0);
	assert_int_equal(json_integer_value(json_array_get(line(root, 0, "rate_bps"), 2)), 8000);
	assert_true(json_is_null(json_array_get(line(root, 0, "rtt_ms"), 2)));
	assert_int_equal(json_integer_value(json_array_get(line(root, -1, "rate_bps"), 2)), 8000);
	assert_int_equal(json_integer_value(json_array_get(line(root, -1, "groups"), 0)), 0);
	assert_int_equal(json_integer_value(json_array_get(line(root, -1, "groups"), 2)), 1);
	json_decref(root);
}

static void the_chart_ends_ten_minutes_ago(void **state)
{
	json_t *root;

	(void)state;
	restore(1, 1);
	look(h);
	feed(1, 0, 1, 1000);
	look(h); /* the row with 8000 */
	for (int i = 0; i < 599; i++)
		look(h);
	root = chart();
	assert_int_equal(json_integer_value(json_object_get(root, "seconds")), 600);
	assert_int_equal(json_integer_value(json_array_get(line(root, 0, "rate_bps"), 0)), 8000);
	json_decref(root);
	look(h);
	root = chart();
	assert_int_equal(json_integer_value(json_array_get(line(root, 0, "rate_bps"), 0)), 0);
	json_decref(root);
}

static void the_chart_has_64_groups_and_more_when_places_are_free_again(void **state)
{
	json_t *root;

	(void)state;
	for (unsigned mark = 1; mark <= 70; mark++)
		restore(mark, 1);
	look(h);
	root = chart();
	assert_int_equal(json_array_size(json_object_get(root, "groups")), CHART_GROUPS);
	assert_int_equal(json_integer_value(json_array_get(line(root, -1, "groups"), 0)), 70);
	json_decref(root);

	for (uint32_t i = 0; i < 60; i++) { /* all but the last three end */
		clock_now += SEC(1);
		for (unsigned mark = 68; mark <= 70; mark++)
			feed(mark, 0, 1 + i, 100);
		receiver_run(shell.door.receiver, clock_now, &shell.door.out);
		outlet_drain(&shell.outlet, clock_now);
	}
	look(h);
	look(h);
	root = chart();
	assert_int_equal(json_array_size(json_object_get(root, "groups")), 3);
	assert_true(json_is_null(json_array_get(line(root, 0, "held"), 0)));
	assert_true(json_is_integer(json_array_get(line(root, 0, "held"), 2)));
	json_decref(root);
}

static void without_it_all_rates_are_zero(void **state)
{
	struct receiver_group_view v = view(restore(1, 1));
	struct history_totals t;
	struct history_group_view g;

	(void)state;
	history_group(NULL, &v, clock_now, &g);
	assert_false(g.known);
	history_totals(NULL, &t);
	assert_int_equal(t.up_bps, 0);
	history_run(NULL, &shell.scene, clock_now);
	assert_true(history_deadline(NULL) == NEVER);
	history_destroy(NULL);
}

int main(void)
{
#define RUNS(f) cmocka_unit_test_setup_teardown(f, set_up_history, finish_history)
	const struct CMUnitTest tests[] = {
		RUNS(a_rate_is_what_came_in_the_last_second),
		RUNS(a_longer_wait_between_looks_changes_no_rate),
		RUNS(a_port_that_another_group_takes_starts_anew),
		RUNS(who_leaves_takes_no_figures_of_the_others_along),
		RUNS(no_address_can_be_told_from_an_id),
		RUNS(many_groups_are_looked_at_in_slices),
		RUNS(the_chart_has_a_place_for_each_second),
		RUNS(the_chart_ends_ten_minutes_ago),
		RUNS(the_chart_has_64_groups_and_more_when_places_are_free_again),
		RUNS(without_it_all_rates_are_zero),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
