/* SPDX-License-Identifier: MIT */
#ifndef TESTS_UNIT_SENDER_DOOR_RIG_H
#define TESTS_UNIT_SENDER_DOOR_RIG_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "sender/door.h"
#include "sender/host.h"
#include "shared/io/udp.h"
#include "shared/wire/be.h"
#include "shared/wire/srtla.h"

/*
 * A door with its loop and core, on loopback, and sockets of the test on its far sides.  The loop
 * runs for a moment when the test says so; nothing is flushed but by the test.
 */
static struct door door;
static size_t at_rest; /* packets that are in use before a test has made any */
static ustime end;     /* of the moment; NEVER: it has not begun */

static inline void rig_due(void *arg, ustime now)
{
	(void)arg;
	if (now >= end)
		loop_stop(door.loop);
}

static inline void rig_flush(void *arg, ustime now)
{
	(void)arg;
	(void)now;
}

/* The moment begins when the loop runs, for only then it looks at the clock. */
static inline ustime rig_deadline(void *arg)
{
	(void)arg;
	if (end == NEVER)
		end = loop_now(door.loop) + MSEC(20);
	return end;
}

/* All that comes within 20 ms is heard. */
static inline void run_a_moment(void)
{
	end = NEVER;
	loop_run(door.loop);
}

static inline void rig_open(enum batch_io io)
{
	const struct loop_hooks hooks = {
		.due = rig_due, .flush = rig_flush, .deadline = rig_deadline};
	const struct config cfg = {.mode = SENDER_CLASSIC, .io = (int)io};
	char why[CONFIG_WHY];

	assert_int_equal(door_open(&door, &hooks, &cfg, NULL, why), 0);
	at_rest = door.pool.in_use;
}

/* Checks that every packet came home. */
static inline void rig_close(void)
{
	door_close(&door); /* the pool says when one has not */
}

static inline void rig_moved(void *arg, ustime now)
{
	(void)arg;
	(void)now;
}

/* The receiver is there. */
static inline void rig_host(struct host *h, uint16_t port)
{
	assert_int_equal(host_init(h, door.loop, "127.0.0.1", port, NULL), 0);
	h->moved = rig_moved;
	host_run(h, loop_now(door.loop));
}

static inline struct endpoint at(const char *text, uint16_t port)
{
	struct endpoint ep;

	assert_true(endpoint_parse(text, &ep));
	ep.port = port;
	return ep;
}

static inline int open_at(const char *text, uint16_t port)
{
	const struct udp_options opt = {.receive_buffer = 1024 * 1024};
	struct endpoint local = at(text, port);
	int fd = udp_open(&local, &opt);

	assert_true(fd >= 0);
	return fd;
}

static inline uint16_t port_of(int fd)
{
	struct endpoint local;

	assert_int_equal(udp_local(fd, &local), 0);
	return local.port;
}

/* An SRT data packet with this number. */
static inline struct pkt *data_packet(uint32_t seq, uint16_t len)
{
	struct pkt *p = pkt_get(&door.pool);

	assert_non_null(p);
	memset(p->data, (int)(seq & 0xff), len);
	put_be32(p->data, seq);
	p->len = len;
	return p;
}

static inline bool readable_within(int fd, int ms)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	return poll(&p, 1, ms) == 1;
}

/* The next datagram at fd must be the packet with this number, whole; *from is who sent it. */
static inline void assert_came(int fd, uint32_t seq, uint16_t len, struct endpoint *from)
{
	static struct pkt got;

	if (!readable_within(fd, 2000))
		fail_msg("number %u did not come", (unsigned)seq);
	assert_int_equal(udp_recv(fd, &got), 0);
	assert_int_equal(be32(got.data), seq);
	assert_int_equal(got.len, len);
	for (uint16_t i = 4; i < len; i++)
		assert_int_equal(got.data[i], seq & 0xff);
	if (from)
		*from = got.peer;
}

static inline void assert_nothing_came(int fd)
{
	assert_false(readable_within(fd, 20));
}

static inline struct sender_view view(void)
{
	struct sender_view v;

	sender_view(door.sender, loop_now(door.loop), &v);
	return v;
}

/* The test with each way that packets may cross the border to the kernel. */
#define WITH(test, io)                                                                             \
	cmocka_unit_test_prestate_setup_teardown(test, open_rig, close_rig, (void *)(uintptr_t)io)
#define EACH_IO(test) WITH(test, BATCH_PLAIN), WITH(test, BATCH_MMSG), WITH(test, BATCH_GSO)

static inline enum batch_io io_of(void **state)
{
	return (enum batch_io)(uintptr_t)*state;
}

#endif
