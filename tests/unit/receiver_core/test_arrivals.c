/* SPDX-License-Identifier: MIT */
#include "told.h"

static void what_came_is_told_each_ten_milliseconds_and_once_again(void **state)
{
	struct scene x;

	(void)state;
	begin_reported(&x, 2);
	bring(&x, 0, 0);
	pass(&x.s, 0);
	assert_told(&x, "70+1: 0");
	bring(&x, 0, 2);
	bring(&x, 0, 1);
	pass(&x.s, MSEC(9));
	bring(&x, 0, 4);
	assert_int_equal(count_reports(&x), 0);
	pass(&x.s, MSEC(1));
	assert_told(&x, "70+4: 0 2 1 4");
	bring(&x, 0, 3);
	ten_milliseconds_pass(&x);
	assert_told(&x, "70+5: 2 1 4 3");
	ten_milliseconds_pass(&x);
	assert_told(&x, "70+5: 3");
	pass(&x.s, SEC(3));
	assert_int_equal(count_reports(&x), 0);
	assert_int_equal(group_view(&x.s, x.port).reports, 4);
	end(&x);
}

static void each_link_is_told_in_its_own_order_and_repeats_count(void **state)
{
	struct scene x;

	(void)state;
	begin_reported(&x, 2);
	bring(&x, 0, 3);
	bring(&x, 1, 0);
	bring(&x, 0, 1);
	bring_again(&x, 0, 3);
	bring(&x, 1, 3);
	bring(&x, 1, 2);
	pass(&x.s, 0);
	assert_told(&x, "70+3: 3 1 3, 71+3: 0 3 2");
	end(&x);
}

static void serial_steps_by_one_and_times_are_of_one_clock(void **state)
{
	struct scene x;
	struct seen seen;
	struct told before, r;
	struct report_reader reader;
	struct report_link link;
	struct report_arrival a;
	ustime came;

	(void)state;
	begin_reported(&x, 2);
	bring(&x, 0, 0);
	bring(&x, 1, 1);
	pass(&x.s, 0);
	before = take_pair(&x);
	assert_int_equal(before.clock, ticks(x.s.now));
	pass(&x.s, MSEC(3));
	came = x.s.now;
	bring(&x, 1, 2);
	pass(&x.s, MSEC(7));
	do
		assert_true(take(&x.s, &seen));
	while (!report_open(&reader, seen.data, seen.len));
	assert_int_equal(reader.serial, (uint16_t)(before.serial + 1));
	assert_int_equal(reader.clock, ticks(x.s.now));
	assert_true(report_next_link(&reader, &link) && report_next(&reader, &a));
	assert_int_equal(a.at, before.clock);
	assert_true(report_next_link(&reader, &link) && report_next(&reader, &a));
	assert_int_equal(a.at, before.clock);
	assert_true(report_next(&reader, &a));
	assert_int_equal(a.at, ticks(came));
	discard(&x.s);
	ten_milliseconds_pass(&x);
	r = take_pair(&x);
	assert_int_equal(r.serial, (uint16_t)(before.serial + 2));
	end(&x);
}

static void link_that_wakes_up_is_told_at_once(void **state)
{
	struct scene x;

	(void)state;
	begin_reported(&x, 2);
	bring(&x, 1, 0);
	for (unsigned i = 1; i <= 20; i++) {
		bring(&x, 0, i);
		pass(&x.s, MSEC(5));
	}
	pass(&x.s, MSEC(2));
	discard(&x.s);
	bring(&x, 0, 21); /* it was here just now */
	pass(&x.s, 0);
	assert_int_equal(count_reports(&x), 0);
	bring(&x, 1, 22);
	pass(&x.s, 0);
	assert_told(&x, "70+21: 19 20 21, 71+2: 22");
	end(&x);
}

static void classic_sender_gets_none(void **state)
{
	static const uint32_t abilities[] = {0, KEEPALIVE_REPAIRS, ~(uint32_t)KEEPALIVE_REPORTS};

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		struct scene x;

		begin(&x, 2, 2000);
		for (unsigned n = 0; n < 300; n++) {
			if (i > 0 && n % 100 == 0)
				greet_as(&x, n / 100 % 2, abilities[i - 1]);
			bring(&x, n % 2, n);
			pass(&x.s, MSEC(1));
			assert_int_equal(count_reports(&x), 0);
		}
		assert_int_equal(group_view(&x.s, x.port).reports, 0);
		end(&x);
	}
}

static void sender_may_want_no_more_reports(void **state)
{
	struct scene x;

	(void)state;
	begin_reported(&x, 2);
	bring(&x, 0, 0);
	greet_as(&x, 1, KEEPALIVE_REPAIRS);
	bring(&x, 0, 1);
	ten_milliseconds_pass(&x);
	assert_int_equal(count_reports(&x), 0);
	greet_as(&x, 1, KEEPALIVE_REPORTS);
	bring(&x, 0, 2);
	pass(&x.s, 0);
	assert_told(&x, "70+3: 2");
	end(&x);
}

static void answer_to_the_hello_says_that_reports_can_be_had(void **state)
{
	uint8_t data[KEEPALIVE_MOST];
	struct keepalive k;
	struct scene x;
	struct seen seen;

	(void)state;
	begin(&x, 1, 2000);
	send_net(&x.s, link_of(1, 0), data, greeting(data, 0, 0, 60));
	assert_true(take(&x.s, &seen));
	assert_true(keepalive_parse(seen.data, seen.len, &k));
	assert_int_equal(k.hello.role, KEEPALIVE_ROLE_RECEIVER);
	assert_int_equal(k.hello.abilities, KEEPALIVE_REPORTS);
	end(&x);
}

