/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "shared/base/outbox.h"

static void packets_leave_in_order_each_with_its_port(void **state)
{
	struct pkt_pool pool;
	struct outbox out;

	(void)state;
	assert_true(pkt_pool_init(&pool, 3));
	outbox_init(&out);
	for (uint8_t i = 0; i < 3; i++) {
		struct pkt *p = pkt_get(&pool);

		p->data[0] = i;
		outbox_put(&out, 10u + i, p);
	}
	for (uint8_t i = 0; i < 3; i++) {
		struct pkt *p = outbox_take(&out);

		assert_int_equal(p->port, 10 + i);
		assert_int_equal(p->data[0], i);
		pkt_free(p);
	}
	assert_null(outbox_take(&out));
	outbox_finish(&out);
	pkt_pool_finish(&pool);
}

static void finish_frees_what_nobody_took(void **state)
{
	struct pkt_pool pool;
	struct outbox out;

	(void)state;
	assert_true(pkt_pool_init(&pool, 2));
	outbox_init(&out);
	outbox_put(&out, 1, pkt_get(&pool));
	outbox_put(&out, 1, pkt_get(&pool));
	outbox_finish(&out);
	assert_int_equal(pool.in_use, 0);
	outbox_finish(&out);
	pkt_pool_finish(&pool);
}

static void note_without_room_is_counted_and_the_older_ones_stay(void **state)
{
	struct outbox out;

	(void)state;
	outbox_init(&out);
	for (unsigned i = 0; i < OUTBOX_NOTES + 5; i++)
		outbox_note(&out, &(struct note){.kind = i, .at = SEC(1)});
	assert_int_equal(out.note_count, OUTBOX_NOTES);
	assert_int_equal(out.notes_lost, 5);
	for (unsigned i = 0; i < OUTBOX_NOTES; i++)
		assert_int_equal(out.notes[i].kind, i);
	outbox_clear_notes(&out);
	assert_int_equal(out.note_count, 0);
	outbox_note(&out, &(struct note){.kind = 77});
	assert_int_equal(out.notes[0].kind, 77);
	assert_int_equal(out.notes_lost, 5);
	outbox_finish(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(packets_leave_in_order_each_with_its_port),
		cmocka_unit_test(finish_frees_what_nobody_took),
		cmocka_unit_test(note_without_room_is_counted_and_the_older_ones_stay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
