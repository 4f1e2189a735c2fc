/* SPDX-License-Identifier: MIT */
#include "batch_rig.h"

#include <fcntl.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>

static const enum batch_io ways[] = {BATCH_PLAIN, BATCH_MMSG, BATCH_GSO};

enum { WAYS = sizeof(ways) / sizeof(ways[0]) };

static unsigned ways_here(void)
{
	return kernel_has_runs() ? WAYS : WAYS - 1;
}

/* Loopback carries packets up to `mtu` from here on, in a network of its own. */
static void enter_small_network(int mtu, int *home)
{
	struct ifreq ifr = {.ifr_name = "lo"};
	int fd;

	*home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (*home < 0 || unshare(CLONE_NEWNET)) {
		close(*home);
		skip();
	}
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	ifr.ifr_flags = IFF_UP;
	assert_int_equal(ioctl(fd, SIOCSIFFLAGS, &ifr), 0);
	ifr.ifr_mtu = mtu;
	assert_int_equal(ioctl(fd, SIOCSIFMTU, &ifr), 0);
	close(fd);
}

static void go_home(int home)
{
	assert_int_equal(setns(home, CLONE_NEWNET), 0);
	close(home);
}

static void never_fragment(int fd)
{
	int whole = IP_PMTUDISC_DO;

	assert_int_equal(setsockopt(fd, IPPROTO_IP, IP_MTU_DISCOVER, &whole, sizeof(whole)), 0);
}

/* F23 */
static void one_packet_too_large_for_the_path_is_refused_and_the_others_leave(void **state)
{
	int home;

	(void)state;
	enter_small_network(1300, &home);
	for (unsigned w = 0; w < ways_here(); w++) {
		struct rig r;

		open_rig(&r, ways[w]);
		never_fragment(r.s.fd);
		for (unsigned i = 0; i < 20; i++)
			queue(&r, i, i == 0 || i == 7 || i == 8 || i == 19 ? 1400 : 100 + i);
		let_go(&r);
		for (unsigned i = 0; i < 20; i++)
			if (i != 0 && i != 7 && i != 8 && i != 19)
				assert_arrives(r.other, i, 100 + i);
		assert_nothing_waits(r.other);
		assert_int_equal(r.count, 4);
		assert_got(&r, 0, 0, 1400);
		assert_got(&r, 1, 7, 1400);
		assert_got(&r, 2, 8, 1400);
		assert_got(&r, 3, 19, 1400);
		for (unsigned i = 0; i < 4; i++)
			assert_int_equal(r.err[i], EMSGSIZE);
		assert_int_equal(batch_counts(r.b)->refused, 4);
		assert_int_equal(batch_counts(r.b)->left, 16);
		assert_int_equal(r.asked, 4); /* who sends was asked about each */
		assert_int_equal(r.again_err, EMSGSIZE);
		close_rig(&r);
	}
	go_home(home);
}

static void a_run_too_large_for_the_path_leaves_as_single_packets(void **state)
{
	struct rig r;
	int home;

	(void)state;
	if (!kernel_has_runs())
		skip();
	enter_small_network(1300, &home);
	open_rig(&r, BATCH_GSO); /* which may be broken into fragments, unlike runs */
	queue_many(&r, 0, 4, 1000);
	queue_many(&r, 4, 10, 1400);
	queue_many(&r, 14, 4, 1000);
	let_go(&r);
	for (unsigned i = 0; i < 18; i++)
		assert_arrives(r.other, i, i >= 4 && i < 14 ? 1400 : 1000);
	assert_nothing_waits(r.other);
	assert_int_equal(r.count, 0);
	assert_int_equal(batch_counts(r.b)->left, 18);
	assert_int_equal(batch_counts(r.b)->in_doubt, 0);
	assert_int_equal(batch_counts(r.b)->runs, 1);
	/* for seconds, not for good: the next path may be wider */
	assert_in_range(r.s.runs_from, loop_now(r.loop) + SEC(1), loop_now(r.loop) + SEC(60));
	close_rig(&r);
	go_home(home);
}

