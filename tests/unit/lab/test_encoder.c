/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "lab/encoder.h"

static struct encoder encoder(uint64_t rate, unsigned fps, unsigned gop, unsigned key)
{
	struct encoder_config cfg = {.rate = rate, .fps = fps, .gop = gop, .key = key};
	struct encoder e;

	encoder_init(&e, &cfg);
	return e;
}

static uint64_t make(struct encoder *e, unsigned frames)
{
	uint64_t bytes = 0;

	while (frames-- > 0)
		bytes += encoder_frame(e);
	return bytes;
}

static void frames_come_at_their_pace_and_do_not_drift(void **state)
{
	struct encoder e = encoder(8000000, 30, 60, 500);

	(void)state;
	assert_int_equal(encoder_due(&e), 0);
	make(&e, 1);
	assert_int_equal(encoder_due(&e), 33333);
	make(&e, 1);
	assert_int_equal(encoder_due(&e), 66666);
	make(&e, 1);
	assert_int_equal(encoder_due(&e), 100000);
	make(&e, 30 * 3600 * 24 - 3);
	assert_int_equal(encoder_due(&e), SEC(86400));
}

static void key_frame_weighs_so_many_others(void **state)
{
	struct encoder e = encoder(12000000, 30, 60, 500);

	(void)state;
	/* 3 000 000 bytes in 2 s: 59 frames and one of five times their weight. */
	assert_int_equal(encoder_frame(&e), 234375);
	for (unsigned i = 1; i < 60; i++)
		assert_int_equal(encoder_frame(&e), 46875);
	assert_int_equal(encoder_frame(&e), 234375);
}

static void rate_is_met_to_the_byte_over_each_group_of_pictures(void **state)
{
	struct encoder e = encoder(8123456, 30, 60, 550);

	(void)state;
	for (unsigned i = 0; i < 1000; i++)
		assert_int_equal(make(&e, 60), 8123456 / 8 * 2);
}

static void without_key_frames_all_are_alike(void **state)
{
	struct encoder plain = encoder(6000000, 25, 0, 0), one = encoder(6000000, 25, 1, 500),
		       light = encoder(6000000, 25, 50, 0);

	(void)state;
	for (unsigned i = 0; i < 100; i++) {
		assert_int_equal(encoder_frame(&plain), 30000);
		assert_int_equal(encoder_frame(&one), 30000);
		assert_int_equal(encoder_frame(&light), 30000);
	}
}

static void frame_is_never_empty(void **state)
{
	struct encoder e = encoder(100, 60, 60, 500);

	(void)state;
	for (unsigned i = 0; i < 600; i++)
		assert_in_range(encoder_frame(&e), 1, 2);
}

static void new_rate_holds_from_the_next_frame_on(void **state)
{
	struct encoder e = encoder(8000000, 30, 60, 500);

	(void)state;
	make(&e, 90);
	encoder_set_rate(&e, 2000000);
	assert_int_equal(encoder_due(&e), SEC(3));
	/* The rest of this group, and then whole ones. */
	make(&e, 30);
	assert_int_equal(make(&e, 60), 500000);
	assert_int_equal(encoder_due(&e), SEC(6));
}

static void single_packets_come_evenly(void **state)
{
	struct encoder e = encoder(10528000, 0, 0, 0); /* 1000 packets a second */

	(void)state;
	for (unsigned i = 0; i < 5000; i++) {
		assert_int_equal(encoder_due(&e), MSEC(i));
		assert_int_equal(encoder_frame(&e), ENCODER_PAYLOAD);
	}
}

static void single_packets_change_their_pace_without_a_jump(void **state)
{
	struct encoder e = encoder(10528000, 0, 0, 0);

	(void)state;
	make(&e, 100);
	encoder_set_rate(&e, 5264000);
	assert_int_equal(encoder_due(&e), MSEC(100));
	make(&e, 1);
	assert_int_equal(encoder_due(&e), MSEC(102));
	make(&e, 499);
	assert_int_equal(encoder_due(&e), MSEC(1100));
	encoder_set_rate(&e, 10528000);
	make(&e, 3);
	assert_int_equal(encoder_due(&e), MSEC(1103));
}

static void single_packets_do_not_drift_at_odd_rates(void **state)
{
	struct encoder e = encoder(7777777, 0, 0, 0);

	(void)state;
	make(&e, 7777777);
	assert_int_equal(encoder_due(&e), SEC(8 * ENCODER_PAYLOAD));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_come_at_their_pace_and_do_not_drift),
		cmocka_unit_test(key_frame_weighs_so_many_others),
		cmocka_unit_test(rate_is_met_to_the_byte_over_each_group_of_pictures),
		cmocka_unit_test(without_key_frames_all_are_alike),
		cmocka_unit_test(frame_is_never_empty),
		cmocka_unit_test(new_rate_holds_from_the_next_frame_on),
		cmocka_unit_test(single_packets_come_evenly),
		cmocka_unit_test(single_packets_change_their_pace_without_a_jump),
		cmocka_unit_test(single_packets_do_not_drift_at_odd_rates),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
