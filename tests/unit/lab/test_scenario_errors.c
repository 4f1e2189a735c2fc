/* SPDX-License-Identifier: MIT */
#include "lab/scenario.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/lab/scenario_files.h"

/* Lines 1 to 3 of what is wrong in line 4. */
#define THREE "scenario a test\nstream rate 6M\nlinks 1-3 rate 5M\n"

static struct scenario s;

static void says(const char *path, const char *error)
{
	char said[SCENARIO_ERROR], expected[SCENARIO_ERROR];

	assert_int_equal(scenario_read(path, NULL, &s, said), SCENARIO_WRONG);
	snprintf(expected, sizeof(expected), "%s%s", path, error);
	assert_string_equal(said, expected);
}

/* What is said of a fourth line, or of a whole text. */
struct mistake {
	const char *text, *error;
};

static void check(const char *head, const struct mistake *m, size_t count)
{
	char text[4096];

	for (size_t i = 0; i < count; i++) {
		snprintf(text, sizeof(text), "%s%s\n", head, m[i].text);
		says(write_file("test.scn", text), m[i].error);
	}
}

#define CHECK(head, mistakes) check(head, mistakes, sizeof(mistakes) / sizeof((mistakes)[0]))

static void a_statement_that_makes_no_sense_is_told_with_its_line(void **state)
{
	static const struct mistake m[] = {
		{"lnk 1 rate 5M",
		 ":4: \"lnk\" begins no statement: there are scenario, like, lasts, judged, "
		 "vehicles, stream, server, sender, receiver, links, t=, every and limit"},
		{"scenario again", ":4: scenario stands here already: a scenario has one"},
		{"stream rate 5M", ":4: stream stands here already: a scenario has one"},
		{"like other", ":4: like is the first statement or none"},
		{"lasts", ":4: lasts needs a span such as 25ms or 1.5s"},
		{"lasts 120", ":4: lasts needs a span such as 25ms or 1.5s, and \"120\" is none"},
		{"lasts 10ms", ":4: lasts of \"10ms\" is out of range: 1 s to 86400 s"},
		{"lasts 60s long", ":4: nothing is expected behind \"60s\", and there is \"long\""},
		{"judged 5s", ":4: judged needs the word \"from\" and a span such as 25ms or 1.5s"},
		{"judged from 120s", ":4: is judged from after its end: let it last longer"},
		{"vehicles 9", ":4: vehicles of \"9\" is out of range: 1 to 8"},
		{"sender two words",
		 ":4: nothing is expected behind \"two\", and there is \"words\""},
		{"sender a/b",
		 ":4: sender needs a name of letters, digits, - and _, at most 63 of them"},
		{"server", ":4: server needs a key and a value, such as loss-ttl 40"},
		{"server latency 1s",
		 ":4: \"latency\" is no key of a server: there are loss-ttl and nak-report"},
		{"server nak-report maybe", ":4: nak-report is on or off"},
		{"server loss-ttl 1 loss-ttl 2",
		 ":4: \"loss-ttl\" repeats or contradicts a key before it: leave one out"},
	};

	(void)state;
	CHECK(THREE, m);
}

static void a_stream_that_makes_no_sense_is_told(void **state)
{
	static const struct mistake m[] = {
		{"stream", ":3: stream needs a key and a value, such as rate 6M"},
		{"stream bitrate 6M",
		 ":3: \"bitrate\" is no key of a stream: there are rate, fps, gop, key, even, "
		 "latency and adaptive"},
		{"stream rate 6m", ":3: rate needs a rate such as 5M or 300k, and \"6m\" is none"},
		{"stream rate 2G", ":3: rate of \"2G\" is out of range: 10 kbit/s to 1000 Mbit/s"},
		{"stream even fps 30",
		 ":3: \"fps\" repeats or contradicts a key before it: leave one out"},
		{"stream latency 20.5ms", ":3: latency is a whole number of milliseconds"},
		{"stream rate 6M adaptive 500k", ":3: adaptive needs a rate such as 5M or 300k"},
		{"stream rate 6M adaptive 500k 5M",
		 ":3: the stream's rate lies outside of its adaptive range"},
		{"stream fps 30", ":3: has no stream: add one, such as stream rate 6M"},
	};

	(void)state;
	CHECK("scenario x\nlink 1 rate 5M\n", m);
}

