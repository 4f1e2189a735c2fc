/* SPDX-License-Identifier: MIT */
#include "scene.h"

/* Many groups, and little room. */

/* Groups 1 to `count` of two links each, which have sent 0 and 1. */
static void begin_groups(struct scene *x, unsigned room, unsigned count, unsigned port[])
{
	struct receiver_config cfg = stage_config();

	cfg.hold_packets = room;
	begin_with(x, &cfg, 2);
	port[1] = x->port;
	for (unsigned g = 2; g <= count; g++)
		port[g] = gather(x, g, 2);
	for (unsigned g = 1; g <= count; g++)
		for (unsigned i = 0; i < 2; i++)
			bring_to(x, g, i, i);
	discard(&x->s);
}

static void full_shelf_gives_up_the_gap_that_waits_longest(void **state)
{
	struct scene x;
	unsigned port[4];

	(void)state;
	begin_groups(&x, 30, 3, port);
	for (unsigned g = 1; g <= 3; g++) {
		for (uint32_t n = 0; n < 10; n++)
			bring_to(&x, g, 0, 3 + n);
		pass(&x.s, MSEC(1));
	}
	discard(&x.s);
	bring_to(&x, 3, 0, 13);
	assert_string_equal(got_by(&x, port[1]), "3-12");
	assert_int_equal(group_view(&x.s, port[1]).order.pressed, 1);
	assert_int_equal(group_view(&x.s, port[1]).order.held, 0);
	assert_int_equal(group_view(&x.s, port[2]).order.held, 10);
	assert_int_equal(group_view(&x.s, port[3]).order.held, 11);

	/* The next gap of the second one is its newest, so the third goes first. */
	bring_to(&x, 2, 0, 20);
	bring_to(&x, 2, 1, 2);
	discard(&x.s);
	for (uint32_t n = 0; n < 18; n++)
		bring_to(&x, 1, 0, 14 + n);
	assert_int_equal(group_view(&x.s, port[3]).order.held, 11);
	bring_to(&x, 1, 0, 14 + 18);
	assert_int_equal(group_view(&x.s, port[3]).order.pressed, 1);
	assert_int_equal(group_view(&x.s, port[3]).order.held, 0);
	assert_int_equal(group_view(&x.s, port[2]).order.held, 1);
	end(&x);
}

static void group_that_holds_little_is_spared_while_one_holds_much(void **state)
{
	struct scene x;
	unsigned port[3];

	(void)state;
	begin_groups(&x, 310, 2, port);
	for (uint32_t n = 0; n < 10; n++)
		bring_to(&x, 1, 0, 3 + n);
	pass(&x.s, MSEC(1));
	for (uint32_t n = 0; n < 300; n++)
		bring_to(&x, 2, 0, 3 + n);
	discard(&x.s);
	assert_int_equal(group_view(&x.s, port[2]).order.held, 300);
	bring_to(&x, 1, 0, 13);
	assert_int_equal(group_view(&x.s, port[2]).order.pressed, 1);
	assert_int_equal(group_view(&x.s, port[1]).order.pressed, 0);
	assert_int_equal(group_view(&x.s, port[1]).order.held, 11);
	end(&x);
}

static void full_shelf_loses_nothing_and_keeps_the_order_of_each_group(void **state)
{
	/* Three groups want ten times the room; every second packet of each overtakes. */
	enum { NUMBERS = 600 };
	static bool came[4][NUMBERS];
	struct scene x;
	struct seen seen;
	unsigned port[4], late = 0;
	uint32_t newest[4] = {0};

	(void)state;
	memset(came, 0, sizeof(came));
	begin_groups(&x, 20, 3, port);
	for (uint32_t n = 2; n < NUMBERS; n++) {
		for (unsigned g = 1; g <= 3; g++) {
			bring_to(&x, g, 0, n);
			if (n >= 62 && n % 2)
				bring_to(&x, g, 1, n - 60);
		}
		while (take(&x.s, &seen)) {
			unsigned g = 1;
			uint32_t seq;

			if (seen.port == 0)
				continue;
			while (port[g] != seen.port)
				g++;
			seq = be32(seen.data) - x.first;
			assert_false(came[g][seq]);
			came[g][seq] = true;
			late += seq < newest[g];
			newest[g] = seq > newest[g] ? seq : newest[g];
		}
		assert_in_range(x.s.pool.in_use, 0, 20);
		n += n % 2;
		pass(&x.s, USEC(100));
	}
	for (unsigned g = 1; g <= 3; g++) {
		late -= (unsigned)group_view(&x.s, port[g]).order.late;
		assert_true(group_view(&x.s, port[g]).order.pressed > 0);
	}
	assert_int_equal(late, 0);
	end(&x);
}

