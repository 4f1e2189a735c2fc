/* SPDX-License-Identifier: MIT */
#include "shell_rig.h"

/* So many packets in the outbox, as if a long gap had ended. */
static void put_out(unsigned port, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		struct pkt *p = pkt_get(&shell.door.pool);

		assert_non_null(p);
		p->len = DATA;
		memset(p->data, 0, DATA);
		put_be32(p->data, i);
		outbox_put(&shell.door.out, port, p);
	}
}

static void what_one_group_releases_at_once_does_not_delay_another(void **state)
{
	struct link_end a, b;
	unsigned place = 0;

	(void)state;
	begin("5000 127.0.0.1 1");
	a = new_link("127.0.0.1", "127.0.0.1");
	b = new_link("127.0.0.2", "127.0.0.1");
	found(&a, 1);
	found(&b, 2);
	put_out(1, 200);
	put_out(2, 1);
	run_until(-1, 20);
	for (unsigned i = 0; i < 201; i++) {
		assert_served_any();
		if (be32(got.data) == 0 && i > 0)
			place = i; /* the other's, as each begins with 0 */
	}
	assert_in_range(place, 1, 21); /* behind one quantum of 20 packets */
	close(a.fd), close(b.fd);
}

static void a_turn_sends_a_bounded_number_and_the_next_one_goes_on(void **state)
{
	struct link_end a;
	ustime now;

	(void)state;
	begin("5000 127.0.0.1 1");
	a = new_link("127.0.0.1", "127.0.0.1");
	found(&a, 1);
	now = loop_now(shell.door.loop);
	put_out(1, 250);
	assert_true(run_until(server, 2000)); /* that stops the loop after the first turn */
	assert_in_range(shell.servers.packets_out, 1, 2 * 128);
	run_until(-1, 20);
	assert_int_equal(shell.servers.packets_out, 250);
	for (uint32_t i = 0; i < 250; i++) {
		assert_served_any();
		assert_int_equal(be32(got.data), i);
	}
	assert_true(loop_now(shell.door.loop) - now < SEC(1));
	close(a.fd);
}

static void what_waits_at_the_end_is_sent_before_it(void **state)
{
	struct link_end a;

	(void)state;
	begin("5000 127.0.0.1 1");
	a = new_link("127.0.0.1", "127.0.0.1");
	found(&a, 1);
	put_out(1, 250);
	put_out(1, 250);
	assert_int_equal(kill(getpid(), SIGTERM), 0);
	shell_run(&shell);
	assert_int_equal(shell.servers.packets_out, 500);
	close(a.fd);
}

/* The core has them back, so that another copy may pass. */
static void what_finds_no_room_before_the_turnstile_is_counted(void **state)
{
	struct link_end a;

	(void)state;
	begin("5000 127.0.0.1 1");
	a = new_link("127.0.0.1", "127.0.0.1");
	found(&a, 1);
	put_out(1, TURNSTILE_QUEUE + 100);
	shell.door.settle(shell.door.arg, loop_now(shell.door.loop));
	assert_int_equal(shell.outlet.turnstile.count, TURNSTILE_QUEUE);
	assert_int_equal(shell.outlet.turnstile.overflowed, 100);
	assert_int_equal(refused(1), 100);
	close(a.fd);
}

static void what_waits_never_takes_the_last_packets_from_those_who_speak(void **state)
{
	struct pkt_pool *pool = &shell.door.pool;
	struct link_end l[12];

	(void)state;
	begin("5000 127.0.0.1 1");
	for (unsigned i = 0; i < 12; i++) {
		char from[16];

		snprintf(from, sizeof(from), "127.0.0.%u", i + 1);
		l[i] = new_link(from, "127.0.0.1");
		found(&l[i], (uint8_t)(i + 1));
	}
	for (unsigned i = 0; i < 12 * TURNSTILE_QUEUE / 32; i++) {
		if (pool->size - pool->in_use < 64)
			break;
		put_out(1 + i % 12, 32);
		shell.door.settle(shell.door.arg, loop_now(shell.door.loop));
	}
	assert_true(pool->size - pool->in_use >= DOOR_FULL - 64);
	put_data(&l[3], 77);
	for (unsigned i = 0; i < 100 && shell.outlet.turnstile.count > 0; i++)
		run_until(-1, 20);
	assert_int_equal(shell.outlet.turnstile.count, 0);
	assert_int_equal(shell.door.starved, 0);
	for (unsigned i = 0; i < 12; i++)
		close(l[i].fd);
}

