/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <string.h>
#include <unistd.h>

#include "receiver/door.h"
#include "shared/io/udp.h"

static struct door d;
static struct batch_socket in = {.name = "in"};
static int out;
static unsigned got, settled;
static bool notes; /* each datagram leaves a note */

static void settle(void *arg, ustime now)
{
	(void)now;
	assert_ptr_equal(arg, &settled);
	outbox_clear_notes(&d.out);
	pkt_list_clear(&d.out.packets);
	settled++;
}

static void hear(void *arg, struct pkt *p, ustime now)
{
	struct note n = {.kind = RECEIVER_GROUP_GONE, .port = 1};

	assert_ptr_equal(arg, &got);
	assert_int_equal(now, loop_now(d.loop));
	got++;
	outbox_put(&d.out, 1, p);
	if (notes)
		outbox_note(&d.out, &n);
}

static void ignore(void *arg, ustime now)
{
	(void)arg, (void)now;
}

static ustime never(void *arg)
{
	(void)arg;
	return NEVER;
}

static int begin_by(enum batch_io io)
{
	const struct loop_hooks hooks = {.due = ignore, .flush = ignore, .deadline = never};
	const struct udp_options opt = {.receive_buffer = 1024 * 1024};
	struct endpoint at;

	memset(&d, 0, sizeof(d));
	outbox_init(&d.out);
	d.settle = settle;
	d.arg = &settled;
	got = settled = 0;
	notes = false;
	endpoint_parse("127.0.0.1", &at);
	in.fd = udp_open(&at, &opt);
	out = udp_open(&at, &opt);
	if (in.fd < 0 || out < 0 || udp_local(in.fd, &at) || udp_connect(out, &at))
		return -1;
	d.loop = loop_create(&hooks);
	if (!d.loop || !pkt_pool_init(&d.pool, 256))
		return -1;
	d.batch = batch_create(io, d.loop, &d.pool);
	return d.batch ? 0 : -1;
}

static int begin(void **state)
{
	(void)state;
	return begin_by(BATCH_AUTO);
}

static int begin_plain(void **state)
{
	(void)state;
	return begin_by(BATCH_PLAIN);
}

static int finish(void **state)
{
	(void)state;
	outbox_finish(&d.out);
	batch_destroy(d.batch);
	pkt_pool_finish(&d.pool);
	loop_destroy(d.loop);
	close(in.fd);
	close(out);
	return 0;
}

static void send_some(unsigned count, size_t len)
{
	static uint8_t bytes[4096];

	for (unsigned i = 0; i < count; i++)
		assert_int_equal(send(out, bytes, len, 0), len);
}

static int read_once(void)
{
	return door_read(&d, &in, 64, hear, &got);
}

static void F62_a_socket_gets_its_reads_of_a_turn_and_no_more(void **state)
{
	(void)state;
	send_some(100, 20);
	assert_int_equal(read_once(), 0);
	assert_int_equal(got, 64);
	assert_int_equal(read_once(), 0);
	assert_int_equal(got, 100);
	assert_int_equal(read_once(), -EAGAIN);
	assert_int_equal(settled, 0);
}

static void F36_an_oversized_datagram_is_counted_and_goes_nowhere(void **state)
{
	(void)state;
	send_some(1, PKT_CAP + 1);
	send_some(1, PKT_CAP);
	assert_int_equal(read_once(), 0);
	assert_int_equal(got, 1);
	assert_int_equal(batch_counts(d.batch)->oversize, 1);
	assert_int_equal(d.out.packets.count, 1);
}

static void without_a_free_packet_datagrams_are_read_counted_and_gone(void **state)
{
	struct pkt *all[257];
	unsigned taken = 0;

	(void)state;
	while ((all[taken] = pkt_get(&d.pool)) != NULL)
		taken++;
	assert_int_equal(taken, 256);
	send_some(3, 20);
	assert_int_equal(read_once(), 0);
	assert_int_equal(got, 0);
	assert_int_equal(batch_counts(d.batch)->starved, 3);
	while (taken > 0)
		pkt_free(all[--taken]);
	send_some(3, 20);
	read_once();
	assert_int_equal(got, 3);
}

static void F61_what_a_datagram_ended_is_settled_before_the_next_is_read(void **state)
{
	(void)state;
	notes = true;
	send_some(5, 20);
	read_once();
	assert_int_equal(got, 5); /* found together, by one call where there is one for that */
	assert_int_equal(settled, 5);
}

static void a_full_outbox_does_not_wait_for_the_end_of_the_turn(void **state)
{
	(void)state;
	d.out.packets.count = DOOR_FULL - 3; /* as if they were there */
	send_some(2, 20);
	read_once();
	assert_int_equal(settled, 0);
	send_some(1, 20);
	read_once();
	assert_int_equal(settled, 1);
}

/* As one that is adopted may have been; whatever the way, each datagram comes alone. */
static void a_socket_that_was_set_to_coalesce_loses_nothing_by_it(void **state)
{
	uint8_t bytes[30 * 100] = {0};
	int on = 1, size = 100;

	(void)state;
	if (setsockopt(in.fd, IPPROTO_UDP, UDP_GRO, &on, sizeof(on)) ||
	    setsockopt(out, IPPROTO_UDP, UDP_SEGMENT, &size, sizeof(size)))
		skip(); /* an old kernel has nothing to put together */
	batch_coalesce(d.batch, &in);
	assert_int_equal(send(out, bytes, sizeof(bytes), 0), sizeof(bytes));
	assert_int_equal(read_once(), 0);
	assert_int_equal(got, 30);
	assert_int_equal(d.out.packets.head->len, 100);
	assert_int_equal(batch_counts(d.batch)->coalesced, in.coalesces ? 30 : 0);
}

int main(void)
{
#define EACH(f) cmocka_unit_test_setup_teardown(f, begin, finish)
#define PLAIN(f) {#f ", plain", f, begin_plain, finish, NULL}
	const struct CMUnitTest tests[] = {
		EACH(F62_a_socket_gets_its_reads_of_a_turn_and_no_more),
		EACH(F36_an_oversized_datagram_is_counted_and_goes_nowhere),
		EACH(without_a_free_packet_datagrams_are_read_counted_and_gone),
		EACH(F61_what_a_datagram_ended_is_settled_before_the_next_is_read),
		EACH(a_full_outbox_does_not_wait_for_the_end_of_the_turn),
		EACH(a_socket_that_was_set_to_coalesce_loses_nothing_by_it),
		PLAIN(a_socket_that_was_set_to_coalesce_loses_nothing_by_it),
		PLAIN(F62_a_socket_gets_its_reads_of_a_turn_and_no_more),
		PLAIN(F36_an_oversized_datagram_is_counted_and_goes_nowhere),
		PLAIN(without_a_free_packet_datagrams_are_read_counted_and_gone),
		PLAIN(F61_what_a_datagram_ended_is_settled_before_the_next_is_read),
		PLAIN(a_full_outbox_does_not_wait_for_the_end_of_the_turn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
