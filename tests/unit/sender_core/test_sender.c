/* SPDX-License-Identifier: MIT */
#include "rig.h"

#include <errno.h>

static struct rig r;

static int begin(void **state)
{
	(void)state;
	rig_start(&r);
	return 0;
}

static int end(void **state)
{
	(void)state;
	rig_finish(&r);
	return 0;
}

static void s7_every_link_sends_a_keepalive_each_second_busy_or_idle(void **state)
{
	(void)state;
	rig_up(&r, 3);
	for (int i = 0; i < 100; i++) {
		rig_live_on(&r, 3, MSEC(100));
		rig_data(&r, (uint32_t)i); /* mostly on one link */
	}
	for (unsigned port = 1; port <= 3; port++)
		assert_in_range(rig_count(&r, port, SRTLA_KEEPALIVE), 9, 11);
}

static void s7_keepalive_is_extended_and_tells_the_window(void **state)
{
	struct keepalive k;
	const struct pkt *p;

	(void)state;
	rig_up(&r, 1);
	rig_data(&r, 5);
	rig_data(&r, 6);
	rig_live_on(&r, 1, SEC(1));
	p = rig_find(&r, 1, SRTLA_KEEPALIVE);
	assert_non_null(p);
	assert_true(p->len >= KEEPALIVE_EXTENDED);
	assert_true(keepalive_parse(p->data, p->len, &k));
	assert_true(k.extended);
	assert_int_equal(k.window, 20000);
	assert_int_equal(k.in_flight, 2);
	assert_int_equal(k.conn_id, 0);
}

static void echo_of_a_keepalive_is_a_round_trip_time(void **state)
{
	const struct pkt *p;

	(void)state;
	rig_up(&r, 1);
	rig_until(&r, r.now + SEC(1));
	p = rig_find(&r, 1, SRTLA_KEEPALIVE);
	r.now += MSEC(80);
	rig_link(&r, 1, p->data, p->len);
	assert_int_equal(rig_view(&r, 1).srtt, MSEC(80));
	r.now += MSEC(500);
	rig_link(&r, 1, p->data, p->len); /* the same again, late */
	assert_int_equal(rig_view(&r, 1).srtt, MSEC(80));
}

static void keepalive_with_a_time_that_was_never_sent_is_no_round_trip_time(void **state)
{
	struct keepalive k = {.time = 12345};
	uint8_t buf[KEEPALIVE_HELLO];

	(void)state;
	rig_up(&r, 1);
	rig_link(&r, 1, buf, keepalive_build(buf, &k));
	k.time = UINT64_C(0x8000000000000001); /* as far from now as can be */
	rig_link(&r, 1, buf, keepalive_build(buf, &k));
	k.time = 0;
	rig_link(&r, 1, buf, keepalive_build(buf, &k));
	rig_link(&r, 1, "\x90\x00", 2);
	assert_int_equal(rig_view(&r, 1).srtt, 0);
}

static void classic_peer_is_known_by_its_echo_and_greeted_no_more(void **state)
{
	const struct pkt *p;

	(void)state;
	rig_up(&r, 1);
	rig_live_on(&r, 1, SEC(1));
	p = rig_find(&r, 1, SRTLA_KEEPALIVE);
	assert_int_equal(p->len, KEEPALIVE_HELLO);
	rig_link(&r, 1, p->data, p->len);
	assert_int_equal(rig_whole(&r).peer, SENDER_PEER_CLASSIC);
	rig_clear(&r);
	rig_live_on(&r, 1, SEC(3));
	assert_int_equal(rig_find(&r, 1, SRTLA_KEEPALIVE)->len, KEEPALIVE_EXTENDED);
}

static void own_peer_is_known_by_its_answer(void **state)
{
	uint8_t buf[KEEPALIVE_HELLO];
	const struct pkt *p;

	(void)state;
	rig_up(&r, 1);
	rig_live_on(&r, 1, SEC(1));
	p = rig_find(&r, 1, SRTLA_KEEPALIVE);
	memcpy(buf, p->data, p->len);
	assert_true(keepalive_answer(buf, p->len, 0));
	rig_link(&r, 1, buf, p->len);
	assert_int_equal(rig_whole(&r).peer, SENDER_PEER_OWN);
}

