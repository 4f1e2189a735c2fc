/* SPDX-License-Identifier: MIT */
#include "server_rig.h"

/* What leaves for the servers in a turn, each way across the border to the kernel. */

static int begin_plain(void **state)
{
	way = BATCH_PLAIN;
	return begin(state);
}

static int begin_mmsg(void **state)
{
	way = BATCH_MMSG;
	return begin(state);
}

static int begin_best(void **state)
{
	way = BATCH_AUTO;
	return begin(state);
}

/* How often the core noted this. */
static unsigned noted(unsigned kind)
{
	unsigned count = 0;

	for (unsigned i = 0; i < d.out.note_count; i++)
		count += d.out.notes[i].kind == kind;
	return count;
}

/* What the core was given back, of this group. */
static uint64_t given_back(unsigned port)
{
	struct receiver_group_view v;

	assert_true(receiver_group_view(d.receiver, port, SEC(2), &v));
	return v.server_refused;
}

static void end_group(unsigned port)
{
	for (int i = 2; i <= 60 && receiver_group_serial(d.receiver, port) != 0; i++)
		receiver_run(d.receiver, SEC(i), &d.out);
	assert_int_equal(receiver_group_serial(d.receiver, port), 0);
	outbox_clear_notes(&d.out);
}

static void assert_nothing_more(unsigned number)
{
	assert_int_equal(udp_recv(end[number], &got), -EAGAIN);
}

static void packets_of_a_turn_reach_each_server_whole_and_in_order(void **state)
{
	(void)state;
	resolve(0, "127.0.0.1", NULL);
	resolve(1, "127.0.0.2", NULL);
	group(1, 0);
	group(2, 1);
	for (uint32_t i = 0; i < 80; i++) {
		put_waiting(1, i, DATA);
		put_waiting(2, 1000 + i, i % 7 == 3 ? DATA + i : DATA);
	}
	assert_nothing_more(0);
	servers_flush(&ss, SEC(2));
	for (uint32_t i = 0; i < 80; i++) {
		assert_served(0, i);
		assert_int_equal(got.len, DATA);
		assert_served(1, 1000 + i);
		assert_int_equal(got.len, i % 7 == 3 ? DATA + i : DATA);
	}
	assert_nothing_more(0);
	assert_nothing_more(1);
	assert_int_equal(ss.packets_out, 160);
	assert_int_equal(batch_counts(d.batch)->left, 160);
}

static void equal_packets_of_a_turn_leave_as_runs_of_32(void **state)
{
	const struct batch_counts *n = batch_counts(d.batch);

	(void)state;
	resolve(0, "127.0.0.1", NULL);
	group(1, 0);
	for (uint32_t i = 0; i < 65; i++)
		put_waiting(1, i, DATA);
	servers_flush(&ss, SEC(2));
	assert_int_equal(n->left, 65);
	assert_int_equal(n->writes, batch_io(d.batch) == BATCH_PLAIN ? 65 : 3);
	assert_int_equal(n->runs, batch_io(d.batch) == BATCH_GSO ? 2 : 0);
	assert_int_equal(n->in_runs, batch_io(d.batch) == BATCH_GSO ? 64 : 0);
}

static void a_group_with_much_to_send_lets_the_others_go_between_its_runs(void **state)
{
	unsigned places[3] = {0};

	(void)state;
	resolve(0, "127.0.0.1", NULL);
	for (uint8_t port = 1; port <= 3; port++)
		group(port, 0);
	for (uint32_t i = 0; i < 100; i++)
		put_waiting(1, 0, DATA);
	put_waiting(2, 1, DATA);
	put_waiting(3, 2, DATA);
	servers_flush(&ss, SEC(2));
	for (unsigned i = 0; i < 102; i++) {
		assert_int_equal(udp_recv(end[0], &got), 0);
		if (be32(got.data) > 0)
			places[be32(got.data)] = i;
	}
	assert_int_equal(places[1], 32);
	assert_int_equal(places[2], 33);
}

/* A socket whose path takes 1280 bytes and no more, adopted for group 1; -1: there is no IPv6. */
static int open_narrow(void)
{
	const struct udp_options opt = {0};
	struct endpoint here = at("::1"), to;
	int fd = udp_open(&here, &opt), least = 1280, on = 1;

	if (fd < 0)
		return -1;
	close(end[0]);
	end[0] = open_end("::1", 0);
	assert_int_equal(udp_local(end[0], &to), 0);
	assert_int_equal(udp_connect(fd, &to), 0);
	assert_int_equal(setsockopt(fd, IPPROTO_IPV6, IPV6_MTU, &least, sizeof(least)), 0);
	assert_int_equal(setsockopt(fd, IPPROTO_IPV6, IPV6_DONTFRAG, &on, sizeof(on)), 0);
	group(1, 0);
	assert_true(servers_adopt(&ss, 1, fd));
	return fd;
}

static void a_refused_packet_in_the_middle_returns_to_the_core_and_the_others_leave(void **state)
{
	(void)state;
	if (open_narrow() < 0)
		skip();
	for (uint32_t i = 0; i < 10; i++)
		put_waiting(1, i, i == 4 ? 1400 : DATA);
	servers_flush(&ss, SEC(2));
	for (uint32_t i = 0; i < 10; i++) {
		if (i != 4)
			assert_served(0, i);
	}
	assert_nothing_more(0);
	assert_int_equal(given_back(1), 1);
	assert_int_equal(ss.refused, 1);
	assert_int_equal(ss.packets_out, 9);
	assert_int_equal(noted(RECEIVER_SERVER_AWAY), 0); /* it was the packet's own fault */
	assert_int_equal(batch_counts(d.batch)->in_doubt, 0);
}

