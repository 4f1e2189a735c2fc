/* SPDX-License-Identifier: MIT */
#include "late_rig.h"

#include <errno.h>

/* Links that fall silent, fail, come back, and serve on terms. */

static struct rig r;

static int end(void **state)
{
	(void)state;
	rig_finish(&r);
	return 0;
}

static void terms(unsigned port, enum sender_role role, uint64_t cap)
{
	struct sender_terms t = {.role = role, .cap = cap};

	sender_link_terms(r.s, port, &t, r.now, &r.out);
	rig_collect(&r);
}

/* Time passes, and the receiver's SRT keepalives come by all links but `silent`. */
static void pass(unsigned links, unsigned silent, usspan span)
{
	uint8_t buf[16];
	ustime until = r.now + span;

	rig_make_control(buf, SRT_KEEPALIVE, 0, sizeof(buf));
	while (r.now < until) {
		rig_until(&r, earlier(until, r.now + MSEC(20)));
		for (unsigned port = 1; port <= links; port++)
			if (port != silent)
				rig_link(&r, port, buf, sizeof(buf));
	}
}

/* Ten packets leave by link 1; then it says nothing, while link 2 answers what it gets. */
static void silence_link_1(void)
{
	terms(2, SENDER_OFF, 0);
	for (uint32_t seq = 100; seq < 110; seq++)
		assert_int_equal(rig_data(&r, seq), 1);
	rig_clear(&r);
	terms(2, SENDER_NORMAL, 0);
	pass(2, 1, MSEC(900));
	rig_srtla_ack(&r, 2, 100, 10);
	pass(2, 1, MSEC(100));
	assert_int_equal(rig_notes(&r, SENDER_LINK_SHY), 1);
	assert_true(late_link(&r, 1)->way.shy);
}

static void what_is_under_way_on_a_silent_link_leaves_again_by_the_others(void **state)
{
	(void)state;
	late_start(&r, SENDER_BALANCE, 2);
	silence_link_1();
	for (uint32_t seq = 100; seq < 110; seq++)
		assert_int_equal(late_seen(&r, 2, seq), 1);
	for (unsigned i = 0; i < 10; i++)
		assert_true(late_resent(late_nth(&r, i)));
}

static void silent_link_turns_shy_long_before_it_is_lost(void **state)
{
	(void)state;
	late_start(&r, SENDER_BALANCE, 2);
	rig_until(&r, r.now + MSEC(10));
	silence_link_1();
	assert_int_equal(rig_view(&r, 1).state, LINK_UP);
	for (unsigned i = 0; i < 14; i++) {
		pass(2, 1, SEC(1));
		rig_clear(&r);
	}
	assert_int_equal(rig_view(&r, 1).state, LINK_DOWN);
}

static void shy_link_gets_probes_and_nothing_else(void **state)
{
	unsigned probes;

	(void)state;
	late_start(&r, SENDER_BALANCE, 2);
	silence_link_1();
	rig_clear(&r);
	for (uint32_t seq = 110; seq < 210; seq++) {
		rig_data(&r, seq);
		pass(2, 1, MSEC(10));
		rig_srtla_ack(&r, 2, seq, 1);
	}
	probes = late_seen(&r, 1, SEQ_NONE);
	assert_in_range(probes, 1, 20); /* in a second */
	for (unsigned i = 0; late_nth(&r, i); i++)
		if (late_nth(&r, i)->port == 1)
			assert_true(late_resent(late_nth(&r, i))); /* link 2 had it first */
	assert_in_range(rig_count(&r, 1, SRTLA_KEEPALIVE), 4, 20);
	assert_true(r.s->late.count.probes > 0);
}

static void shy_link_is_trusted_again_with_the_first_proof(void **state)
{
	(void)state;
	late_start(&r, SENDER_BALANCE, 2);
	silence_link_1();
	rig_clear(&r);
	rig_srtla_ack(&r, 1, 105, 1);
	rig_until(&r, r.now + MSEC(20));
	assert_false(late_link(&r, 1)->way.shy);
	terms(2, SENDER_OFF, 0);
	assert_int_equal(rig_data(&r, 300), 1);
}

static void answered_keepalive_is_no_proof_that_data_arrive(void **state)
{
	(void)state;
	late_start(&r, SENDER_BALANCE, 2);
	silence_link_1();
	late_echo(&r, 1);
	assert_true(late_link(&r, 1)->way.shy);
}

