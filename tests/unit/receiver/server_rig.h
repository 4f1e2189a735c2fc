/* SPDX-License-Identifier: MIT */
#ifndef TESTS_UNIT_RECEIVER_SERVER_RIG_H
#define TESTS_UNIT_RECEIVER_SERVER_RIG_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "receiver/server.h"
#include "shared/io/udp.h"
#include "shared/wire/be.h"

/*
 * The sockets toward two SRT servers, whose places this test takes on loopback: number 0
 * at localhost, number 1 at 127.0.0.2, both on one port.
 */
enum { GROUPS = 4, DATA = 100 };

static struct door d;
static struct servers ss;
static struct host host[2];
static int end[2];      /* the servers' own sockets */
static uint16_t far;    /* their port */
static struct pkt got;
static enum batch_io way = BATCH_AUTO;

static inline void ignore(void *arg, ustime now)
{
	(void)arg, (void)now;
}

static inline ustime never(void *arg)
{
	(void)arg;
	return NEVER;
}

static inline void stop(void *arg, int events, ustime now)
{
	(void)arg, (void)events, (void)now;
	loop_stop(d.loop);
}

static inline void moved(void *arg, ustime now)
{
	(void)arg, (void)now;
	servers_host_moved(&ss);
}

static inline int open_end(const char *text, uint16_t port)
{
	const struct udp_options opt = {0};
	struct endpoint at;
	int fd;

	assert_true(endpoint_parse(text, &at));
	at.port = port;
	fd = udp_open(&at, &opt);
	assert_true(fd >= 0);
	return fd;
}

static inline uint16_t port_of(int fd)
{
	struct endpoint at;

	assert_int_equal(udp_local(fd, &at), 0);
	return at.port;
}

static inline int begin(void **state)
{
	const struct loop_hooks hooks = {.due = ignore, .flush = ignore, .deadline = never};
	const struct receiver_config cfg = {.groups = GROUPS};

	(void)state;
	memset(&d, 0, sizeof(d));
	outbox_init(&d.out);
	d.loop = loop_create(&hooks);
	assert_true(pkt_pool_init(&d.pool, 512));
	d.batch = batch_create(way, d.loop, &d.pool);
	assert_non_null(d.batch);
	d.receiver = receiver_create(&cfg, &d.pool, SEC(1));
	d.settle = ignore;
	end[0] = open_end("127.0.0.1", 0);
	far = port_of(end[0]);
	end[1] = open_end("127.0.0.2", far);
	assert_int_equal(host_init(&host[0], d.loop, "localhost", far, NULL), 0);
	assert_int_equal(host_init(&host[1], d.loop, "127.0.0.2", far, NULL), 0);
	host[0].moved = host[1].moved = moved;
	assert_true(servers_init(&ss, &d, host, 2, GROUPS));
	return 0;
}

static inline int finish(void **state)
{
	(void)state;
	servers_finish(&ss);
	host_finish(&host[0]);
	host_finish(&host[1]);
	outbox_finish(&d.out);
	receiver_destroy(d.receiver);
	batch_destroy(d.batch);
	pkt_pool_finish(&d.pool);
	loop_destroy(d.loop);
	close(end[0]);
	close(end[1]);
	return 0;
}

/* Runs the loop for one turn in which fd is ready. */
static inline void hear(int fd)
{
	struct loop_watch *w = loop_watch(d.loop, fd, LOOP_READ, stop, NULL);

	loop_run(d.loop);
	loop_unwatch(d.loop, w);
}

/* A group is there, for SRT server `number`. */
static inline unsigned group(uint8_t mark, unsigned number)
{
	struct receiver_record rec = {.port = mark, .mark = {mark}, .server = number};
	unsigned port;

	endpoint_parse("192.0.2.1", &rec.origin);
	port = receiver_restore(d.receiver, &rec, SEC(1), &d.out);
	outbox_clear_notes(&d.out);
	assert_int_equal(port, mark);
	return port;
}

static inline struct endpoint at(const char *text)
{
	struct endpoint ep;

	assert_true(endpoint_parse(text, &ep));
	return ep;
}

/* The name means these, as if a name server had said so. */
static inline void resolve(unsigned number, const char *a, const char *b)
{
	const struct endpoint found[2] = {at(a), at(b ? b : a)};

	if (host_take(&host[number], found, b ? 2 : 1))
		servers_host_moved(&ss);
}

/* To leave at the end of the turn, as from a member that is heard at an address of ours. */
static inline void put_waiting(unsigned port, uint32_t seq, size_t len)
{
	struct pkt *p = pkt_get(&d.pool);

	assert_non_null(p);
	p->port = port;
	p->len = (uint16_t)len;
	p->local = at("127.0.0.9");
	memset(p->data, 0, len);
	put_be32(p->data, seq);
	servers_put(&ss, receiver_group_serial(d.receiver, port), p);
}

static inline void put(unsigned port, uint32_t seq)
{
	put_waiting(port, seq, DATA);
	servers_flush(&ss, SEC(2));
}

static inline void assert_served(unsigned number, uint32_t seq)
{
	struct pollfd p = {.fd = end[number], .events = POLLIN};

	assert_int_equal(poll(&p, 1, 2000), 1);
	assert_int_equal(udp_recv(end[number], &got), 0);
	assert_int_equal(be32(got.data), seq);
}

#endif
