/* SPDX-License-Identifier: MIT */
#include "late_rig.h"

#include <errno.h>

/* What the encoder sends: when it waits, when it leaves, and when it ends here. */

static struct rig r;

static int end(void **state)
{
	(void)state;
	rig_finish(&r);
	return 0;
}

static void packet_leaves_at_once_while_a_link_has_room(void **state)
{
	(void)state;
	late_start(&r, SENDER_BALANCE, 2);
	assert_int_not_equal(rig_data(&r, 100), 0);
	assert_false(late_resent(late_nth(&r, 0)));
}

static void packet_that_no_link_has_room_for_leaves_with_the_first_acknowledgement(void **state)
{
	uint32_t last;

	(void)state;
	late_start(&r, SENDER_BALANCE, 1);
	last = late_fill(&r, 100) - 1;
	assert_int_equal(late_seen(&r, 0, last), 0);
	r.now += MSEC(100);
	rig_srtla_ack(&r, 1, 100, 10);
	assert_int_equal(late_seen(&r, 1, last), 1);
}

static void what_waits_leaves_in_order(void **state)
{
	uint32_t next = 0;
	unsigned count;

	(void)state;
	late_start(&r, SENDER_BALANCE, 1);
	late_feed(&r, late_fill(&r, SEQ_MASK - 9), 40);
	count = late_seen(&r, 0, SEQ_NONE);
	for (uint32_t seq = SEQ_MASK - 9; late_seen(&r, 0, SEQ_NONE) < count + 41;
	     seq = seq_add(seq, 10)) {
		r.now += MSEC(20);
		rig_srtla_ack(&r, 1, seq, 10);
	}
	for (unsigned i = 0; i < count + 41; i++) {
		next = be32(late_nth(&r, i)->data);
		assert_int_equal(next, seq_add(SEQ_MASK - 9, i));
		assert_false(late_resent(late_nth(&r, i)));
	}
}

static void lost_packet_leaves_before_those_that_wait(void **state)
{
	uint32_t next;

	(void)state;
	late_start(&r, SENDER_BALANCE, 1);
	late_meet(&r);
	next = late_fill(&r, 100);
	rig_clear(&r);
	r.now += MSEC(60);
	late_report_run(&r, 1, 105, 10); /* 100 to 104 have been overtaken */
	for (unsigned i = 0; i < 5; i++) {
		assert_int_equal(be32(late_nth(&r, i)->data), 100 + i);
		assert_true(late_resent(late_nth(&r, i)));
	}
	assert_int_equal(be32(late_nth(&r, 5)->data), next - 1);
	assert_false(late_resent(late_nth(&r, 5)));
}

static void packet_that_can_no_longer_be_played_is_not_sent_and_is_counted(void **state)
{
	uint32_t next;

	(void)state;
	late_start(&r, SENDER_BALANCE, 1);
	late_agree(&r, 200);
	next = late_fill(&r, 100);
	late_feed(&r, next, 4);
	rig_clear(&r);
	rig_live_on(&r, 1, MSEC(250));
	rig_srtla_ack(&r, 1, 100, 10);
	for (uint32_t seq = next - 1; seq < next + 4; seq++)
		assert_int_equal(late_seen(&r, 0, seq), 0);
	assert_int_equal(rig_whole(&r).expired, 5);
	assert_int_equal(rig_data(&r, next + 4), 1);
}

static void packet_waits_as_long_as_it_must_where_nobody_knows_the_latency(void **state)
{
	uint32_t next;

	(void)state;
	late_start(&r, SENDER_BALANCE, 1);
	next = late_fill(&r, 100);
	rig_clear(&r);
	rig_live_on(&r, 1, MSEC(900));
	rig_srtla_ack(&r, 1, 100, 10);
	assert_int_equal(late_seen(&r, 1, next - 1), 1);
	assert_int_equal(rig_whole(&r).expired, 0);
}