static void s8_silent_link_keeps_its_socket_and_asks_again_with_the_group_id(void **state)
{
	const struct pkt *p;

	(void)state;
	rig_up(&r, 1);
	rig_until(&r, r.now + SEC(60));
	assert_int_equal(rig_view(&r, 1).state, LINK_DOWN);
	assert_int_equal(sender_next_reopen(r.s), 0);
	p = rig_find(&r, 1, SRTLA_REG2);
	assert_memory_equal(srtla_reg_id(p->data, p->len), r.id, SRTLA_ID_LEN);
}

static void silent_link_is_lost_after_four_seconds(void **state)
{
	(void)state;
	rig_up(&r, 2);
	for (int i = 0; i < 8; i++) {
		uint8_t buf[16];

		rig_until(&r, r.now + MSEC(499));
		rig_link(&r, 1, buf, rig_make_control(buf, SRT_KEEPALIVE, 0, 16));
	}
	assert_int_equal(rig_view(&r, 2).state, LINK_UP);
	rig_until(&r, r.now + MSEC(9));
	assert_int_equal(rig_view(&r, 2).state, LINK_DOWN);
	assert_int_equal(rig_view(&r, 2).window, 1000);
	assert_int_equal(rig_notes(&r, SENDER_LINK_DOWN), 1);
	assert_int_equal(rig_view(&r, 1).state, LINK_UP);
}

static void s9_link_without_srtla_acks_drains_by_the_srt_ack(void **state)
{
	(void)state;
	rig_up(&r, 1);
	for (uint32_t seq = 0; seq < 100; seq++)
		assert_int_equal(rig_data(&r, seq), 1);
	assert_int_equal(rig_view(&r, 1).in_flight, 100);
	rig_srt_ack(&r, 1, 90, 1);
	assert_int_equal(rig_view(&r, 1).in_flight, 10);
}

static void s9_malformed_srtla_ack_that_looks_like_data_does_not_reach_the_encoder(void **state)
{
	uint8_t buf[SRT_HANDSHAKE_LEN];
	uint8_t bad[44] = {0x00, 0x00, 0x91, 0x00};

	(void)state;
	rig_up(&r, 1);
	rig_app(&r, buf, rig_make_handshake(buf, SRT_HS_INDUCTION, 4711, 0));
	rig_clear(&r);
	rig_link(&r, 1, bad, sizeof(bad));
	assert_int_equal(r.seen_count, 0);
}

static void s10_each_distinct_ack_and_nak_is_relayed_once(void **state)
{
	(void)state;
	rig_up(&r, 4);
	rig_data(&r, 0);
	rig_clear(&r);
	for (unsigned port = 1; port <= 4; port++)
		rig_srt_ack(&r, port, 1, 500);
	assert_int_equal(rig_count(&r, 0, SRTLA_NOT_OURS), 1);
	for (unsigned port = 1; port <= 4; port++)
		rig_srt_nak(&r, port, 0, 0);
	assert_int_equal(rig_count(&r, 0, SRTLA_NOT_OURS), 2);
	assert_int_equal(rig_whole(&r).drops.repeat, 6);
	rig_srt_ack(&r, 1, 1, 501); /* the next one, of the same content */
	assert_int_equal(rig_count(&r, 0, SRTLA_NOT_OURS), 3);
}

static void s10_nak_that_the_server_repeats_after_100_ms_passes(void **state)
{
	(void)state;
	rig_up(&r, 1);
	rig_data(&r, 7);
	rig_clear(&r);
	rig_srt_nak(&r, 1, 7, 7);
	r.now += MSEC(49);
	rig_srt_nak(&r, 1, 7, 7);
	assert_int_equal(rig_count(&r, 0, SRTLA_NOT_OURS), 1);
	r.now += MSEC(51);
	rig_srt_nak(&r, 1, 7, 7);
	assert_int_equal(rig_count(&r, 0, SRTLA_NOT_OURS), 2);
}

static void s10_what_is_relayed_is_the_same_byte_for_byte(void **state)
{
	uint8_t buf[48];
	const struct pkt *p;

	(void)state;
	rig_up(&r, 1);
	rig_data(&r, 1);
	rig_clear(&r);
	rig_make_control(buf, SRT_ACK, 77, sizeof(buf));
	for (size_t i = 16; i < sizeof(buf); i++)
		buf[i] = (uint8_t)i;
	rig_link(&r, 1, buf, sizeof(buf));
	p = rig_find(&r, 0, SRTLA_NOT_OURS);
	assert_int_equal(p->len, sizeof(buf));
	assert_memory_equal(p->data, buf, sizeof(buf));
	assert_true(endpoint_equal(&p->peer, &r.encoder));
}

