/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "shared/wire/srt.h"
#include "tests/sim/foreign_profiles.h"
#include "tests/sim/verdict.h"

/* Encoders at a receiver with a list of stream keys. */

static struct keys *list(struct story *s, const char *one)
{
	const struct siphash_key key = {{7}};
	struct keys *k = keys_create(&key);

	must(k != NULL);
	if (one)
		must(keys_add(k, one, 0));
	receiver_set_keys(s->site.core, k);
	return k;
}

static struct plan three_links(const char *foreign)
{
	struct plan plan = plan_links(3, 6000000, MSEC(50));

	if (foreign)
		plan.bond[0].foreign = foreign_sender_named(foreign);
	return plan;
}

/* What the SRT server has heard of anybody. */
static uint64_t heard_by_server(const struct story *s)
{
	return s->site.server.inductions + s->site.server.strays + s->site.server.deaf;
}

static void listed_key_streams_through_every_kind_of_sender(void **state)
{
	static const char *const senders[] = {
		NULL, "probes_then_repeats_reg1_each_second", "telemetry_and_each_ack_once",
		"ten_byte_keepalives_and_nothing_twice", "asks_at_once_and_goes_round"};

	(void)state;
	for (size_t i = 0; i < sizeof(senders) / sizeof(senders[0]); i++) {
		struct plan plan = three_links(senders[i]);
		struct story *s = story_begin(&plan);
		struct keys *k = list(s, "publish/one");

		story_run(s, SEC(3));
		story_start_encoders(s);
		/* As long as without a list: two round trips of handshake. */
		assert_true(story_run_until_streams(s, SEC(10)) <= MSEC(110));
		assert_int_equal(s->bond[0].caller.tally.tries, 1);
		assert_int_equal(s->bond[0].caller.agreed, 2000);
		story_run(s, SEC(10));
		assert_streams_well(s, SEC(5));
		assert_int_equal(story_stream(s, 0)->late, 0);
		assert_int_equal(story_noted(s, SIDE_RECEIVER, RECEIVER_SESSION_NEW), 1);
		assert_int_equal(story_noted(s, SIDE_RECEIVER, RECEIVER_SESSION_AGREED), 1);
		assert_int_equal(story_noted(s, SIDE_RECEIVER, RECEIVER_LOGIN_REFUSED), 0);
		story_end(s);
		keys_destroy(k);
	}
}

static void unlisted_key_is_refused_in_two_round_trips_and_the_server_hears_nothing(void **state)
{
	struct plan plan = three_links(NULL);
	struct story *s = story_begin(&plan);
	struct keys *k = list(s, "publish/another");

	(void)state;
	story_run(s, SEC(3));
	story_start_encoders(s);
	story_run(s, MSEC(110));
	assert_int_equal(s->bond[0].caller.tally.refused, 1);
	story_run(s, SEC(60));
	assert_true(s->bond[0].caller.tally.refused > 50);
	assert_int_equal(s->bond[0].caller.tally.sessions, 0);
	assert_int_equal(heard_by_server(s), 0);
	assert_int_equal(s->site.refused, 0);
	/* One key a second is looked at, whatever the encoder asks. */
	assert_in_range(story_noted(s, SIDE_RECEIVER, RECEIVER_LOGIN_REFUSED), 30, 62);
	story_end(s);
	keys_destroy(k);
}

static void key_that_is_listed_later_lets_its_caller_in_at_once(void **state)
{
	struct plan plan = three_links(NULL);
	struct story *s = story_begin(&plan);
	struct keys *none = list(s, NULL), *k;

	(void)state;
	story_run(s, SEC(3));
	story_start_encoders(s);
	story_run(s, SEC(5));
	assert_int_equal(heard_by_server(s), 0);
	k = list(s, "publish/one");
	keys_destroy(none);
	assert_true(story_run_until_streams(s, SEC(10)) <= MSEC(1900));
	story_run(s, SEC(10));
	assert_streams_well(s, SEC(5));
	story_end(s);
	keys_destroy(k);
}

static void stream_goes_on_when_its_key_is_struck_off_until_it_calls_again(void **state)
{
	struct plan plan = three_links(NULL);
	struct story *s = story_begin(&plan);
	struct keys *k = list(s, "publish/one"), *none;

	(void)state;
	story_start_encoders(s);
	story_run(s, SEC(15));
	none = list(s, NULL);
	keys_destroy(k);
	assert_streams_well(s, SEC(10));
	assert_int_equal(story_stream(s, 0)->late, 0);
	srt_caller_stop(&s->bond[0].caller, true);
	story_run(s, MSEC(100));
	srt_caller_start(&s->bond[0].caller);
	story_run(s, SEC(5));
	assert_int_equal(s->bond[0].caller.tally.sessions, 1);
	assert_true(s->bond[0].caller.tally.refused > 0);
	story_end(s);
	keys_destroy(none);
}

