/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "receiver/front.h"
#include "receiver/portlock.h"
#include "shared/io/udp.h"
#include "shared/wire/be.h"
#include "shared/wire/srtla.h"

/* The public port on loopback, and whoever sends to it. */
static struct front front, second;
static struct endpoint failed;
static int out = -1;
static struct pkt got;

static int open_front(void **state)
{
	const struct udp_options opt = {.send_buffer = 1024 * 1024};
	struct endpoint any = {0}, from;

	(void)state;
	assert_int_equal(front_open(&front, &any, 0, &failed), 0);
	assert_true(endpoint_parse("127.0.0.1", &from));
	out = udp_open(&from, &opt);
	assert_true(out >= 0);
	return 0;
}

static int close_front(void **state)
{
	(void)state;
	front_close(&front);
	close(out);
	return 0;
}

/* As open_front() does, in a test that has its own place for it. */
static void aim(const char *text, const struct front *f)
{
	struct endpoint to;

	assert_true(endpoint_parse(text, &to));
	to.port = f->local.port;
	assert_int_equal(udp_connect(out, &to), 0);
}

static void put(uint16_t type, size_t len)
{
	uint8_t bytes[PKT_CAP] = {0};

	put_be16(bytes, type);
	assert_int_equal(send(out, bytes, len, 0), (ssize_t)len);
}

/* Reads all there is; returns how many datagrams that were. */
static unsigned drain(int fd)
{
	unsigned n = 0;

	while (udp_recv(fd, &got) == 0)
		n++;
	return n;
}

static void assert_came(const struct front *f, unsigned media, unsigned registrations)
{
	assert_int_equal(drain(f->media.socket.fd), media);
	assert_int_equal(drain(f->registration.socket.fd), registrations);
}

static void assert_split(const struct front *f)
{
	put(SRTLA_REG1, 258);
	assert_came(f, 0, 1);
	put(SRTLA_REG2, 258);
	assert_came(f, 0, 1);
	put(SRTLA_REG1, 257);
	put(SRTLA_REG2, 259);
	put(SRTLA_REG3, 258);
	put(SRTLA_KEEPALIVE, 258);
	put(SRTLA_KEEPALIVE, 2);
	put(0x0000, 258);
	put(0x8002, 44);
	put(0x9200, 2);
	put(0x9200, 1);
	put(0x9200, 0);
	assert_came(f, 10, 0);
}

static void registrations_have_a_door_of_their_own(void **state)
{
	(void)state;
	assert_true(front.registration.socket.fd >= 0);
	aim("127.0.0.1", &front);
	assert_split(&front);
}

static void both_families_use_both_doors(void **state)
{
	const struct udp_options opt = {0};
	struct endpoint from;

	(void)state;
	if (front.local.family != FAMILY_V6)
		return; /* this machine has one family only */
	close(out);
	endpoint_parse("::1", &from);
	out = udp_open(&from, &opt);
	assert_true(out >= 0);
	aim("::1", &front);
	assert_split(&front);
}

static void one_address_has_both_doors_too(void **state)
{
	struct endpoint at;

	(void)state;
	endpoint_parse("127.0.0.2", &at);
	assert_int_equal(front_open(&second, &at, 0, &failed), 0);
	aim("127.0.0.2", &second);
	assert_split(&second);
	front_close(&second);
}

static void a_question_is_told_its_address_at_either_door(void **state)
{
	(void)state;
	aim("127.0.0.3", &front);
	put(SRTLA_REG1, 258);
	assert_int_equal(udp_recv(front.registration.socket.fd, &got), 0);
	assert_int_equal(got.local.addr[3], 3);
	put(SRTLA_KEEPALIVE, 2);
	assert_int_equal(udp_recv(front.media.socket.fd, &got), 0);
	assert_int_equal(got.local.addr[3], 3);
}