static void each_packet_of_a_run_too_large_for_the_path_is_refused_by_itself(void **state)
{
	struct rig r;
	int home;

	(void)state;
	if (!kernel_has_runs())
		skip();
	enter_small_network(1300, &home);
	open_rig(&r, BATCH_GSO);
	never_fragment(r.s.fd);
	queue(&r, 0, 50);
	queue_many(&r, 1, 5, 1400);
	queue(&r, 6, 60); /* the last of that run, and small enough */
	let_go(&r);
	assert_arrives(r.other, 0, 50);
	assert_arrives(r.other, 6, 60);
	assert_nothing_waits(r.other);
	assert_int_equal(r.count, 5);
	for (unsigned i = 0; i < 5; i++) {
		assert_got(&r, i, 1 + i, 1400);
		assert_int_equal(r.err[i], EMSGSIZE);
	}
	assert_int_equal(batch_counts(r.b)->left, 2);
	close_rig(&r);
	go_home(home);
}

/* Runs were refused for good: all eight have left, each once, and those that follow do so alone. */
static void assert_no_runs_any_more(struct rig *r)
{
	for (unsigned i = 0; i < 8; i++)
		assert_arrives(r->other, i, i < 7 ? 900 : 70);
	assert_nothing_waits(r->other);
	assert_int_equal(r->s.runs_from, NEVER);
	assert_int_equal(r->count, 0);
	assert_int_equal(r->asked, 0);
	assert_int_equal(batch_counts(r->b)->runs, 0);
	assert_int_equal(batch_counts(r->b)->in_doubt, 0);
	assert_int_equal(batch_counts(r->b)->left, 8);
	queue_many(r, 20, 5, 900);
	let_go(r);
	for (unsigned i = 0; i < 5; i++)
		assert_arrives(r->other, 20 + i, 900);
	assert_int_equal(batch_counts(r->b)->runs, 0);
	assert_int_equal(batch_counts(r->b)->refused, 0);
}

static void a_socket_that_says_einval_to_a_run_sends_none_any_more(void **state)
{
	int on = 1;
	struct rig r, second;

	(void)state;
	if (!kernel_has_runs())
		skip();
	open_rig(&r, BATCH_GSO);
	/* without a checksum there is nothing to put into the parts: udp_send_skb() of Linux */
	assert_int_equal(setsockopt(r.s.fd, SOL_SOCKET, SO_NO_CHECK, &on, sizeof(on)), 0);
	queue_many(&r, 0, 7, 900);
	queue(&r, 7, 70);
	let_go(&r);
	assert_no_runs_any_more(&r);
	close_rig(&r);

	open_rig(&second, BATCH_GSO); /* another socket has its own experience */
	queue_many(&second, 0, 5, 900);
	let_go(&second);
	assert_int_equal(batch_counts(second.b)->runs, 1);
	close_rig(&second);
}

static int open_lite(struct endpoint *at)
{
	struct sockaddr_in any = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_UDPLITE);

	if (fd >= 0) {
		assert_int_equal(bind(fd, (struct sockaddr *)&any, sizeof(any)), 0);
		assert_int_equal(udp_local(fd, at), 0);
	}
	return fd;
}

/* UDP-Lite (RFC 3828) says EIO to runs, as UDP does where IPsec is on the way. */
static void a_socket_that_says_eio_to_a_run_sends_none_any_more(void **state)
{
	struct rig r;

	(void)state;
	if (!kernel_has_runs())
		skip();
	open_batch(&r, BATCH_GSO, POOL);
	r.s.fd = open_lite(&r.here);
	r.other = open_lite(&r.there);
	if (r.s.fd < 0) { /* not in this kernel */
		close_rig(&r);
		skip();
	}
	assert_int_equal(udp_connect(r.s.fd, &r.there), 0);
	queue_many(&r, 0, 7, 900);
	queue(&r, 7, 70);
	let_go(&r);
	assert_no_runs_any_more(&r);
	close_rig(&r);
}