static void F62_a_server_that_floods_costs_the_others_its_share_alone(void **state)
{
	uint8_t nak[20] = {0x80, 0x03};
	struct link_end a, b;
	struct endpoint first;
	uint64_t before;

	(void)state;
	begin("5000 127.0.0.1 1");
	a = new_link("127.0.0.1", "127.0.0.1");
	b = new_link("127.0.0.2", "127.0.0.1");
	found(&a, 1);
	found(&b, 2);
	put_data(&a, 1);
	assert_served(1);
	first = got.peer;
	put_data(&b, 1);
	assert_served(1);
	for (uint32_t i = 2; i < 10; i++) {
		for (unsigned k = 0; k < 150; k++)
			put_back(&first, nak, sizeof(nak));
		before = shell.servers.packets_in;
		put_data(&b, i);
		assert_served(i);
		/* One turn to hear it, one in which the loop sees that the test is served. */
		assert_in_range(shell.servers.packets_in - before, 0, 2 * 16);
	}
	run_until(-1, 50);
	assert_true(shell.servers.packets_in > 100);
	close(a.fd), close(b.fd);
}

static void F54_beside_a_flood_of_registrations_media_loses_nothing(void **state)
{
	uint8_t reg[SRTLA_REG_LEN];
	struct link_end a, b;

	(void)state;
	begin("5000 127.0.0.1 1");
	a = new_link("127.0.0.1", "127.0.0.1");
	b = new_link("127.0.0.2", "127.0.0.1");
	found(&a, 1);
	memset(b.id, 9, sizeof(b.id));
	srtla_build_reg(reg, SRTLA_REG1, b.id);
	for (uint32_t i = 0; i < 200; i++) {
		for (unsigned k = 0; k < 200; k++)
			put(&b, reg, sizeof(reg));
		put_data(&a, i);
		assert_served(i);
	}
	assert_true(udp_lost(shell.front.registration) > 10000);
	assert_int_equal(udp_lost(shell.front.fd), 0);
	print_message("beside 40000 registrations, of which %u were dropped, 200 of 200 packets\n",
		      udp_lost(shell.front.registration));
	close(a.fd), close(b.fd);
}

static void registrations_at_the_media_door_have_the_same_budget(void **state)
{
	uint8_t reg[SRTLA_REG_LEN];
	struct receiver_view v;
	struct link_end a;

	(void)state;
	begin("5000 127.0.0.1 1");
	a = new_link("127.0.0.1", "127.0.0.1");
	memset(a.id, 1, sizeof(a.id));
	srtla_build_reg(reg, SRTLA_REG1, a.id);
	for (unsigned i = 0; i < 40; i++)
		put(&a, reg, sizeof(reg) - 1); /* of the wrong length, so of the other door */
	run_until(-1, 20);
	receiver_view(shell.door.receiver, loop_now(shell.door.loop), &v);
	assert_int_equal(v.drops.malformed, 16);
	assert_int_equal(shell.front.crowded, 24);
	close(a.fd);
}

int main(void)
{
#define RUNS(f) cmocka_unit_test_setup_teardown(f, open_server, finish)
	const struct CMUnitTest tests[] = {
		RUNS(what_one_group_releases_at_once_does_not_delay_another),
		RUNS(a_turn_sends_a_bounded_number_and_the_next_one_goes_on),
		RUNS(what_waits_at_the_end_is_sent_before_it),
		RUNS(what_finds_no_room_before_the_turnstile_is_counted),
		RUNS(what_waits_never_takes_the_last_packets_from_those_who_speak),
		RUNS(F62_a_server_that_floods_costs_the_others_its_share_alone),
		RUNS(F54_beside_a_flood_of_registrations_media_loses_nothing),
		RUNS(registrations_at_the_media_door_have_the_same_budget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
