/* SPDX-License-Identifier: MIT */
#include "batch_rig.h"

static const enum batch_io ways[] = {BATCH_PLAIN, BATCH_MMSG, BATCH_GSO};

enum { WAYS = sizeof(ways) / sizeof(ways[0]) };

static unsigned ways_here(void)
{
	return kernel_has_runs() ? WAYS : WAYS - 1;
}

/* A rig that sends runs, and whose other end shows them. */
static void open_showing(struct rig *r)
{
	if (!kernel_has_runs())
		skip();
	open_rig(r, BATCH_GSO);
	show_runs(r->other);
}

/* The other end got runs of so many, up to a 0, each of that length, and no more. */
static void assert_runs(struct rig *r, const unsigned *runs, size_t len)
{
	size_t got;

	for (; *runs > 0; runs++) {
		assert_int_equal(next_run(r->other, &got), *runs);
		assert_int_equal(got, len);
	}
	assert_nothing_waits(r->other);
}

static void what_leaves_arrives_in_order_and_unharmed(void **state)
{
	static const size_t sizes[] = {1332, 1332, 1332, 1332, 500, 16, 16,   0,    2048, 2048,
				       2048, 2048, 100,  1,    0,   0,  1332, 1332, 1000, 1332};
	enum { SIZES = sizeof(sizes) / sizeof(sizes[0]), SENT = 200 };

	(void)state;
	for (unsigned w = 0; w < ways_here(); w++) {
		struct rig r;

		open_rig(&r, ways[w]);
		for (unsigned i = 0; i < SENT; i++)
			queue(&r, i, sizes[i % SIZES]);
		let_go(&r);
		for (unsigned i = 0; i < SENT; i++)
			assert_arrives(r.other, i, sizes[i % SIZES]);
		assert_nothing_waits(r.other);
		assert_int_equal(batch_counts(r.b)->left, SENT);
		assert_int_equal(batch_counts(r.b)->refused, 0);
		assert_int_equal(r.count, 0);
		assert_int_equal(r.asked, 0);
		close_rig(&r);
	}
}

static void an_empty_list_is_no_call(void **state)
{
	(void)state;
	for (unsigned w = 0; w < ways_here(); w++) {
		struct rig r;

		open_rig(&r, ways[w]);
		let_go(&r);
		assert_int_equal(batch_counts(r.b)->writes, 0);
		assert_nothing_waits(r.other);
		close_rig(&r);
	}
}

static void a_list_of_sixty_four_leaves_by_one_call(void **state)
{
	const uint64_t calls[] = {BATCH_MOST, 1, 1};

	(void)state;
	for (unsigned w = 0; w < ways_here(); w++) {
		struct rig r;

		open_rig(&r, ways[w]);
		for (unsigned i = 0; i < BATCH_MOST; i++)
			queue(&r, i, 100 + i); /* each longer than the last: no two are a run */
		let_go(&r);
		assert_int_equal(batch_counts(r.b)->writes, calls[w]);
		assert_int_equal(batch_counts(r.b)->runs, 0);
		for (unsigned i = 0; i < BATCH_MOST; i++)
			assert_arrives(r.other, i, 100 + i);
		queue_many(&r, 0, BATCH_MOST + 1, 0); /* one more, and one call more */
		let_go(&r);
		assert_int_equal(batch_counts(r.b)->writes, 2 * calls[w] + 1);
		assert_int_equal(batch_counts(r.b)->left, 2 * BATCH_MOST + 1);
		close_rig(&r);
	}
}

static void equal_packets_leave_as_one_and_a_shorter_one_ends_them(void **state)
{
	size_t len;
	struct rig r;

	(void)state;
	open_showing(&r);
	queue_many(&r, 0, 5, 1332);
	queue_many(&r, 5, 4, 700); /* the first of them belongs to those in front */
	queue_many(&r, 9, 3, 900);
	queue_many(&r, 12, 4, 901); /* none of them to those */
	let_go(&r);
	assert_int_equal(next_run(r.other, &len), 6);
	assert_int_equal(len, 1332);
	assert_int_equal(next_run(r.other, &len), 3);
	assert_int_equal(len, 700);
	assert_int_equal(next_run(r.other, &len), 3);
	assert_int_equal(len, 900);
	assert_int_equal(next_run(r.other, &len), 4);
	assert_int_equal(len, 901);
	assert_nothing_waits(r.other);
	assert_int_equal(batch_counts(r.b)->writes, 1);
	assert_int_equal(batch_counts(r.b)->runs, 4);
	assert_int_equal(batch_counts(r.b)->in_runs, 16);
	assert_int_equal(batch_counts(r.b)->left, 16);
	close_rig(&r);
}

