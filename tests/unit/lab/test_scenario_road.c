/* SPDX-License-Identifier: MIT */
#include "lab/scenario.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/lab/scenario_files.h"

enum { PAYLOAD = 1316, PACKETS = 1000 };

#define NS(us) ((us)*1000)

static struct scenario s;

static void read_text(const char *text)
{
	char error[SCENARIO_ERROR];

	if (scenario_read(write_file("test.scn", text), NULL, &s, error) != SCENARIO_READ)
		fail_msg("%s", error);
}

static uint64_t fingerprint(unsigned vehicle, unsigned link, bool up, uint64_t seed)
{
	struct road r;
	struct road_fate fate;
	uint64_t print;

	scenario_road(&s, vehicle, link, up, seed, &r);
	for (int i = 0; i < PACKETS; i++)
		road_take(&r, NS(MSEC(2) * i), PAYLOAD, &fate);
	print = r.tally.fingerprint;
	road_finish(&r);
	return print;
}

/* Every road but for its lots is the same here, so what differs is the seed. */
static void each_road_of_each_run_draws_lots_of_its_own(void **state)
{
	uint64_t print[16];
	unsigned count = 0;

	(void)state;
	read_text("scenario x\nstream rate 6M\nlinks 1-2 up loss 10% jitter 5ms\n"
		  "links 1-2 down loss 10% jitter 5ms\nlinks 1-2 up queue 0\n");
	for (unsigned i = 0; i < 16; i++)
		print[count++] = fingerprint(i & 1, i >> 1 & 1, i >> 2 & 1, 7 + (i >> 3));
	for (unsigned i = 0; i < count; i++)
		for (unsigned k = 0; k < i; k++)
			assert_true(print[i] != print[k]);
	for (unsigned i = 0; i < count; i++)
		assert_true(print[i] == fingerprint(i & 1, i >> 1 & 1, i >> 2 & 1, 7 + (i >> 3)));
	scenario_finish(&s);
}

/* When a packet that enters the first link's way up has left its queue, us. */
static ustime leaves(unsigned vehicle, ustime enters)
{
	struct road r;
	struct road_fate fate;

	scenario_road(&s, vehicle, 0, true, 1, &r);
	road_take(&r, NS(enters), PAYLOAD, &fate);
	road_finish(&r);
	return fate.left / 1000;
}

static void vehicles_follow_a_recording_17_s_apart(void **state)
{
	(void)state;
	write_file("one.up", "20000\n40000\n60000\n");
	read_text("scenario x\nstream rate 6M\nlink 1 chances one.up from 2s\n");
	assert_int_equal(leaves(0, 0), SEC(18));
	assert_int_equal(leaves(1, 0), SEC(1));
	assert_int_equal(leaves(2, 0), SEC(4)); /* 2 + 34 s of it are gone, and 40 comes next */
	scenario_finish(&s);
}

static void roads_turn_their_knobs_and_go_dark_as_was_written(void **state)
{
	struct road up, down;
	struct road_fate fate;

	(void)state;
	read_text("scenario x\nstream rate 6M\nlinks 1-2 rate 1M delay 10ms\n"
		  "t=1s link 1 delay 50ms\nt=2s link 1 up dark for 500ms\n"
		  "t=3s link 1 rate 100k\n");
	scenario_road(&s, 0, 0, true, 1, &up);
	scenario_road(&s, 0, 0, false, 1, &down);
	road_take(&up, 0, 97, &fate); /* 125 bytes with headers: 1 ms */
	assert_int_equal(fate.arrives, NS(MSEC(11)));
	road_take(&up, NS(SEC(1)), 97, &fate);
	assert_int_equal(fate.arrives, NS(SEC(1) + MSEC(51)));
	road_take(&up, NS(SEC(2)), 97, &fate);
	assert_int_equal(fate.end, ROAD_DARK);
	road_take(&down, NS(SEC(2)), 97, &fate);
	assert_int_equal(fate.arrives, NS(SEC(2) + MSEC(50)));
	road_take(&up, NS(SEC(3)), 97, &fate);
	assert_int_equal(fate.arrives, NS(SEC(3) + MSEC(60)));
	road_finish(&up);
	road_finish(&down);

	scenario_road(&s, 0, 1, true, 1, &up);
	road_take(&up, NS(SEC(2)), 97, &fate);
	assert_int_equal(fate.arrives, NS(SEC(2) + MSEC(11)));
	road_finish(&up);
	scenario_finish(&s);
}

