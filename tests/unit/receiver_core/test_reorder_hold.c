/* SPDX-License-Identifier: MIT */
#include "scene.h"

/* How a hold ends. */

/* Keepalives come from the last link and media from all others, in order, for so long. */
static uint32_t flow(struct scene *x, unsigned links, uint32_t n, usspan span)
{
	static const uint8_t alive[SRT_HEADER_LEN] = {0x90, 0x00};

	for (usspan t = 0; t < span; t += MSEC(1)) {
		bring(x, n % (links - 1), n);
		n++;
		if (t % SEC(1) == 0)
			send_net(&x->s, link_of(1, links - 1), alive, 10);
		pass(&x->s, MSEC(1));
		discard(&x->s);
	}
	return n;
}

static void idle_link_holds_up_the_others_for_a_moment_at_most(void **state)
{
	/* It is alive, and might be used again. */
	struct scene x;
	ustime began;
	uint32_t n;

	(void)state;
	begin(&x, 3, 2000);
	n = flow(&x, 3, 0, SEC(5));
	began = x.s.now;
	bring(&x, 0, n + 1);
	bring(&x, 1, n + 2);
	while (order(&x).held > 0 && x.s.now - began < SEC(2))
		pass(&x.s, USEC(100));
	assert_true(x.s.now - began <= MSEC(60));
	end(&x);
}

static void link_that_has_gone_is_not_waited_for(void **state)
{
	/* It sent, and for three seconds nothing at all has come from it. */
	struct scene x;

	(void)state;
	begin(&x, 2, 8000);
	all_have_sent(&x, 2);
	for (uint32_t n = 2; n < 302; n++) {
		bring(&x, 0, n);
		pass(&x.s, MSEC(10));
		discard(&x.s);
	}
	bring(&x, 0, 303);
	assert_string_equal(got(&x), "303");
	assert_int_equal(order(&x).passed, 1);
	end(&x);
}

static void member_that_falls_silent_is_waited_for_no_longer_than_its_patience(void **state)
{
	/* It has delivered every 2 ms without fail, so a third of the latency is far too long. */
	struct scene x;
	ustime began;

	(void)state;
	begin(&x, 2, 2000);
	for (uint32_t n = 0; n < 1000; n++) {
		bring(&x, n % 2, n);
		pass(&x.s, MSEC(1));
	}
	discard(&x.s);
	began = x.s.now;
	for (uint32_t n = 1001; *got(&x) == '\0' && n < 2000; n++) {
		bring(&x, 0, n);
		pass(&x.s, MSEC(1));
	}
	assert_true(x.s.now - began >= MSEC(15));
	assert_true(x.s.now - began <= MSEC(120));
	assert_int_equal(order(&x).silent, 1);
	assert_int_equal(order(&x).timed_out, 0);
	end(&x);
}

static void hold_ends_while_the_encoder_can_yet_send_it_again(void **state)
{
	/* It is made at 2 ms and played at 302: a round trip and something before that. */
	static const usspan rtts[] = {MSEC(20), MSEC(100), MSEC(200)};
	struct scene x;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		usspan held;

		begin(&x, 2, 300);
		measured_rtt(&x, (uint32_t)rtts[i]);
		all_have_sent(&x, 2);
		bring(&x, 0, 3);
		assert_string_equal(got(&x), "");
		held = until_let_go(&x, 1);
		assert_true(held <= MSEC(302) - rtts[i]);
		assert_true(held >= MSEC(302) - rtts[i] - MSEC(60));
		assert_int_equal(order(&x).timed_out, 1);
		end(&x);
	}
}

static void play_out_is_that_of_the_first_that_waits(void **state)
{
	/* What was made 80 ms later may wait longer. */
	struct scene x;
	usspan first, second;

	(void)state;
	begin(&x, 2, 300);
	all_have_sent(&x, 2);
	bring(&x, 0, 3);
	first = until_let_go(&x, 1);
	bring(&x, 0, 83);
	second = until_let_go(&x, 1);
	assert_in_range(second, MSEC(80) - MSEC(2), MSEC(80) + MSEC(2));
	assert_true(first > second);
	end(&x);
}

static void what_must_be_played_by_now_is_not_held_at_all(void **state)
{
	struct scene x;

	(void)state;
	begin(&x, 2, 120);
	all_have_sent(&x, 2);
	pass(&x.s, MSEC(115));
	bring(&x, 0, 4);
	assert_string_equal(got(&x), "4");
	end(&x);
}

static void without_a_known_latency_nothing_is_held_longer_than_100_ms(void **state)
{
	struct scene x;

	(void)state;
	begin_with(&x, NULL, 2);
	all_have_sent(&x, 2);
	bring(&x, 0, 3);
	assert_string_equal(got(&x), "");
	assert_in_range(until_let_go(&x, 1), MSEC(90), MSEC(101));
	assert_int_equal(order(&x).timed_out, 1);
	end(&x);
}