static void fewer_than_the_least_leave_alone(void **state)
{
	struct rig r;

	(void)state;
	open_showing(&r);
	queue_many(&r, 0, RUN_LEAST - 1, 500);
	let_go(&r);
	assert_runs(&r, (const unsigned[]){1, 1, 0}, 500);
	queue_many(&r, 0, RUN_LEAST, 500);
	let_go(&r);
	assert_runs(&r, (const unsigned[]){RUN_LEAST, 0}, 500);
	r.s.run_least = 2;
	queue_many(&r, 0, 2, 500);
	let_go(&r);
	assert_runs(&r, (const unsigned[]){2, 0}, 500);
	r.s.run_least = 0;
	queue_many(&r, 0, 4, 500);
	let_go(&r);
	assert_runs(&r, (const unsigned[]){1, 1, 1, 1, 0}, 500);
	close_rig(&r);
}

static void no_run_is_longer_than_the_socket_wants(void **state)
{
	struct rig r;

	(void)state;
	open_showing(&r);
	queue_many(&r, 0, 100, 500);
	let_go(&r);
	assert_runs(&r, (const unsigned[]){BATCH_LINK_RUN, BATCH_LINK_RUN, 4, 0}, 500);
	r.s.run_most = BATCH_SERVER_RUN;
	queue_many(&r, 0, 100, 500);
	let_go(&r);
	assert_runs(&r, (const unsigned[]){32, 32, 32, 4, 0}, 500);
	r.s.run_most = 3;
	queue_many(&r, 0, 8, 500);
	let_go(&r);
	assert_runs(&r, (const unsigned[]){3, 3, 1, 1, 0}, 500);
	close_rig(&r);
}

static void no_run_is_longer_than_a_datagram_may_be(void **state)
{
	/* 65507 bytes are 31 of 2048, 46 of 1408, and all of 48 of 1364 */
	struct rig r;

	(void)state;
	open_showing(&r);
	queue_many(&r, 0, 62, 2048);
	let_go(&r);
	assert_runs(&r, (const unsigned[]){31, 31, 0}, 2048);
	queue_many(&r, 0, 92, 1408);
	let_go(&r);
	assert_runs(&r, (const unsigned[]){46, 46, 0}, 1408);
	queue_many(&r, 0, 96, 1364);
	let_go(&r);
	assert_runs(&r, (const unsigned[]){48, 48, 0}, 1364);
	assert_int_equal(batch_counts(r.b)->in_runs, 62 + 92 + 96);
	close_rig(&r);
}

static void a_run_may_be_as_long_as_a_datagram_to_the_byte(void **state)
{
	struct rig r;

	(void)state;
	if (!kernel_has_runs())
		skip();
	open_rig(&r, BATCH_GSO);
	queue_many(&r, 0, 31, 2048);
	queue(&r, 31, BATCH_RUN_BYTES - 31 * 2048);
	let_go(&r);
	assert_int_equal(batch_counts(r.b)->in_runs, 32);
	queue_many(&r, 32, 31, 2048);
	queue(&r, 63, BATCH_RUN_BYTES - 31 * 2048 + 1); /* this one leaves alone */
	let_go(&r);
	assert_int_equal(batch_counts(r.b)->in_runs, 32 + 31);
	for (unsigned i = 0; i < 64; i++)
		assert_arrives(r.other, i, i == 31 ? 2019 : i == 63 ? 2020 : 2048);
	assert_nothing_waits(r.other);
	assert_int_equal(batch_counts(r.b)->refused, 0);
	assert_int_equal(r.s.runs_from, 0);
	close_rig(&r);
}