static void s11_number_that_is_reported_lost_again_costs_no_second_time(void **state)
{
	(void)state;
	rig_up(&r, 2);
	rig_data(&r, 9);
	for (uint32_t i = 0; i < 10; i++) {
		r.now += MSEC(100);
		rig_srt_nak(&r, 1, 9, 9);
		rig_srt_nak(&r, 2, 9, 9);
	}
	assert_int_equal(rig_view(&r, 1).window, 20000 - 100);
	assert_int_equal(rig_view(&r, 2).window, 20000);
	rig_data(&r, 9); /* sent again, and lost again */
	rig_srt_nak(&r, 1, 9, 9);
	assert_int_equal(rig_view(&r, 1).window + rig_view(&r, 2).window, 40000 - 200);
}

static void s12_handshake_waits_for_the_first_live_link(void **state)
{
	uint8_t buf[SRT_HANDSHAKE_LEN];
	const struct pkt *p;

	(void)state;
	rig_add(&r);
	rig_add(&r);
	rig_app(&r, buf, rig_make_handshake(buf, SRT_HS_INDUCTION, 4711, 0));
	assert_int_equal(rig_count(&r, 1, SRTLA_NOT_OURS), 0);
	rig_answer(&r, 2, SRTLA_REG_NGP);
	rig_reg2(&r, 2);
	rig_answer(&r, 2, SRTLA_REG3);
	p = rig_find(&r, 2, SRTLA_NOT_OURS);
	assert_non_null(p);
	assert_memory_equal(p->data, buf, sizeof(buf));
	rig_answer(&r, 1, SRTLA_REG3);
	assert_int_equal(rig_count(&r, 1, SRTLA_NOT_OURS), 0);
}

static void s12_the_newest_of_held_handshakes_is_sent_and_the_others_are_counted(void **state)
{
	uint8_t buf[SRT_HANDSHAKE_LEN];

	(void)state;
	rig_add(&r);
	for (uint32_t id = 1; id <= 3; id++)
		rig_app(&r, buf, rig_make_handshake(buf, SRT_HS_INDUCTION, id, 0));
	rig_answer(&r, 1, SRTLA_REG_NGP);
	rig_reg2(&r, 1);
	rig_answer(&r, 1, SRTLA_REG3);
	assert_int_equal(rig_count(&r, 1, SRTLA_NOT_OURS), 1);
	assert_int_equal(be32(rig_find(&r, 1, SRTLA_NOT_OURS)->data + 40), 3);
	assert_int_equal(rig_whole(&r).drops.held_over, 2);
}

static void s12_handshake_travels_on_one_link_only(void **state)
{
	uint8_t buf[SRT_HANDSHAKE_LEN];
	unsigned copies = 0;

	(void)state;
	rig_up(&r, 4);
	rig_app(&r, buf, rig_make_handshake(buf, SRT_HS_CONCLUSION, 4711, 0));
	for (unsigned port = 1; port <= 4; port++)
		copies += rig_count(&r, port, SRTLA_NOT_OURS);
	assert_int_equal(copies, 1);
}

static void s13_control_packets_leave_in_the_call_that_brought_them(void **state)
{
	static const uint16_t types[] = {SRT_ACKACK, SRT_KEEPALIVE, SRT_SHUTDOWN, SRT_USER};
	uint8_t buf[20];

	(void)state;
	rig_up(&r, 1);
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		rig_app(&r, buf, rig_make_control(buf, types[i], 1, sizeof(buf)));
		assert_int_equal(rig_count(&r, 1, SRTLA_NOT_OURS), i + 1);
	}
}

static void s18_packet_too_big_for_a_link_goes_to_another_and_is_told_once(void **state)
{
	(void)state;
	rig_up(&r, 2);
	for (uint32_t seq = 0; seq < 10; seq++) {
		if (rig_data(&r, seq) != 1)
			continue;
		sender_link_error(r.s, 1, r.seen[--r.seen_count], EMSGSIZE, r.now, &r.out);
		rig_collect(&r);
	}
	assert_int_equal(rig_count(&r, 2, SRTLA_NOT_OURS), 10);
	assert_int_equal(rig_count(&r, 1, SRTLA_NOT_OURS), 0);
	assert_int_equal(rig_notes(&r, SENDER_LINK_MTU), 1);
	assert_int_equal(rig_view(&r, 1).state, LINK_UP);
}

