/* SPDX-License-Identifier: MIT */
#include "scene.h"

/* Where numbers begin anew. */

/* As if one bit had turned, or a resend had been on its way for very long. */
static void number_far_from_the_rest_passes_and_changes_nothing(void **state)
{
	struct scene x;

	(void)state;
	begin(&x, 2, 2000);
	all_have_sent(&x, 2);
	bring(&x, 0, 3);
	bring(&x, 0, 2 + 8192);
	bring(&x, 0, 5000000);
	bring(&x, 1, 0 - UINT32_C(8191));
	assert_string_equal(got(&x), "8194 5000000 2147475457");
	assert_int_equal(order(&x).held, 1);
	assert_int_equal(order(&x).stray, 3);
	assert_int_equal(order(&x).ended, 0);
	bring(&x, 1, 2);
	assert_string_equal(got(&x), "2-3");
	end(&x);
}

static void numbers_that_go_on_elsewhere_for_a_second_begin_anew(void **state)
{
	struct scene x;

	(void)state;
	begin(&x, 2, 2000);
	all_have_sent(&x, 2);
	bring(&x, 0, 3);
	bring(&x, 0, 4);
	bring(&x, 0, 2 + 8191);
	assert_string_equal(got(&x), "");
	x.s.now += SEC(1);
	bring(&x, 0, 2 + 8192);
	assert_string_equal(got(&x), "8194");
	x.s.now += 1;
	bring(&x, 0, 2 + 8192);
	assert_string_equal(got(&x), "3-4 8193-8194");
	assert_int_equal(order(&x).ended, 1);
	bring(&x, 0, 8195);
	assert_string_equal(got(&x), "8195");

	/* What the other link brought before says nothing of the new run of numbers. */
	bring(&x, 0, 8200);
	assert_string_equal(got(&x), "");
	bring(&x, 1, 8201);
	assert_string_equal(got(&x), "8200-8201");
	end(&x);
}

static void new_handshake_begins_anew_and_lets_go_of_what_is_held(void **state)
{
	/* Numbers near those of before: only the handshake says that they are others. */
	struct scene x;
	uint8_t data[HANDSHAKE];
	const char *text;

	(void)state;
	begin(&x, 2, 2000);
	all_have_sent(&x, 2);
	bring(&x, 0, 3);
	bring(&x, 0, 5);
	handshake(data, SRT_HS_INDUCTION, CALLER + 1, 0, 0, 0);
	put_be32(data + 24, x.first);
	send_net(&x.s, link_of(1, 0), data, SRT_HANDSHAKE_LEN);
	/* What is held, the goodbye for the old session, the handshake. */
	text = got(&x);
	assert_string_equal(text, "3 5 SRT SRT");
	assert_int_equal(order(&x).ended, 1);

	/* None of them has come in the new session. */
	shake(&x, CALLER + 1, x.first, 2000);
	bring(&x, 0, 0);
	bring(&x, 0, 1);
	bring(&x, 0, 3);
	assert_string_equal(got(&x), "0-1");
	bring(&x, 1, 2);
	assert_string_equal(got(&x), "2-3");
	assert_int_equal(order(&x).duplicate, 0);
	end(&x);
}

static void what_links_brought_in_the_session_before_says_nothing_of_this_one(void **state)
{
	/* The same numbers once more: both links had delivered far newer ones. */
	struct scene x;

	(void)state;
	begin(&x, 2, 2000);
	for (uint32_t n = 0; n < 100; n++)
		bring(&x, n % 2, n);
	shake(&x, CALLER + 1, x.first, 2000);
	bring(&x, 0, 0);
	bring(&x, 0, 2);
	assert_string_equal(got(&x), "0");
	bring(&x, 1, 1);
	assert_string_equal(got(&x), "1-2");
	end(&x);
}

static void goodbye_of_the_caller_comes_after_what_is_held(void **state)
{
	struct scene x;
	uint8_t data[SRT_SHUTDOWN_LEN];

	(void)state;
	begin(&x, 2, 2000);
	all_have_sent(&x, 2);
	bring(&x, 0, 3);
	bring(&x, 0, 4);
	control(data, sizeof(data), SRT_SHUTDOWN, SERVER);
	send_net(&x.s, link_of(1, 0), data, sizeof(data));
	assert_string_equal(got(&x), "3-4 SRT");
	end(&x);
}

static void handshake_said_again_begins_nothing(void **state)
{
	struct scene x;
	uint8_t data[HANDSHAKE];

	(void)state;
	begin(&x, 2, 2000);
	all_have_sent(&x, 2);
	bring(&x, 0, 3);
	handshake(data, SRT_HS_CONCLUSION, CALLER, 0, 1, 2000);
	put_be32(data + 24, x.first);
	send_net(&x.s, link_of(1, 1), data, HANDSHAKE);
	assert_string_equal(got(&x), "SRT");
	assert_int_equal(order(&x).held, 1);
	end(&x);
}

