/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "receiver/server.h"
#include "shared/io/udp.h"
#include "shared/wire/be.h"

/*
 * The sockets toward two SRT servers, whose places this test takes on loopback: number 0
 * at localhost, number 1 at 127.0.0.2, both on one port.
 */
enum { GROUPS = 4, DATA = 100 };

static struct door d;
static struct servers ss;
static struct host host[2];
static int end[2];      /* the servers' own sockets */
static uint16_t far;    /* their port */
static struct pkt got;

static void ignore(void *arg, ustime now)
{
	(void)arg, (void)now;
}

static ustime never(void *arg)
{
	(void)arg;
	return NEVER;
}

static void stop(void *arg, int events, ustime now)
{
	(void)arg, (void)events, (void)now;
	loop_stop(d.loop);
}

static void moved(void *arg, ustime now)
{
	(void)arg, (void)now;
	servers_host_moved(&ss);
}

static int open_end(const char *text, uint16_t port)
{
	const struct udp_options opt = {0};
	struct endpoint at;
	int fd;

	assert_true(endpoint_parse(text, &at));
	at.port = port;
	fd = udp_open(&at, &opt);
	assert_true(fd >= 0);
	return fd;
}

static uint16_t port_of(int fd)
{
	struct endpoint at;

	assert_int_equal(udp_local(fd, &at), 0);
	return at.port;
}

static int begin(void **state)
{
	const struct loop_hooks hooks = {.due = ignore, .flush = ignore, .deadline = never};
	const struct receiver_config cfg = {.groups = GROUPS};

	(void)state;
	memset(&d, 0, sizeof(d));
	outbox_init(&d.out);
	d.loop = loop_create(&hooks);
	assert_true(pkt_pool_init(&d.pool, 64));
	d.receiver = receiver_create(&cfg, &d.pool, SEC(1));
	d.settle = ignore;
	end[0] = open_end("127.0.0.1", 0);
	far = port_of(end[0]);
	end[1] = open_end("127.0.0.2", far);
	assert_int_equal(host_init(&host[0], d.loop, "localhost", far, NULL), 0);
	assert_int_equal(host_init(&host[1], d.loop, "127.0.0.2", far, NULL), 0);
	host[0].moved = host[1].moved = moved;
	assert_true(servers_init(&ss, &d, host, 2, GROUPS));
	return 0;
}

static int finish(void **state)
{
	(void)state;
	servers_finish(&ss);
	host_finish(&host[0]);
	host_finish(&host[1]);
	outbox_finish(&d.out);
	receiver_destroy(d.receiver);
	pkt_pool_finish(&d.pool);
	loop_destroy(d.loop);
	close(end[0]);
	close(end[1]);
	return 0;
}

/* Runs the loop for one turn in which fd is ready. */
static void hear(int fd)
{
	struct loop_watch *w = loop_watch(d.loop, fd, LOOP_READ, stop, NULL);

	loop_run(d.loop);
	loop_unwatch(d.loop, w);
}

/* A group is there, for SRT server `number`. */
static unsigned group(uint8_t mark, unsigned number)
{
	struct receiver_record rec = {.port = mark, .mark = {mark}, .server = number};
	unsigned port;

	endpoint_parse("192.0.2.1", &rec.origin);
	port = receiver_restore(d.receiver, &rec, SEC(1), &d.out);
	outbox_clear_notes(&d.out);
	assert_int_equal(port, mark);
	return port;
}

static struct endpoint at(const char *text)
{
	struct endpoint ep;

	assert_true(endpoint_parse(text, &ep));
	return ep;
}

/* The name means these, as if a name server had said so. */
static void resolve(unsigned number, const char *a, const char *b)
{
	const struct endpoint found[2] = {at(a), at(b ? b : a)};

	if (host_take(&host[number], found, b ? 2 : 1))
		servers_host_moved(&ss);
}

static void put(unsigned port, uint32_t seq)
{
	struct pkt *p = pkt_get(&d.pool);

	assert_non_null(p);
	p->port = port;
	p->len = DATA;
	memset(p->data, 0, DATA);
	put_be32(p->data, seq);
	servers_send(&ss, p, SEC(2));
}

static void assert_served(unsigned number, uint32_t seq)
{
	struct pollfd p = {.fd = end[number], .events = POLLIN};

	assert_int_equal(poll(&p, 1, 2000), 1);
	assert_int_equal(udp_recv(end[number], &got), 0);
	assert_int_equal(be32(got.data), seq);
}

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
