/* SPDX-License-Identifier: MIT */

/*
 * What batches do on a link whose queue is full, for io_queue.sh: this runs in the namespace car
 * of lib.sh, and reads in the namespace road.
 */
#include "tests/unit/io/batch_rig.h"

#include <fcntl.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <sys/ioctl.h>

static const enum batch_io ways[] = {BATCH_PLAIN, BATCH_MMSG, BATCH_GSO};

enum { WAYS = sizeof(ways) / sizeof(ways[0]), LEN = 1000 };

static void shell(const char *command)
{
	assert_int_equal(system(command), 0);
}

/* Nothing passes for a while: a byte each millisecond, once the first 3000 have gone. */
static void stop_link(const char *limit)
{
	char command[128];

	snprintf(command, sizeof(command),
		 "tc qdisc replace dev m1 root tbf rate 8kbit burst 3000 limit %s", limit);
	shell(command);
}

/* What waits in the queue passes. */
static void release_link(void)
{
	shell("tc qdisc change dev m1 root tbf rate 100mbit burst 100kb limit 1mb");
}

static int enter(const char *name)
{
	int fd = open(name, O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(setns(fd, CLONE_NEWNET), 0);
	return fd;
}

/* As open_rig(), over the link. */
static void open_link(struct rig *r, enum batch_io io, int send_buffer)
{
	const struct udp_options opt = {.tell_errors = true, .send_buffer = send_buffer};
	const struct udp_options roomy = {.receive_buffer = 8 << 20};
	int home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);

	open_batch(r, io, POOL);
	r->s.fd = open_at("10.9.1.2", &opt, &r->here);
	close(enter("/run/netns/road"));
	r->other = open_at("10.9.1.1", &roomy, &r->there);
	assert_int_equal(udp_connect(r->other, &r->here), 0);
	assert_int_equal(setns(home, CLONE_NEWNET), 0);
	close(home);
	assert_int_equal(udp_connect(r->s.fd, &r->there), 0);
}

static void close_link(struct rig *r)
{
	shell("tc qdisc del dev m1 root");
	close_rig(r);
}

/* Which of `total` datagrams of LEN bytes arrive, in order and each once; returns how many. */
static unsigned arrivals(struct rig *r, unsigned total, bool *came)
{
	static uint8_t data[65536];
	struct pollfd wait = {.fd = r->other, .events = POLLIN};
	unsigned count = 0, next = 0;

	memset(came, 0, total * sizeof(*came));
	while (poll(&wait, 1, 300) == 1) {
		assert_int_equal(recv(r->other, data, sizeof(data), MSG_DONTWAIT), LEN);
		while (next < total && !painted(data, LEN, next))
			next++;
		assert_true(next < total); /* else it is out of order, or there twice, or harmed */
		came[next++] = true;
		count++;
	}
	return count;
}

/* Each of the refused ones was given back once, in order, and has not arrived. */
static void assert_given_back(const struct rig *r, unsigned total, const bool *came, int err)
{
	unsigned next = 0;

	for (unsigned i = 0; i < r->count; i++) {
		assert_int_equal(r->err[i], err);
		while (next < total && !painted(r->got[i]->data, LEN, next))
			next++;
		assert_true(next < total);
		assert_false(came[next++]);
	}
}

/* The queue takes six more packets or so; those that it does not take come back one by one. */
static void a_full_queue_refuses_what_it_does_not_take(void **state)
{
	enum { SENT = 40 };

	(void)state;
	for (unsigned w = 0; w < WAYS; w++) {
		const struct batch_counts *c;
		bool came[SENT];
		struct rig r;

		stop_link("6000");
		open_link(&r, ways[w], 1 << 20);
		c = batch_counts(r.b);
		r.s.run_least = 0;
		queue_many(&r, 0, SENT, LEN);
		let_go(&r);
		release_link();
		assert_int_equal(arrivals(&r, SENT, came), c->left);
		assert_given_back(&r, SENT, came, ENOBUFS);
		assert_int_equal(c->left + c->refused, SENT);
		assert_int_equal(c->refused, r.count);
		assert_in_range(c->refused, SENT / 2, SENT - 4);
		assert_int_equal(c->in_doubt, 0);
		assert_int_equal(r.asked, 0); /* nothing can be done about it */
		close_link(&r);
	}
}