static void packets_wait_for_the_first_link(void **state)
{
	(void)state;
	late_start(&r, SENDER_BALANCE, 1);
	sender_link_carrier(r.s, 1, "no carrier", r.now, &r.out);
	assert_int_equal(rig_data(&r, 100), 0);
	assert_int_equal(rig_data(&r, 101), 0);
	rig_clear(&r);
	rig_until(&r, r.now + MSEC(100));
	sender_link_carrier(r.s, 1, NULL, r.now, &r.out);
	rig_answer(&r, 1, SRTLA_REG3);
	assert_int_equal(late_seen(&r, 1, 100), 1);
	assert_int_equal(late_seen(&r, 1, 101), 1);
}

static void acknowledgement_of_an_acknowledgement_overtakes_what_waits(void **state)
{
	uint8_t buf[16];

	(void)state;
	late_start(&r, SENDER_BALANCE, 1);
	late_fill(&r, 100);
	rig_app(&r, buf, rig_make_control(buf, SRT_ACKACK, 9, 16));
	assert_int_equal(late_control_seen(&r, 1, SRT_ACKACK), 1);
}

static void handshake_travels_twice_to_an_own_receiver_alone(void **state)
{
	uint8_t buf[SRT_HANDSHAKE_LEN];

	(void)state;
	late_start(&r, SENDER_BALANCE, 3);
	rig_app(&r, buf, rig_make_handshake(buf, SRT_HS_INDUCTION, 7, 0));
	assert_int_equal(late_control_seen(&r, 1, SRT_HANDSHAKE) +
				 late_control_seen(&r, 2, SRT_HANDSHAKE) +
				 late_control_seen(&r, 3, SRT_HANDSHAKE),
			 1);
	late_meet(&r);
	rig_data(&r, 100);
	r.now += MSEC(40);
	late_report_run(&r, late_nth(&r, 0)->port, 100, 1);
	rig_clear(&r);
	rig_app(&r, buf, rig_make_handshake(buf, SRT_HS_CONCLUSION, 7, 0));
	for (unsigned port = 1; port <= 3; port++)
		assert_in_range(late_control_seen(&r, port, SRT_HANDSHAKE), 0, 1);
	assert_int_equal(late_control_seen(&r, 1, SRT_HANDSHAKE) +
				 late_control_seen(&r, 2, SRT_HANDSHAKE) +
				 late_control_seen(&r, 3, SRT_HANDSHAKE),
			 2);
}

static void what_the_encoder_sends_again_by_itself_is_not_sent_twice(void **state)
{
	uint8_t buf[PKT_CAP];

	(void)state;
	late_start(&r, SENDER_BALANCE, 2);
	rig_data(&r, 100);
	rig_clear(&r);
	rig_make_data(buf, 100);
	srt_mark_resent(buf);
	rig_app(&r, buf, 1332);
	assert_int_equal(late_seen(&r, 0, SEQ_NONE), 0);
	assert_int_equal(rig_whole(&r).drops.twice, 1);
	assert_int_equal(rig_whole(&r).resent_in, 1);
}

static void what_was_lost_before_it_came_here_is_sent_when_the_encoder_sends_it_again(void **state)
{
	uint8_t buf[PKT_CAP];

	(void)state;
	late_start(&r, SENDER_BALANCE, 2);
	rig_data(&r, 100);
	rig_data(&r, 102);
	rig_make_data(buf, 101);
	srt_mark_resent(buf);
	rig_app(&r, buf, 1332);
	assert_int_equal(late_seen(&r, 0, 101), 1);
}

static void copies_carry_the_r_bit_and_the_first_one_never_does(void **state)
{
	(void)state;
	late_start(&r, SENDER_REDUNDANT, 3);
	for (uint32_t seq = 0; seq < 8; seq++) {
		rig_clear(&r);
		rig_data(&r, seq);
		assert_int_equal(late_seen(&r, 0, seq), 2);
		assert_false(late_resent(late_nth(&r, 0)));
		assert_true(late_resent(late_nth(&r, 1)));
		assert_int_not_equal(late_nth(&r, 0)->port, late_nth(&r, 1)->port);
	}
	assert_int_equal(rig_whole(&r).copies, 8);
}

