/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "sender/core/protect.h"
#include "shared/wire/be.h"
#include "shared/wire/srt.h"

enum { PAYLOAD = 7 * TS_PACKET_LEN, LEN = SRT_HEADER_LEN + PAYLOAD };

#define GAP USEC(1053) /* between full packets at 10 Mbit/s */

static struct protect p;
static ustime now;
static uint32_t seq;
static uint64_t bytes; /* of the encoder since start() */

static void start(enum sender_mode mode, unsigned copies, unsigned extra)
{
	now = SEC(100);
	seq = 1000;
	bytes = 0;
	protect_init(&p, mode, copies, extra);
}

/* Seven transport packets of video; the first may begin a frame. */
static size_t make(uint8_t *buf, bool frame, bool key)
{
	put_be32(buf, seq++);
	put_be32(buf + 4, UINT32_C(0xc0000001));
	put_be32(buf + 8, 5000);
	put_be32(buf + 12, 0x51);
	memset(buf + SRT_HEADER_LEN, 0xff, PAYLOAD);
	for (unsigned i = 0; i < 7; i++)
		put_be32(buf + SRT_HEADER_LEN + i * TS_PACKET_LEN, 0x47010010);
	if (frame) {
		buf[SRT_HEADER_LEN + 1] |= 0x40;
		buf[SRT_HEADER_LEN + 3] = 0x30;
		buf[SRT_HEADER_LEN + 4] = 7;
		buf[SRT_HEADER_LEN + 5] = key ? 0x40 : 0;
		memcpy(buf + SRT_HEADER_LEN + 12, (uint8_t[]){0, 0, 1, 0xe0}, 4);
	}
	return LEN;
}

/* A packet passes, and every copy that it may have is sent; returns how many. */
static unsigned pass(bool frame, bool key)
{
	uint8_t buf[LEN];
	size_t len = make(buf, frame, key);
	unsigned n = protect_extra(&p, buf, len, now);

	for (unsigned i = 0; i < n; i++)
		protect_spent(&p, len);
	bytes += len;
	now += GAP;
	return n;
}

static unsigned pass_some(unsigned count)
{
	unsigned n = 0;

	for (unsigned i = 0; i < count; i++)
		n += pass(false, false);
	return n;
}

static void the_modes_that_send_once_make_no_copies(void **state)
{
	const enum sender_mode modes[] = {SENDER_CLASSIC, SENDER_QUALITY, SENDER_BALANCE};

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		start(modes[i], 3, 50);
		protect_alarm(&p, now);
		protect_hint(&p, SEC(5), now);
		assert_int_equal(pass(true, true), 0);
		assert_int_equal(pass_some(100), 0);
		assert_int_equal(p.over_budget, 0);
	}
}

static void redundant_sends_each_packet_so_often_for_ever(void **state)
{
	(void)state;
	for (unsigned copies = 2; copies <= 4; copies++) {
		start(SENDER_REDUNDANT, copies, 0);
		assert_int_equal(pass_some(20000), 20000 * (copies - 1));
		assert_int_equal(p.over_budget, 0);
		assert_int_equal(p.packets, 20000 * (copies - 1));
		assert_int_equal(p.bytes, p.packets * LEN);
	}
	start(SENDER_REDUNDANT, 0, 0);
	assert_int_equal(pass_some(100), 100);
}

static void redundant_keeps_to_the_percents_that_it_was_given(void **state)
{
	unsigned n;

	(void)state;
	start(SENDER_REDUNDANT, 2, 25);
	n = pass_some(10000);
	assert_in_range(n, 2500, 2500 + 33); /* and the burst that it begins with */
	assert_int_equal(p.over_budget, 10000 - n);
}

static void auto_copies_nothing_while_nothing_happens(void **state)
{
	(void)state;
	start(SENDER_AUTO, 0, 0);
	for (unsigned i = 0; i < 100; i++) {
		assert_int_equal(pass(true, false), 0);
		assert_int_equal(pass_some(31), 0);
	}
	assert_int_equal(p.over_budget, 0);
}

static void an_alarm_protects_what_follows_for_200_ms(void **state)
{
	(void)state;
	start(SENDER_AUTO, 0, 0);
	pass_some(4000); /* a burst is saved up */
	protect_alarm(&p, now);
	assert_int_equal(pass_some(190), 190);
	pass_some(1);
	assert_int_equal(pass_some(1000), 0);
}

static void a_key_frame_travels_twice_and_the_frames_between_do_not(void **state)
{
	(void)state;
	start(SENDER_AUTO, 0, 0);
	pass_some(4000);
	for (unsigned i = 0; i < 10; i++) {
		assert_int_equal(pass(true, true), 1);
		assert_int_equal(pass_some(60), 60);
		/* The packet with which the next frame begins has no more of it. */
		assert_int_equal(pass(true, false), 0);
		assert_int_equal(pass_some(1000), 0);
	}
	assert_int_equal(p.over_budget, 0);
}

static void a_key_frame_whose_end_is_lost_ends_by_itself(void **state)
{
	(void)state;
	start(SENDER_AUTO, 0, 100);
	pass_some(2000);
	assert_int_equal(pass(true, true), 1);
	assert_in_range(pass_some(2000), 470, 476); /* 500 ms */
}

static void an_encrypted_stream_has_no_key_frames(void **state)
{
	uint8_t buf[LEN];

	(void)state;
	start(SENDER_AUTO, 0, 0);
	make(buf, true, true);
	buf[4] |= 0x08;
	assert_int_equal(protect_extra(&p, buf, LEN, now), 0);
	assert_int_equal(p.over_budget, 0);
}

