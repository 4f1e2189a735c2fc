/* SPDX-License-Identifier: MIT */
#include "late_rig.h"

/* What is lost is sent again from here, once, and the encoder hears of the rest. */

static struct rig r;

static int end(void **state)
{
	(void)state;
	rig_finish(&r);
	return 0;
}

static unsigned naks_passed(void)
{
	return late_control_seen(&r, 0, SRT_NAK);
}

/*
 * Ten packets left by link 1 of a classic receiver, and an SRTLA ACK names all but these; the
 * links have room, and the round trip is 60 ms.
 */
static void lose_from(uint32_t seq, unsigned lost)
{
	uint32_t named[10];
	uint8_t buf[SRTLA_ACK_MAX];
	unsigned count = 0;

	for (unsigned i = 0; i < 10; i++) {
		assert_int_equal(rig_data(&r, seq_add(seq, i)), 1);
		if (i < 2 || i >= 2 + lost)
			named[count++] = seq_add(seq, i);
	}
	r.now += MSEC(60);
	rig_link(&r, 1, buf, srtla_build_ack(buf, named, count));
	rig_clear(&r);
}

/* With two links, of which only the first is used until the other is let in. */
static void start_with_one_of_two(void)
{
	struct sender_terms off = {.role = SENDER_OFF};

	late_start(&r, SENDER_BALANCE, 2);
	sender_link_terms(r.s, 2, &off, r.now, &r.out);
	rig_app(&r, "\x80\x01\0\0\0\0\0\0\0\0\0\0\0\0\0", 16); /* the encoder is there */
	rig_clear(&r);
}

static void let_the_other_in(void)
{
	struct sender_terms normal = {.role = SENDER_NORMAL};

	sender_link_terms(r.s, 2, &normal, r.now, &r.out);
	rig_clear(&r);
}

static void nak_for_a_packet_under_way_resends_nothing(void **state)
{
	(void)state;
	start_with_one_of_two();
	late_feed(&r, 100, 3);
	rig_clear(&r);
	r.now += MSEC(2); /* nobody can know of it yet */
	rig_srt_nak(&r, 1, 101, 101);
	assert_int_equal(late_seen(&r, 0, SEQ_NONE), 0);
	assert_int_equal(naks_passed(), 0);
}

static void nak_for_a_packet_that_waits_resends_nothing(void **state)
{
	uint32_t next;

	(void)state;
	start_with_one_of_two();
	next = late_fill(&r, 100);
	rig_clear(&r);
	r.now += MSEC(60);
	rig_srt_nak(&r, 1, next - 1, next - 1);
	assert_int_equal(late_seen(&r, 0, next - 1), 0);
	assert_int_equal(naks_passed(), 0);
}

static void nak_for_a_lost_packet_resends_it_at_once(void **state)
{
	(void)state;
	start_with_one_of_two();
	lose_from(100, 1);
	rig_srt_nak(&r, 1, 102, 102);
	assert_int_equal(late_seen(&r, 0, SEQ_NONE), 1);
	assert_int_equal(be32(late_nth(&r, 0)->data), 102);
	assert_true(late_resent(late_nth(&r, 0)));
	assert_int_equal(naks_passed(), 0);
}

static void nak_resends_a_range_over_the_seam_of_the_numbers(void **state)
{
	(void)state;
	start_with_one_of_two();
	lose_from(SEQ_MASK - 3, 4); /* SEQ_MASK - 1 to 1 */
	rig_srt_nak(&r, 1, SEQ_MASK - 1, 1);
	assert_int_equal(late_seen(&r, 0, SEQ_NONE), 4);
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(be32(late_nth(&r, i)->data), seq_add(SEQ_MASK - 1, i));
	assert_int_equal(naks_passed(), 0);
}

static void copies_of_one_nak_resend_once(void **state)
{
	uint8_t buf[20];

	(void)state;
	start_with_one_of_two();
	lose_from(100, 1);
	for (unsigned i = 0; i < 6; i++) {
		rig_make_control(buf, SRT_NAK, 0, sizeof(buf));
		put_be32(buf + 8, i / 2); /* exact copies, and some that differ in their time */
		put_be32(buf + 16, 102);
		rig_link(&r, 1 + i % 2, buf, sizeof(buf));
		r.now += MSEC(3);
	}
	assert_int_equal(late_seen(&r, 0, 102), 1);
	assert_int_equal(naks_passed(), 0);
}

