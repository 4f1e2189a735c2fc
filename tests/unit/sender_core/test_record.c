/* SPDX-License-Identifier: MIT */
#include "rig.h"

#include <errno.h>

/* F08: a sender in the place of one that ended, and links that hurry back. */

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

enum { CALLER = 1234, CALLEE = 5678 };

/* The sender ends in the middle of a session, and another begins with what it left behind. */
static struct sender_record restart(unsigned links)
{
	struct sender_record rec;
	uint8_t buf[SRT_HANDSHAKE_LEN];

	rig_up(&r, links);
	rig_app(&r, buf, rig_make_handshake(buf, SRT_HS_INDUCTION, CALLER, 0));
	rig_data(&r, 1000);
	sender_save(r.s, &rec);
	rec.server_id = CALLEE;
	rec.latency = 2000;
	rig_clear(&r);
	sender_destroy(r.s);
	r.now += MSEC(200);
	r.cfg.record = &rec;
	memset(r.cfg.half, 0x11, sizeof(r.cfg.half));
	r.s = sender_create(&r.cfg, &r.pool, r.now);
	assert_non_null(r.s);
	r.cfg.record = NULL;
	return rec;
}

static void sender_goes_on_in_its_group_after_one_round_trip(void **state)
{
	(void)state;
	restart(2);
	for (unsigned port = 1; port <= 2; port++) {
		const struct pkt *p;

		assert_int_equal(rig_add(&r), port);
		p = rig_find(&r, port, SRTLA_REG2);
		assert_non_null(p);
		assert_memory_equal(srtla_reg_id(p->data, p->len), r.id, SRTLA_ID_LEN);
		rig_answer(&r, port, SRTLA_REG3);
	}
	assert_int_equal(rig_whole(&r).live, 2);
	assert_int_equal(rig_count(&r, 1, SRTLA_REG1) + rig_count(&r, 2, SRTLA_REG1), 0);
	assert_true(rig_data(&r, 1001) != 0);
	assert_int_equal(rig_whole(&r).latency, 2000);
}

static void what_the_server_says_reaches_the_encoder_before_it_has_spoken(void **state)
{
	uint8_t buf[44];

	(void)state;
	restart(1);
	rig_add(&r);
	rig_answer(&r, 1, SRTLA_REG3);
	rig_clear(&r);
	rig_link(&r, 1, buf, rig_make_control(buf, SRT_KEEPALIVE, CALLER, 16));
	assert_int_equal(rig_count(&r, 0, SRTLA_NOT_OURS), 1);
	assert_true(endpoint_equal(&r.seen[0]->peer, &r.encoder));
}

static void group_that_is_gone_is_made_anew_at_once(void **state)
{
	(void)state;
	restart(1);
	rig_add(&r);
	rig_answer(&r, 1, SRTLA_REG_NGP);
	assert_int_equal(rig_notes(&r, SENDER_GROUP_LOST), 1);
	assert_int_equal(rig_count(&r, 1, SRTLA_REG1), 1);
	memcpy(r.cfg.half, r.id, SRTLA_HALF_LEN); /* it asks as who it was */
	rig_reg2(&r, 1);
	rig_answer(&r, 1, SRTLA_REG3);
	assert_int_equal(rig_view(&r, 1).state, LINK_UP);
}

static void another_encoder_may_begin_at_once_and_may_not_break_in(void **state)
{
	struct endpoint other = r.encoder;
	uint8_t buf[PKT_CAP];

	(void)state;
	restart(1);
	rig_add(&r);
	rig_answer(&r, 1, SRTLA_REG3);
	rig_clear(&r);
	other.port = 40001;
	rig_app_from(&r, &other, buf, rig_make_data(buf, 5));
	assert_int_equal(rig_notes(&r, SENDER_ENCODER_IGNORED), 1);
	rig_app_from(&r, &other, buf, rig_make_handshake(buf, SRT_HS_INDUCTION, 77, 0));
	assert_int_equal(rig_notes(&r, SENDER_ENCODER_NEW), 1);
	assert_int_equal(rig_count(&r, 1, SRTLA_NOT_OURS), 1);
}

static void encoder_that_goes_on_keeps_its_seat(void **state)
{
	struct endpoint other = r.encoder;
	uint8_t buf[PKT_CAP];

	(void)state;
	restart(1);
	rig_add(&r);
	rig_answer(&r, 1, SRTLA_REG3);
	assert_int_equal(rig_data(&r, 1001), 1);
	other.port = 40001;
	rig_app_from(&r, &other, buf, rig_make_handshake(buf, SRT_HS_INDUCTION, 77, 0));
	assert_int_equal(rig_notes(&r, SENDER_ENCODER_NEW), 0);
}

static void half_an_id_is_worth_nothing(void **state)
{
	struct sender_record rec;

	(void)state;
	rig_add(&r);
	sender_save(r.s, &rec);
	assert_false(rec.whole);
	sender_destroy(r.s);
	rig_clear(&r);
	r.cfg.record = &rec;
	r.s = sender_create(&r.cfg, &r.pool, r.now);
	r.cfg.record = NULL;
	rig_add(&r);
	rig_answer(&r, 1, SRTLA_REG_NGP);
	assert_int_equal(rig_count(&r, 1, SRTLA_REG1), 1);
	assert_int_equal(rig_notes(&r, SENDER_GROUP_LOST), 0);
}

