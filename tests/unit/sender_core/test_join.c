/* SPDX-License-Identifier: MIT */
#include "rig.h"

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

static void s1_new_link_probes_with_reg2_at_once(void **state)
{
	unsigned port = rig_add(&r);
	const struct pkt *p = rig_find(&r, port, SRTLA_REG2);

	(void)state;
	assert_non_null(p);
	assert_int_equal(p->len, SRTLA_REG_LEN);
	assert_memory_equal(srtla_reg_id(p->data, p->len), r.cfg.half, SRTLA_HALF_LEN);
	assert_int_equal(rig_count(&r, port, SRTLA_REG1), 0);
}

static void s1_reg1_leaves_in_the_call_that_brought_the_ngp(void **state)
{
	unsigned port = rig_add(&r);

	(void)state;
	rig_answer(&r, port, SRTLA_REG_NGP);
	assert_int_equal(rig_count(&r, port, SRTLA_REG1), 1);
}

static void s2_reg1_goes_out_on_one_link_only(void **state)
{
	(void)state;
	for (int i = 0; i < 4; i++)
		rig_add(&r);
	for (unsigned port = 1; port <= 4; port++)
		rig_answer(&r, port, SRTLA_REG_NGP);
	assert_int_equal(rig_count(&r, 1, SRTLA_REG1), 1);
	for (unsigned port = 2; port <= 4; port++)
		assert_int_equal(rig_count(&r, port, SRTLA_REG1), 0);
}

static void s3_refused_reg1_moves_to_another_link(void **state)
{
	(void)state;
	rig_add(&r);
	rig_add(&r);
	rig_answer(&r, 1, SRTLA_REG_NGP);
	rig_answer(&r, 2, SRTLA_REG_NGP);
	rig_clear(&r);
	rig_answer(&r, 1, SRTLA_REG_ERR);
	rig_until(&r, r.now);
	assert_int_equal(rig_count(&r, 2, SRTLA_REG2), 1);
	rig_answer(&r, 2, SRTLA_REG_NGP);
	assert_int_equal(rig_count(&r, 2, SRTLA_REG1), 1);
	assert_int_equal(sender_next_reopen(r.s), 0);
}

static void s3_refused_reg1_of_the_only_link_asks_for_a_new_port(void **state)
{
	unsigned port = rig_add(&r);

	(void)state;
	rig_answer(&r, port, SRTLA_REG_NGP);
	rig_answer(&r, port, SRTLA_REG_ERR);
	assert_int_equal(sender_next_reopen(r.s), port);
	assert_int_equal(sender_next_reopen(r.s), 0);
	rig_clear(&r);
	sender_link_reopened(r.s, port, r.now, &r.out);
	rig_collect(&r);
	assert_int_equal(rig_count(&r, port, SRTLA_REG2), 1);
	rig_answer(&r, port, SRTLA_REG_NGP);
	assert_int_equal(rig_count(&r, port, SRTLA_REG1), 1);
}

static void s3_receiver_that_always_refuses_is_not_hammered(void **state)
{
	unsigned port = rig_add(&r);
	unsigned reopened = 0;

	(void)state;
	for (int second = 0; second < 60; second++) {
		rig_answer(&r, port, SRTLA_REG_NGP);
		rig_answer(&r, port, SRTLA_REG_ERR);
		if (sender_next_reopen(r.s)) {
			reopened++;
			sender_link_reopened(r.s, port, r.now, &r.out);
		}
		rig_until(&r, r.now + SEC(1));
	}
	assert_in_range(reopened, 4, 7);
	assert_in_range(rig_count(&r, port, SRTLA_REG1), 4, 14);
}

