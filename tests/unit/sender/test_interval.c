/* SPDX-License-Identifier: MIT */
#include "sender/interval.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

static struct interval interval;
static struct snapshot s;
static struct sender_link_view *const first = &s.link[0].view;
static struct sender_link_view *const second = &s.link[1].view;

static int two_links(void **state)
{
	(void)state;
	memset(&interval, 0, sizeof(interval));
	memset(&s, 0, sizeof(s));
	s.now = SEC(100);
	s.uptime = SEC(10);
	s.count = 2;
	strcpy(s.link[0].name, "usb0");
	strcpy(s.link[1].name, "usb1");
	first->port = 1;
	second->port = 2;
	return 0;
}

static void look_after(usspan span)
{
	s.now += span;
	s.uptime += span;
	interval_look(&interval, &s);
}

static const struct interval_figures *of(unsigned place)
{
	return interval_of(&interval, &s.link[place]);
}

static void the_first_interval_is_since_the_start(void **state)
{
	(void)state;
	s.view.app_bytes_in = 1250000;
	first->bytes_out = 300;
	second->bytes_out = 100;
	interval_look(&interval, &s);
	assert_int_equal(interval.app_rate, 1000000);
	assert_int_equal(of(0)->share, 750);
	assert_int_equal(of(1)->share, 250);
}

static void the_next_one_is_since_the_look_before(void **state)
{
	(void)state;
	s.view.app_bytes_in = 1250000;
	first->bytes_out = 300;
	interval_look(&interval, &s);
	s.view.app_bytes_in += 125000;
	first->bytes_out += 100;
	second->bytes_out += 900;
	look_after(MSEC(500));
	assert_int_equal(interval.app_rate, 2000000);
	assert_int_equal(of(0)->share, 100);
	assert_int_equal(of(1)->share, 900);
}

static void who_looks_too_soon_sees_the_interval_before(void **state)
{
	(void)state;
	interval_look(&interval, &s);
	first->bytes_out = 100;
	s.view.app_bytes_in = 125000;
	look_after(SEC(1));
	assert_int_equal(of(0)->share, 1000);
	second->bytes_out = 100;
	look_after(INTERVAL_LEAST - 1);
	assert_int_equal(of(0)->share, 1000);
	assert_int_equal(interval.app_rate, 1000000);
	look_after(1);
	assert_int_equal(of(0)->share, 0);
	assert_int_equal(of(1)->share, 1000);
	assert_int_equal(interval.app_rate, 0);
}

static void loss_is_of_the_packets_whose_end_is_known(void **state)
{
	(void)state;
	first->flown = 1000;
	first->landed = 700;
	first->lost = 100;
	interval_look(&interval, &s);
	assert_int_equal(of(0)->loss, 125);
	first->flown = 1300;
	first->landed += 199;
	first->lost += 1;
	look_after(SEC(1));
	assert_int_equal(of(0)->loss, 5);
	look_after(SEC(1));
	assert_int_equal(of(0)->loss, INTERVAL_NO_LOSS_KNOWN);
}

static void where_no_packet_is_followed_naks_tell_of_loss(void **state)
{
	(void)state;
	first->data_out = 100;
	first->naks = 3;
	second->naks = 4;
	interval_look(&interval, &s);
	assert_int_equal(of(0)->loss, 30);
	assert_int_equal(of(1)->loss, INTERVAL_NO_LOSS_KNOWN);
	first->data_out += 10;
	first->naks += 30; /* that asked for what was sent before */
	look_after(SEC(1));
	assert_int_equal(of(0)->loss, 1000);
}

static void round_trips_are_those_since_the_look_before(void **state)
{
	(void)state;
	histogram_add(&first->path, SEC(9));
	interval_look(&interval, &s);
	histogram_add(&first->path, MSEC(40));
	histogram_add(&first->path, MSEC(50));
	histogram_add(&first->path, MSEC(90));
	look_after(SEC(1));
	assert_true(of(0)->timed);
	assert_in_range(of(0)->rtt_least, MSEC(40), MSEC(50));
	assert_int_equal(of(0)->rtt_mean, MSEC(60));
	assert_in_range(of(0)->rtt_most, MSEC(90), MSEC(110));
	assert_false(of(1)->timed);
}

static void least_mean_and_most_keep_their_order(void **state)
{
	(void)state;
	histogram_add(&first->path, MSEC(66)); /* the first of a place that reaches to 81 */
	interval_look(&interval, &s);
	assert_int_equal(of(0)->rtt_least, MSEC(66));
	assert_int_equal(of(0)->rtt_mean, MSEC(66));
	assert_true(of(0)->rtt_most >= MSEC(66));
}

static void the_way_is_that_of_all_links_and_waits_are_by_class(void **state)
{
	(void)state;
	interval_look(&interval, &s);
	histogram_add(&first->path, MSEC(40));
	histogram_add(&second->path, MSEC(60));
	histogram_add(&s.view.forward[FLOW_DATA], 5);
	look_after(SEC(1));
	assert_int_equal(interval.path.count, 2);
	assert_int_equal(histogram_mean(&interval.path), MSEC(50));
	assert_int_equal(interval.forward[FLOW_DATA].count, 1);
	assert_int_equal(interval.forward[FLOW_CONTROL].count, 0);
	look_after(SEC(1));
	assert_int_equal(interval.path.count, 0);
	assert_int_equal(interval.forward[FLOW_DATA].count, 0);
}

static void a_port_that_another_link_has_now_begins_anew(void **state)
{
	(void)state;
	first->bytes_out = 1000;
	first->landed = first->flown = 100;
	histogram_add(&first->path, MSEC(40));
	interval_look(&interval, &s);
	strcpy(s.link[0].name, "wwan0");
	assert_int_equal(of(0)->loss, INTERVAL_NO_LOSS_KNOWN);
	assert_int_equal(of(0)->share, 0);
	first->bytes_out = 2000; /* more than the other had sent */
	first->flown = 10;
	first->landed = 9;
	first->lost = 1;
	look_after(SEC(1));
	assert_int_equal(of(0)->loss, 100);
	assert_int_equal(of(0)->share, 1000);
	assert_int_equal(of(0)->rtt_mean, MSEC(40));
}

static void a_link_of_the_same_name_that_begins_anew_is_another(void **state)
{
	(void)state;
	first->bytes_out = 1000;
	first->landed = first->flown = 100;
	interval_look(&interval, &s);
	first->bytes_out = 600;
	second->bytes_out = 200;
	first->landed = first->flown = 10;
	look_after(SEC(1));
	assert_int_equal(of(0)->share, 750);
	assert_int_equal(of(0)->loss, 0);
}

#define TEST(name) cmocka_unit_test_setup(name, two_links)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_first_interval_is_since_the_start),
		TEST(the_next_one_is_since_the_look_before),
		TEST(who_looks_too_soon_sees_the_interval_before),
		TEST(loss_is_of_the_packets_whose_end_is_known),
		TEST(where_no_packet_is_followed_naks_tell_of_loss),
		TEST(round_trips_are_those_since_the_look_before),
		TEST(least_mean_and_most_keep_their_order),
		TEST(the_way_is_that_of_all_links_and_waits_are_by_class),
		TEST(a_port_that_another_link_has_now_begins_anew),
		TEST(a_link_of_the_same_name_that_begins_anew_is_another),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
