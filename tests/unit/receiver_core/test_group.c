/* SPDX-License-Identifier: MIT */
#include "stage.h"

#include <errno.h>

static struct endpoint link_a(void)
{
	return at("192.0.2.1", 4000);
}

static struct endpoint link_b(void)
{
	return at("198.51.100.1", 4000);
}

static unsigned one_link(struct stage *s)
{
	uint8_t id[SRTLA_ID_LEN];

	stage_up(s, NULL);
	return join_group(s, link_a(), 7, id);
}

static unsigned two_links(struct stage *s)
{
	uint8_t id[SRTLA_ID_LEN];
	unsigned port;

	stage_up(s, NULL);
	port = join_group(s, link_a(), 7, id);
	assert_int_equal(reg2(s, link_b(), id), SRTLA_REG3);
	discard(s);
	return port;
}

static void r14_srtla_range_never_reaches_the_server(void **state)
{
	struct stage s;
	struct seen seen;
	uint8_t data[100] = {0};
	unsigned port;

	(void)state;
	port = one_link(&s);
	for (unsigned type = 0x9000; type <= 0xafff; type++) {
		put_be16(data, (uint16_t)type);
		send_net(&s, link_a(), data, sizeof(data));
		while (take(&s, &seen))
			assert_int_equal(seen.port, 0);
	}
	assert_int_equal(group_view(&s, port).up_packets, 0);
	assert_true(view(&s).drops.unknown > 0x1f00);
	stage_down(&s);
}

static void r14_srt_user_messages_pass(void **state)
{
	struct stage s;
	struct seen seen;
	uint8_t data[120];
	unsigned port;

	(void)state;
	port = one_link(&s);
	for (uint16_t subtype = 1; subtype <= 4; subtype++) {
		control(data, sizeof(data), SRT_USER, 0x5e);
		put_be16(data + 2, subtype);
		send_net(&s, link_a(), data, sizeof(data));
		assert_true(take(&s, &seen));
		assert_int_equal(seen.port, port);
		assert_int_equal(seen.len, sizeof(data));
		assert_memory_equal(seen.data, data, sizeof(data));
	}
	stage_down(&s);
}

static void runts_go_nowhere_but_are_signs_of_life(void **state)
{
	static const uint8_t data[SRT_HEADER_LEN] = {0};
	struct stage s;
	unsigned port;

	(void)state;
	port = one_link(&s);
	s.now += SEC(3);
	for (size_t len = 0; len < SRT_HEADER_LEN; len++)
		send_net(&s, link_a(), data, len);
	assert_silence(&s);
	assert_int_equal(view(&s).drops.runt, SRT_HEADER_LEN);
	assert_int_equal(group_view(&s, port).member[0].idle, 0);

	for (size_t len = 0; len < SRT_HEADER_LEN; len++)
		send_server(&s, port, data, len);
	assert_silence(&s);
	assert_int_equal(view(&s).drops.runt, 2 * SRT_HEADER_LEN);
	stage_down(&s);
}

static void r18_packets_go_up_as_they_came_byte_for_byte(void **state)
{
	struct stage s;
	struct seen seen;
	uint8_t want[MEDIA];
	unsigned port;
	/* Over the place where numbers wrap. */
	static const uint32_t order[] = {0x7ffffffc, 0x7ffffffd, 0x7ffffffe, 0x7fffffff, 0, 1, 2, 3};

	(void)state;
	port = two_links(&s);
	for (size_t i = 0; i < 8; i++)
		send_media(&s, i % 2 ? link_a() : link_b(), order[i]);
	for (size_t i = 0; i < 8; i++) {
		assert_true(take(&s, &seen));
		assert_int_equal(seen.port, port);
		assert_int_equal(seen.len, MEDIA);
		media(want, order[i]);
		assert_memory_equal(seen.data, want, MEDIA);
	}
	assert_silence(&s);
	stage_down(&s);
}

static void r9_refused_server_costs_packets_and_never_the_group(void **state)
{
	struct stage s;
	struct pkt *p;
	unsigned port;

	(void)state;
	port = one_link(&s);
	for (uint32_t i = 0; i < 500; i++) {
		send_media(&s, link_a(), i);
		while ((p = outbox_take(&s.out))) {
			if (p->port == port)
				receiver_server_error(s.r, port, p, ECONNREFUSED, s.now, &s.out);
			else
				pkt_free(p);
		}
		s.now += MSEC(10);
	}
	assert_int_equal(group_view(&s, port).server_refused, 500);
	assert_int_equal(noted(&s, RECEIVER_SERVER_AWAY), 1);
	assert_int_equal(last_note(&s, RECEIVER_SERVER_AWAY)->number, ECONNREFUSED);
	assert_int_equal(noted(&s, RECEIVER_GROUP_GONE), 0);
	stage_down(&s);
}