static void a_link_that_makes_no_sense_is_told(void **state)
{
	static const struct mistake m[] = {
		{"link", ":4: the number of a link is needed, such as 2, 1-3 or 1,4-6"},
		{"link 0 rate 5M", ":4: \"0\" names no links: write 2, 1-3 or 1,4-6, from 1 to 64"},
		{"link 65 rate 5M",
		 ":4: \"65\" names no links: write 2, 1-3 or 1,4-6, from 1 to 64"},
		{"links 3-1 rate 5M",
		 ":4: \"3-1\" names no links: write 2, 1-3 or 1,4-6, from 1 to 64"},
		{"links 1, rate 5M",
		 ":4: \"1,\" names no links: write 2, 1-3 or 1,4-6, from 1 to 64"},
		{"links 1-2,2 rate 5M", ":4: \"1-2,2\" names link 2 twice"},
		{"link 5 rate 5M", ":4: link 4 is missing: there is a link 5"},
		{"link 1", ":4: says nothing of the link: add a key and a value, such as rate 5M"},
		{"link 1 speed 5M",
		 ":4: \"speed\" is no key of a link: there are rate, queue, delay, jitter, loss, "
		 "burst, twice, astray, damage, mtu, sleeps, chances, rates, drive, trips, "
		 "role, weight, cap"},
		{"link 1 rate 0", ":4: rate of \"0\" is out of range: 1 kbit/s to 100000 Mbit/s"},
		{"link 1 loss 101%", ":4: loss of \"101%\" is out of range: 0 % to 100 %"},
		{"link 1 loss 5", ":4: loss needs a share such as 5% or 0.02%, and \"5\" is none"},
		{"link 1 delay 25ms delay 30ms",
		 ":4: \"delay\" repeats or contradicts a key before it: leave one out"},
		{"link 1 rate 5M drive mean 5M",
		 ":4: \"drive\" repeats or contradicts a key before it: leave one out"},
		{"link 1 drive 5M",
		 ":4: drive needs the word \"mean\" and a rate such as 5M or 300k"},
		{"link 1 burst enter 1% loss 60%",
		 ":4: burst needs the word \"leave\" and a share such as 5% or 0.02%"},
		{"link 1 astray 1%",
		 ":4: astray needs the word \"by\" and a span such as 25ms or 1.5s"},
	};

	(void)state;
	CHECK(THREE, m);
}

static void a_moment_that_makes_no_sense_is_told(void **state)
{
	static const struct mistake m[] = {
		{"t=5 link 1 rate 5M", ":4: \"t=5\" is no moment: write one such as t=30s"},
		{"t= link 1 rate 5M", ":4: \"t=\" is no moment: write one such as t=30s"},
		{"t=120s link 1 rate 5M",
		 ":4: \"t=120s\" is after the end of the scenario: write it earlier, or say lasts "
		 "before"},
		{"t=5s link 1 rate 5M\nlasts 200s", ":5: lasts belongs before whatever has a time"},
		{"t=5s", ":4: nothing happens then: add link, mode, receiver, sender, server or encoder"},
		{"t=5s moon restart",
		 ":4: nothing can happen to \"moon\": there are link, mode, receiver, sender, server "
		 "and encoder"},
		{"t=5s link 4 rate 5M",
		 ":4: \"4\" names a link that is not there: 3 of them are declared before"},
		{"t=5s link 1",
		 ":4: nothing happens to the link: add a key and a value, such as rate 300k"},
		{"t=5s link 1 astray 1% by 5ms",
		 ":4: \"astray\" cannot happen to a link: there are rate, queue, delay, jitter, "
		 "loss, twice, mtu, dark, rebind, readdress, role, weight, cap"},
		{"t=5s link 1 dark 2s",
		 ":4: dark needs the word \"for\" and a span such as 25ms or 1.5s"},
		{"t=5s link 1 rebind now",
		 ":4: nothing is expected behind \"rebind\", and there is \"now\""},
		{"t=5s link 1 loss 1% loss 2%",
		 ":4: \"loss\" repeats or contradicts a key before it: leave one out"},
		{"link 1 role spare", ":4: role is normal, overflow, backup or off"},
		{"link 1 up role backup", ":4: role is of both ways: leave out up and down"},
		{"link 1 weight 101", ":4: weight of \"101\" is out of range: 1 to 100"},
		{"t=5s link 1 role off loss 1%",
		 ":4: \"loss\" does not go with role, weight and cap: make two lines of it"},
		{"t=5s mode best", ":4: mode is classic, quality, balance, redundant or auto"},
		{"t=5s receiver", ":4: \"receiver\" needs the word \"restart\""},
		{"every 15s from 20s until 20s link 1 rate 5M",
		 ":4: never happens: it would begin at its end or later"},
		{"every 15s until 121s link 1 rate 5M",
		 ":4: until of \"121s\" is out of range: 0 ms to 120 s"},
		{"every 10ms links 1-2 rate 5M",
		 ":4: more than 20000 things would happen: say a longer span"},
		{"every 15s",
		 ":4: nothing happens then: add link, mode, receiver, sender, server or encoder"},
	};

	(void)state;
	CHECK(THREE, m);
}

