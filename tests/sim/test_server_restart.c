/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/sim/foreign_profiles.h"
#include "tests/sim/verdict.h"

/*
 * F05: an SRT server that ends and comes back, under our sender and models of others, with
 * three links of 6 Mbit/s and 50 ms.  The encoder pauses for half a second between a session
 * that broke and its next call, as most do; the rest of the second is ours.
 */

static const char *const senders[] = {
	NULL, /* ours */
	"probes_then_repeats_reg1_each_second",
	"telemetry_and_new_ports_and_doubled_acks",
	"telemetry_and_each_ack_once",
	"ten_byte_keepalives_and_nothing_twice",
	"asks_at_once_and_goes_round",
};

enum { SENDERS = sizeof(senders) / sizeof(senders[0]) };

static struct plan plan_for(const char *sender)
{
	struct plan plan = plan_links(3, 6000000, MSEC(50));

	plan.bond[0].caller.media.rate = 6000000;
	plan.bond[0].foreign = sender ? foreign_sender_named(sender) : NULL;
	return plan;
}

static struct story *streaming_as(const struct plan *plan)
{
	struct story *s = story_begin(plan);

	story_run(s, SEC(4));
	story_start_encoders(s);
	story_run(s, SEC(6));
	assert_int_equal(s->bond[0].caller.state, CALLER_STREAMS);
	return s;
}

static struct story *streaming_by(const char *sender)
{
	struct plan plan = plan_for(sender);

	return streaming_as(&plan);
}

static uint64_t noted(const struct story *s, unsigned kind)
{
	return story_noted(s, SIDE_RECEIVER, kind);
}

/* Runs until the server has media of the encoder's latest session; how long that took. */
static usspan until_media(struct story *s, usspan at_most)
{
	uint64_t sessions = story_stream(s, 0)->sessions;
	ustime began = s->world.now;
	uint64_t before = 0;

	while (s->world.now - began < at_most) {
		story_run(s, MSEC(1));
		if (story_stream(s, 0)->sessions == sessions)
			before = story_stream(s, 0)->received;
		else if (story_stream(s, 0)->received > before)
			break;
	}
	return s->world.now - began;
}

/* All is as it was, but for one session more. */
static void assert_in_place(struct story *s)
{
	struct receiver_view v;

	story_run(s, SEC(3));
	receiver_view(s->site.core, s->world.now, &v);
	assert_int_equal(v.groups, 1);
	assert_int_equal(v.members, 3);
	assert_int_equal(noted(s, RECEIVER_GROUP_NEW), 1);
	assert_int_equal(noted(s, RECEIVER_MEMBER_GONE), 0);
	assert_int_equal(noted(s, RECEIVER_SESSION_LOST), 1);
	assert_int_equal(s->bond[0].caller.tally.sessions, 2);
	assert_int_equal(s->bond[0].caller.tally.broken, 1);
	assert_int_equal(s->bond[0].caller.state, CALLER_STREAMS);
	assert_int_equal(s->site.server.most_open, 1);
	assert_int_equal(v.drops.gate_type + v.drops.gate_length + v.drops.gate_nak +
				 v.drops.gate_key + v.drops.gate_size,
			 0);
}

static void restart(const char *sender, usspan absence, usspan within)
{
	struct story *s = streaming_by(sender);
	usspan gap;

	site_stop_server(&s->site);
	story_run(s, absence);
	assert_int_equal(s->bond[0].caller.tally.broken, 0); /* nobody was told yet */
	site_start_server(&s->site);
	gap = until_media(s, SEC(10));
	print_message("away %lld ms: media %lld ms after the return\n", (long long)absence / 1000,
		      (long long)gap / 1000);
	assert_true(gap <= within);
	assert_in_place(s);
	story_end(s);
}

static void media_again_a_second_after_a_restart_of_200_ms(void **state)
{
	restart(*state, MSEC(200), SEC(1));
}

static void media_again_a_second_after_a_restart_of_1_s(void **state)
{
	restart(*state, SEC(1), SEC(1));
}

static void media_again_a_second_after_a_restart_of_3_s(void **state)
{
	restart(*state, SEC(3), SEC(1));
}

/* Nothing is refused: only silence tells, and it may last as long as that between keepalives. */
static void restart_that_nobody_saw_is_found_out_in_time(void **state)
{
	restart(*state, 0, MSEC(1150 + 50 + 500 + 150));
}