static void r9_server_that_speaks_again_is_back_once_per_outage(void **state)
{
	struct stage s;
	uint8_t data[20];
	unsigned port;

	(void)state;
	port = one_link(&s);
	control(data, sizeof(data), SRT_KEEPALIVE, 0xca11);
	for (int outage = 0; outage < 3; outage++) {
		receiver_server_error(s.r, port, NULL, ECONNREFUSED, s.now, &s.out);
		receiver_server_error(s.r, port, NULL, EHOSTUNREACH, s.now, &s.out);
		send_server(&s, port, data, sizeof(data));
		send_server(&s, port, data, sizeof(data));
	}
	assert_int_equal(noted(&s, RECEIVER_SERVER_AWAY), 3);
	assert_int_equal(noted(&s, RECEIVER_SERVER_BACK), 3);
	assert_int_equal(group_view(&s, port).server_refused, 0);
	discard(&s);
	stage_down(&s);
}

static void r9_full_socket_costs_the_packet_and_is_no_outage(void **state)
{
	static const int local[] = {EAGAIN, ENOBUFS, EINTR, ENOMEM, EMSGSIZE};
	struct stage s;
	uint8_t data[MEDIA];
	unsigned port;

	(void)state;
	port = one_link(&s);
	media(data, 1);
	for (size_t i = 0; i < 5; i++)
		receiver_server_error(s.r, port, stage_packet(&s, data, MEDIA), local[i], s.now,
				      &s.out);
	assert_int_equal(group_view(&s, port).server_refused, 5);
	assert_int_equal(noted(&s, RECEIVER_SERVER_AWAY), 0);
	stage_down(&s);
}

static void r10_member_leaves_after_fifteen_seconds_of_silence(void **state)
{
	struct stage s;
	unsigned port;

	(void)state;
	port = two_links(&s);
	for (int i = 0; i < 16; i++) {
		send_media(&s, link_a(), 1);
		pass(&s, MSEC(900));
	}
	assert_int_equal(group_view(&s, port).count, 2);
	discard(&s);
	for (int i = 0; i < 2; i++) {
		send_media(&s, link_a(), 1);
		pass(&s, MSEC(900));
	}
	assert_int_equal(group_view(&s, port).count, 1);
	assert_int_equal(noted(&s, RECEIVER_MEMBER_GONE), 1);
	assert_memory_equal(last_note(&s, RECEIVER_MEMBER_GONE)->who.addr, link_b().addr, 16);
	discard(&s);
	stage_down(&s);
}

static void r10_group_waits_thirty_seconds_for_its_links(void **state)
{
	struct stage s;
	uint8_t id[SRTLA_ID_LEN];
	unsigned port;

	(void)state;
	stage_up(&s, NULL);
	port = join_group(&s, link_a(), 7, id);
	agree(&s, link_a(), port, 0xca11, 0x5e, 2000);
	discard(&s);
	pass(&s, SEC(17));
	assert_int_equal(noted(&s, RECEIVER_MEMBER_GONE), 1);
	pass(&s, SEC(27));
	assert_int_equal(group_view(&s, port).latency, 2000);
	assert_int_equal(reg2(&s, link_b(), id), SRTLA_REG3);
	assert_int_equal(group_view(&s, port).latency, 2000);

	outbox_clear_notes(&s.out);
	pass(&s, SEC(48));
	assert_int_equal(noted(&s, RECEIVER_GROUP_GONE), 1);
	assert_int_equal(last_note(&s, RECEIVER_GROUP_GONE)->port, port);
	assert_int_equal(receiver_group_serial(s.r, port), 0);
	assert_int_equal(receiver_deadline(s.r), NEVER);
	stage_down(&s);
}