static void encoder_that_said_goodbye_is_not_remembered(void **state)
{
	struct sender_record rec;
	uint8_t buf[SRT_HANDSHAKE_LEN];

	(void)state;
	rig_up(&r, 1);
	rig_app(&r, buf, rig_make_handshake(buf, SRT_HS_INDUCTION, CALLER, 0));
	sender_save(r.s, &rec);
	assert_true(endpoint_equal(&rec.encoder, &r.encoder));
	rig_app(&r, buf, rig_make_control(buf, SRT_SHUTDOWN, 0, 16));
	sender_save(r.s, &rec);
	assert_true(rec.whole);
	assert_int_equal(rec.encoder.family, FAMILY_NONE);
	assert_int_equal(rec.caller_id, 0);
}

/* How often link 1 asks while nobody answers. */
static unsigned asks_within(usspan span)
{
	rig_clear(&r);
	rig_until(&r, r.now + span);
	return rig_count(&r, 1, SRTLA_REG2);
}

static void link_that_is_refused_asks_again_soon_and_then_each_second(void **state)
{
	usspan gap = 0;

	(void)state;
	rig_up(&r, 1);
	for (unsigned i = 0; i < 3; i++)
		sender_link_error(r.s, 1, NULL, ECONNREFUSED, r.now, &r.out);
	/* However long the receiver is away, the wait adds a quarter of that, or 50 ms. */
	for (usspan away = 0; away < SEC(3); away += gap) {
		gap = 0;
		while (asks_within(MSEC(10)) == 0)
			gap += MSEC(10);
		gap += MSEC(10);
		assert_true(gap <= later(away / 4, MSEC(50)) + MSEC(10));
	}
	rig_until(&r, r.now + SEC(5));
	assert_in_range(asks_within(SEC(60)), 59, 61);
}

static void link_whose_reg2_is_refused_tries_again_after_200_ms_then_more_seldom(void **state)
{
	static const usspan wait[] = {MSEC(200), MSEC(400), MSEC(800), MSEC(1600), MSEC(3200),
				      SEC(4), SEC(4)};

	(void)state;
	rig_up(&r, 1);
	rig_add(&r);
	for (unsigned i = 0; i < sizeof(wait) / sizeof(wait[0]); i++) {
		rig_answer(&r, 2, SRTLA_REG_ERR);
		rig_live_on(&r, 1, wait[i] - 1);
		assert_int_equal(rig_count(&r, 2, SRTLA_REG2), i + 1);
		rig_live_on(&r, 1, 1);
		assert_int_equal(rig_count(&r, 2, SRTLA_REG2), i + 2);
	}
}

static void link_without_carrier_is_down_at_once_and_joins_at_once_with_it(void **state)
{
	(void)state;
	rig_up(&r, 2);
	sender_link_carrier(r.s, 1, "no carrier", r.now, &r.out);
	rig_collect(&r);
	assert_int_equal(rig_view(&r, 1).state, LINK_DOWN);
	assert_int_equal(rig_notes(&r, SENDER_LINK_DOWN), 1);
	assert_string_equal(r.notes[0].why, "no carrier");
	rig_until(&r, r.now + MSEC(300));
	rig_clear(&r);
	sender_link_carrier(r.s, 1, NULL, r.now, &r.out);
	rig_collect(&r);
	assert_int_equal(rig_count(&r, 1, SRTLA_REG2), 1);
	assert_int_equal(asks_within(MSEC(51)), 1); /* its address may take a moment more */
	rig_answer(&r, 1, SRTLA_REG3);
	assert_int_equal(rig_view(&r, 1).state, LINK_UP);
	sender_link_carrier(r.s, 1, NULL, r.now, &r.out);
	assert_int_equal(asks_within(MSEC(200)), 0);
}

static void errors_that_anybody_may_have_sent_count_when_they_repeat_themselves(void **state)
{
	uint8_t buf[16];

	(void)state;
	rig_up(&r, 1);
	for (unsigned i = 0; i < 20; i++) {
		sender_link_error(r.s, 1, NULL, EHOSTUNREACH, r.now, &r.out);
		sender_link_error(r.s, 1, NULL, ECONNREFUSED, r.now, &r.out);
		rig_link(&r, 1, buf, rig_make_control(buf, SRT_KEEPALIVE, 0, 16));
	}
	assert_int_equal(rig_view(&r, 1).state, LINK_UP);
	for (unsigned i = 0; i < 3; i++)
		sender_link_error(r.s, 1, NULL, EHOSTUNREACH, r.now, &r.out);
	assert_int_equal(rig_view(&r, 1).state, LINK_DOWN);
}

#define ON_RIG(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_RIG(sender_goes_on_in_its_group_after_one_round_trip),
		ON_RIG(what_the_server_says_reaches_the_encoder_before_it_has_spoken),
		ON_RIG(group_that_is_gone_is_made_anew_at_once),
		ON_RIG(another_encoder_may_begin_at_once_and_may_not_break_in),
		ON_RIG(encoder_that_goes_on_keeps_its_seat),
		ON_RIG(half_an_id_is_worth_nothing),
		ON_RIG(encoder_that_said_goodbye_is_not_remembered),
		ON_RIG(link_that_is_refused_asks_again_soon_and_then_each_second),
		ON_RIG(link_whose_reg2_is_refused_tries_again_after_200_ms_then_more_seldom),
		ON_RIG(link_without_carrier_is_down_at_once_and_joins_at_once_with_it),
		ON_RIG(errors_that_anybody_may_have_sent_count_when_they_repeat_themselves),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
