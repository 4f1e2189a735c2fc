/* SPDX-License-Identifier: MIT */
#include "shared/io/udp.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static const struct udp_options plain;
static struct pkt packet, other;

static struct endpoint at(const char *text, uint16_t port)
{
	struct endpoint ep;

	assert_true(endpoint_parse(text, &ep));
	ep.port = port;
	return ep;
}

static int open_at(const char *text, const struct udp_options *opt)
{
	struct endpoint local = at(text, 0);
	int fd = udp_open(&local, opt);

	assert_true(fd >= 0);
	return fd;
}

static uint16_t port_of(int fd)
{
	struct endpoint local;

	assert_int_equal(udp_local(fd, &local), 0);
	assert_int_not_equal(local.port, 0);
	return local.port;
}

/* Loopback delivers within send(), but errors may take a moment. */
static void wait_for(int fd, short events)
{
	struct pollfd p = {.fd = fd, .events = events};

	assert_int_equal(poll(&p, 1, 5000), 1);
}

static void send_to(int fd, const char *text, uint16_t port, size_t len)
{
	memset(&packet, 0, sizeof(packet));
	packet.peer = at(text, port);
	packet.len = (uint16_t)len;
	memset(packet.data, 'x', len);
	assert_int_equal(udp_send(fd, &packet, true), 0);
}

static void recv_one(int fd, struct pkt *p)
{
	memset(p, 0xff, sizeof(*p));
	wait_for(fd, POLLIN);
	assert_int_equal(udp_recv(fd, p), 0);
}

static bool have_ipv6(void)
{
	struct endpoint local = at("::1", 0);
	int fd = udp_open(&local, &plain);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

/* F36 */
static void datagram_longer_than_a_packet_is_reported_and_gone(void **state)
{
	static char bytes[65507];
	const size_t lengths[] = {PKT_CAP + 1, 9000, sizeof(bytes)};
	int fd = open_at("127.0.0.1", &plain), from = open_at("127.0.0.1", &plain);
	struct endpoint to = at("127.0.0.1", port_of(fd));

	(void)state;
	assert_int_equal(udp_connect(from, &to), 0);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(send(from, bytes, lengths[i], 0), (ssize_t)lengths[i]);
		wait_for(fd, POLLIN);
		assert_int_equal(udp_recv(fd, &packet), -EMSGSIZE);
		assert_int_equal(udp_recv(fd, &packet), -EAGAIN);
	}
	assert_int_equal(send(from, bytes, PKT_CAP, 0), PKT_CAP);
	recv_one(fd, &packet);
	assert_int_equal(packet.len, PKT_CAP);
	close(fd);
	close(from);
}

static void empty_datagram_is_a_packet_without_bytes(void **state)
{
	int fd = open_at("127.0.0.1", &plain), from = open_at("127.0.0.1", &plain);

	(void)state;
	send_to(from, "127.0.0.1", port_of(fd), 0);
	recv_one(fd, &packet);
	assert_int_equal(packet.len, 0);
	assert_int_equal(packet.peer.port, port_of(from));
	assert_int_equal(packet.local.family, FAMILY_NONE);
	close(fd);
	close(from);
}

static void reply_of(int fd, const char *addressed)
{
	int client = open_at("127.0.0.1", &plain);
	struct endpoint want = at(addressed, 0);

	send_to(client, addressed, port_of(fd), 5);
	recv_one(fd, &packet);
	assert_true(endpoint_equal(&packet.local, &want));
	assert_int_equal(udp_send(fd, &packet, true), 0);
	recv_one(client, &other);
	want.port = port_of(fd);
	assert_true(endpoint_equal(&other.peer, &want));
	close(client);
}

/* R18 */
static void reply_leaves_from_the_address_that_was_addressed(void **state)
{
	struct udp_options opt = {.tell_local = true};
	int fd = open_at("0.0.0.0", &opt);

	(void)state;
	reply_of(fd, "127.0.0.1");
	reply_of(fd, "127.0.0.2");
	close(fd);
}

