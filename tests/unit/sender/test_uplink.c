/* SPDX-License-Identifier: MIT */
#include "sender/uplink.h"

#include "tests/unit/sender/door_rig.h"

#include <errno.h>
#include <sys/socket.h>

enum { LEN = 1332, MANY = 60 };

static struct host host;
static struct uplink *up;
static int far; /* in the place of the receiver */
static uint16_t far_port;

static struct uplink *make_link(const char *address)
{
	struct uplink_id id = {.local = at(address, 0)};
	struct uplink *u = uplink_create(&id, &door, &host, false);

	assert_non_null(u);
	u->port = sender_link_add(door.sender, 0, loop_now(door.loop), &door.out);
	assert_int_not_equal(u->port, 0);
	return u;
}

/* One up, open, and nothing yet that it would have to say. */
static int open_rig(void **state)
{
	rig_open(io_of(state));
	far = open_at("127.0.0.1", 0);
	far_port = port_of(far);
	rig_host(&host, far_port);
	up = make_link("127.0.0.2");
	uplink_run(up, loop_now(door.loop));
	assert_true(uplink_is_open(up));
	outbox_finish(&door.out);
	at_rest = door.pool.in_use;
	return 0;
}

static int close_rig(void **state)
{
	(void)state;
	uplink_destroy(up);
	host_finish(&host);
	close(far);
	rig_close();
	return 0;
}

static void put(uint32_t seq)
{
	uplink_put(up, data_packet(seq, LEN));
}

/* One that the socket will not take, as nobody here has its address. */
static void put_misfit(uint32_t seq)
{
	struct pkt *p = data_packet(seq, LEN);

	p->local = at("203.0.113.77", 0);
	uplink_put(up, p);
}

static void flush(void)
{
	uplink_flush(up, loop_now(door.loop));
	assert_int_equal(up->going.count, 0);
}

static void what_a_link_was_given_leaves_in_that_order(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < MANY; i++)
		uplink_put(up, data_packet(i, i % 7 == 3 ? 100 : LEN));
	assert_nothing_came(far);
	flush();
	for (uint32_t i = 0; i < MANY; i++)
		assert_came(far, i, i % 7 == 3 ? 100 : LEN, NULL);
	assert_nothing_came(far);
	assert_int_equal(door.pool.in_use, at_rest);
}

static void three_equal_packets_leave_as_one_and_two_do_not(void **state)
{
	const struct batch_counts *count = batch_counts(door.batch);

	(void)state;
	if (batch_io(door.batch) != BATCH_GSO)
		skip();
	put(1), put(2);
	flush();
	assert_int_equal(count->runs, 0);
	put(3), put(4), put(5);
	flush();
	assert_int_equal(count->runs, 1);
	assert_int_equal(count->in_runs, 3);
	assert_int_equal(count->writes, 2);
	for (uint32_t i = 1; i <= 5; i++)
		assert_came(far, i, LEN, NULL);
}

static void a_refused_packet_returns_to_the_core_and_the_others_leave(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 9; i++) {
		if (i == 4)
			put_misfit(i);
		else
			put(i);
	}
	flush();
	for (uint32_t i = 0; i < 9; i++) {
		if (i != 4)
			assert_came(far, i, LEN, NULL);
	}
	assert_nothing_came(far);
	assert_int_equal(view().link[0].refused, 1);
	assert_int_equal(batch_counts(door.batch)->refused, 1);
	outbox_finish(&door.out);
	assert_int_equal(door.pool.in_use, at_rest);
}

static void a_socket_that_finds_no_way_is_replaced_after_all_have_left(void **state)
{
	struct endpoint before, after;

	(void)state;
	put(1);
	flush();
	assert_came(far, 1, LEN, &before);
	put_misfit(2);
	put(3);
	flush();
	assert_came(far, 3, LEN, &after);
	assert_true(endpoint_equal(&before, &after));
	assert_true(up->next_check > loop_now(door.loop)); /* it has been looked into */
	put(4);
	flush();
	assert_came(far, 4, LEN, &after);
	assert_true(endpoint_equal(&before, &after)); /* the receiver knows this port */
	outbox_finish(&door.out);
}

static void what_an_earlier_packet_met_costs_the_next_ones_nothing(void **state)
{
	(void)state;
	close(far);
	put(1);
	flush(); /* and draws an ICMP message: port unreachable */
	far = open_at("127.0.0.1", far_port);
	put(2), put(3), put(4);
	flush();
	assert_came(far, 2, LEN, NULL);
	assert_came(far, 3, LEN, NULL);
	assert_came(far, 4, LEN, NULL);
	assert_int_equal(view().link[0].refused, 0);
}