static void login_finds_its_way_through_loss(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 20; seed++) {
		struct plan plan = three_links(NULL);
		struct story *s;
		struct keys *k;

		plan.seed = seed;
		for (unsigned i = 0; i < 3; i++) {
			plan.bond[0].up[i].loss = 200000;
			plan.bond[0].down[i].loss = 200000;
		}
		s = story_begin(&plan);
		k = list(s, "publish/one");
		story_run_until_live(s, 3, SEC(60));
		story_start_encoders(s);
		assert_true(story_run_until_streams(s, SEC(10)) <= SEC(3));
		assert_int_equal(s->bond[0].caller.tally.refused, 0);
		story_end(s);
		keys_destroy(k);
	}
}

static void encoder_that_restarts_logs_in_again_at_once(void **state)
{
	(void)state;
	for (int says_so = 0; says_so <= 1; says_so++) {
		struct plan plan = three_links(NULL);
		struct story *s = story_begin(&plan);
		struct keys *k = list(s, "publish/one");

		story_start_encoders(s);
		story_run(s, SEC(15));
		srt_caller_stop(&s->bond[0].caller, says_so);
		story_run(s, MSEC(100));
		srt_caller_start(&s->bond[0].caller);
		assert_true(story_run_until_streams(s, SEC(10)) <= MSEC(360));
		story_run(s, SEC(3));
		assert_streams_well(s, SEC(5));
		assert_int_equal(story_stream(s, 0)->sessions, 2);
		assert_int_equal(s->site.server.most_open, 1);
		story_end(s);
		keys_destroy(k);
	}
}

static void absent_server_is_waited_for_with_the_key_in_hand(void **state)
{
	struct plan plan = three_links(NULL);
	struct story *s = story_begin(&plan);
	struct keys *k = list(s, "publish/one");

	(void)state;
	site_stop_server(&s->site);
	story_start_encoders(s);
	story_run(s, SEC(20));
	assert_int_equal(s->bond[0].caller.tally.refused, 0);
	site_start_server(&s->site);
	assert_true(story_run_until_streams(s, SEC(10)) <= SEC(1));
	story_run(s, SEC(3));
	assert_streams_well(s, SEC(5));
	story_end(s);
	keys_destroy(k);
}

static void stream_with_a_key_outlives_its_receiver(void **state)
{
	struct plan plan = three_links(NULL);
	struct story *s = story_begin(&plan);
	struct keys *k = list(s, "publish/one");

	(void)state;
	story_start_encoders(s);
	story_run(s, SEC(15));
	site_end_receiver(&s->site);
	story_run(s, MSEC(200));
	site_start_receiver(&s->site, true);
	receiver_set_keys(s->site.core, k);
	story_run(s, SEC(3));
	assert_streams_well(s, SEC(5));
	assert_int_equal(s->bond[0].caller.tally.sessions, 1);
	assert_int_equal(s->bond[0].caller.tally.broken, 0);
	story_end(s);
	keys_destroy(k);
}

static void wrong_key_beside_a_stream_does_not_disturb_it(void **state)
{
	struct plan plan = three_links(NULL);
	struct story *s;
	struct keys *k;

	(void)state;
	plan.bonds = 2;
	s = story_begin(&plan);
	k = list(s, "publish/one");
	story_start_encoders(s);
	story_run(s, SEC(15));
	assert_streams_well(s, SEC(30));
	assert_int_equal(story_stream(s, 0)->late, 0);
	assert_int_equal(s->bond[1].caller.tally.sessions, 0);
	assert_true(s->bond[1].caller.tally.refused > 0);
	assert_int_equal(s->site.server.most_open, 1);
	story_end(s);
	keys_destroy(k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(listed_key_streams_through_every_kind_of_sender,
					  story_teardown),
		cmocka_unit_test_teardown(
			unlisted_key_is_refused_in_two_round_trips_and_the_server_hears_nothing,
			story_teardown),
		cmocka_unit_test_teardown(key_that_is_listed_later_lets_its_caller_in_at_once,
					  story_teardown),
		cmocka_unit_test_teardown(
			stream_goes_on_when_its_key_is_struck_off_until_it_calls_again,
			story_teardown),
		cmocka_unit_test_teardown(login_finds_its_way_through_loss, story_teardown),
		cmocka_unit_test_teardown(encoder_that_restarts_logs_in_again_at_once,
					  story_teardown),
		cmocka_unit_test_teardown(absent_server_is_waited_for_with_the_key_in_hand,
					  story_teardown),
		cmocka_unit_test_teardown(stream_with_a_key_outlives_its_receiver, story_teardown),
		cmocka_unit_test_teardown(wrong_key_beside_a_stream_does_not_disturb_it,
					  story_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
