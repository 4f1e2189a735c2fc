/* SPDX-License-Identifier: MIT */
#include "batch_rig.h"

static const enum batch_io ways[] = {BATCH_PLAIN, BATCH_MMSG, BATCH_GSO};

enum { WAYS = sizeof(ways) / sizeof(ways[0]) };

/* How many ways this kernel has. */
static unsigned ways_here(void)
{
	return kernel_has_runs() ? WAYS : WAYS - 1;
}

static void the_ways_have_the_names_of_the_command_line(void **state)
{
	char words[64] = "";

	(void)state;
	for (int io = BATCH_PLAIN; io <= BATCH_AUTO; io++) {
		strcat(words, io > BATCH_PLAIN ? "|" : "");
		strcat(words, batch_io_name((enum batch_io)io));
	}
	assert_string_equal(words, BATCH_IO_WORDS);
}

static void what_is_wanted_is_lowered_to_what_the_kernel_has(void **state)
{
	struct rig r;
	struct batch *b;

	(void)state;
	open_batch(&r, BATCH_PLAIN, 1);
	b = batch_create(BATCH_AUTO, r.loop, &r.pool);
	assert_int_equal(batch_io(b), kernel_has_runs() ? BATCH_GSO : BATCH_MMSG);
	batch_destroy(b);
	batch_destroy(NULL);
	close_rig(&r);
}

static void datagrams_that_wait_come_in_order_with_their_peer(void **state)
{
	(void)state;
	for (unsigned w = 0; w < ways_here(); w++) {
		struct rig r;

		open_rig(&r, ways[w]);
		for (unsigned i = 0; i < 50; i++)
			throw(r.other, i, i * 40);
		assert_int_equal(take(&r, BATCH_MOST), 0);
		assert_int_equal(r.count, 50);
		for (unsigned i = 0; i < 50; i++) {
			assert_got(&r, i, i, i * 40);
			assert_true(endpoint_equal(&r.got[i]->peer, &r.there));
			assert_int_equal(r.got[i]->local.family, FAMILY_NONE);
			assert_int_equal(r.got[i]->came, 0);
			assert_int_equal(r.got[i]->port, 0);
		}
		assert_int_equal(batch_counts(r.b)->reads, ways[w] == BATCH_PLAIN ? 50 : 1);
		assert_int_equal(batch_counts(r.b)->came, 50);
		assert_int_equal(batch_counts(r.b)->coalesced, 0);
		close_rig(&r);
	}
}

static void datagrams_of_several_peers_keep_theirs(void **state)
{
	const struct udp_options opt = {0};
	struct endpoint from[3];
	int fd[3];

	(void)state;
	for (unsigned w = 0; w < ways_here(); w++) {
		struct rig r;

		open_batch(&r, ways[w], POOL);
		r.s.fd = open_at("127.0.0.1", &opt, &r.here);
		for (unsigned i = 0; i < 3; i++) {
			fd[i] = open_at("127.0.0.1", &opt, &from[i]);
			assert_int_equal(udp_connect(fd[i], &r.here), 0);
		}
		for (unsigned i = 0; i < 30; i++)
			throw(fd[i % 3], i, 100);
		take_all(&r);
		assert_int_equal(r.count, 30);
		for (unsigned i = 0; i < 30; i++) {
			assert_got(&r, i, i, 100);
			assert_true(endpoint_equal(&r.got[i]->peer, &from[i % 3]));
		}
		for (unsigned i = 0; i < 3; i++)
			close(fd[i]);
		close_rig(&r);
	}
}

static void each_datagram_tells_where_it_came_to_and_when(void **state)
{
	const struct udp_options opt = {.tell_local = true, .stamped = true}, plain = {0};
	const char *const at[] = {"127.0.0.1", "127.0.0.2", "127.0.0.3"};

	(void)state;
	for (unsigned w = 0; w < ways_here(); w++) {
		struct endpoint to, any;
		struct rig r;

		open_batch(&r, ways[w], POOL);
		r.s.fd = open_at("0.0.0.0", &opt, &r.here);
		r.other = open_at("127.0.0.1", &plain, &any);
		for (unsigned i = 0; i < 9; i++) {
			assert_true(endpoint_parse(at[i % 3], &to));
			to.port = r.here.port;
			assert_int_equal(udp_connect(r.other, &to), 0);
			throw(r.other, i, 100);
		}
		take_all(&r);
		assert_int_equal(r.count, 9);
		for (unsigned i = 0; i < 9; i++) {
			assert_true(endpoint_parse(at[i % 3], &to));
			assert_true(endpoint_equal(&r.got[i]->local, &to));
			assert_in_range(r.got[i]->came, 1, loop_now(r.loop));
		}
		close_rig(&r);
	}
}

