/* SPDX-License-Identifier: MIT */
#include "lab/scenario.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/lab/scenario_files.h"

#define HEAD  "scenario a test\nstream rate 6M\n"
#define THREE HEAD "links 1-3 rate 5M\n"

static struct scenario s;

static void read_from(const char *path)
{
	char error[SCENARIO_ERROR];

	if (scenario_read(path, NULL, &s, error) != SCENARIO_READ)
		fail_msg("%s", error);
}

static void read_text(const char *text)
{
	read_from(write_file("test.scn", text));
}

static void what_is_not_said_is_an_ordinary_stream_over_ordinary_modems(void **state)
{
	(void)state;
	read_text("scenario  two   words # not these\nstream rate 6M\nlink 1 rate 5M\n");
	assert_string_equal(s.name, "test");
	assert_string_equal(s.title, "two words");
	assert_int_equal(s.lasts, SEC(120));
	assert_int_equal(s.judged_from, SEC(5));
	assert_int_equal(s.vehicles, 1);
	assert_int_equal(s.stream.fps, 30);
	assert_int_equal(s.stream.gop, 60);
	assert_int_equal(s.stream.key, 500);
	assert_int_equal(s.latency, SEC(1));
	assert_int_equal(s.most, 0);
	assert_int_equal(s.server.loss_ttl, 0);
	assert_false(s.server.no_nak_report);
	assert_string_equal(s.sender, "");
	assert_int_equal(s.links, 1);
	assert_int_equal(s.link[0].up.supply.rate, 5000000);
	assert_int_equal(s.link[0].up.queue, 375000);
	assert_int_equal(s.link[0].up.delay, MSEC(25));
	assert_int_equal(s.link[0].down.supply.rate, 0);
	assert_int_equal(s.link[0].down.queue, 0);
	assert_int_equal(s.link[0].down.delay, MSEC(25));
	scenario_finish(&s);
}

static void every_statement_about_the_run_is_heard(void **state)
{
	(void)state;
	read_text("scenario x\nlasts 90s\njudged from 7s\nvehicles 5\n"
		  "stream rate 12M fps 25 gop 50 key 600% latency 500ms adaptive 500k 20M\n"
		  "server loss-ttl 40 nak-report off\n"
		  "sender of-another_kind\nreceiver other\nlink 1 rate 5M\n");
	assert_int_equal(s.lasts, SEC(90));
	assert_int_equal(s.judged_from, SEC(7));
	assert_int_equal(s.vehicles, 5);
	assert_int_equal(s.stream.rate, 12000000);
	assert_int_equal(s.stream.fps, 25);
	assert_int_equal(s.stream.gop, 50);
	assert_int_equal(s.stream.key, 600);
	assert_int_equal(s.latency, MSEC(500));
	assert_int_equal(s.least, 500000);
	assert_int_equal(s.most, 20000000);
	assert_int_equal(s.server.loss_ttl, 40);
	assert_true(s.server.no_nak_report);
	assert_string_equal(s.sender, "of-another_kind");
	assert_string_equal(s.receiver, "other");
	scenario_finish(&s);
}

static void an_even_stream_has_no_frames(void **state)
{
	(void)state;
	read_text("scenario x\nstream rate 6M even\nlink 1 rate 5M\n");
	assert_int_equal(s.stream.fps, 0);
	assert_int_equal(s.stream.gop, 0);
	assert_int_equal(s.stream.key, 0);
	scenario_finish(&s);
}

static void every_key_of_a_link_is_heard(void **state)
{
	const struct road_config *up = &s.link[0].up;

	(void)state;
	read_text(HEAD "link 1 rate 5M queue 100k delay 30ms jitter 10ms loss 5% mtu 1280\n"
		       "link 1 burst enter 0.5% leave 10% loss 60% twice 1% astray 2% by 5ms\n"
		       "link 1 damage 0.01% sleeps after 1s wakes 100ms\n");
	assert_int_equal(up->supply.rate, 5000000);
	assert_int_equal(up->queue, 100000);
	assert_int_equal(up->delay, MSEC(30));
	assert_int_equal(up->jitter, MSEC(10));
	assert_int_equal(up->loss, 50000);
	assert_int_equal(up->mtu, 1280);
	assert_int_equal(up->burst_enter, 5000);
	assert_int_equal(up->burst_leave, 100000);
	assert_int_equal(up->burst_loss, 600000);
	assert_int_equal(up->twice, 10000);
	assert_int_equal(up->astray, 20000);
	assert_int_equal(up->detour, MSEC(5));
	assert_int_equal(up->damage, 100);
	assert_int_equal(up->idle, SEC(1));
	assert_int_equal(up->wake, MSEC(100));
	scenario_finish(&s);
}

