/* SPDX-License-Identifier: MIT */
#include "lab/scenario.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>

#include "tests/unit/lab/scenario_files.h"

static struct scenario s;

static json_t *json_of(const char *text)
{
	char error[SCENARIO_ERROR];
	json_t *all;

	if (scenario_read(write_file("test.scn", text), NULL, &s, error) != SCENARIO_READ)
		fail_msg("%s", error);
	all = scenario_json(&s);
	scenario_finish(&s);
	assert_non_null(all);
	return all;
}

static void a_program_that_plays_a_scenario_finds_all_of_it_in_json(void **state)
{
	json_t *all = json_of("scenario x\nlasts 90s\nvehicles 2\nlinks 1-3 rate 5M\n"
			      "stream rate 6M latency 500ms adaptive 1M 8M\n"
			      "server loss-ttl 40 nak-report off\nsender other\n");
	const char *name, *title, *sender, *receiver;
	double lasts, judged, latency;
	int vehicles, links, fps, ttl, naks;
	json_int_t rate, least, most;

	(void)state;
	assert_int_equal(json_unpack(all,
				     "{s:s, s:s, s:f, s:f, s:i, s:i, s:{s:I, s:i, s:I, s:I, s:f}, "
				     "s:{s:i, s:b}, s:s, s:s, s:[{}, {}, {}], s:[], s:[]}",
				     "name", &name, "title", &title, "lasts_s", &lasts,
				     "judged_from_s", &judged, "vehicles", &vehicles, "links",
				     &links, "stream", "rate", &rate, "fps", &fps, "least", &least,
				     "most", &most, "latency_s", &latency, "server", "loss_ttl",
				     &ttl, "nak_report", &naks, "sender", &sender, "receiver",
				     &receiver, "terms", "events", "limits"),
			 0);
	assert_string_equal(name, "test");
	assert_string_equal(title, "x");
	assert_true(lasts == 90 && judged == 5 && latency == 0.5);
	assert_int_equal(vehicles, 2);
	assert_int_equal(links, 3);
	assert_true(rate == 6000000 && least == 1000000 && most == 8000000);
	assert_int_equal(fps, 30);
	assert_int_equal(ttl, 40);
	assert_false(naks);
	assert_string_equal(sender, "other");
	assert_string_equal(receiver, "");
	json_decref(all);
}

static void terms_stand_in_json_as_far_as_they_are_said(void **state)
{
	json_t *all = json_of("scenario x\nstream rate 6M\nlinks 1-2 rate 5M\n"
			      "link 2 role backup weight 5 cap 4M\n"
			      "t=30s link 2 role off\nt=40s mode redundant\n");
	json_t *expected =
		json_loads("[[{}, {\"role\": \"backup\", \"weight\": 5, \"cap\": 4000000}],"
			   " [{\"at_s\": 30.0, \"deed\": \"terms\", \"link\": 2,"
			   "   \"terms\": {\"role\": \"off\"}},"
			   "  {\"at_s\": 40.0, \"deed\": \"mode\", \"mode\": \"redundant\"}]]",
			   0, NULL);

	(void)state;
	assert_non_null(expected);
	assert_true(json_equal(json_object_get(all, "terms"), json_array_get(expected, 0)));
	assert_true(json_equal(json_object_get(all, "events"), json_array_get(expected, 1)));
	json_decref(expected);
	json_decref(all);
}

static void events_and_limits_are_lists_in_json(void **state)
{
	json_t *all = json_of("scenario x\nstream rate 6M\nlinks 1-3 rate 5M\n"
			      "t=40s receiver restart after 2s\nt=30s link 2 rebind\n"
			      "limit late 0.3%\nlimit wire 1.02 today 1.3\n");
	json_t *expected =
		json_loads("[[{\"at_s\": 30.0, \"deed\": \"rebind\", \"link\": 2},"
			   "  {\"at_s\": 40.0, \"deed\": \"receiver\", \"after_s\": 2.0}],"
			   " [{\"metric\": \"late\", \"at_most\": 3000, \"text\": \"0.3 %\","
			   "   \"unmet\": false},"
			   "  {\"metric\": \"wire\", \"at_most\": 1020, \"text\": \"1.02\","
			   "   \"unmet\": true, \"today\": 1300, \"today_text\": \"1.3\"}]]",
			   0, NULL);

	(void)state;
	assert_non_null(expected);
	assert_true(json_equal(json_object_get(all, "events"), json_array_get(expected, 0)));
	assert_true(json_equal(json_object_get(all, "limits"), json_array_get(expected, 1)));
	json_decref(expected);
	json_decref(all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_program_that_plays_a_scenario_finds_all_of_it_in_json),
		cmocka_unit_test(terms_stand_in_json_as_far_as_they_are_said),
		cmocka_unit_test(events_and_limits_are_lists_in_json),
	};

	return cmocka_run_group_tests(tests, make_folder, drop_folder);
}