static void release_lets_all_of_all_groups_go_in_order(void **state)
{
	struct scene x;
	unsigned port[3];

	(void)state;
	begin_groups(&x, 1000, 2, port);
	for (unsigned g = 1; g <= 2; g++)
		for (uint32_t n = 3; n < 103; n += 2 - n / 53)
			bring_to(&x, g, 0, n);
	discard(&x.s);
	receiver_release(x.s.r, x.s.now, &x.s.out);
	for (unsigned g = 1; g <= 2; g++)
		assert_int_equal(group_view(&x.s, port[g]).order.held, 0);
	assert_int_equal(x.s.out.packets.count, 2 * (25 + 50));
	assert_string_equal(got_by(&x, port[1]),
			    "3 5 7 9 11 13 15 17 19 21 23 25 27 29 31 33 35 37 39 41 43 45 47 49 "
			    "51 53-102");
	/* What is late after that passes. */
	bring_to(&x, 1, 1, 4);
	assert_string_equal(got_by(&x, port[1]), "4");
	end(&x);
}

static void group_that_ends_frees_what_it_held(void **state)
{
	/* Each of its links leaves for a group of its own, and a further one wants the place. */
	struct receiver_config cfg = stage_config();
	uint8_t id[SRTLA_ID_LEN], kept[SRTLA_ID_LEN];
	unsigned port;
	struct scene x;

	(void)state;
	cfg.groups = 3;
	cfg.hold_packets = 17;
	begin_with(&x, &cfg, 2);
	all_have_sent(&x, 2);
	for (uint32_t n = 3; n < 20; n++)
		bring(&x, 0, n);
	discard(&x.s);
	assert_int_equal(x.s.pool.in_use, 17);

	for (unsigned i = 0; i < 2; i++) {
		reg1(&x.s, link_of(1, i), 7 + (int)i, id);
		assert_int_equal(reg2(&x.s, link_of(1, i), id), SRTLA_REG3);
		if (i == 0)
			memcpy(kept, id, sizeof(id));
	}
	assert_int_equal(x.s.pool.in_use, 17);
	reg1(&x.s, link_of(9, 0), 9, id);
	outbox_clear_notes(&x.s.out);
	assert_int_equal(reg2(&x.s, link_of(9, 0), id), SRTLA_REG3);
	assert_int_equal(noted(&x.s, RECEIVER_GROUP_GONE), 1);
	assert_int_equal(last_note(&x.s, RECEIVER_GROUP_GONE)->port, x.port);
	assert_int_equal(x.s.pool.in_use, 0);
	/* Nor is there anything left to be done for it. */
	pass(&x.s, MSEC(500));
	assert_int_equal(discard(&x.s), 0);

	/* When others want the room, it is not among those who could give up something. */
	assert_int_equal(reg2(&x.s, link_of(9, 1), kept), SRTLA_REG3);
	port = last_note(&x.s, RECEIVER_MEMBER_NEW)->port;
	bring_to(&x, 1, 0, 0);
	bring_to(&x, 9, 1, 1);
	for (uint32_t n = 3; n < 21; n++)
		bring_to(&x, 1, 0, n);
	assert_int_equal(group_view(&x.s, port).order.pressed, 1);
	assert_string_equal(got_by(&x, port), "0-1 3-20");
	end(&x);
}

static void receiver_that_ends_frees_what_is_held(void **state)
{
	struct scene x;

	(void)state;
	begin(&x, 2, 2000);
	all_have_sent(&x, 2);
	for (uint32_t n = 3; n < 200; n++)
		bring(&x, 0, n);
	end(&x);
}

static void empty_pool_costs_acknowledgements_and_no_media(void **state)
{
	/* All packets there are wait here: what comes with them gone is the shell's to drop. */
	struct scene x;
	struct pkt *p = NULL;

	(void)state;
	begin(&x, 2, 60000);
	all_have_sent(&x, 2);
	for (uint32_t n = 3; x.s.pool.in_use < POOL - 1; n++) {
		bring(&x, 0, n);
		while (x.s.out.packets.count > 0)
			pkt_free(outbox_take(&x.s.out));
	}
	p = pkt_get(&x.s.pool);
	assert_non_null(p);
	pass(&x.s, MSEC(60)); /* an SRTLA ACK is due, and none can be made */
	assert_true(view(&x.s).drops.pool > 0);
	pkt_free(p);
	pass(&x.s, SEC(1));
	assert_int_equal(order(&x).held, 0);
	end(&x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(full_shelf_gives_up_the_gap_that_waits_longest),
		cmocka_unit_test(group_that_holds_little_is_spared_while_one_holds_much),
		cmocka_unit_test(full_shelf_loses_nothing_and_keeps_the_order_of_each_group),
		cmocka_unit_test(release_lets_all_of_all_groups_go_in_order),
		cmocka_unit_test(group_that_ends_frees_what_it_held),
		cmocka_unit_test(receiver_that_ends_frees_what_is_held),
		cmocka_unit_test(empty_pool_costs_acknowledgements_and_no_media),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
