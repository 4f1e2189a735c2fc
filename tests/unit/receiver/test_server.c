/* SPDX-License-Identifier: MIT */
#include "server_rig.h"

/* A port that was somebody's a moment ago. */
static uint16_t a_free_port(void)
{
	int fd = open_end("0.0.0.0", 0);
	uint16_t port = port_of(fd);

	close(fd);
	return port;
}

static void F01_a_group_that_is_back_speaks_from_the_port_that_it_had(void **state)
{
	uint16_t port = a_free_port();

	(void)state;
	group(1, 0);
	group(2, 0);
	servers_expect(&ss, 1, port);
	assert_int_equal(servers_local_port(&ss, 1), port); /* it will be */
	assert_int_equal(servers_fd(&ss, 1), -1);
	resolve(0, "127.0.0.1", NULL);
	assert_true(servers_fd(&ss, 1) >= 0); /* before anybody else can have it */
	put(2, 20);
	assert_served(0, 20);
	assert_int_not_equal(got.peer.port, port);
	put(1, 10);
	assert_served(0, 10);
	assert_int_equal(got.peer.port, port);
	assert_int_equal(servers_local_port(&ss, 2), port_of(servers_fd(&ss, 2)));
}

static void a_port_that_somebody_took_meanwhile_is_replaced_by_any_other(void **state)
{
	int taken = open_end("0.0.0.0", 0);

	(void)state;
	resolve(0, "127.0.0.1", NULL);
	group(1, 0);
	servers_expect(&ss, 1, port_of(taken));
	put(1, 1);
	assert_served(0, 1);
	assert_int_not_equal(got.peer.port, port_of(taken));
	assert_int_equal(servers_local_port(&ss, 1), got.peer.port);
	close(taken);
}

static void the_port_stays_when_the_host_moves(void **state)
{
	uint16_t port;

	(void)state;
	resolve(0, "127.0.0.1", NULL);
	group(1, 0);
	put(1, 1);
	assert_served(0, 1);
	port = got.peer.port;
	resolve(0, "127.0.0.2", NULL);
	put(1, 2);
	assert_served(1, 2);
	assert_int_equal(got.peer.port, port);
}

static void a_socket_goes_on_with_the_packets_that_came_while_nobody_was_there(void **state)
{
	int fd = open_end("127.0.0.1", 0);
	struct endpoint to = at("127.0.0.1");
	uint8_t ack[20] = {0x80, 0x02};

	(void)state;
	to.port = far;
	udp_connect(fd, &to);
	group(1, 0);
	to.port = port_of(fd);
	udp_connect(end[0], &to);
	assert_int_equal(send(end[0], ack, sizeof(ack), 0), sizeof(ack));
	assert_true(servers_adopt(&ss, 1, fd));
	hear(fd);
	assert_int_equal(ss.packets_in, 1);
	assert_int_equal(servers_fd(&ss, 1), fd);
	assert_int_equal(servers_local_port(&ss, 1), port_of(fd));
	resolve(0, "127.0.0.1", NULL);
	assert_int_equal(servers_fd(&ss, 1), fd);
	put(1, 1);
	assert_served(0, 1);
	assert_int_equal(got.peer.port, port_of(fd));
}

static void the_address_of_an_adopted_socket_is_the_one_to_use(void **state)
{
	int fd = open_end("127.0.0.1", 0);
	struct endpoint to = at("127.0.0.2");

	(void)state;
	to.port = far;
	udp_connect(fd, &to);
	group(1, 0);
	assert_true(servers_adopt(&ss, 1, fd));
	resolve(0, "127.0.0.1", "127.0.0.2");
	assert_int_equal(servers_fd(&ss, 1), fd);
	put(1, 1);
	assert_served(1, 1);
	resolve(0, "127.0.0.1", NULL); /* that one has gone */
	put(1, 2);
	assert_served(0, 2);
}

static void what_is_no_connected_socket_stays_the_callers(void **state)
{
	int plain = open_end("127.0.0.1", 0), pipes[2];

	(void)state;
	assert_int_equal(pipe(pipes), 0);
	group(1, 0);
	assert_false(servers_adopt(&ss, 1, plain));
	assert_false(servers_adopt(&ss, 1, pipes[0]));
	assert_false(servers_adopt(&ss, 2, plain)); /* no such group */
	assert_false(servers_adopt(&ss, 0, plain));
	assert_false(servers_adopt(&ss, GROUPS + 1, plain));
	assert_int_equal(servers_fd(&ss, 1), -1);
	close(plain), close(pipes[0]), close(pipes[1]);
}

static void who_spoke_to_the_socket_before_it_was_connected_is_not_heard(void **state)
{
	int fd = open_end("127.0.0.1", 0), stranger = open_end("127.0.0.1", 0);
	struct endpoint to = at("127.0.0.1");
	uint8_t ack[20] = {0x80, 0x02};

	(void)state;
	to.port = port_of(fd);
	udp_connect(stranger, &to);
	assert_int_equal(send(stranger, ack, sizeof(ack), 0), sizeof(ack));
	to.port = far;
	udp_connect(fd, &to);
	group(1, 0);
	assert_true(servers_adopt(&ss, 1, fd));
	hear(fd);
	assert_int_equal(ss.strangers, 1);
	assert_int_equal(ss.packets_in, 0);
	close(stranger);
}

static void each_group_speaks_to_its_own_srt_server(void **state)
{
	(void)state;
	resolve(0, "127.0.0.1", NULL);
	resolve(1, "127.0.0.2", NULL);
	group(1, 0);
	group(2, 1);
	group(3, 2); /* there is no such server */
	put(1, 10);
	put(2, 20);
	put(3, 30);
	assert_served(0, 10);
	assert_served(1, 20);
	assert_int_equal(ss.refused, 1);
	assert_int_equal(host[0].sent, SEC(2));
	assert_int_equal(host[1].sent, SEC(2));

	/* When one moves, the other's sockets are none of its concern. */
	resolve(1, "127.0.0.1", NULL);
	put(1, 11);
	assert_served(0, 11);
	put(2, 21);
	assert_served(0, 21);
}

static void a_group_without_a_socket_has_none_to_tell_of(void **state)
{
	(void)state;
	group(1, 0);
	assert_int_equal(servers_fd(&ss, 1), -1);
	assert_int_equal(servers_local_port(&ss, 1), 0);
	assert_int_equal(servers_fd(&ss, 2), -1);
	assert_int_equal(servers_fd(&ss, 0), -1);
	assert_int_equal(servers_local_port(&ss, GROUPS + 1), 0);
	servers_expect(&ss, 2, 5000); /* no group: nothing to expect */
	assert_int_equal(servers_local_port(&ss, 2), 0);
}

int main(void)
{
#define EACH(f) cmocka_unit_test_setup_teardown(f, begin, finish)
	const struct CMUnitTest tests[] = {
		EACH(F01_a_group_that_is_back_speaks_from_the_port_that_it_had),
		EACH(a_port_that_somebody_took_meanwhile_is_replaced_by_any_other),
		EACH(the_port_stays_when_the_host_moves),
		EACH(a_socket_goes_on_with_the_packets_that_came_while_nobody_was_there),
		EACH(the_address_of_an_adopted_socket_is_the_one_to_use),
		EACH(what_is_no_connected_socket_stays_the_callers),
		EACH(who_spoke_to_the_socket_before_it_was_connected_is_not_heard),
		EACH(each_group_speaks_to_its_own_srt_server),
		EACH(a_group_without_a_socket_has_none_to_tell_of),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
