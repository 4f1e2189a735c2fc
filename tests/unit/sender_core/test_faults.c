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

/* Sends one packet that link `port` will be told to have refused. */
static void refuse_on(unsigned port, uint32_t seq, int err)
{
	assert_int_equal(rig_data(&r, seq), port);
	for (unsigned i = 0; i < r.seen_count; i++) {
		if (r.seen[i]->port == port && srt_is_data(r.seen[i]->data, r.seen[i]->len)) {
			struct pkt *p = r.seen[i];

			r.seen[i] = r.seen[--r.seen_count];
			sender_link_error(r.s, port, p, err, r.now, &r.out);
			rig_collect(&r);
			return;
		}
	}
	fail();
}

static void f21_full_queue_costs_a_little_and_the_packet_takes_another_link(void **state)
{
	static const int errors[] = {EAGAIN, ENOBUFS};

	(void)state;
	rig_up(&r, 2);
	for (uint32_t i = 0; i < 2; i++) {
		rig_srt_ack(&r, 1, i, i);
		rig_clear(&r);
		if (i == 1) /* link 1 has lost some window: make it the choice again */
			rig_srtla_ack(&r, 1, 5000, 10);
		refuse_on(i == 0 ? 1 : 2, i, errors[i]);
		assert_int_equal(rig_count(&r, i == 0 ? 2 : 1, SRTLA_NOT_OURS), 1);
	}
	assert_int_equal(rig_view(&r, 1).state, LINK_UP);
	assert_int_equal(rig_view(&r, 2).state, LINK_UP);
	assert_int_equal(rig_view(&r, 1).refused, 1);
	assert_int_equal(rig_view(&r, 2).refused, 1);
	assert_int_equal(rig_whole(&r).drops.refused, 0);
}

static void f21_packet_that_every_link_refuses_is_dropped_and_counted(void **state)
{
	struct pkt *p;
	unsigned port;
	int turns = 0;

	(void)state;
	rig_up(&r, 3);
	port = rig_data(&r, 1);
	p = r.seen[--r.seen_count];
	while (p) {
		sender_link_error(r.s, port, p, ENOBUFS, r.now, &r.out);
		p = outbox_take(&r.out);
		if (p)
			port = p->port;
		assert_true(++turns < 10);
	}
	assert_int_equal(rig_whole(&r).drops.refused, 1);
	assert_int_equal(rig_whole(&r).live, 3);
	for (port = 1; port <= 3; port++)
		assert_int_equal(rig_view(&r, port).in_flight, 0);
}

static void f22_link_whose_way_is_gone_is_down_at_once_and_tried_each_second(void **state)
{
	static const int errors[] = {EPERM, EACCES, EHOSTUNREACH, ENETUNREACH, EINVAL, ENODEV};

	(void)state;
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		if (i > 0) {
			rig_finish(&r);
			rig_start(&r);
		}
		rig_up(&r, 2);
		refuse_on(1, 1, errors[i]);
		assert_int_equal(rig_view(&r, 1).state, LINK_DOWN);
		assert_int_equal(rig_notes(&r, SENDER_LINK_DOWN), 1);
		assert_int_equal(rig_count(&r, 2, SRTLA_NOT_OURS), 1);
		rig_clear(&r);
		for (int second = 0; second < 10; second++)
			rig_live_on(&r, 2, SEC(1));
		assert_in_range(rig_count(&r, 1, SRTLA_REG2), 10, 12);
		rig_answer(&r, 1, SRTLA_REG3);
		assert_int_equal(rig_view(&r, 1).state, LINK_UP);
	}
}