static void packets_of_no_byte_leave_alone(void **state)
{
	struct rig r;
	size_t len;

	(void)state;
	open_showing(&r);
	queue_many(&r, 0, 4, 0);
	queue_many(&r, 4, 3, 10);
	queue_many(&r, 7, 2, 0); /* shorter than those in front, and yet not their last one */
	let_go(&r);
	for (unsigned i = 0; i < 4; i++) {
		assert_int_equal(next_run(r.other, &len), 1);
		assert_int_equal(len, 0);
	}
	assert_int_equal(next_run(r.other, &len), 3);
	assert_int_equal(len, 10);
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(next_run(r.other, &len), 1);
		assert_int_equal(len, 0);
	}
	assert_nothing_waits(r.other);
	close_rig(&r);
}

static void more_packets_than_a_call_has_room_for_leave_by_several(void **state)
{
	(void)state;
	for (unsigned w = 0; w < ways_here(); w++) {
		struct rig r;

		open_rig(&r, ways[w]);
		for (unsigned i = 0; i < 900; i++) {
			queue(&r, i, 40);
			if (i % 10 == 9)
				queue(&r, i + 1000, 41 + i / 10 % 3);
		}
		let_go(&r);
		for (unsigned i = 0; i < 900; i++) {
			assert_arrives(r.other, i, 40);
			if (i % 10 == 9)
				assert_arrives(r.other, i + 1000, 41 + i / 10 % 3);
		}
		assert_nothing_waits(r.other);
		assert_int_equal(batch_counts(r.b)->left, 990);
		assert_in_range(batch_counts(r.b)->writes, 1, ways[w] == BATCH_PLAIN ? 990 : 16);
		close_rig(&r);
	}
}

static void a_call_takes_as_many_packets_as_it_has_room_for_and_cuts_the_last_run(void **state)
{
	struct rig r;

	(void)state;
	open_showing(&r);
	queue_many(&r, 0, 8 * BATCH_LINK_RUN, 50);
	let_go(&r);
	/* 256 by the first call, as 5 runs and the begin of one, and 128 by the second */
	assert_runs(&r, (const unsigned[]){48, 48, 48, 48, 48, 16, 48, 48, 32, 0}, 50);
	assert_int_equal(batch_counts(r.b)->writes, 2);
	close_rig(&r);
}

/* An unconnected socket with three others opposite, the first at r->other. */
static void open_addressed(struct rig *r, enum batch_io io, int *fd, struct endpoint *to)
{
	const struct udp_options opt = {.tell_local = true};

	open_batch(r, io, POOL);
	r->s.fd = open_at("0.0.0.0", &opt, &r->here);
	r->s.addressed = true;
	for (unsigned i = 0; i < 3; i++)
		fd[i] = open_at("127.0.0.1", &opt, &to[i]);
}

static void close_addressed(struct rig *r, const int *fd)
{
	for (unsigned i = 0; i < 3; i++)
		close(fd[i]);
	close_rig(r);
}

static void each_packet_goes_to_its_own_peer(void **state)
{
	static const unsigned turn[] = {0, 0, 0, 1, 1, 1, 1, 0, 2, 1, 2, 2, 2, 2, 0, 0, 0, 2};
	enum { TURNS = sizeof(turn) / sizeof(turn[0]) };

	(void)state;
	for (unsigned w = 0; w < ways_here(); w++) {
		struct endpoint to[3];
		struct rig r;
		int fd[3];

		open_addressed(&r, ways[w], fd, to);
		for (unsigned i = 0; i < TURNS; i++)
			queue(&r, i, 600)->peer = to[turn[i]];
		let_go(&r);
		for (unsigned n = 0; n < 3; n++) {
			for (unsigned i = 0; i < TURNS; i++)
				if (turn[i] == n)
					assert_arrives(fd[n], i, 600);
			assert_nothing_waits(fd[n]);
		}
		assert_int_equal(batch_counts(r.b)->left, TURNS);
		if (ways[w] == BATCH_GSO) {
			assert_int_equal(batch_counts(r.b)->runs, 4);
			assert_int_equal(batch_counts(r.b)->in_runs, 3 + 4 + 4 + 3);
		}
		close_addressed(&r, fd);
	}
}