static void runs_are_refused_in_the_middle_of_a_list_without_loss_or_double(void **state)
{
	int on = 1;
	struct rig r;

	(void)state;
	if (!kernel_has_runs())
		skip();
	open_rig(&r, BATCH_GSO);
	assert_int_equal(setsockopt(r.s.fd, SOL_SOCKET, SO_NO_CHECK, &on, sizeof(on)), 0);
	for (unsigned i = 0; i < 30; i++)
		queue(&r, i, 30 + i);
	queue_many(&r, 30, 60, 800);
	for (unsigned i = 90; i < 120; i++)
		queue(&r, i, 1000 + i);
	let_go(&r);
	for (unsigned i = 0; i < 120; i++)
		assert_arrives(r.other, i, i < 30 ? 30 + i : i < 90 ? 800 : 1000 + i);
	assert_nothing_waits(r.other);
	assert_int_equal(batch_counts(r.b)->left, 120);
	assert_int_equal(batch_counts(r.b)->refused, 0);
	close_rig(&r);
}

static void a_socket_may_send_runs_again_once_the_time_has_come(void **state)
{
	struct rig r;

	(void)state;
	if (!kernel_has_runs())
		skip();
	open_rig(&r, BATCH_GSO);
	show_runs(r.other);
	r.s.runs_from = loop_now(r.loop) + 1;
	queue_many(&r, 0, 4, 100);
	let_go(&r);
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(next_run(r.other, &(size_t){0}), 1);
	r.s.runs_from = loop_now(r.loop);
	queue_many(&r, 0, 4, 100);
	let_go(&r);
	assert_int_equal(next_run(r.other, &(size_t){0}), 4);
	close_rig(&r);
}

/* The peer has gone and what was sent last has told so: the next call will hear of it. */
static void lose_the_peer(struct rig *r)
{
	struct pollfd wait = {.fd = r->s.fd};

	close(r->other);
	r->other = -1;
	assert_int_equal(send(r->s.fd, "x", 1, 0), 1);
	assert_int_equal(poll(&wait, 1, 5000), 1);
	assert_true(wait.revents & POLLERR);
}

/* A new one on the old port. */
static void find_the_peer(struct rig *r)
{
	const struct udp_options opt = {0};

	r->other = udp_open(&r->there, &opt);
	assert_true(r->other >= 0);
}

/* F24 */
static void an_error_of_an_earlier_packet_costs_none_where_it_is_looked_after(void **state)
{
	(void)state;
	for (unsigned w = 0; w < ways_here(); w++) {
		for (unsigned equal = 0; equal < 2; equal++) {
			struct rig r;

			open_rig(&r, ways[w]);
			lose_the_peer(&r);
			find_the_peer(&r);
			r.again_answers = true;
			for (unsigned i = 0; i < 6; i++)
				queue(&r, i, equal ? 100 : 100 + i);
			let_go(&r);
			for (unsigned i = 0; i < 6; i++)
				assert_arrives(r.other, i, equal ? 100 : 100 + i);
			assert_nothing_waits(r.other);
			assert_int_equal(r.asked, 1);
			assert_int_equal(r.again_err, ECONNREFUSED);
			assert_int_equal(batch_counts(r.b)->refused, 0);
			assert_true(r.s.runs_from <= loop_now(r.loop));
			close_rig(&r);
		}
	}
}

