/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "shared/base/pkt.h"
#include "shared/base/seq.h"
#include "shared/wire/srt.h"
#include "tests/sim/srt_build.h"
#include "tests/sim/verdict.h"

/* Encoders and SRT servers that come and go. */

static struct story *streaming(void)
{
	struct plan plan = plan_links(3, 6000000, MSEC(50));

	return story_streaming(&plan);
}

static void assert_nothing_in_flight_of_old(struct story *s)
{
	struct sender_view v;

	story_view(s, &v);
	for (unsigned i = 0; i < v.count; i++)
		assert_in_range(v.link[i].in_flight, 0, 60);
}

static void encoder_that_restarts_at_its_port_streams_again_at_once(void **state)
{
	/* F10: another socket id and first number; a stock listener would be deaf to it. */
	(void)state;
	for (int says_so = 0; says_so <= 1; says_so++) {
		struct story *s = streaming();
		uint64_t late = story_stream(s, 0)->late;

		srt_caller_stop(&s->bond[0].caller, says_so);
		story_run(s, MSEC(100));
		srt_caller_start(&s->bond[0].caller);
		/* Two round trips and, when the server was deaf once, one repeat. */
		assert_true(story_run_until_streams(s, SEC(10)) <= MSEC(360));
		story_run(s, SEC(3));
		assert_nothing_in_flight_of_old(s);
		assert_streams_well(s, SEC(5));
		assert_int_equal(story_stream(s, 0)->late, late);
		assert_int_equal(story_stream(s, 0)->sessions, 2);
		assert_int_equal(s->site.server.most_open, 1);
		assert_int_equal(story_noted(s, SIDE_SENDER, SENDER_ENCODER_NEW), 2);
		assert_int_equal(story_noted(s, SIDE_RECEIVER, RECEIVER_GROUP_NEW), 1);
		story_end(s);
	}
}

static void encoder_that_restarts_at_another_port_takes_the_seat(void **state)
{
	/* F10: after a goodbye at once, after a crash when the seat has been silent. */
	(void)state;
	for (int says_so = 0; says_so <= 1; says_so++) {
		struct story *s = streaming();
		uint64_t to_the_former;

		srt_caller_stop(&s->bond[0].caller, says_so);
		s->bond[0].caller.here.port++;
		story_run(s, MSEC(10));
		srt_caller_start(&s->bond[0].caller);
		assert_true(story_run_until_streams(s, SEC(10)) <=
			    (says_so ? MSEC(110) : MSEC(860)));
		to_the_former = s->bond[0].to_strangers;
		story_run(s, SEC(3));
		assert_nothing_in_flight_of_old(s);
		assert_streams_well(s, SEC(5));
		assert_int_equal(s->bond[0].to_strangers, to_the_former);
		assert_int_equal(story_stream(s, 0)->sessions, 2);
		story_end(s);
	}
}

static void say(struct story *s, const struct endpoint *who, const uint8_t *data, size_t len)
{
	bond_from_app(&s->bond[0], who, data, len);
}

static void second_local_program_cannot_take_the_seat(void **state)
{
	/* F11: handshakes, data and a goodbye in the encoder's name, for ten seconds. */
	struct story *s;
	struct endpoint thief;
	uint64_t at_server;
	uint8_t buf[PKT_CAP];

	(void)state;
	s = streaming();
	at_server = s->site.server.strays + s->site.server.inductions + s->site.server.deaf;
	endpoint_parse("127.0.0.1", &thief);
	thief.port = 4444;
	for (int i = 0; i < 100; i++) {
		struct srt_hello h = {.version = 4,
				      .extension = 2,
				      .type = i % 2 ? SRT_HS_INDUCTION : SRT_HS_CONCLUSION,
				      .socket_id = 4444};
		struct srt_data d = {.seq = s->bond[0].caller.next,
				     .dest = s->bond[0].caller.peer_id,
				     .payload = 100};

		say(s, &thief, buf, srt_build_handshake(buf, &h));
		say(s, &thief, buf, srt_build_data(buf, &d));
		say(s, &thief, buf, srt_build_shutdown(buf, s->bond[0].caller.peer_id, 0));
		story_run(s, MSEC(100));
	}
	assert_int_equal(s->bond[0].to_strangers, 0);
	assert_int_equal(s->site.server.strays + s->site.server.inductions + s->site.server.deaf,
			 at_server);
	assert_int_equal(s->bond[0].caller.tally.sessions, 1);
	assert_int_equal(s->bond[0].caller.tally.broken, 0);
	assert_int_equal(story_noted(s, SIDE_SENDER, SENDER_ENCODER_IGNORED), 1);
	assert_streams_well(s, SEC(5));
	assert_int_equal(story_stream(s, 0)->late, 0);
	story_end(s);
}

