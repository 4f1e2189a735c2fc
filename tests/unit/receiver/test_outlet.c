/* SPDX-License-Identifier: MIT */
#include "shell_rig.h"

#include <netinet/udp.h>

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
	assert_in_range(place, 1, BATCH_SERVER_RUN); /* behind one run */
	close(a.fd), close(b.fd);
}

static void a_turn_sends_a_bounded_number_and_the_next_one_goes_on(void **state)
{
	struct link_end a;
	int64_t latest = -1;
	uint64_t sent = 0;

	(void)state;
	begin("5000 127.0.0.1 1");
	a = new_link("127.0.0.1", "127.0.0.1");
	found(&a, 1);
	put_out(1, 1500);
	for (unsigned turn = 1; turn <= 3; turn++) {
		outlet_flush(&shell.outlet, loop_now(shell.door.loop));
		assert_int_equal(shell.servers.packets_out - sent, turn < 3 ? 512 : 1500 - 1024);
		assert_int_equal(outlet_waits(&shell.outlet), turn < 3);
		while (udp_recv(server, &got) == 0) { /* whose buffer may be too small for all */
			assert_true(be32(got.data) > latest);
			latest = be32(got.data);
		}
		assert_true(latest >= (int64_t)sent);
		sent = shell.servers.packets_out;
	}
	close(a.fd);
}

static void a_turn_that_brings_much_sends_much(void **state)
{
	struct link_end a;

	(void)state;
	begin("5000 127.0.0.1 1");
	a = new_link("127.0.0.1", "127.0.0.1");
	found(&a, 1);
	put_out(1, 1500);
	shell.front.packets_in += 700; /* as if they were coalesced, and those are of them */
	outlet_flush(&shell.outlet, loop_now(shell.door.loop));
	assert_int_equal(shell.servers.packets_out, 1400);
	close(a.fd);
}