static void what_a_link_can_carry_is_meant_upward_and_its_length_both_ways(void **state)
{
	const struct road_config *down = &s.link[0].down;

	(void)state;
	read_text(HEAD "link 1 rate 5M queue 100k loss 5% delay 30ms jitter 10ms mtu 1280\n");
	assert_int_equal(down->supply.rate, 0);
	assert_int_equal(down->queue, 0);
	assert_int_equal(down->loss, 0);
	assert_int_equal(down->delay, MSEC(30));
	assert_int_equal(down->jitter, MSEC(10));
	assert_int_equal(down->mtu, 1280);
	scenario_finish(&s);

	read_text(HEAD "link 1 down rate 2M loss 5% delay 40ms\nlink 1 up delay 10ms\n");
	assert_int_equal(down->supply.rate, 2000000);
	assert_int_equal(down->loss, 50000);
	assert_int_equal(down->delay, MSEC(40));
	assert_int_equal(s.link[0].up.supply.rate, 0);
	assert_int_equal(s.link[0].up.loss, 0);
	assert_int_equal(s.link[0].up.delay, MSEC(10));
	scenario_finish(&s);
}

static void links_are_named_by_lists_and_ranges_and_the_later_word_counts(void **state)
{
	static const uint64_t rates[] = {1000000, 2000000, 1000000, 3000000, 3000000, 2000000};

	(void)state;
	read_text(HEAD "links 1-6 rate 1M\nlinks 2,4-6 rate 2M\nlinks 4,5 rate 3M\n");
	assert_int_equal(s.links, 6);
	for (unsigned i = 0; i < s.links; i++)
		assert_int_equal(s.link[i].up.supply.rate, rates[i]);
	scenario_finish(&s);
}

static void knobs_turn_in_the_order_of_time(void **state)
{
	(void)state;
	read_text(THREE "t=60s links 1-2 loss 1%\nt=5s link 2 rate 300k\nt=30s link 3 delay 90ms\n"
			"t=5s link 2 rate 0\n");
	assert_int_equal(s.turns, 5);
	assert_int_equal(s.turn[0].at, SEC(5));
	assert_int_equal(s.turn[0].link, 1);
	assert_int_equal(s.turn[0].knob, ROAD_RATE);
	assert_int_equal(s.turn[0].value, 300000);
	assert_true(s.turn[0].up);
	assert_false(s.turn[0].down);
	assert_int_equal(s.turn[1].value, 0);
	assert_int_equal(s.turn[2].knob, ROAD_DELAY);
	assert_true(s.turn[2].up && s.turn[2].down);
	assert_int_equal(s.turn[3].link, 0);
	assert_int_equal(s.turn[4].link, 1);
	assert_int_equal(s.turn[4].value, 10000);
	scenario_finish(&s);
}

static void every_knob_turns(void **state)
{
	static const uint64_t values[] = {300000, 50000, 90000, 5000, 20000, 10000, 1280};

	(void)state;
	read_text(THREE "t=5s link 1 rate 300k queue 50k delay 90ms jitter 5ms loss 2% twice 1% "
			"mtu 1280\n");
	assert_int_equal(s.turns, 7);
	for (unsigned i = 0; i < s.turns; i++) {
		assert_int_equal(s.turn[i].knob, i);
		assert_int_equal(s.turn[i].value, values[i]);
	}
	scenario_finish(&s);
}

static void an_outage_takes_both_ways_or_the_one_that_is_said(void **state)
{
	(void)state;
	read_text(THREE "t=30s link 1 dark for 2s\nt=31s link 2 up dark for 3s\n"
			"t=32s link 3 down dark for 4s\n");
	assert_int_equal(s.turns, 3);
	assert_true(s.turn[0].dark && s.turn[0].up && s.turn[0].down);
	assert_int_equal(s.turn[0].lasts, SEC(2));
	assert_true(s.turn[1].dark && s.turn[1].up && !s.turn[1].down);
	assert_true(s.turn[2].dark && !s.turn[2].up && s.turn[2].down);
	scenario_finish(&s);
}