static void what_a_recording_says_cannot_be_said_again(void **state)
{
	static const struct mistake m[] = {
		{"link 1 drive mean 5M\nt=5s link 1 rate 300k",
		 ":5: link 1 follows a recording, so its rate cannot be set: leave one out"},
		{"t=5s links 2-3 rate 300k\nlinks 1-3 drive mean 5M",
		 ":5: link 2 cannot follow a recording, for its rate is changed later: leave one "
		 "out"},
		{"link 2 trips trips.csv column 1\nt=5s link 2 delay 30ms",
		 ":5: link 2 follows a recording, so its delay cannot be set: leave one out"},
		{"link 2 chances", ":4: chances needs the name of a file"},
		{"link 2 rates trips.csv",
		 ":4: rates needs to know where in the table: column NAME, column 2 or row 2"},
		{"link 2 rates trips.csv column 0",
		 ":4: \"0\" is no column: they are numbered from 1"},
		{"link 2 rates trips.csv column 1 row 1",
		 ":4: \"row\" repeats or contradicts a key before it: leave one out"},
		{"link 2 trips trips.csv column 1 from 400ms",
		 ":4: trips.csv ends before it would begin, after 400 ms: begin earlier"},
		{"link 2 trips trips.csv column 1 scale 2",
		 ":4: \"scale\" is no key of a link: there are rate, queue, delay, jitter, loss, "
		 "burst, twice, astray, damage, mtu, sleeps, chances, rates, drive, trips, "
		 "role, weight, cap"},
	};

	(void)state;
	write_file("trips.csv", "50\n60\n");
	CHECK(THREE, m);
}

static void a_limit_that_makes_no_sense_is_told(void **state)
{
	static const struct mistake m[] = {
		{"limit", ":4: limit needs something to limit, such as late 0.1%"},
		{"limit luck 1",
		 ":4: \"luck\" is nothing that can be limited: there are late, late-over-oracle, "
		 "wire, delay-p50, delay-p99, delay-p999, stall, glitches, false-naks, "
		 "last-into-dead, back-in-use, queue-p95, sessions, added-p50, added-p99, "
		 "backup-share"},
		{"limit late", ":4: late needs a share such as 5% or 0.02%"},
		{"limit late 0.3",
		 ":4: late needs a share such as 5% or 0.02%, and \"0.3\" is none"},
		{"limit stall never",
		 ":4: stall needs a span such as 25ms or 1.5s, and \"never\" is none"},
		{"limit wire 1.02\nlimit wire 1.03", ":5: wire is limited twice: leave one out"},
		{"limit wire 1.02 today", ":4: today needs a number such as 1.02"},
		{"limit wire 1.02 today 1.01", ":4: wire holds today: leave out \"today\""},
		{"limit back-in-use 300ms",
		 ":4: limits back-in-use, and no link is ever dark upward"},
	};

	(void)state;
	CHECK(THREE, m);
}

static void what_lacks_altogether_is_told_at_the_end(void **state)
{
	static const struct mistake m[] = {
		{"stream rate 6M\nlink 1 rate 5M",
		 ":2: has no title: begin with scenario and a few words"},
		{"scenario x\nlink 1 rate 5M",
		 ":2: has no stream: add one, such as stream rate 6M"},
		{"scenario x\nstream rate 6M",
		 ":2: has no links: add one, such as links 1-2 rate 5M"},
		{"scenario", ":1: scenario needs a title"},
	};

	(void)state;
	CHECK("", m);
}