static void timeouts_are_what_the_configuration_says(void **state)
{
	struct receiver_config cfg = stage_config();
	struct stage s;
	uint8_t id[SRTLA_ID_LEN];

	(void)state;
	cfg.member_timeout = SEC(4);
	cfg.group_timeout = SEC(2);
	stage_up(&s, &cfg);
	join_group(&s, link_a(), 7, id);
	pass(&s, SEC(4) - 1);
	assert_int_equal(view(&s).members, 1);
	pass(&s, SEC(1));
	assert_int_equal(view(&s).members, 0);
	assert_int_equal(view(&s).groups, 1);
	pass(&s, SEC(3));
	assert_int_equal(view(&s).groups, 0);
	stage_down(&s);
}

/* F27: one catch-up tick, and nobody is blamed for what we could not hear. */
static void long_stop_of_the_process_ends_nobody(void **state)
{
	struct stage s;
	unsigned port;

	(void)state;
	port = two_links(&s);
	pass(&s, SEC(10));
	s.now += SEC(600);
	receiver_run(s.r, s.now, &s.out);
	assert_int_equal(group_view(&s, port).count, 2);
	assert_true(receiver_deadline(s.r) > s.now);
	pass(&s, SEC(7));
	assert_int_equal(view(&s).members, 0);
	stage_down(&s);
}

static void session_is_noted_as_its_handshakes_pass(void **state)
{
	struct stage s;
	unsigned port;

	(void)state;
	port = one_link(&s);
	agree(&s, link_a(), port, 0xca11, 0x5e, 1500);
	assert_int_equal(noted(&s, RECEIVER_SESSION_NEW), 1);
	assert_int_equal(last_note(&s, RECEIVER_SESSION_NEW)->number, 0xca11);
	assert_int_equal(noted(&s, RECEIVER_SESSION_AGREED), 1);
	assert_int_equal(last_note(&s, RECEIVER_SESSION_AGREED)->number, 1500);
	assert_int_equal(last_note(&s, RECEIVER_SESSION_AGREED)->port, port);
	assert_int_equal(discard(&s), 4);
	stage_down(&s);
}

static void servers_refusal_is_noted_and_passed_on(void **state)
{
	struct stage s;
	uint8_t data[HANDSHAKE];
	unsigned port;

	(void)state;
	port = one_link(&s);
	send_net(&s, link_a(), data, handshake(data, SRT_HS_INDUCTION, 0xca11, 0, 0, 0));
	send_net(&s, link_a(), data, handshake(data, SRT_HS_CONCLUSION, 0xca11, 0, 1, 120));
	send_server(&s, port, data, handshake(data, 1000 + 10, 0x5e, 0xca11, 0, 0));
	assert_int_equal(noted(&s, RECEIVER_SESSION_REFUSED), 1);
	assert_int_equal(discard(&s), 3);
	stage_down(&s);
}

/* A stock listener stays deaf to a caller that it believes to be connected. */
static void new_session_says_goodbye_for_the_old_one_first(void **state)
{
	struct stage s;
	struct seen seen;
	uint8_t data[HANDSHAKE];
	unsigned port;

	(void)state;
	port = one_link(&s);
	agree(&s, link_a(), port, 0xca11, 0x5e, 2000);
	discard(&s);

	send_net(&s, link_a(), data, handshake(data, SRT_HS_INDUCTION, 0xca12, 0, 0, 0));
	assert_true(take(&s, &seen));
	assert_int_equal(seen.port, port);
	assert_int_equal(seen.len, SRT_SHUTDOWN_LEN);
	assert_int_equal(be32(seen.data), UINT32_C(0x80050000));
	assert_int_equal(be32(seen.data + 8), 777777);
	assert_int_equal(be32(seen.data + 12), 0x5e);
	assert_true(take(&s, &seen));
	assert_memory_equal(seen.data, data, SRT_HANDSHAKE_LEN);
	assert_silence(&s);

	/* Repeats and the conclusion belong to the same new session. */
	send_net(&s, link_a(), data, SRT_HANDSHAKE_LEN);
	send_net(&s, link_a(), data, handshake(data, SRT_HS_CONCLUSION, 0xca12, 0, 1, 2000));
	assert_int_equal(noted(&s, RECEIVER_SESSION_NEW), 1);
	assert_int_equal(discard(&s), 2);
	stage_down(&s);
}

