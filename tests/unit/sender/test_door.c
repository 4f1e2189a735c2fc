/* SPDX-License-Identifier: MIT */
#include "sender/door.h"

#include "tests/unit/sender/door_rig.h"

#include <sys/socket.h>

enum { LEN = 1332, MANY = 100 };

static struct batch_socket socket_of_ours = {.name = "usb0/192.168.8.100"};
static uint32_t seen;

/* Its receive buffer holds but a few packets. */
static void open_narrow(void)
{
	int least = 1;

	seen = 0;
	socket_of_ours.fd = open_at("127.0.0.1", 0);
	assert_int_equal(setsockopt(socket_of_ours.fd, SOL_SOCKET, SO_RCVBUF, &least,
				    sizeof(least)),
			 0);
}

static int open_rig(void **state)
{
	rig_open(io_of(state));
	open_narrow();
	return 0;
}

static int close_rig(void **state)
{
	(void)state;
	close(socket_of_ours.fd);
	rig_close();
	return 0;
}

/* So many datagrams come, and nobody reads them. */
static void flood(unsigned packets)
{
	struct pkt p = {.len = LEN, .peer = at("127.0.0.1", port_of(socket_of_ours.fd))};
	int fd = open_at("127.0.0.1", 0);

	for (unsigned i = 0; i < packets; i++)
		assert_int_equal(udp_send(fd, &p, true), 0);
	close(fd);
}

/* What counting at this moment says. */
static const char *said(ustime now)
{
	static char text[1024];
	int before = dup(STDERR_FILENO), ends[2];
	ssize_t n;

	assert_int_equal(pipe(ends), 0);
	dup2(ends[1], STDERR_FILENO);
	door_count_drops(&door, &socket_of_ours, &seen, now);
	dup2(before, STDERR_FILENO);
	close(before);
	close(ends[1]);
	n = read(ends[0], text, sizeof(text) - 1);
	close(ends[0]);
	assert_true(n >= 0);
	text[n] = '\0';
	return text;
}

static uint64_t drops(void)
{
	struct door_traffic t;

	door_traffic(&door, &t);
	return t.kernel_drops;
}

static void drops_of_the_kernel_are_counted_once(void **state)
{
	uint64_t first;

	(void)state;
	said(SEC(100));
	assert_int_equal(drops(), 0);
	flood(MANY);
	said(SEC(101));
	first = drops();
	assert_true(first >= MANY / 2 && first < MANY);
	said(SEC(102));
	assert_int_equal(drops(), first);
	flood(10);
	said(SEC(103));
	assert_int_equal(drops(), first + 10);
}

static void a_new_socket_begins_at_nothing_and_the_sum_goes_on(void **state)
{
	uint64_t first;

	(void)state;
	flood(MANY);
	said(SEC(100));
	first = drops();
	close(socket_of_ours.fd);
	open_narrow();
	said(SEC(101));
	assert_int_equal(drops(), first);
	flood(MANY);
	said(SEC(102));
	assert_int_equal(drops(), 2 * first);
}

static void drops_are_told_when_they_begin_and_after_a_quiet_minute(void **state)
{
	(void)state;
	assert_string_equal(said(SEC(100)), "");
	flood(MANY);
	assert_non_null(strstr(said(SEC(101)),
			       "event=kernel_drops socket=usb0/192.168.8.100 packets="));
	for (unsigned i = 0; i < 200; i++) {
		flood(1);
		assert_string_equal(said(SEC(102 + i)), "");
	}
	assert_string_equal(said(SEC(340)), "");
	flood(3);
	assert_non_null(strstr(said(SEC(362)), " packets=3\n"));
}

static void the_traffic_is_that_of_the_calls_and_of_the_loop(void **state)
{
	struct door_traffic before, after;

	door_traffic(&door, &before);
	assert_int_equal(before.count.writes, 0);
	run_a_moment();
	door_traffic(&door, &after);
	assert_true(after.wakes > before.wakes);
	if (io_of(state) == BATCH_PLAIN)
		assert_int_equal(after.io, BATCH_PLAIN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(drops_of_the_kernel_are_counted_once, BATCH_AUTO),
		WITH(a_new_socket_begins_at_nothing_and_the_sum_goes_on, BATCH_AUTO),
		WITH(drops_are_told_when_they_begin_and_after_a_quiet_minute, BATCH_AUTO),
		EACH_IO(the_traffic_is_that_of_the_calls_and_of_the_loop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