static void last_usable_link_is_never_shy(void **state)
{
	(void)state;
	late_start(&r, SENDER_BALANCE, 1);
	late_feed(&r, 100, 10);
	pass(1, 0, SEC(5));
	assert_int_equal(rig_notes(&r, SENDER_LINK_SHY), 0);
	assert_int_equal(rig_data(&r, 110), 1);
}

static void last_of_several_links_is_never_shy(void **state)
{
	unsigned shy;

	(void)state;
	late_start(&r, SENDER_BALANCE, 3);
	for (uint32_t seq = 100; seq < 200; seq++) {
		rig_data(&r, seq);
		rig_clear(&r);
		pass(3, 0, MSEC(20));
		shy = 0;
		for (unsigned port = 1; port <= 3; port++)
			shy += late_link(&r, port)->way.shy;
		assert_in_range(shy, 0, 2);
	}
	assert_in_range(shy, 1, 2);
}

static void link_that_is_switched_off_does_not_count_as_another(void **state)
{
	(void)state;
	late_start(&r, SENDER_BALANCE, 2);
	terms(2, SENDER_OFF, 0);
	late_feed(&r, 100, 10);
	pass(2, 1, SEC(2));
	assert_false(late_link(&r, 1)->way.shy);
}

static void link_without_data_is_never_shy(void **state)
{
	(void)state;
	late_start(&r, SENDER_BALANCE, 2);
	pass(2, 1, SEC(10));
	assert_int_equal(rig_notes(&r, SENDER_LINK_SHY), 0);
}

static void copies_on_two_links_that_fall_silent_do_not_count_for_each_other(void **state)
{
	(void)state;
	late_start(&r, SENDER_REDUNDANT, 3);
	terms(3, SENDER_OFF, 0);
	late_feed(&r, 100, 5); /* on links 1 and 2 */
	rig_clear(&r);
	terms(3, SENDER_NORMAL, 0);
	pass(3, 0, SEC(1));
	assert_true(late_link(&r, 1)->way.shy && late_link(&r, 2)->way.shy);
	for (uint32_t seq = 100; seq < 105; seq++)
		assert_int_equal(late_seen(&r, 3, seq), 1);
}

static void what_is_under_way_on_a_link_that_goes_down_leaves_again(void **state)
{
	(void)state;
	late_start(&r, SENDER_BALANCE, 2);
	terms(2, SENDER_OFF, 0);
	late_feed(&r, 100, 10);
	rig_clear(&r);
	terms(2, SENDER_NORMAL, 0);
	sender_link_carrier(r.s, 1, "no carrier", r.now, &r.out);
	rig_collect(&r);
	assert_int_equal(late_seen(&r, 2, SEQ_NONE), 10);
	assert_int_equal(rig_view(&r, 1).in_flight, 0);
	assert_int_equal(rig_view(&r, 1).lost, 10);
}

static void what_is_under_way_on_a_link_that_is_removed_leaves_again(void **state)
{
	(void)state;
	late_start(&r, SENDER_BALANCE, 2);
	terms(2, SENDER_OFF, 0);
	late_feed(&r, 100, 10);
	rig_clear(&r);
	terms(2, SENDER_NORMAL, 0);
	sender_link_remove(r.s, 1, r.now, &r.out);
	rig_collect(&r);
	assert_int_equal(late_seen(&r, 2, SEQ_NONE), 10);
}

static void what_is_under_way_while_the_group_is_lost_leaves_again(void **state)
{
	(void)state;
	late_start(&r, SENDER_BALANCE, 1);
	late_feed(&r, 100, 10);
	rig_clear(&r);
	rig_until(&r, r.now + MSEC(1600));
	rig_answer(&r, 1, SRTLA_REG_NGP);
	assert_int_equal(rig_view(&r, 1).in_flight, 0);
	assert_int_not_equal(rig_view(&r, 1).state, LINK_UP);
	rig_clear(&r);
	rig_reg2(&r, 1);
	rig_answer(&r, 1, SRTLA_REG3);
	assert_int_equal(rig_view(&r, 1).state, LINK_UP);
	assert_int_equal(late_seen(&r, 1, SEQ_NONE), 10);
	assert_int_equal(rig_view(&r, 1).in_flight, 10);
}

static void packet_that_a_full_socket_refused_goes_elsewhere_at_once(void **state)
{
	const struct pkt *left;
	struct pkt *p;

	(void)state;
	late_start(&r, SENDER_BALANCE, 2);
	rig_data(&r, 100);
	left = late_nth(&r, 0);
	p = pkt_copy(left);
	p->port = left->port;
	rig_clear(&r);
	sender_link_error(r.s, p->port, p, EAGAIN, r.now, &r.out);
	rig_collect(&r);
	assert_int_equal(late_seen(&r, 0, 100), 1);
	assert_int_equal(rig_view(&r, 1).in_flight + rig_view(&r, 2).in_flight, 1);
	assert_int_equal(rig_view(&r, 1).refused + rig_view(&r, 2).refused, 1);
}