static void absent_server_is_waited_for(void **state)
{
	/* F06 */
	struct plan plan = plan_links(3, 6000000, MSEC(50));
	struct sender_view v;
	struct story *s;

	(void)state;
	s = story_begin(&plan);
	site_stop_server(&s->site);
	story_start_encoders(s);
	story_run(s, SEC(40));
	story_view(s, &v);
	assert_int_equal(v.live, 3);
	assert_true(s->site.refused > 0);
	assert_int_equal(story_noted(s, SIDE_RECEIVER, RECEIVER_SERVER_AWAY), 1);
	assert_int_equal(story_noted(s, SIDE_RECEIVER, RECEIVER_GROUP_GONE), 0);
	site_start_server(&s->site);
	assert_true(story_run_until_streams(s, SEC(10)) <= SEC(1));
	assert_int_equal(story_noted(s, SIDE_RECEIVER, RECEIVER_SERVER_BACK), 1);
	story_run(s, SEC(3));
	assert_streams_well(s, SEC(5));
	story_end(s);
}

static void server_that_restarts_finds_the_group_as_it_was(void **state)
{
	/* F05: away for ten seconds, so that the encoder has given up and calls again. */
	struct sender_view v;
	struct story *s;
	uint16_t port;

	(void)state;
	s = streaming();
	port = s->site.socket[1].port;
	site_stop_server(&s->site);
	story_run(s, SEC(10));
	site_start_server(&s->site);
	assert_true(story_run_until_streams(s, SEC(10)) <= SEC(1));
	story_run(s, SEC(3));
	assert_streams_well(s, SEC(5));
	story_view(s, &v);
	assert_int_equal(v.live, 3);
	assert_int_equal(s->site.socket[1].port, port);
	assert_int_equal(story_noted(s, SIDE_RECEIVER, RECEIVER_GROUP_NEW), 1);
	assert_int_equal(story_noted(s, SIDE_RECEIVER, RECEIVER_GROUP_GONE), 0);
	assert_int_equal(story_noted(s, SIDE_SENDER, SENDER_LINK_DOWN), 0);
	story_end(s);
}

static void server_that_forgot_the_session_costs_the_encoder_two_seconds(void **state)
{
	/* It was away so shortly that nobody noticed; by itself the encoder would wait for 5 s. */
	struct story *s;

	(void)state;
	s = streaming();
	site_stop_server(&s->site);
	site_start_server(&s->site);
	story_run(s, SEC(2));
	assert_int_equal(s->bond[0].caller.tally.sessions, 2);
	story_run(s, SEC(3));
	assert_streams_well(s, SEC(5));
	story_end(s);
}

static void goodbye_of_the_server_reaches_the_encoder(void **state)
{
	/* A publisher that is kicked: SHUTDOWN, and the next session begins at once. */
	struct story *s;
	struct srt_session *x;
	uint8_t buf[PKT_CAP];

	(void)state;
	s = streaming();
	x = &s->site.server.session[0];
	srt_session_emit(x, buf, srt_build_shutdown(buf, x->peer_id, srt_session_stamp(x)));
	srt_session_end(x);
	story_run(s, MSEC(30));
	assert_int_equal(s->bond[0].caller.state, CALLER_PAUSES);
	assert_true(story_run_until_streams(s, SEC(5)) <= MSEC(660));
	assert_int_equal(s->bond[0].caller.tally.broken, 1);
	story_end(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(encoder_that_restarts_at_its_port_streams_again_at_once,
					  story_teardown),
		cmocka_unit_test_teardown(encoder_that_restarts_at_another_port_takes_the_seat,
					  story_teardown),
		cmocka_unit_test_teardown(second_local_program_cannot_take_the_seat,
					  story_teardown),
		cmocka_unit_test_teardown(absent_server_is_waited_for, story_teardown),
		cmocka_unit_test_teardown(server_that_restarts_finds_the_group_as_it_was,
					  story_teardown),
		cmocka_unit_test_teardown(
			server_that_forgot_the_session_costs_the_encoder_two_seconds,
			story_teardown),
		cmocka_unit_test_teardown(goodbye_of_the_server_reaches_the_encoder,
					  story_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
