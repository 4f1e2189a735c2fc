/* SPDX-License-Identifier: MIT */
#include "bytes.h"

#include "shared/wire/session.h"

enum { CALLER = 0x0a11e4, SERVER = 0x5e4fe4, ISN = 1000 };

static struct session s, before;

static enum session_event caller(struct bytes b)
{
	return session_from_caller(&s, b.at, b.len, &before);
}

static enum session_event server(struct bytes b)
{
	return session_from_server(&s, b.at, b.len);
}

static struct bytes caller_conclusion(uint32_t id, uint32_t isn)
{
	struct bytes b = handshake(SRT_HS_CONCLUSION, id, 0, isn);

	add_hs(&b, HSREQ, SRT_FLAG_TSBPDSND | SRT_FLAG_TSBPDRCV, 120, 120);
	add_stream_id(&b, "publish/live");
	return b;
}

static struct bytes server_conclusion(uint32_t id, uint32_t to, uint16_t latency)
{
	struct bytes b = handshake(SRT_HS_CONCLUSION, id, to, ISN);

	add_hs(&b, HSRSP, SRT_FLAG_TSBPDSND | SRT_FLAG_TSBPDRCV, latency, 120);
	return b;
}

static int begin(void **state)
{
	(void)state;
	session_init(&s);
	session_init(&before);
	return 0;
}

static void agree(void)
{
	assert_int_equal(caller(handshake(SRT_HS_INDUCTION, CALLER, 0, ISN)), SESSION_BEGINS);
	assert_int_equal(server(handshake(SRT_HS_INDUCTION, SERVER + 1, CALLER, ISN)),
			 SESSION_GOES_ON);
	assert_int_equal(caller(caller_conclusion(CALLER, ISN)), SESSION_GOES_ON);
	assert_int_equal(server(server_conclusion(SERVER, CALLER, 2000)), SESSION_AGREED);
}

static void handshake_that_passes_tells_who_and_what_was_agreed(void **state)
{
	(void)state;
	agree();
	assert_int_equal(s.caller_id, CALLER);
	assert_int_equal(s.server_id, SERVER);
	assert_int_equal(s.caller_isn, ISN);
	assert_int_equal(s.latency, 2000);
	assert_string_equal(s.stream_id, "publish/live");
	assert_false(s.refused);
	assert_false(s.over);
}

/* The first induction may have passed before anybody listened. */
static void conclusion_alone_begins_a_session_too(void **state)
{
	(void)state;
	assert_int_equal(caller(caller_conclusion(CALLER, 55)), SESSION_BEGINS);
	assert_int_equal(s.caller_isn, 55);
	assert_string_equal(s.stream_id, "publish/live");
}

static void repeated_handshakes_begin_nothing(void **state)
{
	(void)state;
	agree();
	for (int i = 0; i < 3; i++) {
		assert_int_equal(caller(handshake(SRT_HS_INDUCTION, CALLER, 0, ISN)),
				 SESSION_GOES_ON);
		assert_int_equal(caller(caller_conclusion(CALLER, ISN)), SESSION_GOES_ON);
		assert_int_equal(server(server_conclusion(SERVER, CALLER, 2000)), SESSION_GOES_ON);
	}
	assert_int_equal(s.server_id, SERVER);
}

static void new_socket_id_begins_anew_and_the_old_one_is_handed_back(void **state)
{
	struct bytes data = data_packet(ISN, 100);

	(void)state;
	agree();
	caller(data);
	assert_int_equal(caller(handshake(SRT_HS_INDUCTION, CALLER + 7, 0, 9)), SESSION_BEGINS);
	assert_int_equal(before.caller_id, CALLER);
	assert_int_equal(before.server_id, SERVER);
	assert_int_equal(before.timestamp, 1234567);
	assert_int_equal(before.latency, 2000);
	assert_int_equal(s.caller_id, CALLER + 7);
	assert_int_equal(s.server_id, 0);
	assert_int_equal(s.caller_isn, 9);
	assert_int_equal(s.latency, 0);
	assert_string_equal(s.stream_id, "");
	/* The old server's answers are nothing to the new one. */
	assert_int_equal(server(server_conclusion(SERVER, CALLER, 400)), SESSION_GOES_ON);
	assert_int_equal(s.server_id, 0);
}

static void server_without_hsrsp_agrees_with_unknown_latency(void **state)
{
	(void)state;
	caller(caller_conclusion(CALLER, ISN));
	assert_int_equal(server(handshake(SRT_HS_CONCLUSION, SERVER, CALLER, ISN)), SESSION_AGREED);
	assert_int_equal(s.server_id, SERVER);
	assert_int_equal(s.latency, 0);
}