static void link_without_a_name_is_left_out(void **state)
{
	struct scene x;

	(void)state;
	begin(&x, 3, 2000);
	greet_as(&x, 0, KEEPALIVE_REPORTS);
	bring(&x, 1, 0);
	ten_milliseconds_pass(&x);
	assert_int_equal(count_reports(&x), 0);
	bring(&x, 0, 1);
	bring(&x, 1, 2);
	pass(&x.s, 0);
	assert_told(&x, "70+1: 1");
	greet_as(&x, 1, KEEPALIVE_REPORTS);
	ten_milliseconds_pass(&x);
	assert_told(&x, "70+1: 1, 71+2: 2");
	end(&x);
}

/* Its place in the group goes to another one at once. */
static void member_that_left_is_not_told_of(void **state)
{
	struct receiver_config cfg = stage_config();
	uint8_t id[SRTLA_ID_LEN];
	struct scene x;

	(void)state;
	cfg.members = 2;
	memset(&x, 0, sizeof(x));
	stage_up_with(&x.s, &cfg, POOL);
	x.port = join_group(&x.s, link_of(1, 0), 7, id);
	assert_int_equal(reg2(&x.s, link_of(1, 1), id), SRTLA_REG3);
	greet_as(&x, 0, KEEPALIVE_REPORTS);
	greet_as(&x, 1, KEEPALIVE_REPORTS);
	pass(&x.s, SEC(5));
	bring(&x, 0, 5);
	bring(&x, 1, 6);
	pass(&x.s, 0);
	assert_told(&x, "70+1: 5, 71+1: 6");
	/* A full group takes the sender's new port for the old one of that host. */
	assert_int_equal(reg2(&x.s, at("10.1.1.1", 4001), id), SRTLA_REG3);
	assert_int_equal(group_view(&x.s, x.port).count, 2);
	ten_milliseconds_pass(&x);
	assert_told(&x, "70+1: 5");
	end(&x);
}

static void reports_go_the_two_best_ways(void **state)
{
	unsigned copies[4] = {0};
	struct scene x;

	(void)state;
	begin_reported(&x, 4); /* 60, 70, 80 and 90 ms long */
	pass(&x.s, MSEC(300));
	for (unsigned n = 0; n < 40; n++) {
		struct told r;

		bring(&x, 3 - n % 3, n); /* nothing comes by the shortest */
		pass(&x.s, MSEC(1));
		if (n < 3)
			discard(&x.s); /* not all of them have spoken */
		while (take_report(&x, &r)) {
			assert_in_range(r.to.addr[2], 1, 2);
			copies[r.to.addr[2]]++;
		}
	}
	assert_in_range(copies[1], 3, 4);
	assert_int_equal(copies[2], copies[1]);
	end(&x);
}

static void group_that_ends_takes_its_reports_along(void **state)
{
	struct scene x;

	(void)state;
	begin_reported(&x, 2);
	bring(&x, 0, 0);
	bring(&x, 1, 2);
	discard(&x.s);
	pass(&x.s, SEC(60));
	assert_int_equal(view(&x.s).groups, 0);
	discard(&x.s);
	gather(&x, 2, 1); /* in the same place */
	bring_to(&x, 2, 0, 7);
	ten_milliseconds_pass(&x);
	assert_int_equal(count_reports(&x), 0);
	end(&x);
}

static void reports_go_on_after_a_restart_with_a_later_serial(void **state)
{
	struct receiver_config cfg = stage_config();
	struct receiver_record rec;
	struct scene x;
	struct told before, r;

	(void)state;
	begin_reported(&x, 2);
	for (unsigned n = 0; n < 500; n++) {
		bring(&x, n % 2, n);
		pass(&x.s, MSEC(2));
	}
	discard(&x.s);
	bring(&x, 0, 500);
	ten_milliseconds_pass(&x);
	before = take_pair(&x);
	assert_true(receiver_record(x.s.r, x.port, &rec));
	discard(&x.s);
	receiver_destroy(x.s.r);
	x.s.r = receiver_create(&cfg, &x.s.pool, x.s.now);
	assert_int_equal(receiver_restore(x.s.r, &rec, x.s.now, &x.s.out), x.port);
	bring(&x, 0, 501);
	ten_milliseconds_pass(&x);
	assert_int_equal(count_reports(&x), 0); /* it cannot know who wants them */
	greet_as(&x, 0, KEEPALIVE_REPORTS);
	bring(&x, 0, 502);
	pass(&x.s, 0);
	r = take_pair(&x);
	assert_string_equal(r.text, "70+2: 502");
	assert_in_range((uint16_t)(r.serial - before.serial), 1, INT16_MAX);
	assert_true(r.clock > before.clock);
	end(&x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_came_is_told_each_ten_milliseconds_and_once_again),
		cmocka_unit_test(each_link_is_told_in_its_own_order_and_repeats_count),
		cmocka_unit_test(serial_steps_by_one_and_times_are_of_one_clock),
		cmocka_unit_test(link_that_wakes_up_is_told_at_once),
		cmocka_unit_test(classic_sender_gets_none),
		cmocka_unit_test(sender_may_want_no_more_reports),
		cmocka_unit_test(answer_to_the_hello_says_that_reports_can_be_had),
		cmocka_unit_test(link_without_a_name_is_left_out),
		cmocka_unit_test(member_that_left_is_not_told_of),
		cmocka_unit_test(reports_go_the_two_best_ways),
		cmocka_unit_test(group_that_ends_takes_its_reports_along),
		cmocka_unit_test(reports_go_on_after_a_restart_with_a_later_serial),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
