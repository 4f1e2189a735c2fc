/* SPDX-License-Identifier: MIT */
#include "report_rig.h"

#include <jansson.h>

#include "receiver/report.h"
#include "receiver/noalbs.h"
#include "tests/unit/manual.h"

static json_t *parsed(char *text, size_t len)
{
	json_t *root;

	assert_non_null(text);
	root = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(root);
	free(text);
	return root;
}

static json_t *stats(void)
{
	size_t len = 0;
	char *text = report_json(&shell.scene, shell.history, clock_now, &len);

	return parsed(text, len);
}

static json_t *in(json_t *object, const char *key)
{
	json_t *value = json_object_get(object, key);

	if (!value)
		fail_msg("there is no %s", key);
	return value;
}

static json_int_t number(json_t *object, const char *key)
{
	if (!json_is_integer(in(object, key)))
		fail_msg("%s is no integer", key);
	return json_integer_value(in(object, key));
}

static const char *word(json_t *object, const char *key)
{
	assert_true(json_is_string(in(object, key)));
	return json_string_value(in(object, key));
}

static json_t *queue(json_t *root, const char *name)
{
	json_t *q;
	size_t i;

	json_array_foreach(in(root, "queues"), i, q) {
		if (strcmp(word(q, "name"), name) == 0)
			return q;
	}
	fail_msg("there is no queue %s", name);
	return NULL;
}

static void a_receiver_at_rest_tells_what_it_is(void **state)
{
	json_t *root = stats();

	(void)state;
	assert_int_equal(number(root, "schema_version"), 1);
	assert_string_equal(word(root, "program"), "srtla_rec");
	assert_string_equal(word(root, "version"), VERSION);
	assert_int_equal(number(root, "listen_port"), shell.front.local.port);
	assert_true(number(root, "last_updated_ms") > INT64_C(1700000000000));
	assert_int_equal(number(in(root, "totals"), "groups"), 0);
	assert_int_equal(number(in(root, "totals"), "groups_room"), 1024);
	assert_int_equal(number(queue(root, "groups"), "room"), 1024);
	assert_int_equal(number(queue(root, "hold"), "room"), 16384);
	assert_true(number(queue(root, "pool"), "room") > 16384);
	assert_int_equal(number(queue(root, "turnstile"), "used"), 0);
	assert_int_equal(json_object_size(in(root, "drops")), SCENE_DROPS);
	assert_int_equal(json_array_size(in(root, "groups")), 0);
	json_decref(root);
}

static void a_group_tells_of_its_stream_and_links(void **state)
{
	struct receiver_group_view v;
	char name[SCENE_NAME];
	json_t *root, *g, *m;

	(void)state;
	restore(1, 2);
	look(shell.history);
	for (uint32_t i = 0; i < 40; i++)
		feed(1, i % 4 == 0, 1 + i, 1000);
	look(shell.history);
	root = stats();
	v = view(1);
	scene_group_name(v.serial, v.port, name);
	g = json_array_get(in(root, "groups"), 0);
	assert_string_equal(word(g, "group"), name);
	assert_string_equal(word(g, "state"), "live");
	assert_string_equal(word(g, "peer"), "classic");
	assert_int_equal(number(g, "latency_ms"), 2000);
	assert_int_equal(number(g, "bitrate_bps"), 320000);
	assert_int_equal(number(g, "received_bps"), 320000);
	assert_int_equal(number(g, "packets"), 40);
	assert_int_equal(number(g, "bytes"), 40000);
	assert_int_equal(number(g, "links"), 2);
	assert_true(json_is_null(in(g, "rtt_ms")));
	assert_int_equal(json_array_size(in(g, "members")), 2);
	m = json_array_get(in(g, "members"), 0);
	assert_string_equal(word(m, "address"), "192.0.0.1:1000");
	assert_int_equal(number(m, "bitrate_bps"), 240000);
	assert_int_equal(number(m, "share_permille"), 750);
	assert_int_equal(number(m, "bytes_received"), 30000 + CREDIT);
	assert_true(json_is_null(in(m, "window"))); /* its sender tells nothing */
	assert_int_equal(number(in(root, "totals"), "bitrate_bps"), 320000);
	json_decref(root);
}

static void the_server_of_a_group_is_named_as_it_was_asked_for(void **state)
{
	char wanted[64];
	json_t *root;

	(void)state;
	restore(1, 1);
	root = stats();
	snprintf(wanted, sizeof(wanted), "127.0.0.1:%u", (unsigned)server_port);
	assert_string_equal(word(json_array_get(in(root, "groups"), 0), "server"), wanted);
	json_decref(root);
}