static void s4_reg2_with_another_half_is_not_believed(void **state)
{
	unsigned port = rig_add(&r);
	uint8_t id[SRTLA_ID_LEN];
	uint8_t buf[SRTLA_REG_LEN];

	(void)state;
	rig_answer(&r, port, SRTLA_REG_NGP);
	memcpy(id, r.cfg.half, SRTLA_HALF_LEN);
	memset(id + SRTLA_HALF_LEN, 1, SRTLA_HALF_LEN);
	id[SRTLA_HALF_LEN - 1] ^= 1;
	rig_link(&r, port, buf, srtla_build_reg(buf, SRTLA_REG2, id));
	assert_false(rig_whole(&r).joined);
}

static void s4_reg2_of_a_wrong_length_is_not_believed(void **state)
{
	unsigned port = rig_add(&r);
	uint8_t buf[SRTLA_REG_LEN + 1] = {0};

	(void)state;
	rig_answer(&r, port, SRTLA_REG_NGP);
	memcpy(r.id, r.cfg.half, SRTLA_HALF_LEN);
	srtla_build_reg(buf, SRTLA_REG2, r.id);
	for (size_t len = 2; len <= sizeof(buf); len++)
		if (len != SRTLA_REG_LEN)
			rig_link(&r, port, buf, len);
	assert_false(rig_whole(&r).joined);
}

static void s4_reg2_on_a_link_that_did_not_ask_is_not_believed(void **state)
{
	(void)state;
	rig_add(&r);
	rig_add(&r);
	rig_reg2(&r, 1); /* nobody asked */
	rig_answer(&r, 1, SRTLA_REG_NGP);
	rig_reg2(&r, 2); /* another asked */
	assert_false(rig_whole(&r).joined);
	rig_reg2(&r, 1);
	assert_true(rig_whole(&r).joined);
}

static void s5_reg2_goes_to_all_links_at_once_when_the_group_is_made(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++)
		rig_add(&r);
	rig_answer(&r, 1, SRTLA_REG_NGP);
	rig_clear(&r);
	rig_reg2(&r, 1);
	for (unsigned port = 1; port <= 3; port++) {
		const struct pkt *p = rig_find(&r, port, SRTLA_REG2);

		assert_non_null(p);
		assert_memory_equal(srtla_reg_id(p->data, p->len), r.id, SRTLA_ID_LEN);
	}
}

static void s5_reg2_is_repeated_each_second_until_reg3(void **state)
{
	(void)state;
	rig_add(&r);
	rig_answer(&r, 1, SRTLA_REG_NGP);
	rig_reg2(&r, 1);
	rig_clear(&r);
	rig_until(&r, r.now + SEC(30) + MSEC(1));
	assert_int_equal(rig_count(&r, 1, SRTLA_REG2), 30);
	rig_answer(&r, 1, SRTLA_REG3);
	assert_int_equal(rig_view(&r, 1).state, LINK_UP);
}

static void s5_live_link_that_falls_silent_sends_its_reg2_again(void **state)
{
	(void)state;
	rig_up(&r, 1);
	rig_until(&r, r.now + MSEC(1499));
	assert_int_equal(rig_count(&r, 1, SRTLA_REG2), 0);
	rig_until(&r, r.now + MSEC(2));
	assert_int_equal(rig_count(&r, 1, SRTLA_REG2), 1);
	rig_answer(&r, 1, SRTLA_REG3);
	assert_int_equal(rig_view(&r, 1).state, LINK_UP);
	assert_int_equal(rig_notes(&r, SENDER_LINK_UP), 0);
}

static void s6_answers_are_taken_at_any_length_from_two_bytes_on(void **state)
{
	uint8_t buf[SRTLA_REPLY_LEN];

	(void)state;
	for (size_t len = 2; len <= SRTLA_REPLY_LEN; len += 10) {
		unsigned port = rig_add(&r);

		if (!rig_whole(&r).joined) {
			srtla_build_reply(buf, SRTLA_REG_NGP);
			rig_link(&r, port, buf, len);
			rig_reg2(&r, port);
		}
		srtla_build_reply(buf, SRTLA_REG3);
		rig_link(&r, port, buf, len);
		assert_int_equal(rig_view(&r, port).state, LINK_UP);
	}
}