static void F54_a_flood_of_registrations_fills_no_buffer_but_its_own(void **state)
{
	(void)state;
	aim("127.0.0.1", &front);
	for (unsigned i = 0; i < 20000; i++)
		put(SRTLA_REG1, 258);
	for (unsigned i = 0; i < 500; i++)
		put(0x0000, 1332);
	assert_true(udp_lost(front.registration.socket.fd) > 10000);
	assert_int_equal(udp_lost(front.media.socket.fd), 0);
	assert_int_equal(drain(front.media.socket.fd), 500);
	print_message("of 20000 registrations %u were dropped, of 500 media packets %u\n",
		      udp_lost(front.registration.socket.fd), udp_lost(front.media.socket.fd));
	drain(front.registration.socket.fd);
}

/* The kernel chooses a door before it takes them apart. */
static void what_was_put_together_comes_through_the_media_door(void **state)
{
	uint8_t bytes[5 * SRTLA_REG_LEN] = {0};
	int size = SRTLA_REG_LEN;

	(void)state;
	aim("127.0.0.1", &front);
	if (setsockopt(out, IPPROTO_UDP, UDP_SEGMENT, &size, sizeof(size)))
		return; /* an old kernel has nothing to put together */
	for (unsigned i = 0; i < 5; i++)
		put_be16(bytes + i * SRTLA_REG_LEN, SRTLA_REG1);
	assert_int_equal(send(out, bytes, sizeof(bytes), 0), sizeof(bytes));
	assert_came(&front, 5, 0);
	assert_int_equal(got.len, SRTLA_REG_LEN);
}

static void F63_a_second_receiver_is_refused_and_told_by_whom(void **state)
{
	const char *const where[] = {"::", "0.0.0.0", "127.0.0.1"};

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		struct endpoint at;

		endpoint_parse(where[i], &at);
		assert_int_equal(front_open(&second, &at, front.local.port, &failed), -EADDRINUSE);
		assert_int_equal(failed.port, front.local.port);
		assert_int_equal(second.holder, getpid());
		assert_int_equal(second.media.socket.fd, -1);
	}
	aim("127.0.0.1", &front);
	assert_split(&front); /* and has harmed nothing */
}

static void F63_two_addresses_may_have_a_receiver_each_on_one_port(void **state)
{
	struct endpoint at;
	struct front first;

	(void)state;
	endpoint_parse("127.0.0.2", &at);
	assert_int_equal(front_open(&first, &at, 0, &failed), 0);
	endpoint_parse("127.0.0.3", &at);
	assert_int_equal(front_open(&second, &at, first.local.port, &failed), 0);
	aim("127.0.0.2", &first);
	assert_split(&first);
	assert_came(&second, 0, 0);
	aim("127.0.0.3", &second);
	assert_split(&second);
	front_close(&first);
	front_close(&second);
}

static void F63_a_program_that_is_none_of_ours_is_refused_by_the_kernel(void **state)
{
	const struct udp_options opt = {0};

	(void)state;
	assert_int_equal(udp_open(&front.local, &opt), -EADDRINUSE);
}

static void F63_a_port_that_some_other_program_has_is_nobodys_we_know(void **state)
{
	const struct udp_options opt = {.shared = true};
	struct endpoint at, here;
	int fd;

	(void)state;
	endpoint_parse("127.0.0.2", &at);
	fd = udp_open(&at, &opt);
	assert_int_equal(udp_local(fd, &here), 0);
	assert_int_equal(front_open(&second, &at, here.port, &failed), -EADDRINUSE);
	assert_int_equal(second.holder, 0);
	close(fd);
}

static void the_holder_can_be_asked_any_number_of_times(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 300; i++) {
		assert_int_equal(portlock_holder(&front.local), getpid());
		if (i % 16 == 15)
			portlock_answer(front.lock);
	}
}

static void a_port_is_free_again_at_once(void **state)
{
	struct endpoint any = {0};
	uint16_t port = front.local.port;

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		front_close(&front);
		assert_int_equal(front_open(&front, &any, port, &failed), 0);
	}
	assert_int_equal(portlock_holder(&front.local), getpid());
}