static void lost_packet_never_goes_again_on_the_link_that_lost_it_while_another_will_do(
	void **state)
{
	(void)state;
	start_with_one_of_two();
	lose_from(100, 3);
	let_the_other_in();
	rig_srt_nak(&r, 1, 102, 104);
	assert_int_equal(late_seen(&r, 2, SEQ_NONE), 3);
	assert_int_equal(late_seen(&r, 1, SEQ_NONE), 0);
}

static void lost_packet_goes_again_on_the_link_that_lost_it_when_there_is_no_other(void **state)
{
	(void)state;
	late_start(&r, SENDER_BALANCE, 1);
	lose_from(100, 1);
	rig_srt_nak(&r, 1, 102, 102);
	assert_int_equal(late_seen(&r, 1, 102), 1);
}

static void reported_loss_is_resent_before_the_server_asks(void **state)
{
	(void)state;
	late_start(&r, SENDER_BALANCE, 2);
	late_meet(&r);
	sender_link_terms(r.s, 2, &(struct sender_terms){.role = SENDER_OFF}, r.now, &r.out);
	late_feed(&r, 100, 12);
	let_the_other_in();
	r.now += MSEC(60);
	late_report_of(&r, 1, (uint32_t[]){100, 101, 103, 104, 105, 106, 107, 108}, 8);
	assert_int_equal(late_seen(&r, 2, 102), 1);
	assert_int_equal(late_seen(&r, 0, SEQ_NONE), 1);
	assert_int_equal(rig_view(&r, 1).landed, 8);
	assert_int_equal(rig_view(&r, 1).lost, 1);
	assert_int_equal(rig_view(&r, 1).in_flight, 3);
}

static void packet_that_is_only_a_little_late_on_its_link_is_not_lost(void **state)
{
	(void)state;
	late_start(&r, SENDER_BALANCE, 1);
	late_meet(&r);
	late_feed(&r, 100, 4);
	rig_clear(&r);
	r.now += MSEC(60);
	late_report_of(&r, 1, (uint32_t[]){100, 102}, 2); /* 101 left a moment before */
	assert_int_equal(late_seen(&r, 0, SEQ_NONE), 0);
	late_report_of(&r, 1, (uint32_t[]){101}, 1);
	assert_int_equal(rig_view(&r, 1).lost, 0);
}

static void nothing_is_lost_for_a_report_that_was_missed(void **state)
{
	(void)state;
	late_start(&r, SENDER_BALANCE, 1);
	late_meet(&r);
	late_feed(&r, 100, 4);
	r.now += MSEC(60);
	late_report_run(&r, 1, 100, 4);
	late_feed(&r, 104, 20);
	rig_clear(&r);
	r.now += MSEC(60);
	/* Four arrivals, while the total says that there were twelve more. */
	late_link(&r, 1)->acked += 8;
	late_report_run(&r, 1, 112, 4);
	assert_int_equal(late_seen(&r, 0, SEQ_NONE), 0);
}

static void nak_for_what_was_reported_to_have_arrived_a_moment_ago_is_dropped(void **state)
{
	(void)state;
	late_start(&r, SENDER_BALANCE, 1);
	late_meet(&r);
	late_feed(&r, 100, 8);
	r.now += MSEC(60);
	late_report_run(&r, 1, 100, 8);
	rig_clear(&r);
	r.now += MSEC(5);
	rig_srt_nak(&r, 1, 103, 103);
	assert_int_equal(late_seen(&r, 0, SEQ_NONE), 0);
	assert_int_equal(naks_passed(), 0);
}

static void nak_that_comes_long_after_the_arrival_resends(void **state)
{
	(void)state;
	late_start(&r, SENDER_BALANCE, 1);
	late_meet(&r);
	late_feed(&r, 100, 8);
	r.now += MSEC(60);
	late_report_run(&r, 1, 100, 8);
	rig_clear(&r);
	rig_live_on(&r, 1, MSEC(400)); /* lost behind the receiver */
	rig_srt_nak(&r, 1, 103, 103);
	assert_int_equal(late_seen(&r, 1, 103), 1);
	assert_int_equal(naks_passed(), 0);
}

