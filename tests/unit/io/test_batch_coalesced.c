/* SPDX-License-Identifier: MIT */
#include "batch_rig.h"

/* A rig whose socket takes in what the kernel has put together. */
static void open_coalescing(struct rig *r)
{
	if (!kernel_has_runs())
		skip();
	open_rig(r, BATCH_GSO);
	batch_coalesce(r->b, &r->s);
	assert_true(r->s.coalesces);
}

static void only_the_last_way_lets_the_kernel_put_datagrams_together(void **state)
{
	const enum batch_io ways[] = {BATCH_PLAIN, BATCH_MMSG};

	(void)state;
	for (unsigned w = 0; w < 2; w++) {
		struct rig r;

		open_rig(&r, ways[w]);
		batch_coalesce(r.b, &r.s);
		assert_false(r.s.coalesces);
		if (kernel_has_runs()) /* the kernel takes a run apart for who has not asked */
			throw_run(r.other, 0, 5, 300, 20);
		take_all(&r);
		assert_int_equal(r.count, kernel_has_runs() ? 6 : 0);
		assert_int_equal(batch_counts(r.b)->coalesced, 0);
		close_rig(&r);
	}
}

static void a_run_of_any_length_and_size_comes_as_the_datagrams_it_was(void **state)
{
	const uint16_t sizes[] = {1, 16, 500, 1332, 1472, PKT_CAP - 1, PKT_CAP};

	(void)state;
	for (unsigned i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		/* the kernel's own limits: 64 datagrams in all of its versions, and what it can */
		/* pass on whole: 64 KiB with the heads of all layers */
		unsigned fit = (BATCH_RUN_BYTES - 20) / (unsigned)sizes[i] - 1;
		unsigned longest = fit < 63 ? fit : 63;
		const unsigned counts[] = {1, 2, 3, longest / 2, longest};
		const size_t lasts[] = {0, 1, sizes[i] / 2, sizes[i] - 1u};

		for (unsigned c = 0; c < 5; c++) {
			for (unsigned l = 0; l < 4; l++) {
				unsigned want = counts[c] + (lasts[l] > 0);
				struct rig r;

				open_coalescing(&r);
				throw_run(r.other, 7, counts[c], sizes[i], lasts[l]);
				take_all(&r);
				assert_int_equal(r.count, want);
				for (unsigned n = 0; n < counts[c]; n++)
					assert_got(&r, n, 7 + n, sizes[i]);
				if (lasts[l] > 0)
					assert_got(&r, counts[c], 7 + counts[c], lasts[l]);
				assert_int_equal(batch_counts(r.b)->reads, 1);
				assert_int_equal(batch_counts(r.b)->came, want);
				assert_int_equal(batch_counts(r.b)->coalesced, want > 1 ? want : 0);
				close_rig(&r);
			}
		}
	}
}

static void runs_and_lone_datagrams_keep_their_order(void **state)
{
	unsigned sent = 0;
	struct rig r;

	(void)state;
	open_coalescing(&r);
	for (unsigned round = 0; round < 40; round++) {
		throw(r.other, sent, 100 + round);
		sent++;
		throw_run(r.other, sent, 10, (uint16_t)(1000 + round), 0);
		sent += 10;
		throw(r.other, sent, PKT_CAP);
		sent++;
	}
	take_all(&r);
	assert_int_equal(r.count, sent);
	for (unsigned i = 0; i < sent; i++)
		assert_got(&r, i, i,
			   i % 12 == 0    ? 100 + i / 12
			   : i % 12 == 11 ? PKT_CAP
					  : 1000 + i / 12);
	assert_int_equal(batch_counts(r.b)->came, sent);
	assert_int_equal(batch_counts(r.b)->coalesced, 400);
	assert_in_range(batch_counts(r.b)->reads, 1, 60); /* for 480 datagrams */
	close_rig(&r);
}