static void overlapping_hints_extend_and_never_shorten(void **state)
{
	ustime end;

	(void)state;
	start(SENDER_AUTO, 0, 100);
	protect_hint(&p, SEC(2), now);
	end = p.hinted_until;
	assert_int_equal(end, now + SEC(2));
	protect_hint(&p, MSEC(100), now + MSEC(500));
	assert_int_equal(p.hinted_until, end);
	protect_hint(&p, SEC(2), now + MSEC(500));
	assert_int_equal(p.hinted_until, end + MSEC(500));
	assert_int_equal(pass_some(100), 100);
	now = end + MSEC(501);
	assert_int_equal(pass_some(100), 0);
}

static void a_hint_holds_10_s_at_most(void **state)
{
	(void)state;
	start(SENDER_AUTO, 0, 0);
	protect_hint(&p, MSEC(INT64_C(0xffffffff)), now);
	assert_int_equal(p.hinted_until, now + SEC(10));
}

static void auto_adds_a_tenth_at_most_however_much_is_at_risk(void **state)
{
	(void)state;
	start(SENDER_AUTO, 0, 0);
	for (unsigned i = 0; i < 60; i++) { /* a minute that is hinted and alarmed throughout */
		protect_hint(&p, SEC(10), now);
		for (unsigned j = 0; j < 5; j++) {
			protect_alarm(&p, now);
			pass_some(190);
		}
	}
	assert_true(p.bytes <= bytes / 10 + 32 * 1316);
	assert_true(p.bytes >= bytes / 10 - 32 * 1316);
	assert_int_equal(p.over_budget, 57000 - p.packets);
}

static void what_quiet_times_save_is_bounded(void **state)
{
	unsigned n = 0;

	(void)state;
	start(SENDER_AUTO, 0, 0);
	pass_some(60000); /* a minute without a copy earns 8 MB */
	for (unsigned i = 0; i < 5; i++) {
		protect_alarm(&p, now);
		n += pass_some(190);
	}
	/* A tenth of two to four seconds of 10 Mbit/s, and of the second that passes here. */
	assert_in_range(n, 95 + 190, 95 + 380);
}

static void hints_leave_something_for_alarms(void **state)
{
	(void)state;
	start(SENDER_AUTO, 0, 0);
	pass_some(8000);
	protect_hint(&p, SEC(10), now);
	pass_some(2000);
	assert_true(p.over_budget > 0);
	protect_alarm(&p, now);
	assert_true(pass_some(60) == 60);
}

static void copies_that_found_no_link_cost_nothing(void **state)
{
	uint8_t buf[LEN];

	(void)state;
	start(SENDER_REDUNDANT, 2, 1);
	for (unsigned i = 0; i < 1000; i++) {
		make(buf, false, false);
		assert_int_equal(protect_extra(&p, buf, LEN, now), 1);
	}
	assert_int_equal(p.packets, 0);
}

static void a_debt_is_paid_before_there_are_copies_again(void **state)
{
	uint8_t buf[LEN];

	(void)state;
	start(SENDER_REDUNDANT, 2, 50);
	for (unsigned i = 0; i < 100; i++) /* granted, all of them, before any is sent */
		assert_int_equal(protect_extra(&p, buf, make(buf, false, false), now), 1);
	for (unsigned i = 0; i < 100; i++)
		protect_spent(&p, LEN);
	assert_true(p.budget < 0);
	assert_int_equal(pass_some(100), 0);
	assert_true(pass_some(200) > 0);
}

static void another_mode_takes_effect_with_the_next_packet(void **state)
{
	(void)state;
	start(SENDER_BALANCE, 2, 0);
	assert_int_equal(pass_some(100), 0);
	protect_set_mode(&p, SENDER_REDUNDANT);
	assert_int_equal(pass_some(100), 100);
	protect_set_mode(&p, SENDER_AUTO);
	assert_int_equal(pass_some(100), 0);
	protect_alarm(&p, now);
	assert_int_equal(pass_some(10), 10);
	protect_set_mode(&p, SENDER_CLASSIC);
	assert_int_equal(pass_some(10), 0);
	assert_int_equal(p.packets, 110);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_modes_that_send_once_make_no_copies),
		cmocka_unit_test(redundant_sends_each_packet_so_often_for_ever),
		cmocka_unit_test(redundant_keeps_to_the_percents_that_it_was_given),
		cmocka_unit_test(auto_copies_nothing_while_nothing_happens),
		cmocka_unit_test(an_alarm_protects_what_follows_for_200_ms),
		cmocka_unit_test(a_key_frame_travels_twice_and_the_frames_between_do_not),
		cmocka_unit_test(a_key_frame_whose_end_is_lost_ends_by_itself),
		cmocka_unit_test(an_encrypted_stream_has_no_key_frames),
		cmocka_unit_test(overlapping_hints_extend_and_never_shorten),
		cmocka_unit_test(a_hint_holds_10_s_at_most),
		cmocka_unit_test(auto_adds_a_tenth_at_most_however_much_is_at_risk),
		cmocka_unit_test(what_quiet_times_save_is_bounded),
		cmocka_unit_test(hints_leave_something_for_alarms),
		cmocka_unit_test(copies_that_found_no_link_cost_nothing),
		cmocka_unit_test(a_debt_is_paid_before_there_are_copies_again),
		cmocka_unit_test(another_mode_takes_effect_with_the_next_packet),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