static void nak_reaches_the_encoder_for_numbers_from_before(void **state)
{
	(void)state;
	start_with_one_of_two();
	late_feed(&r, 100, 8);
	rig_clear(&r);
	rig_srt_nak(&r, 1, 90, 95);
	assert_int_equal(naks_passed(), 1);
}

static void nak_reaches_the_encoder_for_a_number_that_never_came_from_it(void **state)
{
	(void)state;
	start_with_one_of_two();
	late_feed(&r, 100, 3);
	late_feed(&r, 104, 3); /* 103 was lost on its way to us */
	rig_clear(&r);
	r.now += MSEC(60);
	rig_srt_nak(&r, 1, 103, 103);
	assert_int_equal(naks_passed(), 1);
}

static void packet_that_is_lost_again_is_resent_again(void **state)
{
	uint32_t next = 110;

	(void)state;
	start_with_one_of_two();
	lose_from(100, 1);
	for (unsigned i = 0; i < 12; i++, next += 10) {
		rig_clear(&r);
		rig_srt_nak(&r, 1, 102, 102);
		assert_int_equal(late_seen(&r, 1, 102), 1);
		assert_true(late_resent(late_nth(&r, 0)));
		late_feed(&r, next, 10); /* what leaves behind it arrives */
		r.now += MSEC(60);
		rig_srtla_ack(&r, 1, next, 10);
	}
}

static void nak_of_everything_costs_no_more_than_what_is_held(void **state)
{
	(void)state;
	start_with_one_of_two();
	late_feed(&r, 100, 20);
	rig_clear(&r);
	rig_srt_nak(&r, 1, 0, 0x3ffffff0);
	rig_srt_nak(&r, 1, 101, SEQ_MASK);
	assert_int_equal(late_seen(&r, 0, SEQ_NONE), 0);
}

static void acknowledged_packet_that_waits_to_be_resent_is_not(void **state)
{
	(void)state;
	late_start(&r, SENDER_BALANCE, 1);
	late_feed(&r, 100, 10);
	rig_clear(&r);
	sender_link_carrier(r.s, 1, "no carrier", r.now, &r.out);
	assert_int_equal(r.s->late.ring.again.count, 10);
	rig_srt_ack(&r, 1, 108, 1); /* it was on its way */
	assert_int_equal(r.s->late.ring.again.count, 2);
	sender_link_carrier(r.s, 1, NULL, r.now, &r.out);
	rig_clear(&r);
	rig_answer(&r, 1, SRTLA_REG3);
	assert_int_equal(late_seen(&r, 1, SEQ_NONE), 2);
}

#define LATE(f) cmocka_unit_test_teardown(f, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		LATE(nak_for_a_packet_under_way_resends_nothing),
		LATE(nak_for_a_packet_that_waits_resends_nothing),
		LATE(nak_for_a_lost_packet_resends_it_at_once),
		LATE(nak_resends_a_range_over_the_seam_of_the_numbers),
		LATE(copies_of_one_nak_resend_once),
		LATE(lost_packet_never_goes_again_on_the_link_that_lost_it_while_another_will_do),
		LATE(lost_packet_goes_again_on_the_link_that_lost_it_when_there_is_no_other),
		LATE(reported_loss_is_resent_before_the_server_asks),
		LATE(packet_that_is_only_a_little_late_on_its_link_is_not_lost),
		LATE(nothing_is_lost_for_a_report_that_was_missed),
		LATE(nak_for_what_was_reported_to_have_arrived_a_moment_ago_is_dropped),
		LATE(nak_that_comes_long_after_the_arrival_resends),
		LATE(nak_reaches_the_encoder_for_numbers_from_before),
		LATE(nak_reaches_the_encoder_for_a_number_that_never_came_from_it),
		LATE(packet_that_is_lost_again_is_resent_again),
		LATE(nak_of_everything_costs_no_more_than_what_is_held),
		LATE(acknowledged_packet_that_waits_to_be_resent_is_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