static void without_a_socket_all_packets_of_the_turn_return_to_the_core(void **state)
{
	(void)state;
	group(1, 0); /* whose server has no address yet */
	for (uint32_t i = 0; i < 40; i++)
		put_waiting(1, i, DATA);
	servers_flush(&ss, SEC(2));
	assert_int_equal(given_back(1), 40);
	assert_int_equal(ss.refused, 40);
	assert_int_equal(ss.packets_out, 0);
	assert_int_equal(noted(RECEIVER_SERVER_AWAY), 1);
	assert_int_equal(host[0].sent, SEC(2)); /* that nobody answers is worth a question */
}

static void errors_of_a_closed_port_cost_the_next_turns_packets_nothing(void **state)
{
	(void)state;
	resolve(0, "127.0.0.1", NULL);
	group(1, 0);
	close(end[0]);
	for (uint32_t i = 0; i < 10; i++)
		put_waiting(1, i, DATA);
	servers_flush(&ss, SEC(2));
	for (uint32_t i = 10; i < 20; i++)
		put_waiting(1, i, i % 2 ? DATA : 2 * DATA);
	servers_flush(&ss, SEC(2));
	assert_int_equal(ss.packets_out, 20);
	assert_int_equal(given_back(1), 0);
	if (noted(RECEIVER_SERVER_AWAY) == 0)
		hear(servers_fd(&ss, 1));
	assert_int_equal(noted(RECEIVER_SERVER_AWAY), 1);
	end[0] = open_end("127.0.0.1", far);
	put(1, 20);
	assert_served(0, 20);
}

static void a_wake_up_for_the_error_alone_is_understood(void **state)
{
	(void)state;
	resolve(0, "127.0.0.1", NULL);
	group(1, 0);
	close(end[0]);
	put(1, 1);
	assert_int_equal(noted(RECEIVER_SERVER_AWAY), 0);
	hear(servers_fd(&ss, 1));
	assert_int_equal(noted(RECEIVER_SERVER_AWAY), 1);
	assert_int_equal(ss.packets_in, 0);
	end[0] = open_end("127.0.0.1", far);
}

static void F61_packets_that_wait_when_their_group_goes_never_reach_the_next(void **state)
{
	uint32_t first;

	(void)state;
	resolve(0, "127.0.0.1", NULL);
	group(1, 0);
	group(2, 0);
	first = receiver_group_serial(d.receiver, 1);
	for (uint32_t i = 0; i < 3; i++)
		put_waiting(1, i, DATA);
	end_group(1); /* and its note is lost */
	group(1, 0);
	assert_int_not_equal(receiver_group_serial(d.receiver, 1), first);
	servers_flush(&ss, SEC(2));
	assert_int_equal(ss.stale, 3);
	assert_int_equal(ss.packets_out, 0);
	put(1, 9);
	assert_served(0, 9);
	assert_nothing_more(0);
}

static void F61_the_next_groups_packets_do_not_go_with_those_that_wait(void **state)
{
	(void)state;
	resolve(0, "127.0.0.1", NULL);
	group(1, 0);
	for (uint32_t i = 0; i < 3; i++)
		put_waiting(1, i, DATA);
	end_group(1);
	group(1, 0);
	put_waiting(1, 9, DATA);
	servers_flush(&ss, SEC(2));
	assert_int_equal(ss.stale, 3);
	assert_served(0, 9);
	assert_nothing_more(0);
}

static void F61_a_group_that_is_closed_takes_what_waits_along(void **state)
{
	(void)state;
	resolve(0, "127.0.0.1", NULL);
	group(1, 0);
	group(2, 0);
	put_waiting(1, 1, DATA);
	put_waiting(2, 2, DATA);
	servers_close(&ss, 1);
	assert_int_equal(ss.stale, 1);
	put_waiting(1, 3, DATA); /* queued as it was: once */
	servers_flush(&ss, SEC(2));
	assert_served(0, 3);
	assert_served(0, 2);
	assert_nothing_more(0);
	assert_int_equal(ss.packets_out, 2);
}

int main(void)
{
#define EACH(f) \
	{#f ", plain", f, begin_plain, finish, NULL}, {#f ", mmsg", f, begin_mmsg, finish, NULL}, \
	{#f ", the best", f, begin_best, finish, NULL}
	const struct CMUnitTest tests[] = {
		EACH(packets_of_a_turn_reach_each_server_whole_and_in_order),
		EACH(equal_packets_of_a_turn_leave_as_runs_of_32),
		EACH(a_group_with_much_to_send_lets_the_others_go_between_its_runs),
		EACH(a_refused_packet_in_the_middle_returns_to_the_core_and_the_others_leave),
		EACH(without_a_socket_all_packets_of_the_turn_return_to_the_core),
		EACH(errors_of_a_closed_port_cost_the_next_turns_packets_nothing),
		EACH(a_wake_up_for_the_error_alone_is_understood),
		EACH(F61_packets_that_wait_when_their_group_goes_never_reach_the_next),
		EACH(F61_the_next_groups_packets_do_not_go_with_those_that_wait),
		EACH(F61_a_group_that_is_closed_takes_what_waits_along),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