static void server_that_stalls_for_two_seconds_keeps_its_session(void **state)
{
	struct plan plan = plan_for(*state);
	struct story *s;
	uint64_t before;

	plan.site.server.open = true;
	s = streaming_as(&plan);
	site_stall_server(&s->site);
	story_run(s, SEC(2));
	site_resume_server(&s->site);
	story_run(s, SEC(5));
	assert_true(s->site.overflowed > 0);
	assert_int_equal(noted(s, RECEIVER_SESSION_LOST), 0);
	assert_int_equal(noted(s, RECEIVER_SERVER_AWAY), 0);
	assert_int_equal(s->bond[0].caller.tally.sessions, 1);
	assert_int_equal(s->bond[0].caller.tally.broken, 0);
	before = story_stream(s, 0)->received;
	story_run(s, SEC(1));
	assert_true(story_stream(s, 0)->received - before > 500);
	story_end(s);
}

static void encoder_that_is_silent_meanwhile_is_told_too(void **state)
{
	struct story *s = streaming_by(*state);

	srt_caller_hush(&s->bond[0].caller);
	story_run(s, SEC(1));
	site_stop_server(&s->site);
	story_run(s, SEC(2));
	site_start_server(&s->site);
	/* Its next keepalive, or our own question, is answered within a second. */
	story_run(s, SEC(2));
	assert_int_equal(s->bond[0].caller.tally.broken, 1);
	assert_int_equal(noted(s, RECEIVER_SESSION_LOST), 1);
	story_end(s);
}

static void server_absent_at_first_has_media_a_second_after_it_came(void **state)
{
	/* F06: the encoder calls each 250 ms, for three seconds at a time. */
	struct plan plan = plan_for(*state);
	struct story *s = story_begin(&plan);
	usspan gap;

	site_stop_server(&s->site);
	story_run(s, SEC(4));
	story_start_encoders(s);
	story_run(s, SEC(10));
	assert_int_equal(noted(s, RECEIVER_GROUP_NEW), 1);
	site_start_server(&s->site);
	gap = until_media(s, SEC(10));
	print_message("absent at first: media %lld ms after it came\n", (long long)gap / 1000);
	assert_true(gap <= SEC(1));
	assert_int_equal(noted(s, RECEIVER_SESSION_LOST), 0);
	assert_int_equal(noted(s, RECEIVER_GROUP_NEW), 1);
	story_end(s);
}

static void goodbye_that_is_lost_is_said_again(void **state)
{
	struct story *s = streaming_by(*state);

	site_stop_server(&s->site);
	story_run(s, SEC(1));
	for (unsigned i = 0; i < 3; i++)
		s->bond[0].link[i].down.cut = true;
	site_start_server(&s->site);
	story_run(s, MSEC(400));
	assert_int_equal(noted(s, RECEIVER_SESSION_LOST), 1);
	assert_int_equal(s->bond[0].caller.tally.broken, 0);
	for (unsigned i = 0; i < 3; i++)
		s->bond[0].link[i].down.cut = false;
	assert_true(until_media(s, SEC(10)) <= SEC(1));
	assert_in_place(s);
	story_end(s);
}

static const struct {
	const char *name;
	CMUnitTestFunction tell;
} stories[] = {
	{"restart of 200 ms", media_again_a_second_after_a_restart_of_200_ms},
	{"restart of 1 s", media_again_a_second_after_a_restart_of_1_s},
	{"restart of 3 s", media_again_a_second_after_a_restart_of_3_s},
	{"restart that nobody saw", restart_that_nobody_saw_is_found_out_in_time},
	{"stall of 2 s", server_that_stalls_for_two_seconds_keeps_its_session},
	{"silent encoder", encoder_that_is_silent_meanwhile_is_told_too},
	{"absent at first", server_absent_at_first_has_media_a_second_after_it_came},
	{"lost goodbye", goodbye_that_is_lost_is_said_again},
};

enum { STORIES = sizeof(stories) / sizeof(stories[0]) };

int main(void)
{
	static char name[SENDERS * STORIES][128];
	static struct CMUnitTest tests[SENDERS * STORIES];

	for (size_t i = 0; i < SENDERS * STORIES; i++) {
		const char *sender = senders[i / STORIES];

		snprintf(name[i], sizeof(name[i]), "%s: %s", sender ? sender : "ours",
			 stories[i % STORIES].name);
		tests[i] = (struct CMUnitTest){
			.name = name[i],
			.test_func = stories[i % STORIES].tell,
			.teardown_func = story_teardown,
			.initial_state = (void *)(uintptr_t)sender,
		};
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