static void links_on_a_drive_differ_though_they_have_one_seed(void **state)
{
	(void)state;
	read_text("scenario x\nstream rate 6M\nlinks 1-3 drive mean 2M seed 5\n"
		  "link 4 drive mean 2M\n");
	assert_int_equal(s.recordings, 4);
	for (unsigned i = 0; i < 4; i++)
		for (unsigned k = 0; k < i; k++)
			assert_memory_not_equal(s.recording[i]->value, s.recording[k]->value,
						100 * sizeof(int64_t));
	scenario_finish(&s);
}

static void recordings_of_each_kind_are_followed_from_where_it_says(void **state)
{
	const struct scenario_link *l = s.link;

	(void)state;
	write_file("one.up", "1\n2\n30000\n");
	write_file("table.csv", "# remark\nat,att,other\n1,4,50\n2,8,-1\n3,2,70\n");
	read_text("scenario x\nstream rate 6M\nlink 1 chances one.up from 10s scale 0.5\n"
		  "link 2 rates table.csv column att step 1s from 1s\n"
		  "link 2 trips table.csv column other step 500ms from 500ms\n"
		  "link 3 rates table.csv row 1\n");
	assert_int_equal(l[0].up.supply.recording->kind, RECORDING_CHANCES);
	assert_int_equal(l[0].up.supply.from, SEC(10));
	assert_int_equal(l[0].up.supply.scale, 500);
	assert_null(l[0].down.supply.recording);
	assert_int_equal(l[1].up.supply.recording->value[1], 8000000);
	assert_int_equal(l[1].up.supply.recording->step, SEC(1));
	assert_int_equal(l[1].up.supply.from, SEC(1));
	assert_int_equal(l[1].up.trips->value[0], MSEC(50));
	assert_int_equal(l[1].up.trips->step, MSEC(500));
	assert_int_equal(l[1].up.trips_from, MSEC(500));
	assert_ptr_equal(l[1].down.trips, l[1].up.trips);
	assert_int_equal(l[2].up.supply.recording->count, 3);
	assert_int_equal(l[2].up.supply.recording->step, MSEC(100));
	scenario_finish(&s);
}

static void a_fixed_figure_takes_the_place_of_a_recording(void **state)
{
	(void)state;
	write_file("table.csv", "50\n60\n");
	read_text("scenario x\nstream rate 6M\nlink 1 drive mean 5M trips table.csv column 1\n"
		  "link 1 rate 3M delay 40ms\nt=5s link 1 rate 1M delay 50ms\n");
	assert_null(s.link[0].up.supply.recording);
	assert_int_equal(s.link[0].up.supply.rate, 3000000);
	assert_null(s.link[0].up.trips);
	assert_int_equal(s.link[0].up.delay, MSEC(40));
	scenario_finish(&s);
}

static void recordings_are_found_beside_the_scenario_first_and_then_among_the_traces(void **state)
{
	char error[SCENARIO_ERROR], traces[80], command[128];
	const char *path;

	(void)state;
	snprintf(traces, sizeof(traces), "%s/traces", folder);
	snprintf(command, sizeof(command), "mkdir -p '%s/deep'", traces);
	assert_int_equal(system(command), 0);
	write_file("traces/deep/one.up", "1\n1000\n");
	path = write_file("test.scn", "scenario x\nstream rate 6M\nlink 1 chances deep/one.up\n");
	assert_int_equal(scenario_read(path, traces, &s, error), SCENARIO_READ);
	assert_int_equal(s.recording[0]->lasts, SEC(1));
	scenario_finish(&s);

	snprintf(command, sizeof(command), "mkdir -p '%s/deep'", folder);
	assert_int_equal(system(command), 0);
	write_file("deep/one.up", "1\n2000\n");
	path = write_file("test.scn", "scenario x\nstream rate 6M\nlink 1 chances deep/one.up\n");
	assert_int_equal(scenario_read(path, traces, &s, error), SCENARIO_READ);
	assert_int_equal(s.recording[0]->lasts, SEC(2));
	scenario_finish(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_road_of_each_run_draws_lots_of_its_own),
		cmocka_unit_test(vehicles_follow_a_recording_17_s_apart),
		cmocka_unit_test(roads_turn_their_knobs_and_go_dark_as_was_written),
		cmocka_unit_test(links_on_a_drive_differ_though_they_have_one_seed),
		cmocka_unit_test(recordings_of_each_kind_are_followed_from_where_it_says),
		cmocka_unit_test(a_fixed_figure_takes_the_place_of_a_recording),
		cmocka_unit_test(
			recordings_are_found_beside_the_scenario_first_and_then_among_the_traces),
	};

	return cmocka_run_group_tests(tests, make_folder, drop_folder);
}
