/* SPDX-License-Identifier: MIT */
#include "late_rig.h"

#include <errno.h>

/* Wake-ups come late: what arrived meanwhile is read LATE after the system had it. */
#define WAY  MSEC(40)
#define LATE MSEC(8)

enum { FIRST = 1000 };

static struct rig r;

static int end(void **state)
{
	(void)state;
	rig_finish(&r);
	return 0;
}

/* What left just now is answered over WAY; the answer is read in a late wake-up, from now on. */
static void answer_is_late(void)
{
	r.came = r.now + WAY;
	rig_until(&r, r.came + LATE);
}

static void late_wake_up_adds_nothing_to_the_round_trip_of_a_keepalive(void **state)
{
	const struct pkt *p;
	struct keepalive k;

	(void)state;
	late_start(&r, SENDER_BALANCE, 1);
	while ((p = rig_find(&r, 1, SRTLA_KEEPALIVE)) == NULL)
		rig_until(&r, r.now + MSEC(1));
	assert_true(keepalive_parse(p->data, p->len, &k));
	r.came = (ustime)k.time + WAY;
	rig_until(&r, r.came + LATE);
	rig_link(&r, 1, p->data, p->len);
	assert_int_equal(rig_view(&r, 1).srtt, WAY);
	assert_int_equal(late_link(&r, 1)->way.round.least, WAY);
	assert_int_equal(late_link(&r, 1)->heard, r.now); /* silence is counted by wake-ups */
}

static void stamp_from_the_future_counts_as_now(void **state)
{
	(void)state;
	late_start(&r, SENDER_BALANCE, 1);
	late_feed(&r, FIRST, 10);
	rig_until(&r, r.now + WAY);
	r.came = r.now + SEC(5);
	rig_srtla_ack(&r, 1, FIRST, 10);
	assert_int_equal(late_link(&r, 1)->way.loop.latest, WAY);
}

static void late_wake_up_adds_nothing_to_what_an_srtla_ack_tells(void **state)
{
	const struct way *w;

	(void)state;
	late_start(&r, SENDER_BALANCE, 1);
	w = &late_link(&r, 1)->way;
	late_feed(&r, FIRST, 10);
	rig_until(&r, r.now + WAY);
	rig_srtla_ack(&r, 1, FIRST, 10);
	late_feed(&r, FIRST + 10, 10);
	answer_is_late();
	rig_srtla_ack(&r, 1, FIRST + 10, 10);
	assert_int_equal(w->loop.latest, WAY);
	assert_int_equal(w->round.least, WAY);
	assert_int_equal(w->queue, 0);
	assert_int_equal(w->marked, r.came);
	assert_int_equal(w->heard, r.now);
}

static void acks_of_one_wake_up_tell_the_rate_at_which_they_came(void **state)
{
	const struct delivery *d;
	uint64_t rate;
	usspan queue;

	(void)state;
	late_start(&r, SENDER_BALANCE, 1);
	d = &late_link(&r, 1)->way.delivery;
	late_feed(&r, FIRST, 20);
	answer_is_late();
	rig_srtla_ack(&r, 1, FIRST, 10);
	r.came += MSEC(5);
	rig_srtla_ack(&r, 1, FIRST + 10, 10);
	assert_int_equal(d->count, 2);
	assert_true(delivery_rate(d, MSEC(5), &rate, &queue));
	assert_int_equal(rate, 10 * 1332 * 200); /* ten packets each 5 ms */
}

/* A socket refuses a packet that got through all the same, and the word of that comes late. */
static void what_came_before_a_packet_left_again_is_no_round_trip(void **state)
{
	struct pkt *p;

	(void)state;
	late_start(&r, SENDER_BALANCE, 1);
	late_feed(&r, FIRST, 1);
	p = pkt_copy(late_nth(&r, 0));
	rig_clear(&r);
	r.came = r.now + MSEC(1);
	sender_link_error(r.s, 1, p, EAGAIN, r.now, &r.out);
	rig_until(&r, r.now + MSEC(6));
	assert_int_equal(late_seen(&r, 1, FIRST), 1);
	rig_srtla_ack(&r, 1, FIRST, 1);
	assert_int_equal(late_link(&r, 1)->acked, 1);
	assert_int_equal(late_link(&r, 1)->way.loop.smoothed, 0);
}

static void late_wake_up_adds_nothing_to_what_a_report_tells(void **state)
{
	(void)state;
	late_start(&r, SENDER_BALANCE, 1);
	late_meet(&r);
	late_feed(&r, FIRST, 5);
	answer_is_late();
	late_report_run(&r, 1, FIRST, 5);
	assert_int_equal(late_link(&r, 1)->acked, 5);
	assert_int_equal(late_link(&r, 1)->way.loop.latest, WAY);
}

static void late_wake_up_adds_nothing_to_the_way_back(void **state)
{
	(void)state;
	late_start(&r, SENDER_BALANCE, 1);
	late_feed(&r, FIRST, 1);
	answer_is_late();
	rig_srt_ack(&r, 1, FIRST + 1, 2000);
	assert_int_equal(late_link(&r, 1)->way.back.least, r.came - 2000);
}

#define EACH(test) cmocka_unit_test_teardown(test, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		EACH(late_wake_up_adds_nothing_to_the_round_trip_of_a_keepalive),
		EACH(stamp_from_the_future_counts_as_now),
		EACH(late_wake_up_adds_nothing_to_what_an_srtla_ack_tells),
		EACH(acks_of_one_wake_up_tell_the_rate_at_which_they_came),
		EACH(what_came_before_a_packet_left_again_is_no_round_trip),
		EACH(late_wake_up_adds_nothing_to_what_a_report_tells),
		EACH(late_wake_up_adds_nothing_to_the_way_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
