/* SPDX-License-Identifier: MIT */
#include "scene.h"

#include <errno.h>

/* In order, and each once. */

static void what_comes_in_order_passes_at_once(void **state)
{
	struct scene x;

	(void)state;
	begin(&x, 3, 2000);
	for (uint32_t n = 0; n < 300; n++) {
		char want[16];

		bring(&x, n % 3, n);
		snprintf(want, sizeof(want), "%u", n);
		assert_string_equal(got(&x), want);
		pass(&x.s, MSEC(1));
	}
	assert_int_equal(order(&x).waited, 0);
	assert_int_equal(order(&x).late, 0);
	end(&x);
}

static void overtaken_packets_wait_and_all_leave_in_order(void **state)
{
	struct scene x;

	(void)state;
	begin(&x, 2, 2000);
	all_have_sent(&x, 2);
	bring(&x, 0, 4);
	bring(&x, 0, 5);
	bring(&x, 0, 8);
	assert_string_equal(got(&x), "");
	assert_int_equal(order(&x).held, 3);
	pass(&x.s, MSEC(5));
	bring(&x, 1, 2);
	assert_string_equal(got(&x), "2");
	bring(&x, 1, 3);
	assert_string_equal(got(&x), "3-5");
	bring(&x, 1, 6);
	bring(&x, 1, 7);
	assert_string_equal(got(&x), "6-8");
	assert_int_equal(order(&x).held, 0);
	assert_int_equal(order(&x).most, 3);
	assert_int_equal(order(&x).waited, 3);
	assert_int_equal(order(&x).longest, MSEC(5));
	assert_int_equal(order(&x).filled, 2);
	end(&x);
}

static void gap_that_every_member_has_passed_is_given_up_at_once(void **state)
{
	struct scene x;

	(void)state;
	begin(&x, 3, 2000);
	all_have_sent(&x, 3);
	bring(&x, 0, 5);
	bring(&x, 1, 6);
	assert_string_equal(got(&x), "");
	bring(&x, 2, 7);
	assert_string_equal(got(&x), "5-7");
	assert_int_equal(order(&x).passed, 1);
	assert_int_equal(order(&x).filled, 0);
	end(&x);
}

static void each_gap_waits_for_its_own_members(void **state)
{
	/* 3 is lost, and 5 is on its way: giving up the one says nothing of the other. */
	struct scene x;

	(void)state;
	begin(&x, 2, 2000);
	all_have_sent(&x, 2);
	bring(&x, 0, 2);
	bring(&x, 0, 4);
	bring(&x, 0, 6);
	assert_string_equal(got(&x), "2");
	bring(&x, 1, 5);
	assert_string_equal(got(&x), "4-6");
	assert_int_equal(order(&x).passed, 1);
	end(&x);
}

static void copy_of_what_has_passed_shows_that_its_member_has_come_so_far(void **state)
{
	/* The second link carries the same packets for safety: it brought 3, and so 2 is lost. */
	struct scene x;

	(void)state;
	begin(&x, 2, 2000);
	all_have_sent(&x, 2);
	bring(&x, 0, 3);
	assert_string_equal(got(&x), "");
	bring(&x, 1, 3);
	assert_string_equal(got(&x), "3");
	assert_int_equal(order(&x).duplicate, 1);
	end(&x);
}

static void lone_link_waits_for_nobody(void **state)
{
	struct scene x;

	(void)state;
	begin(&x, 1, 2000);
	all_have_sent(&x, 1);
	bring(&x, 0, 1);
	bring(&x, 0, 7);
	bring(&x, 0, 8);
	assert_string_equal(got(&x), "1 7-8");
	assert_int_equal(order(&x).waited, order(&x).passed);
	end(&x);
}