static void latency_counts_only_where_tsbpd_was_agreed(void **state)
{
	struct bytes b = handshake(SRT_HS_CONCLUSION, SERVER, CALLER, ISN);

	(void)state;
	add_hs(&b, HSRSP, SRT_FLAG_TSBPDSND, 2000, 120);
	caller(caller_conclusion(CALLER, ISN));
	assert_int_equal(server(b), SESSION_AGREED);
	assert_int_equal(s.latency, 0);
}

static void server_asking_instead_of_answering_sets_no_latency(void **state)
{
	struct bytes b = handshake(SRT_HS_CONCLUSION, SERVER, CALLER, ISN);

	(void)state;
	add_hs(&b, HSREQ, SRT_FLAG_TSBPDRCV, 2000, 120);
	caller(caller_conclusion(CALLER, ISN));
	assert_int_equal(server(b), SESSION_AGREED);
	assert_int_equal(s.latency, 0);
}

static void every_refusal_type_refuses_and_no_other(void **state)
{
	static const struct {
		uint32_t type;
		enum session_event event;
	} rows[] = {
		{0, SESSION_GOES_ON},          {1, SESSION_GOES_ON},
		{999, SESSION_GOES_ON},        {1000, SESSION_REFUSED},
		{1403, SESSION_REFUSED},       {0x7fffffff, SESSION_REFUSED},
		{0x80000000, SESSION_GOES_ON}, {0xfffffffd, SESSION_GOES_ON},
		{0xfffffffe, SESSION_GOES_ON}, {0xffffffff, SESSION_AGREED},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		session_init(&s);
		caller(caller_conclusion(CALLER, ISN));
		assert_int_equal(server(handshake(rows[i].type, SERVER, CALLER, ISN)),
				 rows[i].event);
		assert_int_equal(s.refused, rows[i].event == SESSION_REFUSED);
	}
}

static void refused_caller_may_still_be_accepted(void **state)
{
	(void)state;
	caller(caller_conclusion(CALLER, ISN));
	assert_int_equal(server(handshake(1002, SERVER, CALLER, ISN)), SESSION_REFUSED);
	assert_int_equal(server(server_conclusion(SERVER, CALLER, 300)), SESSION_AGREED);
	assert_false(s.refused);
	assert_int_equal(s.latency, 300);
}

static void what_was_agreed_stands_against_later_claims(void **state)
{
	(void)state;
	agree();
	assert_int_equal(server(handshake(1002, SERVER, CALLER, ISN)), SESSION_GOES_ON);
	assert_int_equal(server(server_conclusion(SERVER + 1, CALLER, 9)), SESSION_GOES_ON);
	assert_int_equal(caller(caller_conclusion(CALLER, 5)), SESSION_GOES_ON);
	assert_false(s.refused);
	assert_int_equal(s.server_id, SERVER);
	assert_int_equal(s.latency, 2000);
	assert_int_equal(s.caller_isn, ISN);
}

static void answer_to_another_socket_is_not_ours(void **state)
{
	(void)state;
	assert_int_equal(server(server_conclusion(SERVER, CALLER, 9)), SESSION_GOES_ON);
	caller(caller_conclusion(CALLER, ISN));
	assert_int_equal(server(server_conclusion(SERVER, CALLER + 1, 9)), SESSION_GOES_ON);
	assert_int_equal(server(server_conclusion(SERVER, 0, 9)), SESSION_GOES_ON);
	assert_int_equal(server(handshake(1002, SERVER, 0, ISN)), SESSION_GOES_ON);
	assert_int_equal(s.server_id, 0);
	assert_false(s.refused);
}

static void handshake_without_a_socket_is_ignored(void **state)
{
	(void)state;
	assert_int_equal(caller(handshake(SRT_HS_INDUCTION, 0, 0, 1)), SESSION_GOES_ON);
	assert_int_equal(caller(handshake(0, CALLER, 0, 1)), SESSION_GOES_ON);
	assert_int_equal(caller(handshake(1002, CALLER, 0, 1)), SESSION_GOES_ON);
	assert_int_equal(s.caller_id, 0);
	caller(caller_conclusion(CALLER, ISN));
	assert_int_equal(server(server_conclusion(0, CALLER, 9)), SESSION_GOES_ON);
	assert_int_equal(s.server_id, 0);
}