static void copies_wait_for_nobody(void **state)
{
	(void)state;
	late_start(&r, SENDER_REDUNDANT, 1);
	for (uint32_t seq = 0; seq < 8; seq++)
		rig_data(&r, seq);
	assert_int_equal(late_seen(&r, 0, SEQ_NONE), 8);
}

static void srt_ack_frees_the_copies_over_the_seam_of_the_numbers(void **state)
{
	size_t before;

	(void)state;
	late_start(&r, SENDER_BALANCE, 2);
	before = r.pool.in_use;
	late_feed(&r, SEQ_MASK - 4, 10);
	rig_clear(&r);
	assert_int_equal(r.pool.in_use, before + 10);
	r.now += MSEC(60);
	rig_srt_ack(&r, 1, 3, 1);
	rig_clear(&r);
	assert_int_equal(r.pool.in_use, before + 2);
	rig_srt_ack(&r, 1, SEQ_MASK, 2); /* late */
	rig_srt_ack(&r, 1, 100, 3);      /* of what was never sent */
	rig_srt_ack(&r, 1, 5, 4);
	rig_clear(&r);
	assert_int_equal(r.pool.in_use, before);
}

static void new_session_forgets_the_numbers_of_the_old_one(void **state)
{
	uint8_t buf[SRT_HANDSHAKE_LEN];
	size_t before;

	(void)state;
	late_start(&r, SENDER_BALANCE, 1);
	late_agree(&r, 500);
	before = r.pool.in_use;
	late_fill(&r, 100);
	rig_app(&r, buf, rig_make_handshake(buf, SRT_HS_INDUCTION, 8, 0));
	rig_clear(&r);
	assert_int_equal(r.pool.in_use, before);
	assert_int_equal(rig_view(&r, 1).in_flight, 0);
	assert_int_equal(rig_data(&r, 77), 1);
}

static void what_there_was_no_room_for_is_asked_of_the_encoder_and_taken_again(void **state)
{
	uint32_t seq = 0;

	(void)state;
	late_start(&r, SENDER_BALANCE, 1);
	rig_data(&r, 0);
	r.now += MSEC(60);
	rig_srtla_ack(&r, 1, 0, 1);
	while (r.s->late.count.evicted < 40) {
		rig_data(&r, ++seq);
		rig_clear(&r);
	}
	rig_live_on(&r, 1, MSEC(100));
	for (seq = 1; ring_find(&r.s->late.ring, seq)->p; seq++)
		;
	while (ring_find(&r.s->late.ring, seq)->state == RING_FLIES)
		seq++;
	rig_srt_nak(&r, 1, seq, seq);
	assert_int_equal(late_control_seen(&r, 0, SRT_NAK), 1);
	rig_clear(&r);
	rig_data(&r, seq);
	assert_non_null(ring_find(&r.s->late.ring, seq)->p);
	assert_int_equal(rig_whole(&r).drops.twice, 0);
}

static void numbers_that_leap_forget_those_before(void **state)
{
	(void)state;
	late_start(&r, SENDER_BALANCE, 1);
	late_fill(&r, 100);
	rig_clear(&r);
	assert_int_equal(rig_data(&r, 1000000), 1);
	assert_int_equal(rig_view(&r, 1).in_flight, 1);
}