static void straggler_of_the_session_before_disturbs_nothing(void **state)
{
	/* A slow link brings what was for another socket, with near numbers and far. */
	static const uint32_t numbers[] = {3, 4, 5, 9, 100000, 0x60000000};
	struct scene x;
	uint8_t data[MEDIA];

	(void)state;
	begin(&x, 2, 2000);
	all_have_sent(&x, 2);
	bring(&x, 0, 4);
	for (size_t i = 0; i < 6; i++) {
		media(data, x.first + numbers[i]);
		put_be32(data + 12, SERVER + 1);
		send_net(&x.s, link_of(1, 1), data, sizeof(data));
	}
	assert_string_equal(got(&x), "3-5 9 100000 1610612736");
	assert_int_equal(order(&x).held, 1);
	assert_int_equal(order(&x).ended, 0);
	bring(&x, 1, 2);
	bring(&x, 1, 3);
	assert_string_equal(got(&x), "2-4");
	assert_int_equal(order(&x).duplicate, 0);
	end(&x);
}

static void straggler_amid_the_handshake_takes_no_number_of_the_new_session(void **state)
{
	/* The encoder began again with the numbers of before, and its caller has been asked. */
	struct scene x;
	uint8_t data[HANDSHAKE];
	size_t len;

	(void)state;
	begin(&x, 2, 2000);
	all_have_sent(&x, 2);
	len = handshake(data, SRT_HS_INDUCTION, CALLER + 1, 0, 0, 0);
	put_be32(data + 24, x.first);
	send_net(&x.s, link_of(1, 0), data, len);
	discard(&x.s);
	bring(&x, 1, 2);
	bring(&x, 1, 7);
	assert_string_equal(got(&x), "2");
	len = handshake(data, SRT_HS_CONCLUSION, CALLER + 1, 0, 1, 2000);
	put_be32(data + 24, x.first);
	send_net(&x.s, link_of(1, 0), data, len);
	send_server(&x.s, x.port, data,
		    handshake(data, SRT_HS_CONCLUSION, SERVER, CALLER + 1, 2, 2000));
	discard(&x.s);
	for (uint32_t n = 0; n < 10; n++)
		bring(&x, n % 2, n);
	assert_string_equal(got(&x), "0-9");
	assert_int_equal(order(&x).duplicate, 0);
	end(&x);
}

static void stream_that_was_on_when_we_began_is_in_order_from_then_on(void **state)
{
	struct scene x;

	(void)state;
	begin_with(&x, NULL, 2);
	bring(&x, 0, 100);
	bring(&x, 1, 98);
	bring(&x, 1, 101);
	bring(&x, 0, 104);
	bring(&x, 1, 102);
	assert_string_equal(got(&x), "100 98 101-102");
	bring(&x, 1, 103);
	assert_string_equal(got(&x), "103-104");
	end(&x);
}

static void encoder_that_said_nothing_for_an_hour_is_held_for_as_before(void **state)
{
	/* Only keepalives pass; the timestamps wrap half way between two media packets. */
	struct scene x;
	uint8_t alive[SRT_HEADER_LEN + 4];
	uint32_t stamp = 0;

	(void)state;
	begin(&x, 2, 2000);
	measured_rtt(&x, MSEC(50));
	all_have_sent(&x, 2);
	control(alive, sizeof(alive), SRT_KEEPALIVE, SERVER);
	for (usspan t = 0; t < SEC(3600); t += SEC(1)) {
		stamp = (uint32_t)(STAMP + t);
		put_be32(alive + 8, stamp);
		send_net(&x.s, link_of(1, 0), alive, sizeof(alive));
		send_net(&x.s, link_of(1, 1), alive, sizeof(alive));
		pass(&x.s, SEC(1));
		discard(&x.s);
	}
	bring_as(&x, link_of(1, 0), x.first + 2, stamp, false);
	bring_as(&x, link_of(1, 1), x.first + 3, stamp, false);
	bring_as(&x, link_of(1, 0), x.first + 5, stamp, false);
	assert_string_equal(got(&x), "2-3");
	assert_int_equal(order(&x).held, 1);
	bring_as(&x, link_of(1, 1), x.first + 4, stamp, false);
	assert_string_equal(got(&x), "4-5");
	end(&x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(number_far_from_the_rest_passes_and_changes_nothing),
		cmocka_unit_test(numbers_that_go_on_elsewhere_for_a_second_begin_anew),
		cmocka_unit_test(new_handshake_begins_anew_and_lets_go_of_what_is_held),
		cmocka_unit_test(what_links_brought_in_the_session_before_says_nothing_of_this_one),
		cmocka_unit_test(goodbye_of_the_caller_comes_after_what_is_held),
		cmocka_unit_test(handshake_said_again_begins_nothing),
		cmocka_unit_test(straggler_of_the_session_before_disturbs_nothing),
		cmocka_unit_test(straggler_amid_the_handshake_takes_no_number_of_the_new_session),
		cmocka_unit_test(stream_that_was_on_when_we_began_is_in_order_from_then_on),
		cmocka_unit_test(encoder_that_said_nothing_for_an_hour_is_held_for_as_before),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
