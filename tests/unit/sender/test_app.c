/* SPDX-License-Identifier: MIT */
#include "sender/app.h"

#include "tests/unit/sender/door_rig.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>

enum { LEN = 1332, MANY = 40 };

static struct app app;
static int encoder;
static uint16_t port;

static void open_app(const char *text)
{
	struct endpoint where = {0}, failed;

	if (text)
		where = at(text, 0);
	assert_int_equal(app_open(&app, &where, 0, &failed), 0);
	assert_int_equal(app_start(&app, &door), 0);
	port = port_of(app.socket[0].socket.fd);
}

static int open_rig(void **state)
{
	rig_open(io_of(state));
	encoder = open_at("127.0.0.9", 0);
	return 0;
}

static int close_rig(void **state)
{
	(void)state;
	close(encoder);
	app_close(&app);
	rig_close();
	return 0;
}

/* The encoder says something to this address of ours, and the app hears it. */
static void speak_to(const char *text)
{
	struct pkt p = {.len = LEN, .peer = at(text, port)};

	assert_int_equal(udp_send(encoder, &p, true), 0);
	run_a_moment();
}

static void put(uint32_t seq, const struct endpoint *to)
{
	struct pkt *p = data_packet(seq, LEN);

	p->peer = *to;
	app_put(&app, p);
}

static void answers_leave_in_order_from_the_address_that_was_spoken_to(void **state)
{
	const struct endpoint to = at("127.0.0.9", port_of(encoder));
	size_t resting;

	(void)state;
	open_app("0.0.0.0");
	speak_to("127.0.0.7");
	assert_int_equal(view().app_packets_in, 1);
	resting = door.pool.in_use;
	for (uint32_t i = 0; i < MANY; i++)
		put(i, &to);
	assert_nothing_came(encoder);
	app_flush(&app);
	for (uint32_t i = 0; i < MANY; i++) {
		const struct endpoint ours = at("127.0.0.7", port);
		struct endpoint from;

		assert_came(encoder, i, LEN, &from);
		assert_true(endpoint_equal(&from, &ours));
	}
	assert_nothing_came(encoder);
	assert_int_equal(app.refused, 0);
	assert_int_equal(door.pool.in_use, resting);
}

static void two_encoders_get_each_his_own(void **state)
{
	const struct endpoint to = at("127.0.0.9", port_of(encoder));
	int other = open_at("127.0.0.10", 0);
	const struct endpoint to_other = at("127.0.0.10", port_of(other));

	(void)state;
	open_app("127.0.0.1");
	for (uint32_t i = 0; i < 10; i++)
		put(i, i < 4 ? &to : &to_other);
	app_flush(&app);
	for (uint32_t i = 0; i < 10; i++)
		assert_came(i < 4 ? encoder : other, i, LEN, NULL);
	close(other);
}

static void each_family_leaves_by_its_own_socket(void **state)
{
	const struct endpoint to = at("127.0.0.9", port_of(encoder));
	struct endpoint to_v6, from;
	int v6;

	(void)state;
	open_app(NULL);
	if (app.count < 2)
		skip(); /* no IPv6 here */
	v6 = open_at("::1", 0);
	to_v6 = at("::1", port_of(v6));
	for (uint32_t i = 0; i < 8; i++)
		put(i, i % 2 ? &to_v6 : &to);
	app_flush(&app);
	for (uint32_t i = 0; i < 8; i++) {
		assert_came(i % 2 ? v6 : encoder, i, LEN, &from);
		assert_int_equal(from.family, i % 2 ? FAMILY_V6 : FAMILY_V4);
	}
	close(v6);
}

static void what_no_socket_will_send_is_counted_and_the_others_leave(void **state)
{
	const struct endpoint to = at("127.0.0.9", port_of(encoder));
	const struct endpoint nowhere = at("127.0.0.9", 0);

	(void)state;
	open_app("127.0.0.1");
	put(1, &to);
	put(2, &nowhere);
	put(3, &to);
	app_flush(&app);
	assert_came(encoder, 1, LEN, NULL);
	assert_came(encoder, 3, LEN, NULL);
	assert_int_equal(app.refused, 1);
	assert_int_equal(door.pool.in_use, at_rest);
}

static void what_waits_at_the_end_is_counted_and_leaks_nothing(void **state)
{
	const struct endpoint to = at("127.0.0.9", port_of(encoder));

	(void)state;
	open_app("127.0.0.1");
	put(1, &to);
	put(2, &to);
	app_close(&app);
	put(3, &to);
	assert_int_equal(app.refused, 3);
	assert_int_equal(door.pool.in_use, at_rest);
}

static void an_encoder_that_sends_many_as_one_is_heard_packet_by_packet(void **state)
{
	static uint8_t bytes[10 * LEN];
	struct endpoint to;
	int size = LEN;

	(void)state;
	open_app("127.0.0.1");
	to = at("127.0.0.1", port);
	if (setsockopt(encoder, IPPROTO_UDP, UDP_SEGMENT, &size, sizeof(size)))
		skip();
	for (uint32_t i = 0; i < 10; i++)
		put_be32(bytes + i * LEN, i);
	assert_int_equal(udp_connect(encoder, &to), 0);
	assert_int_equal(send(encoder, bytes, sizeof(bytes), 0), sizeof(bytes));
	run_a_moment();
	assert_int_equal(view().app_packets_in, 10);
	assert_int_equal(view().app_bytes_in, sizeof(bytes));
	if (app.socket[0].socket.coalesces)
		assert_int_equal(batch_counts(door.batch)->coalesced, 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		EACH_IO(answers_leave_in_order_from_the_address_that_was_spoken_to),
		EACH_IO(two_encoders_get_each_his_own),
		EACH_IO(each_family_leaves_by_its_own_socket),
		EACH_IO(what_no_socket_will_send_is_counted_and_the_others_leave),
		EACH_IO(what_waits_at_the_end_is_counted_and_leaks_nothing),
		EACH_IO(an_encoder_that_sends_many_as_one_is_heard_packet_by_packet),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
