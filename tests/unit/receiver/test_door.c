/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "receiver/door.h"
#include "shared/io/udp.h"

static struct door d;
static int in, out;
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
	assert_int_equal(now, SEC(7));
	got++;
	outbox_put(&d.out, 1, p);
	if (notes)
		outbox_note(&d.out, &n);
}

static int begin(void **state)
{
	const struct udp_options opt = {.receive_buffer = 1024 * 1024};
	struct endpoint at;

	(void)state;
	memset(&d, 0, sizeof(d));
	outbox_init(&d.out);
	d.settle = settle;
	d.arg = &settled;
	got = settled = 0;
	notes = false;
	endpoint_parse("127.0.0.1", &at);
	in = udp_open(&at, &opt);
	out = udp_open(&at, &opt);
	if (in < 0 || out < 0 || udp_local(in, &at) || udp_connect(out, &at))
		return -1;
	return pkt_pool_init(&d.pool, 256) ? 0 : -1;
}

static int finish(void **state)
{
	(void)state;
	outbox_finish(&d.out);
	pkt_pool_finish(&d.pool);
	close(in);
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
	return door_read(&d, in, 64, hear, &got, SEC(7));
}

static void F62_a_socket_gets_its_reads_of_a_turn_and_no_more(void **state)
{
	(void)state;
	send_some(100, 20);
	assert_int_equal(read_once(), 0);
	assert_int_equal(got, 64);
	assert_int_equal(read_once(), -EAGAIN);
	assert_int_equal(got, 100);
	assert_int_equal(settled, 0);
}

static void F36_an_oversized_datagram_is_counted_and_goes_nowhere(void **state)
{
	(void)state;
	send_some(1, PKT_CAP + 1);
	send_some(1, PKT_CAP);
	assert_int_equal(read_once(), -EAGAIN);
	assert_int_equal(got, 1);
	assert_int_equal(d.oversize, 1);
	assert_int_equal(d.pool.in_use, 1);
}

static void without_a_free_packet_datagrams_are_read_counted_and_gone(void **state)
{
	struct pkt *all[256];

	(void)state;
	for (unsigned i = 0; i < 256; i++)
		all[i] = pkt_get(&d.pool);
	send_some(3, 20);
	assert_int_equal(read_once(), -EAGAIN);
	assert_int_equal(got, 0);
	assert_int_equal(d.starved, 3);
	for (unsigned i = 0; i < 256; i++)
		pkt_free(all[i]);
}

static void F61_what_a_datagram_ended_is_settled_before_the_next_is_read(void **state)
{
	(void)state;
	notes = true;
	send_some(5, 20);
	read_once();
	assert_int_equal(got, 5);
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

int main(void)
{
#define EACH(f) cmocka_unit_test_setup_teardown(f, begin, finish)
	const struct CMUnitTest tests[] = {
		EACH(F62_a_socket_gets_its_reads_of_a_turn_and_no_more),
		EACH(F36_an_oversized_datagram_is_counted_and_goes_nowhere),
		EACH(without_a_free_packet_datagrams_are_read_counted_and_gone),
		EACH(F61_what_a_datagram_ended_is_settled_before_the_next_is_read),
		EACH(a_full_outbox_does_not_wait_for_the_end_of_the_turn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