static void only_link_whose_socket_is_full_gets_its_packet_a_moment_later(void **state)
{
	struct pkt *p;

	(void)state;
	late_start(&r, SENDER_BALANCE, 1);
	rig_data(&r, 100);
	p = pkt_copy(late_nth(&r, 0));
	rig_clear(&r);
	sender_link_error(r.s, 1, p, ENOBUFS, r.now, &r.out);
	rig_collect(&r);
	assert_int_equal(late_seen(&r, 1, 100), 0);
	rig_until(&r, r.now + MSEC(30));
	assert_int_equal(late_seen(&r, 1, 100), 1);
}

static void idle_link_says_so_to_an_own_receiver(void **state)
{
	struct keepalive k;
	unsigned marks = 0;

	(void)state;
	late_start(&r, SENDER_BALANCE, 1);
	late_meet(&r);
	rig_data(&r, SEQ_MASK);
	rig_data(&r, 0);
	late_report_of(&r, 1, (uint32_t[]){SEQ_MASK, 0}, 2);
	rig_clear(&r);
	rig_until(&r, r.now + MSEC(250));
	for (unsigned i = 0; i < r.seen_count; i++) {
		if (!keepalive_parse(r.seen[i]->data, r.seen[i]->len, &k) || !k.idle)
			continue;
		marks++;
		assert_int_equal(k.idle_seq, 0);
	}
	assert_in_range(marks, 1, 4);
}

static void link_that_carries_data_is_never_marked_idle(void **state)
{
	struct keepalive k;

	(void)state;
	late_start(&r, SENDER_BALANCE, 1);
	late_meet(&r);
	rig_data(&r, 99);
	rig_clear(&r);
	for (uint32_t seq = 100; seq < 200; seq++) {
		rig_data(&r, seq);
		rig_until(&r, r.now + MSEC(10));
		late_report_run(&r, 1, seq, 1);
	}
	for (unsigned i = 0; i < r.seen_count; i++)
		if (keepalive_parse(r.seen[i]->data, r.seen[i]->len, &k))
			assert_false(k.idle);
}

static void link_that_is_off_carries_no_data(void **state)
{
	(void)state;
	late_start(&r, SENDER_BALANCE, 2);
	terms(1, SENDER_OFF, 0);
	for (uint32_t seq = 0; seq < 100; seq++) {
		rig_data(&r, seq);
		pass(2, 0, MSEC(5));
	}
	assert_int_equal(late_seen(&r, 1, SEQ_NONE), 0);
	assert_true(late_seen(&r, 2, SEQ_NONE) > 10);
}

static void backup_and_overflow_carry_nothing_while_the_others_do(void **state)
{
	(void)state;
	late_start(&r, SENDER_BALANCE, 3);
	terms(1, SENDER_BACKUP, 0);
	terms(2, SENDER_OVERFLOW, 0);
	for (uint32_t seq = 0; seq < 100; seq += 10) {
		late_feed(&r, seq, 10);
		r.now += MSEC(60);
		rig_srtla_ack(&r, 3, seq, 10);
	}
	assert_int_equal(late_seen(&r, 3, SEQ_NONE), 100);
}

static void overflow_helps_before_backup_and_both_when_the_normal_ones_are_full(void **state)
{
	uint32_t seq;

	(void)state;
	late_start(&r, SENDER_BALANCE, 3);
	terms(1, SENDER_BACKUP, 0);
	terms(2, SENDER_OVERFLOW, 0);
	seq = late_fill(&r, 0);
	late_feed(&r, seq, 150);
	assert_int_equal(late_seen(&r, 1, SEQ_NONE) + late_seen(&r, 2, SEQ_NONE), 0);
	pass(3, 0, MSEC(60));
	assert_int_equal(late_seen(&r, 1, SEQ_NONE), 0);
	assert_true(late_seen(&r, 2, SEQ_NONE) > 0);
	pass(3, 0, MSEC(100));
	assert_true(late_seen(&r, 1, SEQ_NONE) > 0);
}