static void data_without_any_live_link_is_dropped_and_counted(void **state)
{
	(void)state;
	rig_add(&r);
	assert_int_equal(rig_data(&r, 1), 0);
	assert_int_equal(rig_whole(&r).drops.no_link, 1);
}

static void nothing_without_a_link_for_ten_seconds_is_told_once(void **state)
{
	(void)state;
	rig_add(&r);
	rig_until(&r, r.now + MSEC(9999));
	assert_int_equal(rig_notes(&r, SENDER_NEVER_JOINED), 0);
	rig_until(&r, r.now + SEC(100));
	assert_int_equal(rig_notes(&r, SENDER_NEVER_JOINED), 1);
}

static void loss_of_the_last_link_is_told(void **state)
{
	(void)state;
	rig_up(&r, 2);
	rig_until(&r, r.now + SEC(5));
	assert_int_equal(rig_notes(&r, SENDER_LINK_DOWN), 2);
	assert_int_equal(rig_notes(&r, SENDER_NO_LINKS), 1);
}

static void removed_link_gives_its_place_to_another(void **state)
{
	(void)state;
	rig_up(&r, 2);
	sender_link_remove(r.s, 1, r.now, &r.out);
	assert_int_equal(rig_whole(&r).count, 1);
	assert_int_equal(rig_data(&r, 1), 2);
	assert_int_equal(rig_add(&r), 1);
	assert_int_equal(rig_count(&r, 1, SRTLA_REG2), 1);
	assert_memory_equal(rig_find(&r, 1, SRTLA_REG2)->data + 2, r.id, SRTLA_ID_LEN);
}

static void no_more_than_64_links_are_taken(void **state)
{
	(void)state;
	for (unsigned i = 0; i < SENDER_LINKS; i++)
		assert_int_equal(rig_add(&r), i + 1);
	assert_int_equal(rig_add(&r), 0);
}

static void ties_go_to_the_lowest_rank(void **state)
{
	(void)state;
	rig_up(&r, 3);
	sender_link_rank(r.s, 1, 9);
	assert_int_equal(rig_data(&r, 1), 2);
	assert_int_equal(rig_data(&r, 2), 3);
	assert_int_equal(rig_data(&r, 3), 1);
}

#define ON_RIG(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_RIG(s7_every_link_sends_a_keepalive_each_second_busy_or_idle),
		ON_RIG(s7_keepalive_is_extended_and_tells_the_window),
		ON_RIG(echo_of_a_keepalive_is_a_round_trip_time),
		ON_RIG(keepalive_with_a_time_that_was_never_sent_is_no_round_trip_time),
		ON_RIG(classic_peer_is_known_by_its_echo_and_greeted_no_more),
		ON_RIG(own_peer_is_known_by_its_answer),
		ON_RIG(s8_silent_link_keeps_its_socket_and_asks_again_with_the_group_id),
		ON_RIG(silent_link_is_lost_after_four_seconds),
		ON_RIG(s9_link_without_srtla_acks_drains_by_the_srt_ack),
		ON_RIG(s9_malformed_srtla_ack_that_looks_like_data_does_not_reach_the_encoder),
		ON_RIG(s10_each_distinct_ack_and_nak_is_relayed_once),
		ON_RIG(s10_nak_that_the_server_repeats_after_100_ms_passes),
		ON_RIG(s10_what_is_relayed_is_the_same_byte_for_byte),
		ON_RIG(s11_number_that_is_reported_lost_again_costs_no_second_time),
		ON_RIG(s12_handshake_waits_for_the_first_live_link),
		ON_RIG(s12_the_newest_of_held_handshakes_is_sent_and_the_others_are_counted),
		ON_RIG(s12_handshake_travels_on_one_link_only),
		ON_RIG(s13_control_packets_leave_in_the_call_that_brought_them),
		ON_RIG(s18_packet_too_big_for_a_link_goes_to_another_and_is_told_once),
		ON_RIG(data_without_any_live_link_is_dropped_and_counted),
		ON_RIG(nothing_without_a_link_for_ten_seconds_is_told_once),
		ON_RIG(loss_of_the_last_link_is_told),
		ON_RIG(removed_link_gives_its_place_to_another),
		ON_RIG(no_more_than_64_links_are_taken),
		ON_RIG(ties_go_to_the_lowest_rank),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