static void f23_size_error_without_end_never_loops(void **state)
{
	(void)state;
	rig_up(&r, 2);
	for (uint32_t seq = 0; seq < 100; seq++) {
		struct pkt *p;
		int turns = 0;

		rig_data(&r, seq);
		p = r.seen[--r.seen_count];
		while (p) {
			sender_link_error(r.s, p->port, p, EMSGSIZE, r.now, &r.out);
			p = outbox_take(&r.out);
			assert_true(++turns < 10);
		}
	}
	assert_int_equal(rig_whole(&r).drops.refused, 100);
	rig_collect(&r);
	assert_int_equal(rig_notes(&r, SENDER_LINK_MTU), 2);
}

static void f24_connection_refused_ends_a_link_at_the_third_time_in_a_row(void **state)
{
	(void)state;
	rig_up(&r, 2);
	for (int i = 0; i < 10; i++) { /* twice, then a life sign: nothing */
		sender_link_error(r.s, 1, NULL, ECONNREFUSED, r.now, &r.out);
		sender_link_error(r.s, 1, NULL, ECONNREFUSED, r.now, &r.out);
		rig_live_on(&r, 2, MSEC(500));
	}
	assert_int_equal(rig_view(&r, 1).state, LINK_UP);
	for (int i = 0; i < 3; i++)
		sender_link_error(r.s, 1, NULL, ECONNREFUSED, r.now, &r.out);
	rig_collect(&r);
	assert_int_equal(rig_view(&r, 1).state, LINK_DOWN);
}

static void f25_forged_icmp_brings_no_more_than_a_registration_again(void **state)
{
	(void)state;
	rig_up(&r, 1);
	for (int i = 0; i < 3; i++)
		sender_link_error(r.s, 1, NULL, ECONNREFUSED, r.now, &r.out);
	rig_until(&r, r.now + MSEC(1));
	assert_int_equal(rig_count(&r, 1, SRTLA_REG2), 1);
	rig_answer(&r, 1, SRTLA_REG3);
	assert_int_equal(rig_view(&r, 1).state, LINK_UP);
	assert_true(rig_whole(&r).joined);
}

static void f10_new_encoder_session_resets_what_is_in_flight(void **state)
{
	uint8_t buf[SRT_HANDSHAKE_LEN];

	(void)state;
	rig_up(&r, 1);
	rig_app(&r, buf, rig_make_handshake(buf, SRT_HS_INDUCTION, 1, 0));
	for (uint32_t seq = 500; seq < 540; seq++)
		rig_data(&r, seq);
	assert_int_equal(rig_view(&r, 1).in_flight, 40);
	rig_clear(&r);
	rig_app(&r, buf, rig_make_handshake(buf, SRT_HS_INDUCTION, 2, 0));
	assert_int_equal(rig_view(&r, 1).in_flight, 0);
	assert_int_equal(rig_notes(&r, SENDER_ENCODER_NEW), 1);
	rig_data(&r, 100); /* its first number lies before the old ones */
	assert_int_equal(rig_view(&r, 1).in_flight, 1);
	rig_srt_ack(&r, 1, 101, 1);
	assert_int_equal(rig_view(&r, 1).in_flight, 0);
}

static struct endpoint other_program(void)
{
	struct endpoint ep = r.encoder;

	ep.port++;
	return ep;
}

static void f11_second_program_cannot_take_the_seat_of_a_streaming_encoder(void **state)
{
	struct endpoint thief = other_program();
	uint8_t buf[PKT_CAP];

	(void)state;
	rig_up(&r, 1);
	rig_app(&r, buf, rig_make_handshake(buf, SRT_HS_INDUCTION, 1, 0));
	for (uint32_t i = 0; i < 100; i++) {
		rig_data(&r, i);
		rig_app_from(&r, &thief, buf, rig_make_data(buf, 70000 + i));
		rig_app_from(&r, &thief, buf, rig_make_handshake(buf, SRT_HS_INDUCTION, 666, 0));
		r.now += MSEC(20);
	}
	assert_int_equal(rig_whole(&r).drops.stranger, 200);
	assert_int_equal(rig_notes(&r, SENDER_ENCODER_IGNORED), 1);
	assert_int_equal(rig_view(&r, 1).in_flight, 100);
	rig_clear(&r);
	rig_srt_ack(&r, 1, 50, 1);
	assert_true(endpoint_equal(&rig_find(&r, 0, SRTLA_NOT_OURS)->peer, &r.encoder));
}