static void backup_takes_over_when_the_normal_link_is_gone(void **state)
{
	(void)state;
	late_start(&r, SENDER_BALANCE, 2);
	terms(2, SENDER_BACKUP, 0);
	assert_int_equal(rig_data(&r, 100), 1);
	sender_link_carrier(r.s, 1, "no carrier", r.now, &r.out);
	rig_collect(&r);
	assert_int_equal(late_seen(&r, 2, 100), 1);
	assert_int_equal(rig_data(&r, 101), 2);
}

static void capped_link_carries_no_more_than_its_cap(void **state)
{
	uint64_t before;

	(void)state;
	late_start(&r, SENDER_BALANCE, 1);
	late_meet(&r);
	terms(1, SENDER_NORMAL, 400000);
	before = rig_view(&r, 1).bytes_out;
	for (uint32_t seq = 0, got = 0; seq < 400; seq++) {
		late_feed(&r, seq * 5, 5);
		rig_until(&r, r.now + MSEC(10));
		for (; late_seen(&r, 1, got) > 0; got++)
			late_report_run(&r, 1, got, 1);
		rig_clear(&r);
	}
	before = rig_view(&r, 1).bytes_out - before;
	assert_in_range(before, 150000, 230000); /* 200 000 in four seconds */
}

static void packet_too_long_for_a_link_goes_to_another(void **state)
{
	(void)state;
	late_start(&r, SENDER_BALANCE, 2);
	sender_link_mtu(r.s, 1, 1300);
	for (uint32_t seq = 0; seq < 10; seq++)
		assert_int_equal(rig_data(&r, seq), 2);
	sender_link_mtu(r.s, 1, 0);
	terms(2, SENDER_OFF, 0);
	assert_int_equal(rig_data(&r, 10), 1);
}

static void packet_too_long_for_all_others_goes_again_where_it_fits(void **state)
{
	(void)state;
	late_start(&r, SENDER_BALANCE, 2);
	late_meet(&r);
	sender_link_mtu(r.s, 2, 1300);
	late_feed(&r, 100, 12);
	assert_int_equal(late_seen(&r, 1, SEQ_NONE), 12);
	rig_clear(&r);
	r.now += MSEC(60);
	late_report_run(&r, 1, 101, 8); /* 100 was lost */
	assert_int_equal(late_seen(&r, 1, 100), 1);
	assert_int_equal(late_seen(&r, 2, SEQ_NONE), 0);
}

static void sender_wakes_up_to_give_up_what_the_server_asks_for(void **state)
{
	(void)state;
	late_start(&r, SENDER_BALANCE, 1);
	late_feed(&r, 100, 3);
	r.now += MSEC(100);
	rig_srt_nak(&r, 1, 100, 100);
	assert_true(sender_deadline(r.s) <= r.s->late.due);
	assert_true(sender_deadline(r.s) > r.now);
}

#define LATE(f) cmocka_unit_test_teardown(f, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		LATE(what_is_under_way_on_a_silent_link_leaves_again_by_the_others),
		LATE(silent_link_turns_shy_long_before_it_is_lost),
		LATE(shy_link_gets_probes_and_nothing_else),
		LATE(shy_link_is_trusted_again_with_the_first_proof),
		LATE(answered_keepalive_is_no_proof_that_data_arrive),
		LATE(last_usable_link_is_never_shy),
		LATE(last_of_several_links_is_never_shy),
		LATE(link_that_is_switched_off_does_not_count_as_another),
		LATE(link_without_data_is_never_shy),
		LATE(copies_on_two_links_that_fall_silent_do_not_count_for_each_other),
		LATE(what_is_under_way_on_a_link_that_goes_down_leaves_again),
		LATE(what_is_under_way_on_a_link_that_is_removed_leaves_again),
		LATE(what_is_under_way_while_the_group_is_lost_leaves_again),
		LATE(packet_that_a_full_socket_refused_goes_elsewhere_at_once),
		LATE(only_link_whose_socket_is_full_gets_its_packet_a_moment_later),
		LATE(idle_link_says_so_to_an_own_receiver),
		LATE(link_that_carries_data_is_never_marked_idle),
		LATE(link_that_is_off_carries_no_data),
		LATE(backup_and_overflow_carry_nothing_while_the_others_do),
		LATE(overflow_helps_before_backup_and_both_when_the_normal_ones_are_full),
		LATE(backup_takes_over_when_the_normal_link_is_gone),
		LATE(capped_link_carries_no_more_than_its_cap),
		LATE(packet_too_long_for_a_link_goes_to_another),
		LATE(packet_too_long_for_all_others_goes_again_where_it_fits),
		LATE(sender_wakes_up_to_give_up_what_the_server_asks_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