static void every_part_of_a_run_has_its_peer_and_address_and_moment(void **state)
{
	const struct udp_options told = {.tell_local = true, .stamped = true}, plain = {0};
	struct endpoint to;
	struct rig r;

	(void)state;
	if (!kernel_has_runs())
		skip();
	open_batch(&r, BATCH_GSO, POOL);
	r.s.fd = open_at("0.0.0.0", &told, &r.here);
	batch_coalesce(r.b, &r.s);
	r.other = open_at("127.0.0.1", &plain, &r.there);
	assert_true(endpoint_parse("127.0.0.2", &to));
	to.port = r.here.port;
	assert_int_equal(udp_connect(r.other, &to), 0);
	to.port = 0;
	throw_run(r.other, 0, 9, 400, 3);
	take_all(&r);
	assert_int_equal(r.count, 10);
	for (unsigned i = 0; i < 10; i++) {
		assert_true(endpoint_equal(&r.got[i]->peer, &r.there));
		assert_true(endpoint_equal(&r.got[i]->local, &to));
		assert_int_not_equal(r.got[i]->came, 0);
		assert_int_equal(r.got[i]->came, r.got[0]->came);
	}
	close_rig(&r);
}

static void a_dual_stack_socket_tells_all_of_a_run_too(void **state)
{
	const struct udp_options told = {.tell_local = true, .stamped = true, .dual_stack = true};
	const struct udp_options plain = {0};
	struct endpoint at, to;
	struct rig r;

	(void)state;
	if (!kernel_has_runs())
		skip();
	assert_true(endpoint_parse("::", &at));
	open_batch(&r, BATCH_GSO, POOL);
	r.s.fd = udp_open(&at, &told);
	if (r.s.fd < 0) { /* no IPv6 here */
		close_rig(&r);
		skip();
	}
	assert_int_equal(udp_local(r.s.fd, &r.here), 0);
	batch_coalesce(r.b, &r.s);
	r.other = open_at("127.0.0.1", &plain, &r.there);
	assert_true(endpoint_parse("127.0.0.2", &to));
	to.port = r.here.port;
	assert_int_equal(udp_connect(r.other, &to), 0);
	to.port = 0;
	throw_run(r.other, 0, 4, 500, 0);
	take_all(&r);
	assert_int_equal(r.count, 4);
	for (unsigned i = 0; i < 4; i++) {
		assert_got(&r, i, i, 500);
		assert_true(endpoint_equal(&r.got[i]->peer, &r.there));
		assert_true(endpoint_equal(&r.got[i]->local, &to));
		assert_int_not_equal(r.got[i]->came, 0);
	}
	close_rig(&r);
}

/* F36 */
static void a_run_of_datagrams_too_long_is_dropped_each_counted(void **state)
{
	struct rig r;

	(void)state;
	open_coalescing(&r);
	throw(r.other, 1, 100);
	throw_run(r.other, 50, 5, PKT_CAP + 1, 0);
	throw_run(r.other, 2, 3, PKT_CAP, 0);
	throw_run(r.other, 60, 4, 9000, 10); /* the last would fit, but its like is not of ours */
	throw(r.other, 70, 65507);
	throw(r.other, 71, PKT_CAP + 1);
	throw(r.other, 5, 100);
	take_all(&r);
	assert_int_equal(r.count, 5);
	assert_got(&r, 0, 1, 100);
	for (unsigned i = 1; i < 4; i++)
		assert_got(&r, i, 1 + i, PKT_CAP);
	assert_got(&r, 4, 5, 100);
	assert_int_equal(batch_counts(r.b)->oversize, 5 + 5 + 2);
	assert_int_equal(batch_counts(r.b)->came, 5 + 12);
	assert_int_equal(batch_counts(r.b)->starved, 0);
	close_rig(&r);
}