static void an_error_that_comes_alone_is_fetched_and_wakes_nobody_again(void **state)
{
	struct pollfd p = {.events = POLLIN};

	(void)state;
	p.fd = up->socket.fd;
	close(far);
	put(1);
	flush();
	assert_int_equal(poll(&p, 1, 2000), 1);
	assert_true(p.revents & POLLERR);
	run_a_moment();
	assert_int_equal(poll(&p, 1, 0), 0);
	far = open_at("127.0.0.1", far_port);
}

static void what_comes_reaches_the_core_and_the_kernel_says_when_it_came(void **state)
{
	struct endpoint where = {0};
	struct pkt p = {.len = 2};
	int stamped = 0;
	socklen_t len = sizeof(stamped);

	(void)state;
	put(1);
	flush();
	assert_came(far, 1, LEN, &where);
	p.peer = where;
	put_be16(p.data, SRTLA_REG3); /* nobody asked for it, which is counted */
	assert_int_equal(udp_send(far, &p, true), 0);
	run_a_moment();
	assert_int_equal(view().link[0].packets_in, 1);
	assert_int_equal(batch_counts(door.batch)->came, 1);
	assert_int_equal(getsockopt(up->socket.fd, SOL_SOCKET, SO_TIMESTAMPNS, &stamped, &len), 0);
	assert_int_equal(stamped, 1);
	outbox_finish(&door.out);
}

static void a_link_without_a_socket_gives_everything_back(void **state)
{
	(void)state;
	uplink_destroy(up);
	up = make_link("203.0.113.77");
	uplink_run(up, loop_now(door.loop));
	assert_false(uplink_is_open(up));
	outbox_finish(&door.out);
	put(1), put(2), put(3);
	flush();
	assert_int_equal(view().link[1].refused, 3);
	outbox_finish(&door.out);
	assert_int_equal(door.pool.in_use, at_rest);
}

static void what_waits_when_a_link_gets_a_new_socket_leaves_by_that_one(void **state)
{
	struct endpoint before, after;

	(void)state;
	put(1);
	flush();
	assert_came(far, 1, LEN, &before);
	put(2), put(3);
	uplink_reopen(up, loop_now(door.loop));
	flush();
	assert_came(far, 2, LEN, &after);
	assert_came(far, 3, LEN, &after);
	assert_int_not_equal(before.port, after.port);
	outbox_finish(&door.out);
	assert_int_equal(door.pool.in_use, at_rest);
}

static void what_waits_when_a_link_ends_is_counted_and_leaks_nothing(void **state)
{
	(void)state;
	put(1), put(2), put(3);
	assert_int_equal(door.pool.in_use, at_rest + 3);
	uplink_destroy(up);
	up = NULL;
	assert_int_equal(door.homeless, 3);
	assert_int_equal(door.pool.in_use, at_rest);
	assert_nothing_came(far);
}

static void a_link_that_takes_answers_from_anywhere_sends_to_the_receiver(void **state)
{
	(void)state;
	uplink_destroy(up);
	up = make_link("127.0.0.2");
	up->any_source = true;
	uplink_run(up, loop_now(door.loop));
	assert_true(uplink_is_open(up));
	put(1), put(2), put(3);
	flush();
	for (uint32_t i = 1; i <= 3; i++)
		assert_came(far, i, LEN, NULL);
	outbox_finish(&door.out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		EACH_IO(what_a_link_was_given_leaves_in_that_order),
		WITH(three_equal_packets_leave_as_one_and_two_do_not, BATCH_GSO),
		EACH_IO(a_refused_packet_returns_to_the_core_and_the_others_leave),
		EACH_IO(a_socket_that_finds_no_way_is_replaced_after_all_have_left),
		EACH_IO(what_an_earlier_packet_met_costs_the_next_ones_nothing),
		EACH_IO(an_error_that_comes_alone_is_fetched_and_wakes_nobody_again),
		EACH_IO(what_comes_reaches_the_core_and_the_kernel_says_when_it_came),
		EACH_IO(a_link_without_a_socket_gives_everything_back),
		EACH_IO(what_waits_when_a_link_gets_a_new_socket_leaves_by_that_one),
		EACH_IO(what_waits_when_a_link_ends_is_counted_and_leaks_nothing),
		EACH_IO(a_link_that_takes_answers_from_anywhere_sends_to_the_receiver),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
