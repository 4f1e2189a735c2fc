/* SPDX-License-Identifier: MIT */
#include "rig.h"

#include "sender/core/link.h"

/*
 * The rule alone, over views made by hand; and the sender with it in force.
 */

enum { FIELD = 4 };

static struct sched_link field[FIELD];
static const struct sched_link *live[FIELD];
static struct sched_ask ask;

/* Ports 1 to 4 in the order of their ranks, all alike. */
static int lay_out(void **state)
{
	(void)state;
	for (unsigned i = 0; i < FIELD; i++) {
		field[i] = (struct sched_link){
			.port = i + 1, .window = WINDOW_START, .factor = QUALITY_ONE};
		live[i] = &field[i];
	}
	ask = (struct sched_ask){.now = SEC(100), .last_at = SEC(100)};
	return 0;
}

static unsigned pick(void)
{
	return sched_quality.pick(live, FIELD, &ask);
}

static void most_window_for_each_packet_in_flight_wins(void **state)
{
	(void)state;
	field[0].in_flight = 9; /* 2000 each */
	field[1].in_flight = 4; /* 4000 */
	field[2].window = 4001;
	field[3].window = 3999;
	assert_int_equal(pick(), 3);
	field[2].window = 3999;
	assert_int_equal(pick(), 2);
}

static void factor_multiplies_the_score(void **state)
{
	(void)state;
	field[0].factor = field[1].factor = field[3].factor = QUALITY_ONE / 2;
	field[1].window = 2 * WINDOW_START - 1;
	assert_int_equal(pick(), 3);
	field[1].window = 2 * WINDOW_START + 1;
	assert_int_equal(pick(), 2);
}

static void of_equals_the_first_by_rank_wins(void **state)
{
	(void)state;
	assert_int_equal(pick(), 1);
	field[0].in_flight = 1;
	assert_int_equal(pick(), 2);
	field[1].window = 2 * WINDOW_START; /* equal as fractions, in other figures */
	field[1].in_flight = 1;
	assert_int_equal(pick(), 2);
}

static void scores_are_exact_with_the_largest_figures(void **state)
{
	(void)state;
	for (unsigned i = 0; i < FIELD; i++) {
		field[i].window = WINDOW_MOST;
		field[i].in_flight = (1 << 20) - 1;
		field[i].factor = 7425310; /* 1.133 x 100 */
	}
	field[2].in_flight--;
	assert_int_equal(pick(), 3);
	ask.last = 2; /* worse by a millionth: kept */
	assert_int_equal(pick(), 2);
	field[2].in_flight = 900000; /* and by 16 % */
	assert_int_equal(pick(), 3);
}

static void avoided_link_is_not_chosen_whatever_its_score(void **state)
{
	(void)state;
	ask.avoid = ask.last = 1;
	assert_int_equal(pick(), 2);
	field[1].role = field[2].role = field[3].role = SENDER_OFF;
	assert_int_equal(pick(), 0);
}

static void link_is_kept_until_another_is_a_tenth_better(void **state)
{
	(void)state;
	ask.last = 4;
	field[1].window = 21999;
	assert_int_equal(pick(), 4);
	field[1].window = 22000;
	assert_int_equal(pick(), 2);
	field[1].window = 21999;
	ask.without = SENDER_QUALITY_STICK;
	assert_int_equal(pick(), 2);
}

static void only_the_best_role_that_is_there_is_asked(void **state)
{
	(void)state;
	field[0].role = SENDER_BACKUP;
	field[1].role = SENDER_OVERFLOW;
	field[2].window = 1000;
	field[3].role = SENDER_OFF;
	ask.last = 1; /* not even kept */
	assert_int_equal(pick(), 3);
	ask.avoid = 3;
	assert_int_equal(pick(), 2);
	field[2].role = SENDER_OFF;
	ask.avoid = 2;
	assert_int_equal(pick(), 1);
	ask.avoid = 1;
	assert_int_equal(pick(), 2);
}

static void better_role_is_found_behind_worse_ones_that_want_a_look(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		field[i].role = SENDER_BACKUP;
		field[i].look = true;
	}
	ask.last = 1;
	ask.now += MSEC(250);
	assert_int_equal(pick(), 4);
}