static void a_full_queue_leaves_a_run_in_doubt_and_ends_runs_for_a_while(void **state)
{
	enum { FILL = 20, RUN = 10, AFTER = 10, SENT = FILL + RUN + AFTER };
	const struct batch_counts *c;
	uint64_t refused;
	unsigned count;
	bool came[SENT];
	struct rig r;

	(void)state;
	stop_link("6000");
	open_link(&r, BATCH_GSO, 1 << 20);
	c = batch_counts(r.b);
	r.s.run_least = 0;
	queue_many(&r, 0, FILL, LEN);
	let_go(&r);
	refused = c->refused;
	assert_in_range(refused, 4, FILL - 4);

	r.s.run_least = RUN_LEAST;
	queue_many(&r, FILL, RUN, LEN);
	let_go(&r);
	assert_int_equal(c->in_doubt, RUN);
	assert_int_equal(c->refused, refused);
	assert_int_equal(c->runs, 0);
	assert_in_range(r.s.runs_from, loop_now(r.loop) + SEC(1), loop_now(r.loop) + SEC(60));

	queue_many(&r, FILL + RUN, AFTER, LEN);
	let_go(&r);
	assert_int_equal(c->runs, 0);
	assert_int_equal(c->left + c->refused + c->in_doubt, SENT);
	release_link();
	count = arrivals(&r, SENT, came);
	assert_in_range(count, c->left, c->left + c->in_doubt);
	assert_given_back(&r, SENT, came, ENOBUFS);
	close_link(&r);
}

static void a_run_in_doubt_in_the_middle_of_a_list_harms_no_other_packet(void **state)
{
	enum { LEAD = 30, SENT = 100 };
	const struct batch_counts *c;
	unsigned count;
	bool came[SENT];
	struct rig r;

	(void)state;
	stop_link("6000");
	open_link(&r, BATCH_GSO, 1 << 20);
	c = batch_counts(r.b);
	r.s.run_least = 4;
	r.s.run_most = 4;
	queue_many(&r, 0, SENT, LEN);
	let_go(&r);
	release_link();
	/* whose end the queue cut off, that run has left: the kernel says so */
	assert_in_range(c->in_doubt, 4, SENT);
	assert_int_equal(c->left + c->refused + c->in_doubt, SENT);
	count = arrivals(&r, SENT, came);
	assert_in_range(count, 1, c->left + c->in_doubt);
	assert_given_back(&r, SENT, came, ENOBUFS);
	close_link(&r);
}

static void a_full_socket_refuses_the_rest_in_order_and_keeps_its_runs(void **state)
{
	enum { SENT = 200 };

	(void)state;
	for (unsigned w = 0; w < WAYS; w++) {
		const struct batch_counts *c;
		bool came[SENT];
		struct rig r;

		stop_link("1mb");
		open_link(&r, ways[w], 30000);
		c = batch_counts(r.b);
		r.s.run_most = 4;
		queue_many(&r, 0, SENT, LEN);
		let_go(&r);
		assert_in_range(c->left, 8, SENT - 8);
		assert_int_equal(c->refused, SENT - c->left);
		assert_int_equal(c->in_doubt, 0);
		assert_int_equal(r.s.runs_from, 0);
		assert_int_equal(r.asked, 0);
		for (unsigned i = 0; i < r.count; i++)
			assert_got(&r, i, (unsigned)c->left + i, LEN);
		release_link();
		assert_int_equal(arrivals(&r, SENT, came), c->left);
		assert_given_back(&r, SENT, came, EAGAIN);
		forget(&r);

		queue_many(&r, 0, 8, LEN); /* there is room again */
		let_go(&r);
		assert_int_equal(r.count, 0);
		assert_int_equal(arrivals(&r, 8, came), 8);
		close_link(&r);
	}
}

static void set_offload(const char *device, uint32_t command, uint32_t on)
{
	struct ethtool_value value = {.cmd = command, .data = on};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq ifr = {.ifr_data = (char *)&value};

	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", device);
	assert_int_equal(ioctl(fd, SIOCETHTOOL, &ifr), 0);
	close(fd);
}

/* Older kernels refuse runs there, and newer ones take them apart. */
static void a_device_that_computes_no_checksums_loses_nothing(void **state)
{
	enum { SENT = 100 };
	const struct batch_counts *c;
	bool came[SENT];
	struct rig r;

	(void)state;
	set_offload("m1", ETHTOOL_STXCSUM, 0);
	open_link(&r, BATCH_GSO, 1 << 20);
	c = batch_counts(r.b);
	queue_many(&r, 0, SENT, LEN);
	let_go(&r);
	assert_int_equal(arrivals(&r, SENT, came), SENT);
	assert_int_equal(c->left, SENT);
	assert_int_equal(c->refused + c->in_doubt, 0);
	assert_true(c->runs > 0 || r.s.runs_from == NEVER);
	set_offload("m1", ETHTOOL_STXCSUM, 1);
	close_rig(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_full_queue_refuses_what_it_does_not_take),
		cmocka_unit_test(a_full_queue_leaves_a_run_in_doubt_and_ends_runs_for_a_while),
		cmocka_unit_test(a_run_in_doubt_in_the_middle_of_a_list_harms_no_other_packet),
		cmocka_unit_test(a_full_socket_refuses_the_rest_in_order_and_keeps_its_runs),
		cmocka_unit_test(a_device_that_computes_no_checksums_loses_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
