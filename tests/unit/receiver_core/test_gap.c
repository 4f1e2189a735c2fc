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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_loss_of_a_classic_sender_is_told_at_once),
		cmocka_unit_test(a_sender_that_repairs_has_the_time_to_do_so),
		cmocka_unit_test(a_repair_that_comes_in_time_leaves_no_trace),
		cmocka_unit_test(a_repair_is_not_waited_for_beyond_play_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