static void a_pool_that_runs_empty_within_a_run_costs_its_end(void **state)
{
	struct pkt_list full = {0};
	struct rig r;
	uint64_t starved;
	unsigned got;

	(void)state;
	open_coalescing(&r);
	throw(r.other, 99, 10); /* from here on the batch holds what packets it holds */
	take_all(&r);
	forget(&r);
	while (r.pool.size - r.pool.in_use > 7)
		pkt_list_push(&full, pkt_get(&r.pool));

	throw_run(r.other, 0, 40, 1400, 100);
	throw(r.other, 41, 100);
	take_all(&r);
	assert_nothing_waits(r.s.fd);
	got = r.count;
	starved = batch_counts(r.b)->starved;
	assert_in_range(got, 7, 40); /* what had a packet, in order and unharmed */
	assert_int_equal(got + starved, 42);
	for (unsigned i = 0; i + 1 < got; i++)
		assert_got(&r, i, i, 1400);
	if (r.got[got - 1]->len == 100)
		assert_got(&r, got - 1, 41, 100);
	else
		assert_got(&r, got - 1, got - 1, 1400);

	while (r.pool.in_use < r.pool.size) /* then the batch has what it holds itself */
		pkt_list_push(&full, pkt_get(&r.pool));
	for (unsigned i = 0; i < 20; i++)
		throw_run(r.other, 0, 20, 1000, 0);
	take_all(&r);
	assert_nothing_waits(r.s.fd);
	assert_int_equal(batch_counts(r.b)->came, 1 + 42 + 400);
	assert_int_equal(batch_counts(r.b)->starved, starved + 400 - (r.count - got));

	pkt_list_clear(&full);
	forget(&r);
	starved = batch_counts(r.b)->starved;
	for (unsigned i = 0; i < 20; i++)
		throw_run(r.other, 20 * i, 20, 1000, 0);
	take_all(&r);
	assert_int_equal(r.count, 400);
	for (unsigned i = 0; i < 400; i++)
		assert_got(&r, i, i, 1000);
	assert_int_equal(batch_counts(r.b)->starved, starved);
	close_rig(&r);
}

static void sockets_that_coalesce_and_that_do_not_share_a_batch(void **state)
{
	const struct udp_options opt = {0};
	struct endpoint at, to;
	struct batch_socket second;
	struct rig r;
	int fd;

	(void)state;
	open_coalescing(&r);
	second = (struct batch_socket){.fd = open_at("127.0.0.1", &opt, &to), .name = "second"};
	fd = open_at("127.0.0.1", &opt, &at);
	assert_int_equal(udp_connect(fd, &to), 0);
	for (unsigned round = 0; round < 5; round++) {
		for (unsigned i = 0; i < 40; i++)
			throw(fd, i, i + 20);
		throw(fd, 40, 5000);
		throw_run(r.other, 100, 30, 1500, 0);
		throw_run(r.other, 130, 29, PKT_CAP, 1);
		assert_int_equal(batch_recv(r.b, &second, BATCH_MOST, keep, &r), 0);
		assert_int_equal(r.count, 40);
		for (unsigned i = 0; i < 40; i++)
			assert_got(&r, i, i, i + 20);
		forget(&r);
		take_all(&r);
		assert_int_equal(r.count, 60);
		for (unsigned i = 0; i < 60; i++)
			assert_got(&r, i, 100 + i, i < 30 ? 1500 : i < 59 ? PKT_CAP : 1);
		forget(&r);
		/* one by one, then several messages, so that each kind finds what the other left */
		for (unsigned i = 0; i < 3; i++) {
			throw(fd, i, 200);
			assert_int_equal(batch_recv(r.b, &second, BATCH_MOST, keep, &r), 0);
		}
		for (unsigned i = 0; i < 4; i++)
			throw_run(r.other, 3 + 5 * i, 5, 1800, 0);
		take_all(&r);
		assert_int_equal(r.count, 23);
		for (unsigned i = 0; i < 23; i++)
			assert_got(&r, i, i, i < 3 ? 200 : 1800);
		forget(&r);
	}
	assert_int_equal(batch_counts(r.b)->oversize, 5);
	close(fd);
	close(second.fd);
	close_rig(&r);
}