static void what_befalls_programs_and_addresses_are_events(void **state)
{
	static const struct scenario_event all[] = {
		{.at = SEC(10), .deed = DEED_SERVER_RESTART, .lasts = SEC(1)},
		{.at = SEC(20), .deed = DEED_ENCODER_RESTART, .lasts = SEC(1)},
		{.at = SEC(30), .deed = DEED_REBIND, .link = 1},
		{.at = SEC(35), .deed = DEED_READDRESS, .link = 2},
		{.at = SEC(40), .deed = DEED_REC_RESTART, .lasts = SEC(3)},
		{.at = SEC(50), .deed = DEED_SEND_RESTART, .lasts = MSEC(500)},
	};

	(void)state;
	read_text(THREE "t=40s receiver restart after 3s\nt=50s sender restart after 500ms\n"
			"t=10s server restart\nt=20s encoder restart\n"
			"t=30s link 2 rebind\nt=35s link 3 readdress\n");
	assert_int_equal(s.events, 6);
	for (unsigned i = 0; i < s.events; i++) {
		assert_int_equal(s.event[i].at, all[i].at);
		assert_int_equal(s.event[i].deed, all[i].deed);
		assert_int_equal(s.event[i].link, all[i].link);
		assert_int_equal(s.event[i].lasts, all[i].lasts);
	}
	scenario_finish(&s);
}

static void a_link_serves_on_the_terms_of_its_owner(void **state)
{
	const struct scenario_terms *t = &s.link[1].terms;

	(void)state;
	read_text(THREE "link 2 role backup cap 4M\nlinks 2-3 weight 5\n");
	assert_int_equal(s.link[0].terms.said, 0);
	assert_int_equal(t->said, TERMS_ROLE | TERMS_WEIGHT | TERMS_CAP);
	assert_int_equal(t->role, ROLE_BACKUP);
	assert_int_equal(t->weight, 5);
	assert_int_equal(t->cap, 4000000);
	assert_int_equal(s.link[2].terms.said, TERMS_WEIGHT);
	scenario_finish(&s);
}

static void terms_and_mode_change_on_the_way(void **state)
{
	struct scenario_terms t = {.role = ROLE_BACKUP, .weight = 7, .cap = 1000000};

	(void)state;
	read_text(THREE "t=10s links 1-2 role off\nt=20s link 1 weight 20 cap 0\n"
			"t=30s mode redundant\n");
	assert_int_equal(s.events, 4);
	assert_int_equal(s.event[1].deed, DEED_TERMS);
	assert_int_equal(s.event[1].link, 1);
	scenario_amend(&t, &s.event[1].terms);
	assert_true(t.role == ROLE_OFF && t.weight == 7 && t.cap == 1000000);
	scenario_amend(&t, &s.event[2].terms);
	assert_true(t.role == ROLE_OFF && t.weight == 20 && t.cap == 0);
	assert_int_equal(s.event[3].deed, DEED_MODE);
	assert_int_equal(s.event[3].mode, MODE_REDUNDANT);
	scenario_finish(&s);
}

static void what_happens_every_so_often_ends_before_until_or_with_the_run(void **state)
{
	(void)state;
	read_text(THREE "every 15s from 10s until 55s link 1 rate 200k\n");
	assert_int_equal(s.turns, 3);
	for (unsigned i = 0; i < s.turns; i++)
		assert_int_equal(s.turn[i].at, SEC(10 + 15 * i));
	scenario_finish(&s);

	read_text(THREE "every 30s link 1 rebind\n");
	assert_int_equal(s.events, 3);
	assert_int_equal(s.event[0].at, SEC(30));
	assert_int_equal(s.event[2].at, SEC(90));
	scenario_finish(&s);
}

static void a_limit_may_be_known_not_to_hold_yet(void **state)
{
	(void)state;
	read_text(THREE "limit late 0.3%\nlimit wire 1.02 today 1.31\n"
			"limit delay-p99 250 ms today 1.5 s\nlimit stall 1s today never\n");
	assert_int_equal(s.limits, 4);
	assert_int_equal(s.limit[0].what, METRIC_LATE);
	assert_int_equal(s.limit[0].at_most, 3000);
	assert_false(s.limit[0].unmet);
	assert_int_equal(s.limit[1].at_most, 1020);
	assert_true(s.limit[1].unmet);
	assert_int_equal(s.limit[1].today, 1310);
	assert_int_equal(s.limit[2].at_most, MSEC(250));
	assert_int_equal(s.limit[2].today, MSEC(1500));
	assert_true(s.limit[3].today == UINT64_MAX);
	scenario_finish(&s);
}

static void a_metric_reads_back_as_it_is_written(void **state)
{
	static const uint64_t values[] = {0, 1, 17, 1020, 123456, 7654321};
	char text[SCENARIO_WORD], all[256];

	(void)state;
	for (unsigned m = 0; m < METRICS; m++) {
		for (unsigned i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
			scenario_metric_text((enum scenario_metric)m, values[i], text,
					     sizeof(text));
			snprintf(all, sizeof(all), THREE "t=9s link 1 dark for 1s\nlimit %s %s\n",
				 scenario_metric_name((enum scenario_metric)m), text);
			read_text(all);
			assert_int_equal(s.limit[0].what, m);
			assert_int_equal(s.limit[0].at_most, values[i]);
			scenario_finish(&s);
		}
	}
	scenario_metric_text(METRIC_BACK_IN_USE, UINT64_MAX, text, sizeof(text));
	assert_string_equal(text, "never");
}