static void f11_seat_changes_hands_by_handshake_after_300_ms_of_silence(void **state)
{
	struct endpoint next = other_program();
	uint8_t buf[PKT_CAP];

	(void)state;
	rig_up(&r, 1);
	rig_app(&r, buf, rig_make_handshake(buf, SRT_HS_INDUCTION, 1, 0));
	rig_data(&r, 1);
	r.now += MSEC(300);
	rig_app_from(&r, &next, buf, rig_make_data(buf, 2)); /* data alone never will */
	assert_int_equal(rig_whole(&r).drops.stranger, 1);
	rig_app_from(&r, &next, buf, rig_make_handshake(buf, SRT_HS_INDUCTION, 2, 0));
	rig_clear(&r);
	rig_srt_ack(&r, 1, 2, 1);
	assert_true(endpoint_equal(&rig_find(&r, 0, SRTLA_NOT_OURS)->peer, &next));
}

static void seat_changes_hands_at_once_after_a_shutdown(void **state)
{
	struct endpoint next = other_program();
	uint8_t buf[PKT_CAP];

	(void)state;
	rig_up(&r, 1);
	rig_app(&r, buf, rig_make_handshake(buf, SRT_HS_INDUCTION, 1, 0));
	rig_app(&r, buf, srt_build_shutdown(buf, 0, 0));
	rig_app_from(&r, &next, buf, rig_make_handshake(buf, SRT_HS_INDUCTION, 2, 0));
	assert_int_equal(rig_whole(&r).drops.stranger, 0);
}

static void first_to_speak_needs_no_handshake(void **state)
{
	(void)state;
	rig_up(&r, 1);
	assert_int_equal(rig_data(&r, 12345), 1);
	assert_int_equal(rig_notes(&r, SENDER_ENCODER_NEW), 1);
}

static void f27_suspend_of_ten_minutes_is_one_catching_up(void **state)
{
	(void)state;
	rig_up(&r, 2);
	r.now += SEC(600);
	sender_run(r.s, r.now, &r.out);
	rig_collect(&r);
	for (unsigned port = 1; port <= 2; port++) {
		assert_int_equal(rig_count(&r, port, SRTLA_REG2), 1);
		rig_answer(&r, port, SRTLA_REG3);
		assert_int_equal(rig_view(&r, port).state, LINK_UP);
	}
	assert_in_range(sender_deadline(r.s), r.now, r.now + SEC(1));
}

static void f28_any_moment_is_as_good_as_another(void **state)
{
	static const ustime starts[] = {
		0,
		MSEC(INT64_C(1) << 31),
		MSEC(INT64_C(1) << 32),
		SEC(4282848),
		SEC(INT64_C(1) << 31),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
		rig_finish(&r);
		rig_start(&r);
		sender_destroy(r.s);
		r.now = starts[i];
		r.s = sender_create(&r.cfg, &r.pool, r.now);
		rig_up(&r, 2);
		rig_live_on(&r, 2, SEC(20));
		assert_int_equal(rig_whole(&r).live, 2);
		rig_until(&r, r.now + SEC(5));
		assert_int_equal(rig_whole(&r).live, 0);
	}
}

static void f29_accounting_is_exact_over_the_wrap(void **state)
{
	(void)state;
	rig_up(&r, 1);
	for (uint32_t i = 0; i < 100; i++)
		rig_data(&r, seq_add(UINT32_C(0x7fffffce), i));
	rig_srt_nak(&r, 1, UINT32_C(0x7ffffffe), 1);
	assert_int_equal(rig_view(&r, 1).naks, 4);
	rig_srt_ack(&r, 1, 10, 1);
	assert_int_equal(rig_view(&r, 1).in_flight, 40);
}