static void dual_stack_socket_replies_from_the_ipv4_address_that_was_addressed(void **state)
{
	struct udp_options opt = {.tell_local = true, .dual_stack = true};
	int fd;

	(void)state;
	if (!have_ipv6())
		skip();
	fd = open_at("::", &opt);
	reply_of(fd, "127.0.0.1");
	reply_of(fd, "127.0.0.2");
	close(fd);
}

static void ipv6_reply_leaves_from_the_address_that_was_addressed(void **state)
{
	struct udp_options opt = {.tell_local = true, .dual_stack = true};
	struct endpoint one = at("::1", 0);
	int fd, client;

	(void)state;
	if (!have_ipv6())
		skip();
	fd = open_at("::", &opt);
	client = open_at("::1", &plain);
	send_to(client, "::1", port_of(fd), 5);
	recv_one(fd, &packet);
	assert_true(endpoint_equal(&packet.local, &one));
	assert_int_equal(packet.local.scope, 0);
	assert_int_equal(udp_send(fd, &packet, true), 0);
	recv_one(client, &other);
	assert_true(endpoint_same_host(&other.peer, &one));
	close(fd);
	close(client);
}

static void ipv4_peer_of_a_dual_stack_socket_has_its_ipv4_face(void **state)
{
	struct udp_options opt = {.dual_stack = true};
	struct endpoint want;
	int fd, client;

	(void)state;
	if (!have_ipv6())
		skip();
	fd = open_at("::", &opt);
	client = open_at("127.0.0.1", &plain);
	send_to(client, "127.0.0.1", port_of(fd), 5);
	recv_one(fd, &packet);
	want = at("127.0.0.1", port_of(client));
	assert_true(endpoint_equal(&packet.peer, &want));
	close(fd);
	close(client);
}

static void dual_stack_socket_connects_to_an_ipv4_peer(void **state)
{
	struct udp_options opt = {.dual_stack = true};
	int fd, server;
	struct endpoint to;

	(void)state;
	if (!have_ipv6())
		skip();
	fd = open_at("::", &opt);
	server = open_at("127.0.0.1", &plain);
	to = at("127.0.0.1", port_of(server));
	assert_int_equal(udp_connect(fd, &to), 0);
	memset(&packet, 0, sizeof(packet));
	packet.len = 7;
	assert_int_equal(udp_send(fd, &packet, false), 0);
	recv_one(server, &other);
	assert_int_equal(other.len, 7);
	close(fd);
	close(server);
}

static void ipv6_socket_without_dual_stack_takes_no_ipv4(void **state)
{
	int fd, client;

	(void)state;
	if (!have_ipv6())
		skip();
	fd = open_at("::", &plain);
	client = open_at("127.0.0.1", &plain);
	send_to(client, "127.0.0.1", port_of(fd), 5);
	assert_int_equal(udp_recv(fd, &packet), -EAGAIN);
	close(fd);
	close(client);
}

static void packet_for_nobody_is_refused(void **state)
{
	int fd = open_at("127.0.0.1", &plain);

	(void)state;
	memset(&packet, 0, sizeof(packet));
	assert_int_equal(udp_send(fd, &packet, true), -EDESTADDRREQ);
	assert_int_equal(udp_send(fd, &packet, false), -EDESTADDRREQ);
	close(fd);
}

static void second_socket_on_the_port_is_refused(void **state)
{
	int fd = open_at("127.0.0.1", &plain);
	struct endpoint taken = at("127.0.0.1", port_of(fd));

	(void)state;
	assert_int_equal(udp_open(&taken, &plain), -EADDRINUSE);
	close(fd);
}

static void address_of_another_host_is_refused(void **state)
{
	struct endpoint foreign = at("192.0.2.1", 0), none = {0};

	(void)state;
	assert_int_equal(udp_open(&foreign, &plain), -EADDRNOTAVAIL);
	assert_int_equal(udp_open(&none, &plain), -EAFNOSUPPORT);
}

static void interface_that_does_not_exist_is_refused(void **state)
{
	struct udp_options opt = {.device = "nosuchif0"};
	struct endpoint local = at("0.0.0.0", 0);
	int err = udp_open(&local, &opt);

	(void)state;
	assert_true(err == -ENODEV || err == -EPERM);
}