static void a_scenario_like_another_begins_with_all_of_it_but_its_limits(void **state)
{
	(void)state;
	write_file("base.scn", THREE "server loss-ttl 40\nt=30s link 2 rate 1M\n"
				     "t=70s link 2 rate 2M\nt=80s link 1 rebind\nlimit late 1%\n");
	read_text("like base\nscenario changed\nlasts 60s\nstream latency 2s\nlink 4 rate 1M\n"
		  "link 1 delay 50ms\nlimit wire 1.1\n");
	assert_string_equal(s.name, "test");
	assert_string_equal(s.title, "changed");
	assert_int_equal(s.stream.rate, 6000000);
	assert_int_equal(s.latency, SEC(2));
	assert_int_equal(s.server.loss_ttl, 40);
	assert_int_equal(s.links, 4);
	assert_int_equal(s.link[0].up.supply.rate, 5000000);
	assert_int_equal(s.link[0].up.delay, MSEC(50));
	assert_int_equal(s.turns, 1);
	assert_int_equal(s.events, 0);
	assert_int_equal(s.limits, 1);
	assert_int_equal(s.limit[0].what, METRIC_WIRE);
	scenario_finish(&s);
}

static void lines_may_end_as_on_other_systems_and_the_last_one_not_at_all(void **state)
{
	(void)state;
	read_text("# a remark\r\n\r\nscenario x\r\n\tstream  rate\t6M\r\nlink 1 rate 5M");
	assert_string_equal(s.title, "x");
	assert_int_equal(s.link[0].up.supply.rate, 5000000);
	scenario_finish(&s);
}

static void all_scenarios_that_come_along_read(void **state)
{
	DIR *dir = opendir(SCENARIOS);
	const char *traces = getenv("LAB_TRACES");
	char path[1024], error[SCENARIO_ERROR];
	const struct dirent *d;
	unsigned count = 0;

	(void)state;
	assert_non_null(dir);
	while ((d = readdir(dir)) != NULL) {
		const char *dot = strrchr(d->d_name, '.');
		enum scenario_verdict v;

		if (!dot || strcmp(dot, ".scn") != 0)
			continue;
		snprintf(path, sizeof(path), "%s/%s", SCENARIOS, d->d_name);
		v = scenario_read(path, traces, &s, error);
		if (v == SCENARIO_WRONG ||
		    (v == SCENARIO_ABSENT && !strstr(d->d_name, "-recorded")))
			fail_msg("%s", error);
		if (v == SCENARIO_READ) {
			assert_true(s.limits > 0);
			scenario_finish(&s);
		}
		count++;
	}
	closedir(dir);
	assert_true(count >= 25 + 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_not_said_is_an_ordinary_stream_over_ordinary_modems),
		cmocka_unit_test(every_statement_about_the_run_is_heard),
		cmocka_unit_test(an_even_stream_has_no_frames),
		cmocka_unit_test(every_key_of_a_link_is_heard),
		cmocka_unit_test(what_a_link_can_carry_is_meant_upward_and_its_length_both_ways),
		cmocka_unit_test(links_are_named_by_lists_and_ranges_and_the_later_word_counts),
		cmocka_unit_test(knobs_turn_in_the_order_of_time),
		cmocka_unit_test(every_knob_turns),
		cmocka_unit_test(an_outage_takes_both_ways_or_the_one_that_is_said),
		cmocka_unit_test(what_befalls_programs_and_addresses_are_events),
		cmocka_unit_test(a_link_serves_on_the_terms_of_its_owner),
		cmocka_unit_test(terms_and_mode_change_on_the_way),
		cmocka_unit_test(what_happens_every_so_often_ends_before_until_or_with_the_run),
		cmocka_unit_test(a_limit_may_be_known_not_to_hold_yet),
		cmocka_unit_test(a_metric_reads_back_as_it_is_written),
		cmocka_unit_test(a_scenario_like_another_begins_with_all_of_it_but_its_limits),
		cmocka_unit_test(lines_may_end_as_on_other_systems_and_the_last_one_not_at_all),
		cmocka_unit_test(all_scenarios_that_come_along_read),
	};

	return cmocka_run_group_tests(tests, make_folder, drop_folder);
}