static void more_than_a_call_takes_come_in_rounds(void **state)
{
	enum { WAITING = BATCH_MOST * BATCH_ROUNDS + 44 };

	(void)state;
	for (unsigned w = 0; w < ways_here(); w++) {
		struct rig r;

		open_rig(&r, ways[w]);
		for (unsigned i = 0; i < WAITING; i++)
			throw(r.other, i, 200);
		assert_int_equal(take(&r, BATCH_MOST * BATCH_ROUNDS), 0);
		assert_int_equal(r.count, BATCH_MOST * BATCH_ROUNDS);
		if (ways[w] != BATCH_PLAIN)
			assert_int_equal(batch_counts(r.b)->reads, BATCH_ROUNDS);
		take_all(&r);
		assert_int_equal(r.count, WAITING);
		for (unsigned i = 0; i < WAITING; i++)
			assert_got(&r, i, i, 200);
		assert_int_equal(batch_counts(r.b)->came, WAITING);
		close_rig(&r);
	}
}

static void never_more_than_asked_for(void **state)
{
	const unsigned most[] = {1, 2, 63, 64, 65, 100};

	(void)state;
	for (unsigned w = 0; w < ways_here(); w++) {
		struct rig r;
		unsigned sum = 0;

		open_rig(&r, ways[w]);
		for (unsigned i = 0; i < 400; i++)
			throw(r.other, i, 60);
		for (unsigned m = 0; m < 6; m++) {
			assert_int_equal(take(&r, most[m]), 0);
			assert_int_equal(r.count - sum, most[m]);
			sum = r.count;
		}
		take_all(&r);
		assert_int_equal(r.count, 400);
		for (unsigned i = 0; i < 400; i++)
			assert_got(&r, i, i, 60);
		close_rig(&r);
	}
}

static void only_a_socket_that_had_nothing_says_so(void **state)
{
	(void)state;
	for (unsigned w = 0; w < ways_here(); w++) {
		struct rig r;

		open_rig(&r, ways[w]);
		assert_int_equal(take(&r, BATCH_MOST), -EAGAIN);
		assert_int_equal(batch_counts(r.b)->reads, 0);
		throw(r.other, 1, 0); /* of no byte, and still one */
		assert_int_equal(take(&r, BATCH_MOST), 0);
		assert_int_equal(r.count, 1);
		assert_got(&r, 0, 1, 0);
		assert_int_equal(take(&r, BATCH_MOST), -EAGAIN);
		for (unsigned i = 0; i < BATCH_MOST; i++) /* as many as one call takes */
			throw(r.other, i, 10);
		assert_int_equal(take(&r, BATCH_MOST * BATCH_ROUNDS), 0);
		assert_int_equal(r.count, 1 + BATCH_MOST);
		throw(r.other, 2, PKT_CAP + 1); /* had something, though nothing of use */
		assert_int_equal(take(&r, BATCH_MOST), 0);
		assert_int_equal(take(&r, BATCH_MOST), -EAGAIN);
		close_rig(&r);
	}
}

/* F36 */
static void a_datagram_too_long_is_dropped_and_its_neighbours_come(void **state)
{
	const size_t lengths[] = {PKT_CAP + 1, PKT_CAP, 9000, 65507, PKT_CAP - 1};
	const size_t kept[] = {0, PKT_CAP, 0, 0, PKT_CAP - 1};

	(void)state;
	for (unsigned w = 0; w < ways_here(); w++) {
		struct rig r;
		unsigned got = 0;

		open_rig(&r, ways[w]);
		for (unsigned i = 0; i < 5; i++) {
			throw(r.other, 2 * i, lengths[i]);
			throw(r.other, 2 * i + 1, 77);
		}
		take_all(&r);
		for (unsigned i = 0; i < 5; i++) {
			if (kept[i])
				assert_got(&r, got++, 2 * i, kept[i]);
			assert_got(&r, got++, 2 * i + 1, 77);
		}
		assert_int_equal(r.count, got);
		assert_int_equal(batch_counts(r.b)->oversize, 3);
		assert_int_equal(batch_counts(r.b)->came, 10);
		assert_int_equal(batch_counts(r.b)->starved, 0);
		close_rig(&r);
	}
}

static void what_was_known_of_a_dropped_datagram_is_not_told_of_the_next(void **state)
{
	const struct udp_options told = {.tell_local = true, .stamped = true}, plain = {0};

	(void)state;
	for (unsigned w = 0; w < ways_here(); w++) {
		struct batch_socket second;
		struct endpoint at;
		struct rig r;

		open_batch(&r, ways[w], POOL);
		r.s.fd = open_at("127.0.0.1", &told, &r.here);
		second = r.s;
		second.fd = open_at("127.0.0.1", &plain, &at);
		r.other = open_at("127.0.0.1", &plain, &r.there);
		assert_int_equal(udp_connect(r.other, &r.here), 0);
		throw(r.other, 1, 9000);
		assert_int_equal(take(&r, BATCH_MOST), 0);
		assert_int_equal(udp_connect(r.other, &at), 0);
		throw(r.other, 2, 50);
		assert_int_equal(batch_recv(r.b, &second, BATCH_MOST, keep, &r), 0);
		assert_got(&r, 0, 2, 50);
		assert_int_equal(r.got[0]->local.family, FAMILY_NONE);
		assert_int_equal(r.got[0]->came, 0);
		close(second.fd);
		close_rig(&r);
	}
}