static void sockets_of_an_earlier_process_are_taken_over_with_what_waits_in_them(void **state)
{
	int media, registration;
	uint16_t port = front.local.port;

	(void)state;
	aim("127.0.0.1", &front);
	put(SRTLA_REG1, 258);
	put(0x0000, 1332);
	media = dup(front_media_fd(&front));
	registration = dup(front_registration_fd(&front));
	front_close(&front);
	put(0x0000, 1332); /* while nobody is there */
	assert_int_equal(front_adopt(&front, media, registration), 0);
	assert_int_equal(front_media_fd(&front), media);
	assert_int_equal(front_registration_fd(&front), registration);
	assert_int_equal(front.local.port, port);
	assert_true(fcntl(media, F_GETFD) & FD_CLOEXEC);
	assert_came(&front, 2, 1);
	assert_split(&front);
}

static void a_media_socket_alone_gets_its_second_door_again(void **state)
{
	int media = dup(front.media.socket.fd);

	(void)state;
	aim("127.0.0.1", &front);
	front_close(&front);
	assert_int_equal(front_adopt(&front, media, -1), 0);
	assert_true(front.registration.socket.fd >= 0);
	assert_split(&front);
}

static void what_is_no_socket_of_that_port_is_not_taken_over(void **state)
{
	int pipes[2], media = dup(front.media.socket.fd), other;
	const struct udp_options opt = {0};
	struct endpoint at;

	(void)state;
	assert_int_equal(pipe(pipes), 0);
	endpoint_parse("127.0.0.2", &at);
	other = udp_open(&at, &opt);
	assert_int_equal(front_adopt(&second, pipes[0], -1), -ENOTSOCK);
	assert_int_equal(front_adopt(&second, media, pipes[0]), -ENOTSOCK);
	assert_int_equal(front_adopt(&second, media, other), -EINVAL);
	/* The first one is still there: there are two receivers. */
	assert_int_equal(front_adopt(&second, media, -1), -EADDRINUSE);
	assert_int_equal(second.holder, getpid());
	assert_true(fcntl(media, F_GETFD) >= 0);
	close(pipes[0]), close(pipes[1]), close(media), close(other);
}

static void without_a_second_socket_one_door_serves_all_and_keeps_others_out(void **state)
{
	struct rlimit before, few;
	struct endpoint at;
	int spare;

	(void)state;
	endpoint_parse("127.0.0.2", &at);
	getrlimit(RLIMIT_NOFILE, &before);
	few = before;
	spare = dup(0);
	few.rlim_cur = (rlim_t)spare + 2; /* the first door and the lock */
	close(spare);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	assert_int_equal(front_open(&second, &at, 0, &failed), 0);
	setrlimit(RLIMIT_NOFILE, &before);
	assert_int_equal(second.registration.socket.fd, -1);
	aim("127.0.0.2", &second);
	put(SRTLA_REG1, 258);
	put(0x0000, 1332);
	assert_int_equal(drain(second.media.socket.fd), 2);
	assert_int_equal(udp_open(&second.local, &(struct udp_options){.shared = true}),
			 -EADDRINUSE);
	front_close(&second);
}

int main(void)
{
#define EACH(f) cmocka_unit_test_setup_teardown(f, open_front, close_front)
	const struct CMUnitTest tests[] = {
		EACH(registrations_have_a_door_of_their_own),
		EACH(both_families_use_both_doors),
		EACH(one_address_has_both_doors_too),
		EACH(a_question_is_told_its_address_at_either_door),
		EACH(F54_a_flood_of_registrations_fills_no_buffer_but_its_own),
		EACH(what_was_put_together_comes_through_the_media_door),
		EACH(F63_a_second_receiver_is_refused_and_told_by_whom),
		EACH(F63_two_addresses_may_have_a_receiver_each_on_one_port),
		EACH(F63_a_program_that_is_none_of_ours_is_refused_by_the_kernel),
		EACH(F63_a_port_that_some_other_program_has_is_nobodys_we_know),
		EACH(the_holder_can_be_asked_any_number_of_times),
		EACH(a_port_is_free_again_at_once),
		EACH(sockets_of_an_earlier_process_are_taken_over_with_what_waits_in_them),
		EACH(a_media_socket_alone_gets_its_second_door_again),
		EACH(what_is_no_socket_of_that_port_is_not_taken_over),
		EACH(without_a_second_socket_one_door_serves_all_and_keeps_others_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