static void hold_off_passes_all_at_once_and_duplicates_never(void **state)
{
	struct receiver_config cfg = stage_config();
	struct scene x;

	(void)state;
	cfg.hold = -1;
	begin_with(&x, &cfg, 2);
	shake(&x, CALLER, 1000, 2000);
	bring(&x, 0, 1);
	bring(&x, 1, 0);
	bring(&x, 0, 7);
	bring(&x, 0, 3);
	bring(&x, 1, 3);
	bring(&x, 1, 7);
	bring(&x, 1, 0);
	bring(&x, 0, 4);
	assert_string_equal(got(&x), "1 0 7 3-4");
	assert_int_equal(order(&x).duplicate, 3);
	assert_int_equal(order(&x).waited, 0);
	assert_int_equal(view(&x.s).drops.duplicate, 3);
	end(&x);
}

static void duplicates_end_here_wherever_their_first_copy_is(void **state)
{
	struct scene x;

	(void)state;
	begin(&x, 2, 2000);
	all_have_sent(&x, 2);
	bring(&x, 1, 0);       /* passed in its turn */
	bring(&x, 0, 5);
	bring(&x, 0, 5);       /* held */
	bring_again(&x, 0, 5); /* the R bit makes no difference */
	assert_string_equal(got(&x), "");
	bring(&x, 1, 6);
	bring(&x, 1, 3);
	bring(&x, 0, 3);       /* passed, late */
	bring(&x, 0, 6);       /* passed from the shelf */
	assert_string_equal(got(&x), "5-6 3");
	assert_int_equal(order(&x).duplicate, 5);
	assert_int_equal(order(&x).late, 1);
	assert_int_equal(view(&x.s).drops.duplicate, 5);
	end(&x);
}

static void packet_that_the_socket_refused_may_pass_again(void **state)
{
	/* With the error that blames the packet alone, and with one that means the server. */
	static const int errors[] = {ENOBUFS, ECONNREFUSED};
	struct scene x;
	struct pkt *p;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		begin(&x, 2, 2000);
		all_have_sent(&x, 2);
		bring(&x, 0, 2);
		p = outbox_take(&x.s.out);
		receiver_server_error(x.s.r, x.port, p, errors[i], x.s.now, &x.s.out);
		bring(&x, 0, 3);
		bring_again(&x, 1, 3);
		bring_again(&x, 1, 2);
		bring_again(&x, 1, 2);
		assert_string_equal(got(&x), "3 2");
		assert_int_equal(order(&x).duplicate, 2);
		end(&x);
	}
}

static void error_without_a_packet_forgets_nothing(void **state)
{
	struct scene x;

	(void)state;
	begin(&x, 2, 2000);
	all_have_sent(&x, 2);
	receiver_server_error(x.s.r, x.port, NULL, ECONNREFUSED, x.s.now, &x.s.out);
	bring_again(&x, 0, 0);
	bring_again(&x, 0, 1);
	assert_string_equal(got(&x), "");
	end(&x);
}

static void packet_that_was_lost_behind_us_may_pass_again(void **state)
{
	struct scene x;

	(void)state;
	begin(&x, 2, 2000);
	for (uint32_t n = 0; n < 10; n++)
		bring(&x, n % 2, n);
	discard(&x.s);
	ask_for(&x, 3, 5);
	for (uint32_t n = 0; n < 10; n++)
		bring_again(&x, 0, n);
	assert_string_equal(got(&x), "3-5");
	/* Asked for once more, it may come once more. */
	bring_again(&x, 0, 4);
	ask_for(&x, 4, 4);
	bring_again(&x, 1, 4);
	bring_again(&x, 1, 4);
	assert_string_equal(got(&x), "4");
	end(&x);
}

static void asking_for_what_is_held_here_makes_no_second_of_it(void **state)
{
	struct scene x;

	(void)state;
	begin(&x, 2, 2000);
	all_have_sent(&x, 2);
	bring(&x, 0, 4);
	ask_for(&x, 2, 1000);
	bring_again(&x, 0, 4);
	assert_int_equal(order(&x).duplicate, 1);
	bring(&x, 1, 2);
	bring(&x, 1, 3);
	assert_string_equal(got(&x), "2-4");
	end(&x);
}