static void a_file_that_is_no_scenario_is_told(void **state)
{
	static const char zero[] = "scenario x\nstream\0rate 6M\nlink 1 rate 5M\n";
	char text[2048];
	char said[SCENARIO_ERROR];

	(void)state;
	says(write_bytes("zero.scn", zero, sizeof(zero) - 1),
	     ":2: holds a zero byte: this is no text");
	memset(text, 'x', sizeof(text));
	says(write_bytes("long.scn", text, sizeof(text)),
	     ":1: is longer than 998 bytes: make two lines of it");
	for (size_t i = 0; i < 200; i += 2)
		memcpy(text + i, "x ", 2);
	says(write_bytes("words.scn", text, 200),
	     ":1: has more than 64 words: make two lines of it");
	says(write_file("odd.scn", "a\033[2Jb\n"),
	     ":1: \"a?[2Jb\" begins no statement: there are scenario, like, lasts, judged, "
	     "vehicles, stream, server, sender, receiver, links, t=, every and limit");
	assert_int_equal(scenario_read("/nowhere/x.scn", NULL, &s, said), SCENARIO_WRONG);
	assert_string_equal(said, "/nowhere/x.scn: cannot be read: No such file or directory");
}

static void a_mistake_in_the_other_scenario_is_told_with_its_own_line(void **state)
{
	char said[SCENARIO_ERROR], expected[SCENARIO_ERROR];
	const char *path;

	(void)state;
	write_file("base.scn", "scenario x\nlink 1 rat 5M\n");
	assert_int_equal(scenario_read(write_file("test.scn", "like base\n"), NULL, &s, said),
			 SCENARIO_WRONG);
	snprintf(expected, sizeof(expected), "%s/base.scn:2: \"rat\" is no key of a link", folder);
	assert_memory_equal(said, expected, strlen(expected));

	path = write_file("test.scn", "like gone\n");
	assert_int_equal(scenario_read(path, NULL, &s, said), SCENARIO_WRONG);
	snprintf(expected, sizeof(expected),
		 "%s:1: %s/gone.scn cannot be read: No such file or directory", path, folder);
	assert_string_equal(said, expected);
	says(write_file("round.scn", "like round\n"),
	     ":1: like goes round, or is deeper than 8 scenarios");
}

static void a_recording_that_is_not_here_is_no_mistake_but_one_behind_it_is(void **state)
{
	const char *path;
	char said[SCENARIO_ERROR], expected[SCENARIO_ERROR];

	(void)state;
	path = write_file("test.scn", THREE "link 1 chances gone.up from 10s\nlasts 60s\n");
	assert_int_equal(scenario_read(path, "/nowhere", &s, said), SCENARIO_ABSENT);
	snprintf(expected, sizeof(expected),
		 "%s:4: the recording gone.up is not here, neither beside the scenario nor in "
		 "/nowhere: put it there",
		 path);
	assert_string_equal(said, expected);
	assert_int_equal(s.recordings, 0);

	says(write_file("test.scn", THREE "link 1 chances gone.up\nt=5s link 1 rate 1M\n"),
	     ":5: link 1 follows a recording, so its rate cannot be set: leave one out");
}

static void what_is_wrong_in_a_recording_is_told(void **state)
{
	char said[SCENARIO_ERROR], expected[SCENARIO_ERROR];
	const char *path;

	(void)state;
	write_file("bad.up", "5\n3\n");
	path = write_file("test.scn", THREE "link 1 chances bad.up\n");
	assert_int_equal(scenario_read(path, NULL, &s, said), SCENARIO_WRONG);
	snprintf(expected, sizeof(expected), "%s:4: %s/bad.up, line 2: runs backwards, ", path,
		 folder);
	assert_memory_equal(said, expected, strlen(expected));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_statement_that_makes_no_sense_is_told_with_its_line),
		cmocka_unit_test(a_stream_that_makes_no_sense_is_told),
		cmocka_unit_test(a_link_that_makes_no_sense_is_told),
		cmocka_unit_test(a_moment_that_makes_no_sense_is_told),
		cmocka_unit_test(what_a_recording_says_cannot_be_said_again),
		cmocka_unit_test(a_limit_that_makes_no_sense_is_told),
		cmocka_unit_test(what_lacks_altogether_is_told_at_the_end),
		cmocka_unit_test(a_file_that_is_no_scenario_is_told),
		cmocka_unit_test(a_mistake_in_the_other_scenario_is_told_with_its_own_line),
		cmocka_unit_test(a_recording_that_is_not_here_is_no_mistake_but_one_behind_it_is),
		cmocka_unit_test(what_is_wrong_in_a_recording_is_told),
	};

	return cmocka_run_group_tests(tests, make_folder, drop_folder);
}