static void link_that_was_bad_gets_a_packet_four_times_a_second(void **state)
{
	unsigned looks = 0;

	(void)state;
	field[2].window = field[3].window = 1000;
	field[2].look = field[3].look = true;
	field[3].in_flight = 1;
	for (ask.now = SEC(100); ask.now < SEC(101); ask.now += MSEC(2)) {
		unsigned port = pick();

		assert_true(port == 1 || port == 3); /* the better of the two that were bad */
		looks += port == 3;
		ask.last = 0;
		ask.last_at = ask.now;
	}
	assert_int_equal(looks, 3); /* the first packet of the second was no new span */
}

static void avoided_link_gets_no_look_either(void **state)
{
	(void)state;
	field[2].window = 1000;
	field[2].look = true;
	ask.now += MSEC(250);
	assert_int_equal(pick(), 3);
	ask.avoid = 3;
	assert_int_equal(pick(), 1);
}

static void without_links_there_is_no_answer(void **state)
{
	(void)state;
	assert_int_equal(sched_quality.pick(live, 0, &ask), 0);
}

static struct rig r;

static int begin(void **state)
{
	(void)state;
	rig_start(&r);
	sender_set_mode(r.s, SENDER_QUALITY, r.now, &r.out);
	rig_up(&r, 2);
	return 0;
}

static int end(void **state)
{
	(void)state;
	rig_finish(&r);
	return 0;
}

/* n packets, all of them acknowledged at once; how many went by link 1. */
static unsigned by_the_first(unsigned n, uint32_t from)
{
	unsigned first = 0;

	for (unsigned i = 0; i < n; i++) {
		unsigned port = rig_data(&r, from + i);

		assert_in_range(port, 1, 2);
		first += port == 1;
		rig_srtla_ack(&r, port, from + i, 1);
		rig_live_on(&r, 2, MSEC(10));
		rig_clear(&r);
	}
	return first;
}

static void link_that_lost_a_packet_gets_none_until_that_is_some_seconds_ago(void **state)
{
	unsigned port;

	(void)state;
	rig_live_on(&r, 2, SEC(31)); /* past the grace */
	port = rig_data(&r, 1000);
	assert_int_equal(port, 1);
	rig_srt_nak(&r, 2, 1000, 1000);
	assert_int_equal(by_the_first(150, 2000), 0);     /* 1.5 s, no look yet */
	assert_in_range(by_the_first(400, 3000), 10, 20); /* looks alone */
}

static void new_parts_are_in_force_from_the_next_packet_on(void **state)
{
	(void)state;
	rig_live_on(&r, 2, SEC(31));
	assert_int_equal(rig_data(&r, 1000), 1);
	rig_srt_nak(&r, 2, 1000, 1000);
	rig_srt_ack(&r, 2, 1001, 0);
	rig_live_on(&r, 2, MSEC(100));
	for (uint32_t seq = 2000; seq < 2008; seq++)
		rig_srtla_ack(&r, rig_data(&r, seq), seq, 1);
	assert_int_equal(rig_data(&r, 3000), 2);
	rig_srtla_ack(&r, 2, 3000, 1);
	sender_quality_without(r.s, ~0U);
	/* Alike but for the loss, which cost link 1 a hundred of its window: */
	assert_int_equal(rig_data(&r, 3001), 2);
	assert_int_equal(rig_data(&r, 3002), 1);
	assert_int_equal(rig_data(&r, 3003), 2);
}

static void weights_share_the_packets_of_links_that_are_full(void **state)
{
	static const struct sender_terms light = {.weight = 20}, heavy = {.weight = 60};
	unsigned first = 0;

	(void)state;
	sender_link_terms(r.s, 1, &light, r.now, &r.out);
	sender_link_terms(r.s, 2, &heavy, r.now, &r.out);
	sender_quality_without(r.s, SENDER_QUALITY_STICK);
	for (uint32_t seq = 1000; seq < 1100; seq++)
		first += rig_data(&r, seq) == 1;
	assert_in_range(first, 24, 26);
	sender_quality_without(r.s, SENDER_QUALITY_STICK | SENDER_QUALITY_WEIGHTS);
	for (uint32_t seq = 1100; seq < 1200; seq++)
		first += rig_data(&r, seq) == 1;
	assert_in_range(first, 99, 101); /* evened out */
}