static void late_packets_pass_at_once_even_while_others_wait(void **state)
{
	struct scene x;

	(void)state;
	begin(&x, 2, 2000);
	all_have_sent(&x, 2);
	bring(&x, 0, 4);
	bring(&x, 1, 6);
	assert_string_equal(got(&x), "4");
	bring(&x, 1, 8);
	bring(&x, 0, 3);
	bring(&x, 1, 2);
	assert_string_equal(got(&x), "3 2");
	assert_int_equal(order(&x).late, 2);
	assert_int_equal(order(&x).held, 2);
	end(&x);
}

static void control_packets_overtake_what_is_held(void **state)
{
	struct scene x;
	uint8_t ackack[SRT_HEADER_LEN + 4];

	(void)state;
	begin(&x, 2, 2000);
	all_have_sent(&x, 2);
	bring(&x, 0, 3);
	control(ackack, sizeof(ackack), SRT_ACKACK, SERVER);
	put_be32(ackack + 4, 1);
	send_net(&x.s, link_of(1, 0), ackack, sizeof(ackack));
	assert_string_equal(got(&x), "SRT");
	bring(&x, 1, 2);
	assert_string_equal(got(&x), "2-3");
	end(&x);
}

static void numbers_wrap_inside_a_gap(void **state)
{
	struct scene x;

	(void)state;
	for (uint32_t before = 0; before < 8; before++) {
		begin_with(&x, NULL, 2);
		shake(&x, CALLER, SEQ_MASK - before, 2000);
		all_have_sent(&x, 2);
		bring(&x, 0, 8);
		bring(&x, 0, 9);
		for (uint32_t n = 2; n < 5; n++)
			bring(&x, 1, n);
		assert_string_equal(got(&x), "2-4");
		bring(&x, 1, 10);
		bring(&x, 0, 6);
		bring_again(&x, 0, 9);
		assert_string_equal(got(&x), "8-10 6");
		ask_for(&x, 5, 8);
		bring_again(&x, 0, 5);
		bring_again(&x, 0, 8);
		assert_string_equal(got(&x), "5 8");
		assert_int_equal(order(&x).duplicate, 1);
		end(&x);
	}
}

static void sixty_four_members_are_waited_for(void **state)
{
	struct receiver_config cfg = stage_config();
	struct scene x;

	(void)state;
	cfg.members = 64;
	begin_with(&x, &cfg, 64);
	shake(&x, CALLER, 1000, 2000);
	all_have_sent(&x, 64);
	assert_int_equal(group_view(&x.s, x.port).count, 64);
	for (unsigned i = 0; i < 63; i++)
		bring(&x, i, 65 + i);
	assert_string_equal(got(&x), "");
	bring(&x, 63, 65 + 63);
	assert_string_equal(got(&x), "65-96");
	pass(&x.s, MSEC(1));
	assert_string_equal(got(&x), "97-128");
	end(&x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_comes_in_order_passes_at_once),
		cmocka_unit_test(overtaken_packets_wait_and_all_leave_in_order),
		cmocka_unit_test(gap_that_every_member_has_passed_is_given_up_at_once),
		cmocka_unit_test(each_gap_waits_for_its_own_members),
		cmocka_unit_test(copy_of_what_has_passed_shows_that_its_member_has_come_so_far),
		cmocka_unit_test(lone_link_waits_for_nobody),
		cmocka_unit_test(hold_off_passes_all_at_once_and_duplicates_never),
		cmocka_unit_test(duplicates_end_here_wherever_their_first_copy_is),
		cmocka_unit_test(packet_that_the_socket_refused_may_pass_again),
		cmocka_unit_test(error_without_a_packet_forgets_nothing),
		cmocka_unit_test(packet_that_was_lost_behind_us_may_pass_again),
		cmocka_unit_test(asking_for_what_is_held_here_makes_no_second_of_it),
		cmocka_unit_test(late_packets_pass_at_once_even_while_others_wait),
		cmocka_unit_test(control_packets_overtake_what_is_held),
		cmocka_unit_test(numbers_wrap_inside_a_gap),
		cmocka_unit_test(sixty_four_members_are_waited_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