static void lost_reg1_is_sent_again_after_a_second(void **state)
{
	(void)state;
	rig_add(&r);
	rig_answer(&r, 1, SRTLA_REG_NGP);
	rig_clear(&r);
	rig_until(&r, r.now + MSEC(1001));
	assert_int_equal(rig_count(&r, 1, SRTLA_REG1), 1);
	rig_reg2(&r, 1);
	assert_true(rig_whole(&r).joined);
}

static void asking_moves_on_when_the_asker_stays_silent_and_another_link_answers(void **state)
{
	(void)state;
	rig_add(&r);
	rig_add(&r);
	rig_answer(&r, 1, SRTLA_REG_NGP); /* and then it dies */
	rig_clear(&r);
	rig_until(&r, r.now + MSEC(1001));
	assert_int_equal(rig_count(&r, 2, SRTLA_REG2), 1);
	rig_answer(&r, 2, SRTLA_REG_NGP);
	assert_int_equal(rig_count(&r, 2, SRTLA_REG1), 1);
	rig_reg2(&r, 1); /* late, of a group that nobody will join */
	assert_false(rig_whole(&r).joined);
	rig_reg2(&r, 2);
	assert_true(rig_whole(&r).joined);
}

static void unanswered_asking_is_given_up_and_all_links_probe_again(void **state)
{
	(void)state;
	rig_add(&r);
	rig_add(&r);
	rig_answer(&r, 1, SRTLA_REG_NGP);
	rig_until(&r, r.now + MSEC(3999));
	rig_clear(&r);
	rig_until(&r, r.now + MSEC(2));
	assert_int_equal(rig_count(&r, 1, SRTLA_REG2), 1);
	assert_int_equal(rig_count(&r, 2, SRTLA_REG2), 1);
	assert_int_equal(rig_count(&r, 1, SRTLA_REG1), 0);
}

static void late_ngp_does_not_undo_the_group_that_was_just_made(void **state)
{
	(void)state;
	rig_add(&r);
	rig_add(&r);
	rig_answer(&r, 1, SRTLA_REG_NGP);
	rig_reg2(&r, 1);
	rig_clear(&r);
	rig_answer(&r, 2, SRTLA_REG_NGP); /* of its probe, which took longer */
	assert_true(rig_whole(&r).joined);
	assert_int_equal(rig_count(&r, 2, SRTLA_REG1), 0);
	rig_answer(&r, 2, SRTLA_REG3);
	assert_int_equal(rig_view(&r, 2).state, LINK_UP);
}

static void receiver_that_restarts_while_links_join_is_asked_anew_at_once(void **state)
{
	(void)state;
	rig_add(&r);
	rig_add(&r);
	rig_answer(&r, 1, SRTLA_REG_NGP);
	rig_answer(&r, 2, SRTLA_REG_NGP);
	rig_reg2(&r, 1);
	rig_clear(&r);
	rig_answer(&r, 1, SRTLA_REG_NGP); /* to the REG2 with the whole id */
	assert_int_equal(rig_notes(&r, SENDER_GROUP_LOST), 1);
	assert_int_equal(rig_count(&r, 1, SRTLA_REG1), 1);
}

static void reg3_that_nobody_asked_for_makes_no_link_live(void **state)
{
	(void)state;
	rig_add(&r);
	rig_answer(&r, 1, SRTLA_REG3); /* no group yet */
	assert_int_equal(rig_whole(&r).live, 0);
	rig_answer(&r, 1, SRTLA_REG_NGP);
	rig_reg2(&r, 1);
	rig_answer(&r, 1, SRTLA_REG3);
	assert_int_equal(rig_whole(&r).live, 1);
}