/* F60: whoever forges a SHUTDOWN must know the socket that it is for. */
static void f60_shutdown_counts_only_for_the_sockets_that_are_known(void **state)
{
	(void)state;
	agree();
	caller(control(SRT_SHUTDOWN, 0, 0, SERVER + 1));
	server(control(SRT_SHUTDOWN, 0, 0, CALLER + 1));
	caller(control(SRT_SHUTDOWN, 0, 0, 0));
	server(control(SRT_SHUTDOWN, 0, 0, 0));
	assert_false(s.over);
	caller(control(SRT_SHUTDOWN, 0, 0, SERVER));
	assert_true(s.over);
}

static void servers_goodbye_ends_it_too(void **state)
{
	(void)state;
	agree();
	server(control(SRT_SHUTDOWN, 0, 0, CALLER));
	assert_true(s.over);
}

static void goodbye_in_a_session_that_nobody_saw_begin_is_believed(void **state)
{
	(void)state;
	caller(control(SRT_SHUTDOWN, 0, 0, 0x99));
	assert_true(s.over);
	begin(state);
	server(control(SRT_SHUTDOWN, 0, 0, 0x99));
	assert_true(s.over);
}

static void caller_that_said_goodbye_may_return_as_who_it_was(void **state)
{
	(void)state;
	agree();
	caller(control(SRT_SHUTDOWN, 0, 0, SERVER));
	assert_int_equal(caller(handshake(SRT_HS_INDUCTION, CALLER, 0, 7)), SESSION_BEGINS);
	assert_true(before.over);
	assert_false(s.over);
	assert_int_equal(s.caller_isn, 7);
	assert_int_equal(caller(handshake(SRT_HS_INDUCTION, CALLER, 0, 7)), SESSION_GOES_ON);
}

static void timestamp_is_the_callers_latest(void **state)
{
	(void)state;
	caller(handshake(SRT_HS_INDUCTION, CALLER, 0, ISN));
	assert_int_equal(s.timestamp, 777);
	caller(data_packet(ISN, 10));
	assert_int_equal(s.timestamp, 1234567);
	caller(control(SRT_KEEPALIVE, 0, 2000000, SERVER));
	assert_int_equal(s.timestamp, 2000000);
	server(control(SRT_KEEPALIVE, 0, 3000000, CALLER));
	assert_int_equal(s.timestamp, 2000000);
}

static void cut_packets_change_nothing(void **state)
{
	struct bytes b = caller_conclusion(CALLER + 1, 3),
		     bye = control(SRT_SHUTDOWN, 0, 5, SERVER);
	struct session as_it_was;

	(void)state;
	agree();
	memcpy(&as_it_was, &s, sizeof(s));
	for (size_t len = 0; len < SRT_HANDSHAKE_LEN; len++) {
		uint8_t *data = exactly(b.at, len);

		assert_int_equal(session_from_caller(&s, data, len, &before), SESSION_GOES_ON);
		assert_int_equal(session_from_server(&s, data, len), SESSION_GOES_ON);
		free(data);
	}
	for (size_t len = 0; len < SRT_HEADER_LEN; len++)
		session_from_caller(&s, bye.at, len, &before);
	assert_memory_equal(&s, &as_it_was, sizeof(s));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(handshake_that_passes_tells_who_and_what_was_agreed, begin),
		cmocka_unit_test_setup(conclusion_alone_begins_a_session_too, begin),
		cmocka_unit_test_setup(repeated_handshakes_begin_nothing, begin),
		cmocka_unit_test_setup(new_socket_id_begins_anew_and_the_old_one_is_handed_back,
				       begin),
		cmocka_unit_test_setup(server_without_hsrsp_agrees_with_unknown_latency, begin),
		cmocka_unit_test_setup(latency_counts_only_where_tsbpd_was_agreed, begin),
		cmocka_unit_test_setup(server_asking_instead_of_answering_sets_no_latency, begin),
		cmocka_unit_test_setup(every_refusal_type_refuses_and_no_other, begin),
		cmocka_unit_test_setup(refused_caller_may_still_be_accepted, begin),
		cmocka_unit_test_setup(what_was_agreed_stands_against_later_claims, begin),
		cmocka_unit_test_setup(answer_to_another_socket_is_not_ours, begin),
		cmocka_unit_test_setup(handshake_without_a_socket_is_ignored, begin),
		cmocka_unit_test_setup(f60_shutdown_counts_only_for_the_sockets_that_are_known,
				       begin),
		cmocka_unit_test_setup(servers_goodbye_ends_it_too, begin),
		cmocka_unit_test_setup(goodbye_in_a_session_that_nobody_saw_begin_is_believed,
				       begin),
		cmocka_unit_test_setup(caller_that_said_goodbye_may_return_as_who_it_was, begin),
		cmocka_unit_test_setup(timestamp_is_the_callers_latest, begin),
		cmocka_unit_test_setup(cut_packets_change_nothing, begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