static void the_links_of_many_groups_are_left_out(void **state)
{
	json_t *root;

	(void)state;
	for (unsigned mark = 1; mark <= REPORT_GROUPS; mark++)
		restore(mark, 1);
	root = stats();
	assert_int_equal(json_array_size(in(root, "groups")), REPORT_GROUPS);
	assert_non_null(json_object_get(json_array_get(in(root, "groups"), 0), "members"));
	json_decref(root);
	restore(REPORT_GROUPS + 1, 1);
	root = stats();
	assert_int_equal(json_array_size(in(root, "groups")), REPORT_GROUPS + 1);
	assert_null(json_object_get(json_array_get(in(root, "groups"), 0), "members"));
	assert_int_equal(number(json_array_get(in(root, "groups"), 0), "links"), 1);
	json_decref(root);
}

static void one_of_many_is_found_by_its_name(void **state)
{
	char name[SCENE_NAME], *text;
	json_t *root;
	size_t len = 0;

	(void)state;
	for (unsigned mark = 1; mark <= 100; mark++)
		restore(mark, 3);
	scene_group_name(view(77).serial, 77, name);
	text = report_group_json(&shell.scene, shell.history, name, clock_now, &len);
	root = parsed(text, len);
	assert_string_equal(word(root, "group"), name);
	assert_int_equal(json_array_size(in(root, "members")), 3);
	assert_string_equal(word(json_array_get(in(root, "members"), 2), "address"),
			    "192.0.0.77:1002");
	json_decref(root);
	assert_null(report_group_json(&shell.scene, shell.history, "00000000", clock_now, &len));
	assert_null(report_group_json(&shell.scene, shell.history, "", clock_now, &len));
}

static void no_two_groups_have_one_name(void **state)
{
	static char name[1000][SCENE_NAME];

	(void)state;
	for (unsigned i = 0; i < 1000; i++) {
		scene_group_name(1 + i % 3, 1 + i, name[i]);
		assert_int_equal(strlen(name[i]), 8);
		for (unsigned j = 0; j < i; j++)
			assert_string_not_equal(name[i], name[j]);
	}
}

static void a_refusal_comes_with_its_name(void **state)
{
	struct batch_counts *n = (struct batch_counts *)batch_counts(shell.door.batch);
	json_t *root = stats(), *array;

	(void)state;
	assert_int_equal(json_array_size(in(root, "refusals")), 0);
	json_decref(root);
	n->refusal[0] = (struct batch_refusal){.err = ENOBUFS, .count = 3};
	n->refusal[1] = (struct batch_refusal){.err = 4095, .count = 1};
	root = stats();
	array = in(root, "refusals");
	assert_int_equal(json_array_size(array), 2);
	assert_string_equal(word(json_array_get(array, 0), "errno"), "ENOBUFS");
	assert_int_equal(number(json_array_get(array, 0), "count"), 3);
	assert_string_equal(word(json_array_get(array, 1), "errno"), "other");
	json_decref(root);
}

/* Every key, at any depth. */
static void assert_known(const char *manual, json_t *value)
{
	const char *key;
	json_t *inner;
	size_t i;

	json_object_foreach(value, key, inner) {
		if (!manual_has(manual, key))
			fail_msg("%s is not in the manual", key);
		assert_known(manual, inner);
	}
	json_array_foreach(value, i, inner)
		assert_known(manual, inner);
}

static void the_manual_knows_every_key(void **state)
{
	char *manual = manual_read(MANUAL), *text;
	size_t len = 0;
	json_t *root;

	(void)state;
	restore(1, 2);
	look(shell.history);
	feed(1, 0, 1, 100);
	look(shell.history);
	root = stats();
	assert_known(manual, root);
	json_decref(root);
	text = history_json(shell.history, &len);
	root = parsed(text, len);
	assert_known(manual, root);
	json_decref(root);
	for (int shape = NOALBS_SLS; shape <= NOALBS_OPENIRL; shape++) {
		struct receiver_group_view v = view(1);
		struct history_group_view past;

		history_group(shell.history, &v, clock_now, &past);
		v.srt_rtt = MSEC(30);
		text = noalbs_text((enum noalbs_shape)shape, "publishers", &v, &past, &len);
		root = parsed(text, len);
		assert_known(manual, root);
		json_decref(root);
	}
	free(manual);
}

int main(void)
{
#define RUNS(f) cmocka_unit_test_setup_teardown(f, set_up, finish)
	const struct CMUnitTest tests[] = {
		RUNS(a_receiver_at_rest_tells_what_it_is),
		RUNS(a_group_tells_of_its_stream_and_links),
		RUNS(the_server_of_a_group_is_named_as_it_was_asked_for),
		RUNS(the_links_of_many_groups_are_left_out),
		RUNS(one_of_many_is_found_by_its_name),
		RUNS(no_two_groups_have_one_name),
		RUNS(a_refusal_comes_with_its_name),
		RUNS(the_manual_knows_every_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