static void f58_hostile_nak_counts_each_number_at_most_once(void **state)
{
	uint8_t buf[16 + 8 * 180];

	(void)state;
	rig_up(&r, 1);
	for (uint32_t seq = 0; seq < 200; seq++)
		rig_data(&r, seq);
	rig_make_control(buf, SRT_NAK, 0, sizeof(buf));
	for (size_t i = 0; i < 180; i++) {
		put_be32(buf + 16 + 8 * i, SEQ_NONE | 0);
		put_be32(buf + 20 + 8 * i, SEQ_MASK);
	}
	rig_link(&r, 1, buf, sizeof(buf));
	rig_srt_nak(&r, 1, 0, SEQ_MASK >> 1);
	assert_in_range(rig_view(&r, 1).naks, 0, 200);
	assert_int_equal(rig_view(&r, 1).state, LINK_UP);
}

static void f60_ack_far_ahead_frees_nothing(void **state)
{
	(void)state;
	rig_up(&r, 1);
	for (uint32_t seq = 0; seq < 50; seq++)
		rig_data(&r, seq);
	rig_srt_ack(&r, 1, 52, 1);
	rig_srt_ack(&r, 1, SEQ_MASK, 2);
	rig_srt_ack(&r, 1, 1 << 29, 3);
	assert_int_equal(rig_view(&r, 1).in_flight, 50);
}

static void f35_truncated_packets_of_every_kind_harm_nothing(void **state)
{
	static const uint16_t words[] = {
		0x0000, 0x8000, 0x8001, 0x8002, 0x8003, 0x8005, 0x8006, 0x8007, 0xffff, 0x9000,
		0x9100, 0x9200, 0x9201, 0x9202, 0x9210, 0x9211, 0x9212, 0x9f00, 0xa000, 0xb000,
	};
	uint8_t buf[1500] = {0};

	(void)state;
	rig_up(&r, 2);
	for (size_t w = 0; w < sizeof(words) / sizeof(words[0]); w++) {
		put_be16(buf, words[w]);
		for (size_t len = 0; len <= sizeof(buf); len += len < 300 ? 1 : 97) {
			rig_link(&r, 1, buf, len);
			rig_app(&r, buf, len);
			rig_clear(&r);
		}
	}
	assert_int_equal(rig_view(&r, 2).state, LINK_UP);
}

#define ON_RIG(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_RIG(f21_full_queue_costs_a_little_and_the_packet_takes_another_link),
		ON_RIG(f21_packet_that_every_link_refuses_is_dropped_and_counted),
		ON_RIG(f22_link_whose_way_is_gone_is_down_at_once_and_tried_each_second),
		ON_RIG(f23_size_error_without_end_never_loops),
		ON_RIG(f24_connection_refused_ends_a_link_at_the_third_time_in_a_row),
		ON_RIG(f25_forged_icmp_brings_no_more_than_a_registration_again),
		ON_RIG(f10_new_encoder_session_resets_what_is_in_flight),
		ON_RIG(f11_second_program_cannot_take_the_seat_of_a_streaming_encoder),
		ON_RIG(f11_seat_changes_hands_by_handshake_after_300_ms_of_silence),
		ON_RIG(seat_changes_hands_at_once_after_a_shutdown),
		ON_RIG(first_to_speak_needs_no_handshake),
		ON_RIG(f27_suspend_of_ten_minutes_is_one_catching_up),
		ON_RIG(f28_any_moment_is_as_good_as_another),
		ON_RIG(f29_accounting_is_exact_over_the_wrap),
		ON_RIG(f58_hostile_nak_counts_each_number_at_most_once),
		ON_RIG(f60_ack_far_ahead_frees_nothing),
		ON_RIG(f35_truncated_packets_of_every_kind_harm_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