static void weights_count_for_nothing_when_the_window_is_halved(void **state)
{
	static const struct sender_terms heavy = {.weight = 100};
	unsigned first = 0;

	(void)state;
	sender_quality_without(r.s, ~(unsigned)SENDER_QUALITY_WEIGHTS);
	sender_link_terms(r.s, 2, &heavy, r.now, &r.out);
	for (uint32_t seq = 1000; seq < 1100; seq++)
		first += rig_data(&r, seq) == 1;
	assert_in_range(first, 9, 10); /* of 100, by 10 to 100 */
	for (uint32_t seq = 1100; seq < 1120; seq++)
		rig_data(&r, seq);
	rig_srt_nak(&r, 1, 1000, 1119);
	assert_in_range(rig_view(&r, 2).window, WINDOW_LEAST, WINDOW_START / 2);
	rig_srt_ack(&r, 1, 1120, 0);
	rig_until(&r, r.now + MSEC(50));
	first = 0;
	for (uint32_t seq = 1120; seq < 1210; seq++)
		first += rig_data(&r, seq) == 1;
	assert_in_range(first, 58, 62); /* of 90, by 19 to 9.1: as the windows are */
}

static void backup_carries_nothing_while_a_normal_link_lives(void **state)
{
	static const struct sender_terms backup = {.role = SENDER_BACKUP};

	(void)state;
	sender_link_terms(r.s, 1, &backup, r.now, &r.out);
	assert_int_equal(by_the_first(200, 1000), 0);
	sender_link_remove(r.s, 2, r.now, &r.out);
	assert_int_equal(rig_data(&r, 2000), 1);
}

static void links_that_are_off_carry_nothing_at_all(void **state)
{
	static const struct sender_terms off = {.role = SENDER_OFF};

	(void)state;
	sender_link_terms(r.s, 1, &off, r.now, &r.out);
	sender_link_terms(r.s, 2, &off, r.now, &r.out);
	assert_int_equal(rig_data(&r, 1000), 0);
	assert_int_equal(rig_whole(&r).drops.no_link, 1);
}

static void window_grows_with_time_while_packets_flow(void **state)
{
	int32_t before;

	(void)state;
	before = rig_view(&r, 2).window;
	for (uint32_t seq = 1000; seq < 1101; seq++) {
		rig_data(&r, seq);
		rig_live_on(&r, 2, MSEC(100));
		rig_clear(&r);
	}
	assert_in_range(rig_view(&r, 2).window - before, 9 * 60, 10 * 60);
}

static void classic_mode_knows_nothing_of_it(void **state)
{
	static const struct sender_terms backup = {.role = SENDER_BACKUP, .weight = 1};

	(void)state;
	sender_set_mode(r.s, SENDER_CLASSIC, r.now, &r.out);
	sender_link_terms(r.s, 1, &backup, r.now, &r.out);
	rig_live_on(&r, 2, SEC(31));
	assert_int_equal(rig_data(&r, 1000), 1);
	assert_int_equal(rig_data(&r, 1001), 2);
	assert_int_equal(rig_view(&r, 1).window, 20000);
}

#define RULE_TEST(name)   cmocka_unit_test_setup(name, lay_out)
#define SENDER_TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		RULE_TEST(most_window_for_each_packet_in_flight_wins),
		RULE_TEST(factor_multiplies_the_score),
		RULE_TEST(of_equals_the_first_by_rank_wins),
		RULE_TEST(scores_are_exact_with_the_largest_figures),
		RULE_TEST(avoided_link_is_not_chosen_whatever_its_score),
		RULE_TEST(link_is_kept_until_another_is_a_tenth_better),
		RULE_TEST(only_the_best_role_that_is_there_is_asked),
		RULE_TEST(better_role_is_found_behind_worse_ones_that_want_a_look),
		RULE_TEST(link_that_was_bad_gets_a_packet_four_times_a_second),
		RULE_TEST(avoided_link_gets_no_look_either),
		RULE_TEST(without_links_there_is_no_answer),
		SENDER_TEST(link_that_lost_a_packet_gets_none_until_that_is_some_seconds_ago),
		SENDER_TEST(new_parts_are_in_force_from_the_next_packet_on),
		SENDER_TEST(weights_share_the_packets_of_links_that_are_full),
		SENDER_TEST(weights_count_for_nothing_when_the_window_is_halved),
		SENDER_TEST(backup_carries_nothing_while_a_normal_link_lives),
		SENDER_TEST(links_that_are_off_carry_nothing_at_all),
		SENDER_TEST(window_grows_with_time_while_packets_flow),
		SENDER_TEST(classic_mode_knows_nothing_of_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