static void switch_to_a_mode_that_binds_at_once_sends_all_that_waits(void **state)
{
	uint32_t next;

	(void)state;
	late_start(&r, SENDER_BALANCE, 2);
	next = late_fill(&r, SEQ_MASK - 3);
	late_feed(&r, next, 30);
	rig_clear(&r);
	sender_set_mode(r.s, SENDER_CLASSIC, r.now, &r.out);
	rig_collect(&r);
	assert_int_equal(rig_notes(&r, SENDER_MODE), 1);
	assert_int_equal(late_seen(&r, 0, SEQ_NONE), 31);
	for (unsigned i = 0; i < 31; i++)
		assert_int_equal(be32(late_nth(&r, i)->data), seq_add(next, i - 1));
	/* And is now accounted for as that mode does. */
	assert_int_equal(rig_view(&r, 1).in_flight + rig_view(&r, 2).in_flight, 31);
}

static void switch_to_a_mode_that_binds_late_forgets_nothing(void **state)
{
	uint32_t next;

	(void)state;
	late_start(&r, SENDER_BALANCE, 1);
	late_meet(&r);
	next = late_fill(&r, 100);
	rig_clear(&r);
	sender_set_mode(r.s, SENDER_AUTO, r.now, &r.out);
	rig_collect(&r);
	assert_int_equal(late_seen(&r, 0, SEQ_NONE), 0);
	r.now += MSEC(60);
	late_report_run(&r, 1, 103, 8);
	for (uint32_t seq = 100; seq < 103; seq++)
		assert_int_equal(late_seen(&r, 1, seq), 1);
	assert_int_equal(late_seen(&r, 1, next - 1), 1);
}

static void switch_from_a_mode_that_binds_at_once_goes_on(void **state)
{
	(void)state;
	rig_start(&r);
	rig_up(&r, 2);
	late_feed(&r, 100, 20);
	rig_clear(&r);
	sender_set_mode(r.s, SENDER_BALANCE, r.now, &r.out);
	assert_int_not_equal(rig_data(&r, 120), 0);
	rig_srt_nak(&r, 1, 110, 110); /* nothing is held of those before */
	assert_int_equal(late_control_seen(&r, 0, SRT_NAK), 1);
}

static void encoder_fills_no_more_than_its_share_of_the_pool(void **state)
{
	(void)state;
	late_start(&r, SENDER_BALANCE, 1);
	for (uint32_t seq = 0; seq < 4000; seq++) {
		rig_data(&r, seq);
		rig_clear(&r);
	}
	assert_true(r.pool.in_use < r.pool.size);
	assert_int_equal(r.pool.refused, 0);
	assert_true(r.s->late.count.evicted > 0);
}

#define LATE(f) cmocka_unit_test_teardown(f, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		LATE(packet_leaves_at_once_while_a_link_has_room),
		LATE(packet_that_no_link_has_room_for_leaves_with_the_first_acknowledgement),
		LATE(what_waits_leaves_in_order),
		LATE(lost_packet_leaves_before_those_that_wait),
		LATE(packet_that_can_no_longer_be_played_is_not_sent_and_is_counted),
		LATE(packet_waits_as_long_as_it_must_where_nobody_knows_the_latency),
		LATE(packets_wait_for_the_first_link),
		LATE(acknowledgement_of_an_acknowledgement_overtakes_what_waits),
		LATE(handshake_travels_twice_to_an_own_receiver_alone),
		LATE(what_the_encoder_sends_again_by_itself_is_not_sent_twice),
		LATE(what_was_lost_before_it_came_here_is_sent_when_the_encoder_sends_it_again),
		LATE(copies_carry_the_r_bit_and_the_first_one_never_does),
		LATE(copies_wait_for_nobody),
		LATE(srt_ack_frees_the_copies_over_the_seam_of_the_numbers),
		LATE(new_session_forgets_the_numbers_of_the_old_one),
		LATE(what_there_was_no_room_for_is_asked_of_the_encoder_and_taken_again),
		LATE(numbers_that_leap_forget_those_before),
		LATE(switch_to_a_mode_that_binds_at_once_sends_all_that_waits),
		LATE(switch_to_a_mode_that_binds_late_forgets_nothing),
		LATE(switch_from_a_mode_that_binds_at_once_goes_on),
		LATE(encoder_fills_no_more_than_its_share_of_the_pool),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