static void reg_err_that_nobody_asked_for_harms_no_live_link(void **state)
{
	(void)state;
	rig_up(&r, 1);
	rig_answer(&r, 1, SRTLA_REG_ERR);
	assert_int_equal(rig_view(&r, 1).state, LINK_UP);
	assert_int_equal(rig_notes(&r, SENDER_LINK_REFUSED), 0);
}

static void reg_err_is_no_sign_of_life(void **state)
{
	(void)state;
	rig_up(&r, 2);
	for (int i = 0; i < 5; i++) {
		rig_until(&r, r.now + SEC(1));
		rig_answer(&r, 1, SRTLA_REG_ERR);
	}
	assert_int_equal(rig_view(&r, 1).state, LINK_DOWN);
}

static void s14_group_is_tried_for_ever_and_resumed_with_the_same_id(void **state)
{
	const struct pkt *p;

	(void)state;
	rig_up(&r, 2);
	for (int minute = 0; minute < 60; minute++) {
		rig_until(&r, r.now + SEC(60));
		assert_in_range(rig_count(&r, 1, SRTLA_REG2), 57, 61);
		rig_clear(&r);
	}
	assert_int_equal(rig_whole(&r).live, 0);
	rig_until(&r, r.now + SEC(1));
	p = rig_find(&r, 1, SRTLA_REG2);
	assert_non_null(p);
	assert_memory_equal(srtla_reg_id(p->data, p->len), r.id, SRTLA_ID_LEN);
	rig_answer(&r, 1, SRTLA_REG3);
	assert_int_equal(rig_view(&r, 1).state, LINK_UP);
}

/* Keeps links 1..n alive until answers to old probes are no longer expected. */
static void settle(unsigned n)
{
	uint8_t buf[16];

	for (int i = 0; i < 10; i++) {
		rig_until(&r, r.now + MSEC(500));
		for (unsigned port = 1; port <= n; port++)
			rig_link(&r, port, buf, rig_make_control(buf, SRT_KEEPALIVE, 0, 16));
	}
	rig_clear(&r);
}

static void s15_ngp_on_a_link_that_is_heard_repeats_its_reg2_once(void **state)
{
	uint8_t buf[16];

	(void)state;
	rig_up(&r, 2);
	settle(2);
	rig_until(&r, r.now + MSEC(1600)); /* both fall quiet and ask */
	assert_int_equal(rig_count(&r, 1, SRTLA_REG2), 1);
	rig_link(&r, 1, buf, rig_make_control(buf, SRT_KEEPALIVE, 0, 16));
	rig_clear(&r);
	rig_until(&r, r.now + MSEC(950));
	rig_answer(&r, 1, SRTLA_REG_NGP);
	assert_int_equal(rig_count(&r, 1, SRTLA_REG2), 1);
	assert_int_equal(rig_view(&r, 1).state, LINK_UP);
	rig_answer(&r, 1, SRTLA_REG3);
	assert_int_equal(rig_view(&r, 1).state, LINK_UP);
}

static void s15_ngp_on_all_links_starts_over_with_reg1_at_once(void **state)
{
	(void)state;
	rig_up(&r, 3);
	settle(3);
	rig_until(&r, r.now + MSEC(1501)); /* the receiver has restarted */
	for (unsigned port = 1; port <= 3; port++) {
		assert_int_equal(rig_count(&r, port, SRTLA_REG2), 1);
		assert_int_equal(rig_count(&r, port, SRTLA_REG1), 0);
		rig_answer(&r, port, SRTLA_REG_NGP);
	}
	assert_int_equal(rig_count(&r, 3, SRTLA_REG1), 1);
	assert_int_equal(rig_notes(&r, SENDER_GROUP_LOST), 1);
	rig_clear(&r);
	rig_reg2(&r, 3);
	for (unsigned port = 1; port <= 3; port++)
		assert_int_equal(rig_count(&r, port, SRTLA_REG2), 1);
}