static void no_goodbye_where_one_was_said_or_nobody_listens(void **state)
{
	struct stage s;
	uint8_t data[HANDSHAKE];
	unsigned port;

	(void)state;
	port = one_link(&s);
	/* Never agreed: the server knows of no socket. */
	send_net(&s, link_a(), data, handshake(data, SRT_HS_INDUCTION, 0xca11, 0, 0, 0));
	send_net(&s, link_a(), data, handshake(data, SRT_HS_INDUCTION, 0xca12, 0, 0, 0));
	assert_int_equal(discard(&s), 2);

	agree(&s, link_a(), port, 0xca12, 0x5e, 2000);
	control(data, SRT_SHUTDOWN_LEN, SRT_SHUTDOWN, 0x5e);
	send_net(&s, link_a(), data, SRT_SHUTDOWN_LEN);
	assert_int_equal(discard(&s), 5);
	send_net(&s, link_a(), data, handshake(data, SRT_HS_INDUCTION, 0xca13, 0, 0, 0));
	assert_int_equal(discard(&s), 1);
	stage_down(&s);
}

static void send_media_to(struct stage *s, struct endpoint who, uint32_t seq, uint32_t socket)
{
	uint8_t data[MEDIA];

	media(data, seq);
	put_be32(data + 12, socket);
	send_net(s, who, data, sizeof(data));
}

/* A slow link delivers it after the new session has begun. */
static void media_of_the_session_before_leaves_the_new_order_alone(void **state)
{
	static const uint32_t out[] = {4242, 900000000, 4243, 900000001, 4244, 4245};
	struct stage s;
	struct seen seen;
	unsigned port;

	(void)state;
	port = two_links(&s);
	agree(&s, link_a(), port, 0xca11, 0x5e, 2000);
	agree(&s, link_a(), port, 0xca12, 0x5f, 2000);
	discard(&s);
	send_media_to(&s, link_a(), 4242, 0x5f);
	send_media_to(&s, link_b(), 900000000, 0x5e);
	send_media_to(&s, link_b(), 4243, 0x5f);
	send_media_to(&s, link_a(), 4245, 0x5f);
	send_media_to(&s, link_b(), 900000001, 0x5e);
	send_media_to(&s, link_b(), 4244, 0x5f);
	for (size_t i = 0; i < sizeof(out) / sizeof(out[0]); i++) {
		assert_true(take(&s, &seen));
		assert_int_equal(be32(seen.data), out[i]);
	}
	assert_silence(&s);
	stage_down(&s);
}

/* F60 */
static void forged_shutdown_for_another_socket_does_not_count_as_goodbye(void **state)
{
	struct stage s;
	uint8_t data[HANDSHAKE];
	unsigned port;

	(void)state;
	port = one_link(&s);
	agree(&s, link_a(), port, 0xca11, 0x5e, 2000);
	control(data, SRT_SHUTDOWN_LEN, SRT_SHUTDOWN, 0xbad);
	send_net(&s, link_a(), data, SRT_SHUTDOWN_LEN);
	discard(&s);
	send_net(&s, link_a(), data, handshake(data, SRT_HS_INDUCTION, 0xca12, 0, 0, 0));
	assert_int_equal(discard(&s), 2);
	stage_down(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(r14_srtla_range_never_reaches_the_server),
		cmocka_unit_test(r14_srt_user_messages_pass),
		cmocka_unit_test(runts_go_nowhere_but_are_signs_of_life),
		cmocka_unit_test(r18_packets_go_up_as_they_came_byte_for_byte),
		cmocka_unit_test(r9_refused_server_costs_packets_and_never_the_group),
		cmocka_unit_test(r9_server_that_speaks_again_is_back_once_per_outage),
		cmocka_unit_test(r9_full_socket_costs_the_packet_and_is_no_outage),
		cmocka_unit_test(r10_member_leaves_after_fifteen_seconds_of_silence),
		cmocka_unit_test(r10_group_waits_thirty_seconds_for_its_links),
		cmocka_unit_test(timeouts_are_what_the_configuration_says),
		cmocka_unit_test(long_stop_of_the_process_ends_nobody),
		cmocka_unit_test(session_is_noted_as_its_handshakes_pass),
		cmocka_unit_test(servers_refusal_is_noted_and_passed_on),
		cmocka_unit_test(new_session_says_goodbye_for_the_old_one_first),
		cmocka_unit_test(no_goodbye_where_one_was_said_or_nobody_listens),
		cmocka_unit_test(media_of_the_session_before_leaves_the_new_order_alone),
		cmocka_unit_test(forged_shutdown_for_another_socket_does_not_count_as_goodbye),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