static void an_error_that_nobody_looks_after_costs_what_it_answered(void **state)
{
	const unsigned costs[] = {1, 1, 4}; /* packets: those of the message */

	(void)state;
	for (unsigned w = 0; w < ways_here(); w++) {
		for (unsigned asked = 0; asked < 2; asked++) {
			const struct batch_sender mute = {.refused = refused};
			struct batch_sender from = mute;
			struct rig r;

			open_rig(&r, ways[w]);
			lose_the_peer(&r);
			find_the_peer(&r);
			from.arg = &r;
			if (asked)
				from.again = again; /* which says no */
			queue_many(&r, 0, 4, 100);
			queue_many(&r, 4, 2, 200);
			batch_send(r.b, &r.s, &r.list, &from);
			assert_int_equal(r.count, costs[w]);
			for (unsigned i = 0; i < costs[w]; i++) {
				assert_got(&r, i, i, 100);
				assert_int_equal(r.err[i], ECONNREFUSED);
			}
			for (unsigned i = costs[w]; i < 6; i++)
				assert_arrives(r.other, i, i < 4 ? 100 : 200);
			assert_int_equal(r.asked, asked);
			assert_int_equal(batch_counts(r.b)->refused, costs[w]);
			assert_int_equal(batch_counts(r.b)->left, 6 - costs[w]);
			close_rig(&r);
		}
	}
}

static void an_error_that_stays_is_not_asked_about_for_ever(void **state)
{
	(void)state;
	for (unsigned w = 0; w < ways_here(); w++) {
		const struct udp_options opt = {0};
		struct rig r;

		open_batch(&r, ways[w], POOL);
		r.s.fd = open_at("127.0.0.1", &opt, &r.here); /* connected to nobody */
		r.again_answers = true;
		for (unsigned i = 0; i < 10; i++)
			queue(&r, i, 100 + i);
		let_go(&r);
		assert_int_equal(r.count, 10);
		for (unsigned i = 0; i < 10; i++) {
			assert_got(&r, i, i, 100 + i);
			assert_int_equal(r.err[i], EDESTADDRREQ);
		}
		assert_int_equal(r.asked, 10);
		assert_int_equal(batch_counts(r.b)->refused, 10);
		assert_int_equal(batch_counts(r.b)->writes, 0);
		close_rig(&r);
	}
}

static void a_packet_for_nobody_or_from_a_stranger_is_refused_and_the_others_leave(void **state)
{
	(void)state;
	for (unsigned w = 0; w < ways_here(); w++) {
		const struct udp_options opt = {0};
		struct rig r;

		open_batch(&r, ways[w], POOL);
		r.s.fd = open_at("0.0.0.0", &opt, &r.here);
		r.s.addressed = true;
		r.other = open_at("127.0.0.1", &opt, &r.there);
		queue_many(&r, 0, 12, 300);
		r.list.head->next->peer = (struct endpoint){0};
		assert_true(endpoint_parse("192.0.2.1", &r.list.head->next->next->next->local));
		let_go(&r);
		for (unsigned i = 0; i < 12; i++)
			if (i != 1 && i != 3)
				assert_arrives(r.other, i, 300);
		assert_nothing_waits(r.other);
		assert_int_equal(r.count, 2);
		assert_got(&r, 0, 1, 300);
		assert_int_equal(r.err[0], EDESTADDRREQ);
		assert_got(&r, 1, 3, 300);
		assert_int_equal(batch_counts(r.b)->left, 10);
		close_rig(&r);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_packet_too_large_for_the_path_is_refused_and_the_others_leave),
		cmocka_unit_test(a_run_too_large_for_the_path_leaves_as_single_packets),
		cmocka_unit_test(each_packet_of_a_run_too_large_for_the_path_is_refused_by_itself),
		cmocka_unit_test(a_socket_that_says_einval_to_a_run_sends_none_any_more),
		cmocka_unit_test(a_socket_that_says_eio_to_a_run_sends_none_any_more),
		cmocka_unit_test(runs_are_refused_in_the_middle_of_a_list_without_loss_or_double),
		cmocka_unit_test(a_socket_may_send_runs_again_once_the_time_has_come),
		cmocka_unit_test(an_error_of_an_earlier_packet_costs_none_where_it_is_looked_after),
		cmocka_unit_test(an_error_that_nobody_looks_after_costs_what_it_answered),
		cmocka_unit_test(an_error_that_stays_is_not_asked_about_for_ever),
		cmocka_unit_test(
			a_packet_for_nobody_or_from_a_stranger_is_refused_and_the_others_leave),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