static void s17_link_that_reaches_another_receiver_is_parked_while_others_live(void **state)
{
	(void)state;
	rig_up(&r, 1);
	for (int i = 0; i < 5; i++) {
		rig_until(&r, r.now + SEC(1));
		rig_srt_ack(&r, 1, 0, (uint32_t)i);
	}
	rig_add(&r);
	rig_answer(&r, 2, SRTLA_REG_NGP);
	assert_int_equal(rig_notes(&r, SENDER_LINK_ELSEWHERE), 1);
	rig_clear(&r);
	for (int i = 0; i < 30; i++) {
		rig_until(&r, r.now + SEC(1));
		rig_srt_ack(&r, 1, 0, (uint32_t)(100 + i));
		rig_answer(&r, 2, SRTLA_REG_NGP);
	}
	assert_int_equal(rig_count(&r, 2, SRTLA_REG2), 3);
	assert_int_equal(rig_count(&r, 2, SRTLA_REG1), 0);
	assert_int_equal(rig_notes(&r, SENDER_LINK_ELSEWHERE), 0);
	assert_int_equal(rig_view(&r, 1).state, LINK_UP);
}

static void removed_asker_leaves_the_asking_to_others(void **state)
{
	(void)state;
	rig_add(&r);
	rig_add(&r);
	rig_answer(&r, 1, SRTLA_REG_NGP);
	rig_clear(&r);
	sender_link_remove(r.s, 1, r.now, &r.out);
	rig_collect(&r);
	assert_int_equal(rig_count(&r, 2, SRTLA_REG2), 1);
	rig_answer(&r, 2, SRTLA_REG_NGP);
	assert_int_equal(rig_count(&r, 2, SRTLA_REG1), 1);
}

#define ON_RIG(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_RIG(s1_new_link_probes_with_reg2_at_once),
		ON_RIG(s1_reg1_leaves_in_the_call_that_brought_the_ngp),
		ON_RIG(s2_reg1_goes_out_on_one_link_only),
		ON_RIG(s3_refused_reg1_moves_to_another_link),
		ON_RIG(s3_refused_reg1_of_the_only_link_asks_for_a_new_port),
		ON_RIG(s3_receiver_that_always_refuses_is_not_hammered),
		ON_RIG(s4_reg2_with_another_half_is_not_believed),
		ON_RIG(s4_reg2_of_a_wrong_length_is_not_believed),
		ON_RIG(s4_reg2_on_a_link_that_did_not_ask_is_not_believed),
		ON_RIG(s5_reg2_goes_to_all_links_at_once_when_the_group_is_made),
		ON_RIG(s5_reg2_is_repeated_each_second_until_reg3),
		ON_RIG(s5_live_link_that_falls_silent_sends_its_reg2_again),
		ON_RIG(s6_answers_are_taken_at_any_length_from_two_bytes_on),
		ON_RIG(lost_reg1_is_sent_again_after_a_second),
		ON_RIG(asking_moves_on_when_the_asker_stays_silent_and_another_link_answers),
		ON_RIG(unanswered_asking_is_given_up_and_all_links_probe_again),
		ON_RIG(late_ngp_does_not_undo_the_group_that_was_just_made),
		ON_RIG(receiver_that_restarts_while_links_join_is_asked_anew_at_once),
		ON_RIG(reg3_that_nobody_asked_for_makes_no_link_live),
		ON_RIG(reg_err_that_nobody_asked_for_harms_no_live_link),
		ON_RIG(reg_err_is_no_sign_of_life),
		ON_RIG(s14_group_is_tried_for_ever_and_resumed_with_the_same_id),
		ON_RIG(s15_ngp_on_a_link_that_is_heard_repeats_its_reg2_once),
		ON_RIG(s15_ngp_on_all_links_starts_over_with_reg1_at_once),
		ON_RIG(s17_link_that_reaches_another_receiver_is_parked_while_others_live),
		ON_RIG(removed_asker_leaves_the_asking_to_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