static void socket_bound_to_an_interface_hears_it(void **state)
{
	struct udp_options opt = {.device = "lo"};
	struct endpoint local = at("0.0.0.0", 0);
	int fd = udp_open(&local, &opt), client;
	char name[IF_NAMESIZE] = "";
	socklen_t len = sizeof(name);

	(void)state;
	if (fd == -EPERM)
		skip();
	assert_true(fd >= 0);
	assert_int_equal(getsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, name, &len), 0);
	assert_string_equal(name, "lo");
	client = open_at("127.0.0.1", &plain);
	send_to(client, "127.0.0.1", port_of(fd), 5);
	recv_one(fd, &packet);
	close(fd);
	close(client);
}

static void socket_never_blocks_and_dies_with_exec(void **state)
{
	int fd = open_at("127.0.0.1", &plain), reuse = -1;
	socklen_t len = sizeof(reuse);

	(void)state;
	assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	assert_int_equal(getsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &reuse, &len), 0);
	assert_int_equal(reuse, 0);
	assert_int_equal(udp_recv(fd, &packet), -EAGAIN);
	close(fd);
}

static void buffers_beyond_every_limit_are_no_error(void **state)
{
	struct udp_options opt = {.receive_buffer = 1 << 30, .send_buffer = 1 << 30};
	int fd = open_at("127.0.0.1", &opt), size = 0;
	socklen_t len = sizeof(size);

	(void)state;
	assert_int_equal(getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, &len), 0);
	assert_true(size > 0);
	close(fd);
}

/* F24 */
static void closed_port_of_the_peer_is_a_refusal_on_a_later_call(void **state)
{
	int fd = open_at("127.0.0.1", &plain), gone = open_at("127.0.0.1", &plain);
	struct endpoint to = at("127.0.0.1", port_of(gone));

	(void)state;
	close(gone);
	assert_int_equal(udp_connect(fd, &to), 0);
	memset(&packet, 0, sizeof(packet));
	packet.len = 3;
	assert_int_equal(udp_send(fd, &packet, false), 0);
	wait_for(fd, POLLIN);
	assert_int_equal(udp_recv(fd, &other), -ECONNREFUSED);
	assert_int_equal(udp_recv(fd, &other), -EAGAIN);
	close(fd);
}

static void queued_error_is_told_once(void **state)
{
	struct udp_options opt = {.tell_errors = true};
	int fd = open_at("127.0.0.1", &opt), gone = open_at("127.0.0.1", &plain);
	uint16_t port = port_of(gone);
	struct udp_error error = {.mtu = 1};

	(void)state;
	close(gone);
	assert_int_equal(udp_next_error(fd, &error), 0);
	send_to(fd, "127.0.0.1", port, 3); /* not connected: only the queue can tell */
	wait_for(fd, POLLERR);
	assert_int_equal(udp_next_error(fd, &error), ECONNREFUSED);
	assert_int_equal(error.mtu, 0);
	assert_true(error.icmp);
	assert_int_equal(error.type, 3); /* destination unreachable, */
	assert_int_equal(error.code, 3); /* as nobody has the port: RFC 792 */
	assert_int_equal(udp_next_error(fd, &error), 0);
	assert_int_equal(udp_recv(fd, &packet), -EAGAIN);
	close(fd);
}

static void dual_stack_socket_tells_errors_of_ipv4_peers(void **state)
{
	struct udp_options opt = {.tell_errors = true, .dual_stack = true};
	int fd, gone;
	uint16_t port;
	struct udp_error error;

	(void)state;
	if (!have_ipv6())
		skip();
	fd = open_at("::", &opt);
	gone = open_at("127.0.0.1", &plain);
	port = port_of(gone);
	close(gone);
	send_to(fd, "127.0.0.1", port, 3);
	wait_for(fd, POLLERR);
	assert_int_equal(udp_next_error(fd, &error), ECONNREFUSED);
	close(fd);
}

/* In a network of its own whose loopback carries packets up to `mtu`. */
static bool enter_small_network(int mtu, int *home)
{
	struct ifreq ifr = {.ifr_name = "lo"};
	int fd;

	*home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (*home < 0 || unshare(CLONE_NEWNET))
		return false;
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	ifr.ifr_flags = IFF_UP;
	assert_int_equal(ioctl(fd, SIOCSIFFLAGS, &ifr), 0);
	ifr.ifr_mtu = mtu;
	assert_int_equal(ioctl(fd, SIOCSIFMTU, &ifr), 0);
	close(fd);
	return true;
}