static void what_comes_as_one_may_pass_the_limit_asked_for_and_no_more(void **state)
{
	struct rig r;

	(void)state;
	open_coalescing(&r);
	for (unsigned i = 0; i < 20; i++)
		throw_run(r.other, 20 * i, 20, 100, 0);
	assert_int_equal(take(&r, 1), 0);
	assert_int_equal(r.count, 20);
	assert_int_equal(take(&r, BATCH_MOST), 0);
	/* no more messages in a call than packets are wanted, and none after those have come */
	assert_in_range(r.count, 20 + BATCH_MOST, 20 + BATCH_MOST * 20);
	take_all(&r);
	assert_int_equal(r.count, 400);
	for (unsigned i = 0; i < 400; i++)
		assert_got(&r, i, i, 100);
	close_rig(&r);
}

/* What was sent in a seeded medley, and what of it must come. */
struct medley {
	size_t len[4096];
	unsigned seed[4096];
	unsigned kept, sent;
	uint32_t dice;
};

static uint32_t roll(struct medley *m, uint32_t sides)
{
	m->dice = m->dice * 1664525u + 1013904223u;
	return (m->dice >> 8) % sides;
}

static void expect(struct medley *m, size_t len)
{
	if (len <= PKT_CAP) {
		m->len[m->kept] = len;
		m->seed[m->kept++] = m->sent;
	}
	m->sent++;
}

static void throw_any(struct rig *r, struct medley *m)
{
	unsigned len = 1 + roll(m, roll(m, 8) ? 1500 : 3000), most = BATCH_RUN_BYTES / len;
	unsigned count = 1 + roll(m, most < 60 ? most - 1 : 60);
	size_t last = roll(m, 2) && len > 1 ? 1 + roll(m, len - 1) : 0;

	if (roll(m, 3) == 0) {
		throw(r->other, m->sent, len);
		expect(m, len);
		return;
	}
	throw_run(r->other, m->sent, count, (uint16_t)len, last);
	for (unsigned i = 0; i < count; i++)
		expect(m, len);
	if (last > 0 && len <= PKT_CAP)
		expect(m, last);
	else
		m->sent += last > 0; /* goes the way of those it came with */
}

static void a_medley_comes_as_it_was_sent(void **state)
{
	static struct medley m;
	struct rig r;

	(void)state;
	for (uint32_t seed = 1; seed <= 40; seed++) {
		m = (struct medley){.dice = seed};
		open_coalescing(&r);
		while (m.sent < 600 && m.kept < 500)
			throw_any(&r, &m);
		take_all(&r);
		assert_int_equal(r.count, m.kept);
		for (unsigned i = 0; i < m.kept; i++)
			assert_got(&r, i, m.seed[i], m.len[i]);
		assert_int_equal(batch_counts(r.b)->came, m.sent);
		assert_int_equal(batch_counts(r.b)->oversize, m.sent - m.kept);
		close_rig(&r);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_the_last_way_lets_the_kernel_put_datagrams_together),
		cmocka_unit_test(a_run_of_any_length_and_size_comes_as_the_datagrams_it_was),
		cmocka_unit_test(runs_and_lone_datagrams_keep_their_order),
		cmocka_unit_test(every_part_of_a_run_has_its_peer_and_address_and_moment),
		cmocka_unit_test(a_dual_stack_socket_tells_all_of_a_run_too),
		cmocka_unit_test(a_run_of_datagrams_too_long_is_dropped_each_counted),
		cmocka_unit_test(a_pool_that_runs_empty_within_a_run_costs_its_end),
		cmocka_unit_test(sockets_that_coalesce_and_that_do_not_share_a_batch),
		cmocka_unit_test(what_comes_as_one_may_pass_the_limit_asked_for_and_no_more),
		cmocka_unit_test(a_medley_comes_as_it_was_sent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
