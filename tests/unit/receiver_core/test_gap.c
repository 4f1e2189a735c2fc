/* SPDX-License-Identifier: MIT */
#include "scene.h"

#include "shared/wire/keepalive.h"

/* Over one link, 60 ms away, of a sender that can do this. */
static void greet(struct scene *x, uint32_t abilities)
{
	struct keepalive k = {
		.timed = true, .extended = true, .greets = true, .window = 20000, .srtt = 60,
		.hello = {.role = KEEPALIVE_ROLE_SENDER, .version = KEEPALIVE_VERSION,
			  .abilities = abilities}};
	uint8_t data[KEEPALIVE_HELLO];

	send_net(&x->s, link_of(1, 0), data, keepalive_build(data, &k));
	discard(&x->s);
}

/* Both links have delivered 4, and 2 and 3 are missing. */
static void lose_two(struct scene *x)
{
	bring(x, 0, 4);
	bring(x, 1, 5);
}

static void a_loss_of_a_classic_sender_is_told_at_once(void **state)
{
	struct scene x;

	(void)state;
	begin(&x, 2, 2000);
	all_have_sent(&x, 2);
	greet(&x, 0);
	lose_two(&x);
	assert_string_equal(got(&x), "4-5");
	assert_int_equal(order(&x).passed, 1);
	end(&x);
}

/* Two and a half round trips of 60 ms, and 80 ms for reports and queues. */
static void a_sender_that_repairs_has_the_time_to_do_so(void **state)
{
	struct scene x;

	(void)state;
	begin(&x, 2, 2000);
	all_have_sent(&x, 2);
	greet(&x, KEEPALIVE_REPAIRS);
	lose_two(&x);
	assert_string_equal(got(&x), "");
	pass(&x.s, MSEC(229));
	assert_string_equal(got(&x), "");
	pass(&x.s, MSEC(1));
	assert_string_equal(got(&x), "4-5");
	end(&x);
}

static void a_repair_that_comes_in_time_leaves_no_trace(void **state)
{
	struct scene x;

	(void)state;
	begin(&x, 2, 2000);
	all_have_sent(&x, 2);
	greet(&x, KEEPALIVE_REPAIRS);
	lose_two(&x);
	pass(&x.s, MSEC(120));
	bring_again(&x, 0, 2);
	bring_again(&x, 1, 3);
	assert_string_equal(got(&x), "2-5");
	assert_int_equal(order(&x).late, 0);
	end(&x);
}

static void a_repair_is_not_waited_for_beyond_play_out(void **state)
{
	struct scene x;

	(void)state;
	begin(&x, 2, 200);
	all_have_sent(&x, 2);
	greet(&x, KEEPALIVE_REPAIRS);
	lose_two(&x);
	/* Packet 4 was made 4 ms after the conclusion. */
	pass(&x.s, MSEC(200 + 4 - 15) - 1);
	assert_string_equal(got(&x), "");
	pass(&x.s, 1);
	assert_string_equal(got(&x), "4-5");
	assert_int_equal(order(&x).timed_out, 1);
	end(&x);
}

/* Nothing waits for this link, and this number was the newest on it. */
static void mark_idle(struct scene *x, unsigned link, uint32_t seq)
{
	struct keepalive k = {.srtt = 60, .idle = true, .idle_seq = seq};
	uint8_t data[KEEPALIVE_MOST];

	send_net(&x->s, link_of(1, link), data, keepalive_build(data, &k));
}

static void link_that_is_marked_idle_is_not_waited_for(void **state)
{
	struct scene x;

	(void)state;
	begin(&x, 2, 2000);
	all_have_sent(&x, 2);
	bring(&x, 0, 3);
	assert_string_equal(got(&x), ""); /* the other one may have 2 on its way */
	mark_idle(&x, 1, seq_add(x.first, 1));
	assert_string_equal(got(&x), "3");
	assert_int_equal(order(&x).passed, 1);
	bring(&x, 0, 5);
	assert_string_equal(got(&x), "5");
	end(&x);
}

static void mark_of_a_number_that_has_not_come_yet_means_nothing_until_then(void **state)
{
	struct scene x;

	(void)state;
	begin(&x, 2, 2000);
	all_have_sent(&x, 2);
	mark_idle(&x, 1, seq_add(x.first, 2));
	bring(&x, 0, 4);
	assert_string_equal(got(&x), "");
	bring(&x, 1, 2);
	assert_string_equal(got(&x), "2 4");
	end(&x);
}

static void link_that_sends_again_is_waited_for_again(void **state)
{
	struct scene x;

	(void)state;
	begin(&x, 2, 2000);
	all_have_sent(&x, 2);
	mark_idle(&x, 1, seq_add(x.first, 1));
	bring_again(&x, 1, 0); /* older than the mark, but sent after it */
	bring(&x, 0, 3);
	assert_string_equal(got(&x), "");
	mark_idle(&x, 1, seq_add(x.first, 1));
	assert_string_equal(got(&x), "3");
	bring(&x, 1, 4);
	bring(&x, 0, 6);
	assert_string_equal(got(&x), "4");
	end(&x);
}

static void link_that_never_carried_anything_may_be_idle_too(void **state)
{
	struct scene x;

	(void)state;
	begin(&x, 2, 2000);
	mark_idle(&x, 1, SEQ_NONE);
	bring(&x, 0, 0);
	bring(&x, 0, 2);
	assert_string_equal(got(&x), "0 2");
	bring(&x, 1, 3);
	bring(&x, 0, 5);
	assert_string_equal(got(&x), "3");
	end(&x);
}

/* All links are idle but the one that repairs: the sender still has its time. */
static void mark_does_not_cut_short_the_time_for_repairs(void **state)
{
	struct scene x;

	(void)state;
	begin(&x, 2, 2000);
	all_have_sent(&x, 2);
	greet(&x, KEEPALIVE_REPAIRS);
	mark_idle(&x, 1, seq_add(x.first, 1));
	bring(&x, 0, 3);
	pass(&x.s, MSEC(229));
	assert_string_equal(got(&x), "");
	pass(&x.s, MSEC(1));
	assert_string_equal(got(&x), "3");
	end(&x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_loss_of_a_classic_sender_is_told_at_once),
		cmocka_unit_test(a_sender_that_repairs_has_the_time_to_do_so),
		cmocka_unit_test(a_repair_that_comes_in_time_leaves_no_trace),
		cmocka_unit_test(a_repair_is_not_waited_for_beyond_play_out),
		cmocka_unit_test(link_that_is_marked_idle_is_not_waited_for),
		cmocka_unit_test(mark_of_a_number_that_has_not_come_yet_means_nothing_until_then),
		cmocka_unit_test(link_that_sends_again_is_waited_for_again),
		cmocka_unit_test(link_that_never_carried_anything_may_be_idle_too),
		cmocka_unit_test(mark_does_not_cut_short_the_time_for_repairs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