static void each_packet_leaves_from_its_own_address(void **state)
{
	static const char *const from[] = {"127.0.0.2", "127.0.0.3", "127.0.0.1"};
	static const unsigned turn[] = {0, 0, 0, 0, 1, 1, 1, 0, 1, 0, 0, 0, 2, 2, 2};
	enum { TURNS = sizeof(turn) / sizeof(turn[0]) };

	(void)state;
	for (unsigned w = 0; w < ways_here(); w++) {
		struct endpoint to[3], want;
		struct rig r;
		struct pkt *p;
		int fd[3];

		open_addressed(&r, ways[w], fd, to);
		for (unsigned i = 0; i < TURNS; i++) {
			p = queue(&r, i, 700);
			p->peer = to[0];
			if (turn[i] < 2) /* the system chooses for the others */
				assert_true(endpoint_parse(from[turn[i]], &p->local));
		}
		let_go(&r);
		p = pkt_get(&r.pool);
		for (unsigned i = 0; i < TURNS; i++) {
			assert_true(endpoint_parse(from[turn[i]], &want));
			want.port = r.here.port;
			assert_int_equal(udp_recv(fd[0], p), 0);
			assert_true(endpoint_equal(&p->peer, &want));
			assert_true(painted(p->data, 700, i));
		}
		pkt_free(p);
		if (ways[w] == BATCH_GSO)
			assert_int_equal(batch_counts(r.b)->in_runs, 4 + 3 + 3 + 3);
		close_addressed(&r, fd);
	}
}

static void over_ipv6_runs_leave_from_their_address_too(void **state)
{
	const struct udp_options opt = {.dual_stack = true, .tell_local = true}, plain = {0};
	struct endpoint at, to4, from6, from4;
	struct rig r;
	int v4, v6;

	(void)state;
	if (!kernel_has_runs())
		skip();
	assert_true(endpoint_parse("::1", &at));
	v6 = udp_open(&at, &plain);
	if (v6 < 0)
		skip();
	assert_int_equal(udp_local(v6, &at), 0);
	v4 = open_at("127.0.0.1", &plain, &to4);
	open_batch(&r, BATCH_GSO, POOL);
	r.s.fd = open_at("::", &opt, &r.here);
	r.s.addressed = true;
	assert_true(endpoint_parse("::1", &from6));
	assert_true(endpoint_parse("127.0.0.2", &from4));
	for (unsigned i = 0; i < 10; i++) {
		struct pkt *p = queue(&r, i, 1000);

		p->peer = i < 5 ? at : to4;
		p->local = i < 5 ? from6 : from4;
	}
	show_runs(v6);
	show_runs(v4);
	let_go(&r);
	assert_int_equal(next_run(v6, &(size_t){0}), 5);
	assert_int_equal(next_run(v4, &(size_t){0}), 5);
	assert_int_equal(batch_counts(r.b)->refused, 0);
	close(v4);
	close(v6);
	close_rig(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_leaves_arrives_in_order_and_unharmed),
		cmocka_unit_test(an_empty_list_is_no_call),
		cmocka_unit_test(a_list_of_sixty_four_leaves_by_one_call),
		cmocka_unit_test(equal_packets_leave_as_one_and_a_shorter_one_ends_them),
		cmocka_unit_test(fewer_than_the_least_leave_alone),
		cmocka_unit_test(no_run_is_longer_than_the_socket_wants),
		cmocka_unit_test(no_run_is_longer_than_a_datagram_may_be),
		cmocka_unit_test(a_run_may_be_as_long_as_a_datagram_to_the_byte),
		cmocka_unit_test(packets_of_no_byte_leave_alone),
		cmocka_unit_test(more_packets_than_a_call_has_room_for_leave_by_several),
		cmocka_unit_test(
			a_call_takes_as_many_packets_as_it_has_room_for_and_cuts_the_last_run),
		cmocka_unit_test(each_packet_goes_to_its_own_peer),
		cmocka_unit_test(each_packet_leaves_from_its_own_address),
		cmocka_unit_test(over_ipv6_runs_leave_from_their_address_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