static void what_waits_at_the_end_is_sent_before_it(void **state)
{
	struct link_end a;

	(void)state;
	begin("5000 127.0.0.1 1");
	a = new_link("127.0.0.1", "127.0.0.1");
	found(&a, 1);
	put_out(1, 1500);
	put_out(1, 500);
	assert_int_equal(kill(getpid(), SIGTERM), 0);
	shell_run(&shell);
	assert_int_equal(shell.servers.packets_out, 2000);
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
	assert_true(pool->size - pool->in_use >= OUTLET_RESERVE - 64);
	put_data(&l[3], 77);
	for (unsigned i = 0; i < 100 && shell.outlet.turnstile.count > 0; i++)
		run_until(-1, 20);
	assert_int_equal(shell.outlet.turnstile.count, 0);
	assert_int_equal(batch_counts(shell.door.batch)->starved, 0);
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
	assert_true(udp_lost(shell.front.registration.socket.fd) > 10000);
	assert_int_equal(udp_lost(shell.front.media.socket.fd), 0);
	print_message("beside 40000 registrations, of which %u were dropped, 200 of 200 packets\n",
		      udp_lost(shell.front.registration.socket.fd));
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

/* So many datagrams of `size` bytes in one, on their way as such; false: not with this kernel. */
static bool put_coalesced(const struct link_end *l, const uint8_t *bytes, unsigned count, int size)
{
	struct sockaddr_storage to;
	socklen_t len = udp_to_sockaddr(&l->to, &to);
	size_t all = count * (size_t)size;

	if (batch_io(shell.door.batch) != BATCH_GSO)
		return false;
	assert_int_equal(setsockopt(l->fd, IPPROTO_UDP, UDP_SEGMENT, &size, sizeof(size)), 0);
	assert_int_equal(sendto(l->fd, bytes, all, 0, (struct sockaddr *)&to, len), all);
	return true;
}

static void registrations_that_came_coalesced_have_the_same_budget(void **state)
{
	uint8_t bytes[40 * SRTLA_REG_LEN], id[SRTLA_ID_LEN] = {7};
	struct receiver_view v;
	struct link_end a;

	(void)state;
	begin("5000 127.0.0.1 1");
	a = new_link("127.0.0.1", "127.0.0.1");
	for (unsigned i = 0; i < 40; i++)
		srtla_build_reg(bytes + i * SRTLA_REG_LEN, SRTLA_REG1, id);
	if (!put_coalesced(&a, bytes, 40, SRTLA_REG_LEN))
		skip();
	run_until(-1, 20);
	assert_int_equal(batch_counts(shell.door.batch)->coalesced, 40);
	receiver_view(shell.door.receiver, loop_now(shell.door.loop), &v);
	assert_int_equal(v.reg1 + v.drops.hurried, 16);
	assert_int_equal(shell.front.crowded, 24);
	close(a.fd);
}

static void media_that_came_coalesced_leaves_in_order_and_as_one(void **state)
{
	uint8_t bytes[20 * DATA] = {0};
	struct link_end a;
	uint64_t runs;

	(void)state;
	begin("5000 127.0.0.1 1");
	a = new_link("127.0.0.1", "127.0.0.1");
	found(&a, 1);
	for (uint32_t i = 0; i < 20; i++)
		put_be32(bytes + i * DATA, i);
	runs = batch_counts(shell.door.batch)->runs;
	if (!put_coalesced(&a, bytes, 20, DATA))
		skip();
	for (uint32_t i = 0; i < 20; i++)
		assert_served(i);
	assert_int_equal(batch_counts(shell.door.batch)->coalesced, 20);
	assert_int_equal(batch_counts(shell.door.batch)->runs - runs, 1);
	close(a.fd);
}

/* As F62 has it for a socket: one group's coalesced flood is one of the others' neighbours. */
static void F62_a_coalesced_flood_costs_another_group_nothing(void **state)
{
	static uint8_t bytes[48 * 1300];
	struct link_end a, b;

	(void)state;
	begin("5000 127.0.0.1 1");
	a = new_link("127.0.0.1", "127.0.0.1");
	b = new_link("127.0.0.2", "127.0.0.1");
	found(&a, 1);
	found(&b, 2);
	for (uint32_t i = 0; i < 20; i++) {
		for (uint32_t k = 0; k < 48; k++)
			put_be32(bytes + k * 1300, i * 48 + k);
		for (unsigned times = 0; times < 4; times++) {
			if (!put_coalesced(&a, bytes, 48, 1300))
				skip();
		}
		put_data(&b, i);
		do
			assert_true(get(server));
		while (got.len != DATA);
		assert_int_equal(be32(got.data), i);
		while (udp_recv(server, &got) == 0)
			; /* of the first group, behind it */
	}
	assert_int_equal(batch_counts(shell.door.batch)->starved, 0);
	assert_int_equal(shell.servers.refused, 0);
	close(a.fd), close(b.fd);
}

static void an_answer_leaves_at_the_end_of_the_turn_from_where_it_was_asked(void **state)
{
	uint8_t keepalive[2] = {0x90, 0};
	struct link_end a, b;

	(void)state;
	begin("5000 127.0.0.1 1");
	a = new_link("127.0.0.1", "127.0.0.2");
	b = new_link("127.0.0.1", "127.0.0.3");
	found(&a, 1);
	memcpy(b.id, a.id, sizeof(b.id));
	enter(&b);
	put(&a, keepalive, sizeof(keepalive));
	put(&b, keepalive, sizeof(keepalive));
	assert_true(get(a.fd));
	assert_true(endpoint_equal(&got.peer, &a.to));
	assert_true(get(b.fd));
	assert_true(endpoint_equal(&got.peer, &b.to));
	assert_int_equal(front_waiting(&shell.front), 0);
	close(a.fd), close(b.fd);
}

int main(void)
{
#define RUNS(f) cmocka_unit_test_setup_teardown(f, open_server, finish)
	const struct CMUnitTest tests[] = {
		RUNS(what_one_group_releases_at_once_does_not_delay_another),
		RUNS(a_turn_sends_a_bounded_number_and_the_next_one_goes_on),
		RUNS(a_turn_that_brings_much_sends_much),
		RUNS(what_waits_at_the_end_is_sent_before_it),
		RUNS(what_finds_no_room_before_the_turnstile_is_counted),
		RUNS(what_waits_never_takes_the_last_packets_from_those_who_speak),
		RUNS(F62_a_server_that_floods_costs_the_others_its_share_alone),
		RUNS(F54_beside_a_flood_of_registrations_media_loses_nothing),
		RUNS(registrations_at_the_media_door_have_the_same_budget),
		RUNS(registrations_that_came_coalesced_have_the_same_budget),
		RUNS(media_that_came_coalesced_leaves_in_order_and_as_one),
		RUNS(F62_a_coalesced_flood_costs_another_group_nothing),
		RUNS(an_answer_leaves_at_the_end_of_the_turn_from_where_it_was_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
