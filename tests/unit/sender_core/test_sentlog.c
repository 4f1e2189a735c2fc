/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "sender/core/sentlog.h"
#include "shared/base/seq.h"

static int fresh(void **state)
{
	struct sentlog *log = malloc(sizeof(*log));

	sentlog_init(log);
	*state = log;
	return 0;
}

static int gone(void **state)
{
	free(*state);
	return 0;
}

static void number_leads_to_the_link_that_carried_it(void **state)
{
	struct sentlog *log = *state;

	assert_true(sentlog_add(log, 3, 100));
	assert_int_equal(sentlog_owners(log, 100), 1 << 3);
	assert_int_equal(sentlog_owners(log, 101), 0);
	assert_int_equal(log->held[3], 1);
}

static void number_that_two_links_carried_has_two_owners(void **state)
{
	struct sentlog *log = *state;

	sentlog_add(log, 0, 100);
	sentlog_add(log, 5, 100);
	assert_int_equal(sentlog_owners(log, 100), 1 << 0 | 1 << 5);
	sentlog_remove(log, 0, 100);
	assert_int_equal(sentlog_owners(log, 100), 1 << 5);
}

static void link_holds_a_number_once_however_often_it_carried_it(void **state)
{
	struct sentlog *log = *state;

	sentlog_add(log, 0, 100);
	sentlog_add(log, 0, 100);
	assert_int_equal(log->held[0], 1);
	sentlog_remove(log, 0, 100);
	assert_int_equal(sentlog_owners(log, 100), 0);
	assert_int_equal(log->held[0], 0);
}

static void removing_what_is_not_held_changes_nothing(void **state)
{
	struct sentlog *log = *state;

	sentlog_add(log, 0, 100);
	sentlog_remove(log, 1, 100);
	sentlog_remove(log, 0, 99);
	assert_int_equal(log->held[0], 1);
	assert_int_equal(sentlog_owners(log, 100), 1);
}

static void log_of_a_link_shows_its_last_255_numbers(void **state)
{
	struct sentlog *log = *state;

	for (uint32_t seq = 0; seq < 256; seq++)
		sentlog_add(log, 0, seq);
	assert_int_equal(log->held[0], 255);
	assert_int_equal(sentlog_owners(log, 0), 0);
	assert_int_equal(sentlog_owners(log, 1), 1);
	assert_int_equal(sentlog_owners(log, 255), 1);
}

static void acknowledgement_frees_everything_before_it(void **state)
{
	struct sentlog *log = *state;

	for (uint32_t seq = 10; seq < 20; seq++)
		sentlog_add(log, seq % 2, seq);
	assert_true(sentlog_ack(log, 15));
	assert_int_equal(sentlog_owners(log, 14), 0);
	assert_int_equal(sentlog_owners(log, 15), 1 << 1);
	assert_int_equal(log->held[0], 2);
	assert_int_equal(log->held[1], 3);
	assert_int_equal(sentlog_span(log), 5);
}

static void resend_of_an_acknowledged_number_is_freed_by_the_next_acknowledgement(void **state)
{
	struct sentlog *log = *state;

	for (uint32_t seq = 10; seq < 20; seq++)
		sentlog_add(log, 0, seq);
	sentlog_ack(log, 15);
	sentlog_add(log, 1, 12);
	assert_int_equal(sentlog_owners(log, 12), 1 << 1);
	sentlog_ack(log, 15);
	assert_int_equal(sentlog_owners(log, 12), 0);
	assert_int_equal(log->held[0], 5);
}

static void acknowledgement_of_what_was_never_sent_is_ignored(void **state)
{
	struct sentlog *log = *state;

	assert_false(sentlog_ack(log, 5));
	sentlog_add(log, 0, 100);
	assert_true(sentlog_ack(log, 100));
	assert_false(sentlog_ack(log, 102));
	assert_false(sentlog_ack(log, seq_add(100, (uint32_t)-20000)));
	assert_int_equal(log->held[0], 1);
	assert_true(sentlog_ack(log, 101));
	assert_int_equal(log->held[0], 0);
}

static void accounting_is_exact_over_the_wrap_of_31_bits(void **state)
{
	struct sentlog *log = *state;
	uint32_t start = UINT32_C(0x7ffffffb);

	for (uint32_t i = 0; i < 10; i++)
		assert_true(sentlog_add(log, 0, seq_add(start, i)));
	assert_int_equal(log->newest, 4);
	assert_true(sentlog_ack(log, 2));
	assert_int_equal(log->held[0], 3);
	assert_int_equal(sentlog_owners(log, 1), 0);
	assert_int_equal(sentlog_owners(log, 2), 1);
}

static void number_a_whole_ring_behind_is_forgotten(void **state)
{
	struct sentlog *log = *state;

	sentlog_add(log, 0, 5); /* an idle link holds it */
	for (uint32_t seq = 6; seq <= 5 + SENTLOG_NUMBERS; seq++)
		sentlog_add(log, 1, seq);
	assert_int_equal(log->held[0], 0);
	assert_int_equal(sentlog_owners(log, 5), 0);
	assert_int_equal(sentlog_span(log), SENTLOG_NUMBERS);
}

static void far_jump_begins_a_new_numbering(void **state)
{
	struct sentlog *log = *state;

	sentlog_add(log, 0, 5);
	assert_false(sentlog_add(log, 1, 5 + SENTLOG_NUMBERS));
	assert_int_equal(log->held[0], 0);
	assert_int_equal(sentlog_owners(log, 5 + SENTLOG_NUMBERS), 1 << 1);
	assert_false(sentlog_add(log, 1, 5));
	assert_int_equal(sentlog_span(log), 1);
}

static void clearing_a_link_leaves_the_numbers_of_others(void **state)
{
	struct sentlog *log = *state;

	for (uint32_t seq = 0; seq < 100; seq++) {
		sentlog_add(log, 0, seq);
		sentlog_add(log, 1, seq);
	}
	sentlog_clear_link(log, 0);
	assert_int_equal(log->held[0], 0);
	assert_int_equal(log->held[1], 100);
	assert_int_equal(sentlog_owners(log, 50), 1 << 1);
}

#define WITH_LOG(f) cmocka_unit_test_setup_teardown(f, fresh, gone)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_LOG(number_leads_to_the_link_that_carried_it),
		WITH_LOG(number_that_two_links_carried_has_two_owners),
		WITH_LOG(link_holds_a_number_once_however_often_it_carried_it),
		WITH_LOG(removing_what_is_not_held_changes_nothing),
		WITH_LOG(log_of_a_link_shows_its_last_255_numbers),
		WITH_LOG(acknowledgement_frees_everything_before_it),
		WITH_LOG(resend_of_an_acknowledged_number_is_freed_by_the_next_acknowledgement),
		WITH_LOG(acknowledgement_of_what_was_never_sent_is_ignored),
		WITH_LOG(accounting_is_exact_over_the_wrap_of_31_bits),
		WITH_LOG(number_a_whole_ring_behind_is_forgotten),
		WITH_LOG(far_jump_begins_a_new_numbering),
		WITH_LOG(clearing_a_link_leaves_the_numbers_of_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
