/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "shared/base/seq.h"
#include "tests/sim/srt_losses.h"
#include "tests/sim/srt_patience.h"

/* What libsrt keeps of numbers that did not come, as the SRT model has it. */

static void missed_numbers_are_listed_once_and_the_lowest_comes_first(void **state)
{
	static struct srt_losses l;

	(void)state;
	srt_losses_init(&l);
	assert_int_equal(srt_losses_add(&l, 100, 103), 4);
	assert_int_equal(srt_losses_add(&l, 102, 105), 2);
	assert_int_equal(srt_losses_add(&l, 40, 40), 1);
	assert_int_equal(l.count, 7);
	assert_int_equal(l.first, 40);
	srt_losses_remove(&l, 40);
	srt_losses_remove(&l, 41);
	assert_int_equal(l.first, 100);
	srt_losses_forget(&l, 104);
	assert_int_equal(l.first, 104);
	assert_int_equal(l.count, 2);
}

static void runs_of_missed_numbers_go_on_where_numbers_begin_again(void **state)
{
	uint32_t last = SEQ_MASK, from = last - 10, to;
	static struct srt_losses l;

	(void)state;
	srt_losses_init(&l);
	srt_losses_add(&l, last - 3, 2);
	srt_losses_add(&l, 70, 70);
	srt_losses_remove(&l, last);
	assert_true(srt_losses_run(&l, &from, &to));
	assert_int_equal(from, last - 3);
	assert_int_equal(to, last - 1);
	from = seq_add(to, 1);
	assert_true(srt_losses_run(&l, &from, &to));
	assert_int_equal(from, 0);
	assert_int_equal(to, 2);
	from = seq_add(to, 1);
	assert_true(srt_losses_run(&l, &from, &to));
	assert_int_equal(from, 70);
	assert_int_equal(to, 70);
	from = seq_add(to, 1);
	assert_false(srt_losses_run(&l, &from, &to));
}

static void full_window_of_missed_numbers_is_one_run(void **state)
{
	uint32_t from = 5000, to;
	static struct srt_losses l;

	(void)state;
	srt_losses_init(&l);
	assert_int_equal(srt_losses_add(&l, 5000, 5000 + LOSSES_WINDOW - 1), LOSSES_WINDOW);
	assert_true(srt_losses_run(&l, &from, &to));
	assert_int_equal(from, 5000);
	assert_int_equal(to, 5000 + LOSSES_WINDOW - 1);
	srt_losses_forget(&l, 5000 + LOSSES_WINDOW);
	assert_int_equal(l.count, 0);
	assert_false(srt_losses_run(&l, &from, &to));
}

/* How many packets pass until a gap is given up; 1000: it is not. */
static unsigned packets_until_given_up(struct srt_patience *p, uint32_t *from, uint32_t *to)
{
	for (unsigned packets = 0; packets < 1000; packets++)
		if (srt_patience_given_up(p, from, to))
			return packets;
	return 1000;
}

static void gap_is_given_up_after_as_many_packets_as_there_is_patience(void **state)
{
	struct srt_patience p;
	uint32_t from, to;

	(void)state;
	srt_patience_init(&p, 40, false);
	srt_patience_wait(&p, 7, 9);
	assert_int_equal(packets_until_given_up(&p, &from, &to), 40);
	assert_int_equal(from, 7);
	assert_int_equal(to, 9);
	assert_int_equal(packets_until_given_up(&p, &from, &to), 1000);
}

static void packet_that_comes_leaves_the_rest_of_its_gap_waiting(void **state)
{
	struct srt_patience p;
	uint32_t from, to;

	(void)state;
	srt_patience_init(&p, 40, false);
	srt_patience_wait(&p, 10, 14);
	srt_patience_filled(&p, 12, 3, false);
	srt_patience_filled(&p, 10, 5, false);
	assert_int_equal(packets_until_given_up(&p, &from, &to), 40);
	assert_int_equal(from, 11);
	assert_int_equal(to, 11);
	assert_true(srt_patience_given_up(&p, &from, &to));
	assert_int_equal(from, 13);
	assert_int_equal(to, 14);
	assert_int_equal(p.gaps, 0);
}

static void orderly_stream_uses_patience_up(void **state)
{
	struct srt_patience p;

	(void)state;
	srt_patience_init(&p, 40, false);
	for (unsigned i = 0; i < 49; i++)
		srt_patience_orderly(&p);
	assert_int_equal(p.packets, 40);
	srt_patience_orderly(&p);
	assert_int_equal(p.packets, 39);
	for (unsigned i = 0; i < 39 * 50; i++)
		srt_patience_orderly(&p);
	assert_int_equal(p.packets, 0);
	srt_patience_init(&p, 40, true);
	for (unsigned i = 0; i < 5000; i++)
		srt_patience_orderly(&p);
	assert_int_equal(p.packets, 40); /* steady */
}

static void overtaken_packet_raises_patience_to_its_distance(void **state)
{
	struct srt_patience p;

	(void)state;
	srt_patience_init(&p, 40, false);
	p.packets = 0;
	srt_patience_filled(&p, 100, 12, true); /* sent again: that is no disorder */
	assert_int_equal(p.packets, 0);
	srt_patience_filled(&p, 100, 12, false);
	assert_int_equal(p.packets, 12);
	srt_patience_filled(&p, 101, 400, false);
	assert_int_equal(p.packets, 40);
	srt_patience_init(&p, 0, false);
	srt_patience_filled(&p, 101, 400, false);
	assert_int_equal(p.packets, 0); /* stock */
}

static void ten_packets_that_came_early_cost_one_packet_of_patience(void **state)
{
	struct srt_patience p;

	(void)state;
	srt_patience_init(&p, 40, false);
	for (uint32_t seq = 1; seq <= 10; seq++) {
		assert_int_equal(p.packets, 40);
		srt_patience_wait(&p, 2 * seq, 2 * seq);
		srt_patience_filled(&p, 2 * seq, 1, false);
	}
	assert_int_equal(p.packets, 39);
}

static void what_is_dropped_is_not_waited_for(void **state)
{
	struct srt_patience p;
	uint32_t from, to;

	(void)state;
	srt_patience_init(&p, 40, false);
	srt_patience_wait(&p, 10, 14);
	srt_patience_wait(&p, 20, 24);
	srt_patience_wait(&p, 30, 34);
	srt_patience_forget(&p, 18, 21);
	assert_int_equal(p.gaps, 2);
	assert_int_equal(packets_until_given_up(&p, &from, &to), 40);
	assert_int_equal(from, 22);
	assert_int_equal(to, 24);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(missed_numbers_are_listed_once_and_the_lowest_comes_first),
		cmocka_unit_test(runs_of_missed_numbers_go_on_where_numbers_begin_again),
		cmocka_unit_test(full_window_of_missed_numbers_is_one_run),
		cmocka_unit_test(gap_is_given_up_after_as_many_packets_as_there_is_patience),
		cmocka_unit_test(packet_that_comes_leaves_the_rest_of_its_gap_waiting),
		cmocka_unit_test(orderly_stream_uses_patience_up),
		cmocka_unit_test(overtaken_packet_raises_patience_to_its_distance),
		cmocka_unit_test(ten_packets_that_came_early_cost_one_packet_of_patience),
		cmocka_unit_test(what_is_dropped_is_not_waited_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