/* F23 */
static void packet_larger_than_the_path_tells_the_limit(void **state)
{
	struct udp_options opt = {.tell_errors = true};
	int home, fd, whole = IP_PMTUDISC_DO;
	struct udp_error error;

	(void)state;
	if (!enter_small_network(1300, &home))
		skip();
	fd = open_at("127.0.0.1", &opt);
	assert_int_equal(setsockopt(fd, IPPROTO_IP, IP_MTU_DISCOVER, &whole, sizeof(whole)), 0);
	memset(&packet, 0, sizeof(packet));
	packet.peer = at("127.0.0.1", 5000);
	packet.len = 1400;
	assert_int_equal(udp_path_payload(fd), 0); /* there may be many */
	assert_int_equal(udp_connect(fd, &packet.peer), 0);
	assert_int_equal(udp_path_payload(fd), 1300 - 28);
	assert_int_equal(udp_unsent(fd), 0);
	assert_int_equal(udp_send(fd, &packet, true), -EMSGSIZE);
	assert_int_equal(udp_next_error(fd, &error), EMSGSIZE);
	assert_int_equal(error.mtu, 1300);
	assert_false(error.icmp);
	assert_int_equal(udp_next_error(fd, &error), 0);
	close(fd);
	assert_int_equal(setns(home, CLONE_NEWNET), 0);
	close(home);
}

/* F22 */
static void path_that_is_gone_is_an_errno_of_the_send(void **state)
{
	int home, fd;

	(void)state;
	if (!enter_small_network(1500, &home))
		skip();
	fd = open_at("0.0.0.0", &plain);
	memset(&packet, 0, sizeof(packet));
	packet.peer = at("192.0.2.1", 5000);
	assert_int_equal(udp_send(fd, &packet, true), -ENETUNREACH);
	close(fd);
	assert_int_equal(setns(home, CLONE_NEWNET), 0);
	close(home);
}

static void address_survives_the_way_through_the_kernel_form(void **state)
{
	const char *const texts[] = {"192.0.2.1", "2001:db8::1", "fe80::1", "0.0.0.0", "::"};
	struct sockaddr_storage ss;
	struct endpoint back, none = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct endpoint ep = at(texts[i], 5000);

		if (endpoint_class(&ep) == ENDPOINT_LINK_LOCAL)
			ep.scope = 3;
		assert_true(udp_to_sockaddr(&ep, &ss) > 0);
		assert_true(udp_from_sockaddr((struct sockaddr *)&ss, &back));
		assert_memory_equal(&back, &ep, sizeof(ep));
	}
	assert_int_equal(udp_to_sockaddr(&none, &ss), 0);
	assert_false(udp_from_sockaddr((struct sockaddr *)&ss, &back));
}

static unsigned waiting(int fd)
{
	unsigned n = 0;

	while (udp_recv(fd, &packet) == 0)
		n++;
	return n;
}

static void two_sockets_on_one_port_share_by_length_and_first_bits(void **state)
{
	const struct udp_split split = {.len = 10, .begin = {0x7878, 0x1234}};
	const struct udp_options shared = {.shared = true};
	int first = open_at("127.0.0.1", &plain), from = open_at("127.0.0.1", &plain);
	struct endpoint here;
	int second;

	(void)state;
	assert_int_equal(udp_local(first, &here), 0);
	assert_int_equal(udp_open(&here, &shared), -EADDRINUSE); /* not yet */
	assert_int_equal(udp_share(first, true), 0);
	second = udp_open(&here, &shared);
	assert_true(second >= 0);
	assert_int_equal(udp_split(second, &split), 0);

	send_to(from, "127.0.0.1", here.port, 10); /* of the letter x */
	assert_int_equal(waiting(first), 0);
	assert_int_equal(waiting(second), 1);
	send_to(from, "127.0.0.1", here.port, 11);
	send_to(from, "127.0.0.1", here.port, 9);
	send_to(from, "127.0.0.1", here.port, 0);
	assert_int_equal(waiting(first), 3);
	assert_int_equal(waiting(second), 0);

	close(second);
	send_to(from, "127.0.0.1", here.port, 10);
	assert_int_equal(waiting(first), 1);
	assert_int_equal(udp_share(first, false), 0);
	assert_int_equal(udp_open(&here, &shared), -EADDRINUSE);
	close(first);
	close(from);
}

