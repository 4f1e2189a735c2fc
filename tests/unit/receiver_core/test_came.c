/* SPDX-License-Identifier: MIT */
#include "told.h"

#include "receiver/core/state.h"

/* Wake-ups come late: the system had a packet before we see it, and says when. */

/* The arrivals of the one link in the next report. */
static unsigned take_arrivals(struct scene *x, struct report_arrival a[], unsigned most)
{
	struct report_reader reader;
	struct report_link link;
	struct seen seen;
	unsigned count = 0;

	do
		assert_true(take(&x->s, &seen));
	while (!report_open(&reader, seen.data, seen.len));
	assert_true(report_next_link(&reader, &link));
	while (count < most && report_next(&reader, &a[count]))
		count++;
	assert_int_equal(count, link.records);
	return count;
}

static void bring_of(struct scene *x, unsigned link, uint32_t n, ustime came)
{
	x->s.came = came;
	bring(x, link, n);
}

static const struct lag *lag_of(const struct scene *x, unsigned link)
{
	const struct group *g = registry_port(&x->s.r->registry, x->port);

	for (unsigned i = 0; i < g->count; i++) {
		struct endpoint who = link_of(1, link);

		if (endpoint_equal(&g->members[i].who, &who))
			return &g->members[i].lag;
	}
	fail_msg("no link %u", link);
	return NULL;
}

static void report_tells_when_the_system_had_a_packet(void **state)
{
	struct report_arrival a[4];
	struct scene x;

	(void)state;
	begin_reported(&x, 1);
	pass(&x.s, MSEC(200));
	bring_of(&x, 0, 0, x.s.now - MSEC(8));
	bring_of(&x, 0, 1, x.s.now - MSEC(5));
	bring_of(&x, 0, 2, 0); /* of this one it does not say */
	pass(&x.s, 0);
	assert_int_equal(take_arrivals(&x, a, 4), 3);
	assert_int_equal(a[0].at, ticks(x.s.now - MSEC(8)));
	assert_int_equal(a[1].at, ticks(x.s.now - MSEC(5)));
	assert_int_equal(a[2].at, ticks(x.s.now));
	end(&x);
}

static void arrival_from_the_future_is_told_as_of_now(void **state)
{
	struct report_arrival a[4];
	struct scene x;

	(void)state;
	begin_reported(&x, 1);
	pass(&x.s, MSEC(200));
	bring_of(&x, 0, 0, x.s.now + SEC(3));
	bring_of(&x, 0, 1, x.s.now);
	pass(&x.s, 0);
	assert_int_equal(take_arrivals(&x, a, 4), 2);
	assert_int_equal(a[0].at, ticks(x.s.now));
	assert_int_equal(a[1].at, ticks(x.s.now));
	end(&x);
}

/* A step back in time cannot be told: all behind it would be lost to the reader. */
static void arrivals_that_are_stamped_out_of_order_are_told_in_order(void **state)
{
	struct report_arrival a[8];
	struct scene x;
	ustime latest;

	(void)state;
	begin_reported(&x, 1);
	earn(&x, 0);
	latest = x.s.now - MSEC(1);
	bring_of(&x, 0, 0, x.s.now - MSEC(2));
	bring_of(&x, 0, 1, x.s.now - MSEC(6));
	bring_of(&x, 0, 2, latest);
	pass(&x.s, 0);
	assert_int_equal(take_arrivals(&x, a, 8), 3);
	assert_int_equal(a[1].at, ticks(latest - MSEC(1)));
	assert_int_equal(a[2].at, ticks(latest));
	discard(&x.s);
	pass(&x.s, MSEC(5));
	bring_of(&x, 0, 3, x.s.now - MSEC(15));
	pass(&x.s, MSEC(5));
	assert_int_equal(take_arrivals(&x, a, 8), 4);
	assert_int_equal(a[3].at, ticks(latest));
	end(&x);
}

static void what_a_late_wake_up_found_had_not_been_late(void **state)
{
	struct scene x;
	ustime missed;

	(void)state;
	begin(&x, 2, 2000);
	all_have_sent(&x, 2);
	missed = x.s.now;
	bring(&x, 0, 3);
	pass(&x.s, MSEC(11));
	bring_of(&x, 1, 2, missed + MSEC(3));
	assert_string_equal(got(&x), "2-3");
	assert_in_range(lag_of(&x, 1)->tail, MSEC(3), MSEC(4));
	end(&x);
}

static void what_came_before_anybody_missed_it_was_not_late_at_all(void **state)
{
	struct scene x;

	(void)state;
	begin(&x, 2, 2000);
	all_have_sent(&x, 2);
	pass(&x.s, MSEC(20));
	bring_of(&x, 0, 3, x.s.now - MSEC(1));
	bring_of(&x, 1, 2, x.s.now - MSEC(9));
	assert_string_equal(got(&x), "2-3");
	assert_int_equal(lag_of(&x, 1)->tail, MSEC(1)); /* the least there is */
	end(&x);
}

/* What is missing may wait in another socket: that has not been looked at yet. */
static void patience_begins_when_a_packet_is_seen_and_not_when_it_came(void **state)
{
	struct scene x;

	(void)state;
	begin(&x, 2, 2000);
	all_have_sent(&x, 2);
	pass(&x.s, MSEC(300));
	bring_of(&x, 0, 3, x.s.now - MSEC(250));
	assert_int_equal(order(&x).held, 1);
	pass(&x.s, MSEC(20));
	bring_of(&x, 1, 2, x.s.now - MSEC(260));
	assert_string_equal(got(&x), "2-3");
	assert_int_equal(order(&x).silent, 0);
	end(&x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(report_tells_when_the_system_had_a_packet),
		cmocka_unit_test(arrival_from_the_future_is_told_as_of_now),
		cmocka_unit_test(arrivals_that_are_stamped_out_of_order_are_told_in_order),
		cmocka_unit_test(what_a_late_wake_up_found_had_not_been_late),
		cmocka_unit_test(what_came_before_anybody_missed_it_was_not_late_at_all),
		cmocka_unit_test(patience_begins_when_a_packet_is_seen_and_not_when_it_came),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