/* The gap shrinks from above, each time a little before its time is up. */
static usspan longest_while_gap_shrinks(const struct receiver_config *cfg, usspan step)
{
	static struct scene x;
	usspan longest;

	begin_with(&x, cfg, 2);
	all_have_sent(&x, 2);
	bring(&x, 0, 20);
	for (uint32_t n = 19; n > 10; n--) {
		for (usspan t = 0; t < step; t += MSEC(1))
			linger(&x, 1);
		bring_again(&x, 0, n);
	}
	until_let_go(&x, 1);
	longest = order(&x).longest;
	end(&x);
	return longest;
}

static void packets_that_make_a_gap_smaller_do_not_make_it_last_longer(void **state)
{
	struct receiver_config cfg = stage_config();

	(void)state;
	assert_true(longest_while_gap_shrinks(NULL, MSEC(40)) <= MSEC(102));
	cfg.hold = MSEC(30);
	assert_true(longest_while_gap_shrinks(&cfg, MSEC(10)) <= MSEC(32));
}

static void span_of_the_hold_option_is_a_limit_too(void **state)
{
	struct receiver_config cfg = stage_config();
	struct scene x;

	(void)state;
	cfg.hold = MSEC(40);
	begin_with(&x, &cfg, 2);
	shake(&x, CALLER, 1000, 2000);
	all_have_sent(&x, 2);
	bring(&x, 0, 3);
	assert_in_range(until_let_go(&x, 1), MSEC(38), MSEC(41));
	/* The play-out time limits a long one. */
	end(&x);
	cfg.hold = SEC(10);
	begin_with(&x, &cfg, 2);
	shake(&x, CALLER, 1000, 300);
	all_have_sent(&x, 2);
	bring(&x, 0, 3);
	assert_true(until_let_go(&x, 1) < MSEC(300));
	end(&x);
}

static void release_of_a_long_hold_is_paced(void **state)
{
	/* 32 each half millisecond: a socket of the usual size takes that. */
	struct scene x;
	unsigned count = 0;
	struct seen seen;

	(void)state;
	begin(&x, 2, 2000);
	all_have_sent(&x, 2);
	for (uint32_t n = 3; n < 500; n++)
		bring(&x, 0, n);
	discard(&x.s);
	assert_int_equal(order(&x).held, 497);
	bring(&x, 1, 2);
	for (usspan t = 0; t < MSEC(9); t += USEC(500)) {
		unsigned burst = 0;

		while (take(&x.s, &seen)) {
			if (seen.port != x.port)
				continue;
			assert_int_equal(be32(seen.data), x.first + 2 + count);
			count++;
			burst++;
		}
		assert_in_range(burst, count < 498 ? 32 : 0, 33);
		if (t == MSEC(2))
			bring(&x, 0, 500); /* goes to the end, not past those that wait */
		assert_true(receiver_deadline(x.s.r) > x.s.now);
		pass(&x.s, USEC(500));
	}
	assert_int_equal(count, 499);
	assert_int_equal(order(&x).held, 0);
	assert_true(order(&x).paced > 0);
	end(&x);
}

static void paced_release_is_faster_than_what_comes_meanwhile(void **state)
{
	/* 100 000 packets a second, more than a release would let go by itself. */
	struct scene x;
	uint32_t n = 3;

	(void)state;
	begin(&x, 2, 2000);
	all_have_sent(&x, 2);
	while (n < 500)
		bring(&x, 0, n++);
	bring(&x, 1, 2);
	for (usspan t = 0; t < MSEC(9); t += USEC(500)) {
		for (unsigned i = 0; i < 50; i++)
			bring(&x, 0, n++);
		discard(&x.s);
		pass(&x.s, USEC(500));
	}
	assert_true(order(&x).paced > 0);
	assert_int_equal(order(&x).held, 0);
	end(&x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(idle_link_holds_up_the_others_for_a_moment_at_most),
		cmocka_unit_test(link_that_has_gone_is_not_waited_for),
		cmocka_unit_test(
			member_that_falls_silent_is_waited_for_no_longer_than_its_patience),
		cmocka_unit_test(hold_ends_while_the_encoder_can_yet_send_it_again),
		cmocka_unit_test(play_out_is_that_of_the_first_that_waits),
		cmocka_unit_test(what_must_be_played_by_now_is_not_held_at_all),
		cmocka_unit_test(without_a_known_latency_nothing_is_held_longer_than_100_ms),
		cmocka_unit_test(packets_that_make_a_gap_smaller_do_not_make_it_last_longer),
		cmocka_unit_test(span_of_the_hold_option_is_a_limit_too),
		cmocka_unit_test(release_of_a_long_hold_is_paced),
		cmocka_unit_test(paced_release_is_faster_than_what_comes_meanwhile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