static void a_port_that_is_not_shared_cannot_be_split(void **state)
{
	const struct udp_split split = {.len = 10};
	int fd = open_at("127.0.0.1", &plain);

	(void)state;
	assert_int_equal(udp_split(fd, &split), -EINVAL);
	close(fd);
}

static void what_finds_no_room_is_counted(void **state)
{
	const struct udp_options little = {.receive_buffer = 8192};
	int fd = open_at("127.0.0.1", &little), from = open_at("127.0.0.1", &plain);
	unsigned came;

	(void)state;
	assert_int_equal(udp_lost(fd), 0);
	for (unsigned i = 0; i < 200; i++)
		send_to(from, "127.0.0.1", port_of(fd), 1000);
	came = waiting(fd);
	assert_in_range(came, 1, 100);
	assert_int_equal(udp_lost(fd), 200 - came);
	close(fd);
	close(from);
}

static void a_socket_of_another_process_becomes_one_of_ours(void **state)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0), stream = socket(AF_INET, SOCK_STREAM, 0);
	struct endpoint peer, to = at("127.0.0.1", 9);

	(void)state;
	assert_int_equal(udp_adopt(fd), 0);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
	assert_int_equal(udp_peer(fd, &peer), -ENOTCONN);
	assert_int_equal(udp_connect(fd, &to), 0);
	assert_int_equal(udp_peer(fd, &peer), 0);
	assert_true(endpoint_equal(&peer, &to));
	assert_int_equal(udp_adopt(stream), -EPROTOTYPE);
	close(fd);
	close(stream);
	assert_int_equal(udp_adopt(fd), -EBADF);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_sockets_on_one_port_share_by_length_and_first_bits),
		cmocka_unit_test(a_port_that_is_not_shared_cannot_be_split),
		cmocka_unit_test(what_finds_no_room_is_counted),
		cmocka_unit_test(a_socket_of_another_process_becomes_one_of_ours),
		cmocka_unit_test(datagram_longer_than_a_packet_is_reported_and_gone),
		cmocka_unit_test(empty_datagram_is_a_packet_without_bytes),
		cmocka_unit_test(reply_leaves_from_the_address_that_was_addressed),
		cmocka_unit_test(
			dual_stack_socket_replies_from_the_ipv4_address_that_was_addressed),
		cmocka_unit_test(ipv6_reply_leaves_from_the_address_that_was_addressed),
		cmocka_unit_test(ipv4_peer_of_a_dual_stack_socket_has_its_ipv4_face),
		cmocka_unit_test(dual_stack_socket_connects_to_an_ipv4_peer),
		cmocka_unit_test(ipv6_socket_without_dual_stack_takes_no_ipv4),
		cmocka_unit_test(packet_for_nobody_is_refused),
		cmocka_unit_test(second_socket_on_the_port_is_refused),
		cmocka_unit_test(address_of_another_host_is_refused),
		cmocka_unit_test(interface_that_does_not_exist_is_refused),
		cmocka_unit_test(socket_bound_to_an_interface_hears_it),
		cmocka_unit_test(socket_never_blocks_and_dies_with_exec),
		cmocka_unit_test(buffers_beyond_every_limit_are_no_error),
		cmocka_unit_test(closed_port_of_the_peer_is_a_refusal_on_a_later_call),
		cmocka_unit_test(queued_error_is_told_once),
		cmocka_unit_test(dual_stack_socket_tells_errors_of_ipv4_peers),
		cmocka_unit_test(packet_larger_than_the_path_tells_the_limit),
		cmocka_unit_test(path_that_is_gone_is_an_errno_of_the_send),
		cmocka_unit_test(address_survives_the_way_through_the_kernel_form),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