static void with_an_empty_pool_datagrams_are_read_and_counted(void **state)
{
	(void)state;
	for (unsigned w = 0; w < ways_here(); w++) {
		struct rig r;

		open_rig(&r, ways[w]);
		while (pkt_get(&r.pool))
			;
		throw(r.other, 1, 9000); /* too long and nowhere to put it: one reason will do */
		for (unsigned i = 0; i < 100; i++)
			throw(r.other, i, 100);
		take_all(&r);
		assert_nothing_waits(r.s.fd);
		assert_int_equal(r.count, 0);
		assert_int_equal(batch_counts(r.b)->came, 101);
		assert_int_equal(batch_counts(r.b)->starved + batch_counts(r.b)->oversize, 101);
		assert_in_range(batch_counts(r.b)->starved, 100, 101);
		for (size_t i = 0; i < r.pool.size; i++)
			pkt_free(&r.pool.slab[i]);
		close_rig(&r);
	}
}

static void a_pool_that_runs_empty_costs_only_what_finds_no_room(void **state)
{
	enum { ROOM = 10, WAITING = 30 };

	(void)state;
	for (unsigned w = 0; w < ways_here(); w++) {
		struct rig r;
		struct pkt_list full = {0};
		struct pkt *p;

		open_rig(&r, ways[w]);
		while (r.pool.size - r.pool.in_use > ROOM)
			pkt_list_push(&full, pkt_get(&r.pool));
		for (unsigned i = 0; i < WAITING; i++)
			throw(r.other, i, 100);
		take_all(&r);
		assert_int_equal(r.count, ROOM);
		for (unsigned i = 0; i < ROOM; i++)
			assert_got(&r, i, i, 100);
		assert_int_equal(batch_counts(r.b)->starved, WAITING - ROOM);

		p = pkt_list_pop(&full); /* one is free again: one comes, and all others are read */
		pkt_free(p);
		throw(r.other, 100, 100);
		throw(r.other, 101, 100);
		take_all(&r);
		assert_int_equal(r.count, ROOM + 1);
		assert_got(&r, ROOM, 100, 100);
		assert_int_equal(batch_counts(r.b)->starved, WAITING - ROOM + 1);

		pkt_list_clear(&full); /* with all of it back, all come, from the first call on */
		for (unsigned i = 0; i < WAITING; i++)
			throw(r.other, i, 100);
		take_all(&r);
		assert_int_equal(r.count, ROOM + 1 + WAITING);
		for (unsigned i = 0; i < WAITING; i++)
			assert_got(&r, ROOM + 1 + i, i, 100);
		assert_int_equal(batch_counts(r.b)->starved, WAITING - ROOM + 1);
		close_rig(&r);
	}
}

/* F24 */
static void an_error_of_the_socket_is_told_and_costs_no_datagram(void **state)
{
	(void)state;
	for (unsigned w = 0; w < ways_here(); w++) {
		const struct udp_options opt = {0};
		struct rig r;
		unsigned told = 0;
		int err;

		open_rig(&r, ways[w]);
		for (unsigned i = 0; i < 5; i++)
			throw(r.other, i, 100);
		close(r.other); /* what waits here waits on, and what goes there now is refused */
		assert_int_equal(send(r.s.fd, "x", 1, 0), 1);
		while ((err = take(&r, BATCH_MOST)) != -EAGAIN) {
			assert_true(err == 0 || err == -ECONNREFUSED);
			told += err != 0;
		}
		assert_int_equal(told, 1);
		assert_int_equal(r.count, 5);
		for (unsigned i = 0; i < 5; i++)
			assert_got(&r, i, i, 100);
		r.other = open_at("127.0.0.1", &opt, &r.there);
		close_rig(&r);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_ways_have_the_names_of_the_command_line),
		cmocka_unit_test(what_is_wanted_is_lowered_to_what_the_kernel_has),
		cmocka_unit_test(datagrams_that_wait_come_in_order_with_their_peer),
		cmocka_unit_test(datagrams_of_several_peers_keep_theirs),
		cmocka_unit_test(each_datagram_tells_where_it_came_to_and_when),
		cmocka_unit_test(more_than_a_call_takes_come_in_rounds),
		cmocka_unit_test(never_more_than_asked_for),
		cmocka_unit_test(only_a_socket_that_had_nothing_says_so),
		cmocka_unit_test(a_datagram_too_long_is_dropped_and_its_neighbours_come),
		cmocka_unit_test(what_was_known_of_a_dropped_datagram_is_not_told_of_the_next),
		cmocka_unit_test(with_an_empty_pool_datagrams_are_read_and_counted),
		cmocka_unit_test(a_pool_that_runs_empty_costs_only_what_finds_no_room),
		cmocka_unit_test(an_error_of_the_socket_is_told_and_costs_no_datagram),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
