/* SPDX-License-Identifier: MIT */
#ifndef TESTS_UNIT_IO_BATCH_RIG_H
#define TESTS_UNIT_IO_BATCH_RIG_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "shared/io/batch.h"
#include "shared/io/udp.h"

enum { POOL = 1024, RUN_LEAST = 3, GOT_MOST = 2048 };

/*
 * A batch with one socket on loopback, and a plain one opposite; each is connected to the other.
 * The loop stands still: all happens at one moment.
 */
struct rig {
	struct loop *loop;
	struct pkt_pool pool;
	struct batch *b;
	struct batch_socket s;
	int other;
	struct endpoint here, there; /* of s and of the other one */
	struct pkt *got[GOT_MOST];   /* what batch_recv() handed out, or the sockets refused */
	int err[GOT_MOST];           /* the latter: why */
	unsigned count;
	unsigned asked;       /* times that again() was asked, */
	int again_err;        /* for which error, */
	bool again_answers;   /* and what it answered */
	struct pkt_list list; /* what is to leave */
};

static inline void rest(void *arg, ustime now)
{
	(void)arg, (void)now;
}

static inline ustime no_deadline(void *arg)
{
	(void)arg;
	return NEVER;
}

static inline int open_at(const char *text, const struct udp_options *opt, struct endpoint *at)
{
	int fd;

	assert_true(endpoint_parse(text, at));
	fd = udp_open(at, opt);
	assert_true(fd >= 0);
	assert_int_equal(udp_local(fd, at), 0);
	return fd;
}

/* Not connected; for those who want other sockets than open_rig() makes. */
static inline void open_batch(struct rig *r, enum batch_io io, size_t pool)
{
	const struct loop_hooks hooks = {.due = rest, .flush = rest, .deadline = no_deadline};

	memset(r, 0, sizeof(*r));
	r->other = -1;
	r->loop = loop_create(&hooks);
	assert_non_null(r->loop);
	assert_true(pkt_pool_init(&r->pool, pool));
	r->b = batch_create(io, r->loop, &r->pool);
	assert_non_null(r->b);
	assert_int_equal(batch_io(r->b), io);
	r->s = (struct batch_socket){
		.fd = -1, .name = "test", .run_least = RUN_LEAST, .run_most = BATCH_LINK_RUN};
}

static inline void open_rig(struct rig *r, enum batch_io io)
{
	const struct udp_options opt = {.receive_buffer = 8 << 20, .send_buffer = 8 << 20};

	open_batch(r, io, POOL);
	r->s.fd = open_at("127.0.0.1", &opt, &r->here);
	r->other = open_at("127.0.0.1", &opt, &r->there);
	assert_int_equal(udp_connect(r->s.fd, &r->there), 0);
	assert_int_equal(udp_connect(r->other, &r->here), 0);
}

static inline void forget(struct rig *r)
{
	while (r->count > 0)
		pkt_free(r->got[--r->count]);
}

static inline void close_rig(struct rig *r)
{
	forget(r);
	assert_int_equal(r->list.count, 0);
	batch_destroy(r->b);
	assert_int_equal(r->pool.in_use, 0); /* each packet had one owner, to its end */
	pkt_pool_finish(&r->pool);
	if (r->s.fd >= 0)
		close(r->s.fd);
	if (r->other >= 0)
		close(r->other);
	loop_destroy(r->loop);
}

/* The bytes of datagram number `seed`: no two are alike, nor two places in one. */
static inline void paint(uint8_t *data, size_t len, unsigned seed)
{
	for (size_t i = 0; i < len; i++)
		data[i] = (uint8_t)(seed * 29 + i * 7 + (i >> 8) * 3 + (seed >> 8));
}

static inline bool painted(const uint8_t *data, size_t len, unsigned seed)
{
	uint8_t want[BATCH_RUN_BYTES];

	paint(want, len, seed);
	return memcmp(data, want, len) == 0;
}

static inline void keep(void *arg, struct pkt *p, ustime now)
{
	struct rig *r = arg;

	assert_int_equal(now, loop_now(r->loop));
	assert_true(r->count < GOT_MOST);
	r->got[r->count++] = p;
}

static inline int take(struct rig *r, unsigned most)
{
	return batch_recv(r->b, &r->s, most, keep, r);
}

/* Reads until there is no more. */
static inline void take_all(struct rig *r)
{
	int err;

	do
		err = take(r, BATCH_MOST * BATCH_ROUNDS);
	while (err == 0);
	assert_int_equal(err, -EAGAIN);
}

/* Packet i that came is the datagram of that number and length. */
static inline void assert_got(const struct rig *r, unsigned i, unsigned seed, size_t len)
{
	assert_true(i < r->count);
	assert_int_equal(r->got[i]->len, len);
	assert_true(painted(r->got[i]->data, len, seed));
}

/* One datagram, as programs without batches send it. */
static inline void throw(int fd, unsigned seed, size_t len)
{
	uint8_t data[BATCH_RUN_BYTES];

	paint(data, len, seed);
	assert_int_equal(send(fd, data, len, 0), (ssize_t)len);
}

/*
 * Datagrams first .. first + count - 1 of `len` bytes each, and behind them one of `last` bytes
 * where that is not 0, put together by the kernel: udp(7), UDP_SEGMENT.
 */
static inline void throw_run(int fd, unsigned first, unsigned count, uint16_t len, size_t last)
{
	static uint8_t data[65536];
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(uint16_t))];
	} control = {0};
	struct iovec iov = {.iov_base = data, .iov_len = (size_t)count * len + last};
	struct msghdr msg = {.msg_iov = &iov,
			     .msg_iovlen = 1,
			     .msg_control = &control,
			     .msg_controllen = sizeof(control)};

	for (unsigned i = 0; i < count; i++)
		paint(data + (size_t)i * len, len, first + i);
	paint(data + (size_t)count * len, last, first + count);
	control.align.cmsg_level = IPPROTO_UDP;
	control.align.cmsg_type = UDP_SEGMENT;
	control.align.cmsg_len = CMSG_LEN(sizeof(len));
	memcpy(CMSG_DATA(&control.align), &len, sizeof(len));
	assert_int_equal(sendmsg(fd, &msg, 0), (ssize_t)iov.iov_len);
}

/* The next packet that is to leave: datagram number `seed`. */
static inline struct pkt *queue(struct rig *r, unsigned seed, size_t len)
{
	struct pkt *p = pkt_get(&r->pool);

	assert_non_null(p);
	p->len = (uint16_t)len;
	paint(p->data, len, seed);
	p->peer = r->there;
	pkt_list_push(&r->list, p);
	return p;
}

static inline void queue_many(struct rig *r, unsigned first, unsigned count, size_t len)
{
	for (unsigned i = 0; i < count; i++)
		queue(r, first + i, len);
}

static inline void refused(void *arg, struct pkt *p, int err)
{
	struct rig *r = arg;

	assert_true(err > 0);
	assert_true(r->count < GOT_MOST);
	r->err[r->count] = err;
	r->got[r->count++] = p;
}

static inline bool again(void *arg, int err)
{
	struct rig *r = arg;

	r->asked++;
	r->again_err = err;
	return r->again_answers;
}

static inline void let_go(struct rig *r)
{
	const struct batch_sender from = {.again = again, .refused = refused, .arg = r};

	batch_send(r->b, &r->s, &r->list, &from);
	assert_null(r->list.head);
	assert_null(r->list.tail);
	assert_int_equal(r->list.count, 0);
}

/* The next datagram at fd is that one. */
static inline void assert_arrives(int fd, unsigned seed, size_t len)
{
	uint8_t data[BATCH_RUN_BYTES];
	ssize_t n = recv(fd, data, sizeof(data), MSG_DONTWAIT);

	assert_int_equal(n, (ssize_t)len);
	assert_true(painted(data, len, seed));
}

static inline void assert_nothing_waits(int fd)
{
	uint8_t byte;

	assert_int_equal(recv(fd, &byte, 1, MSG_DONTWAIT), -1);
	assert_int_equal(errno, EAGAIN);
}

/* The other socket shows runs as they left; see next_run(). */
static inline void show_runs(int fd)
{
	int on = 1;

	assert_int_equal(setsockopt(fd, IPPROTO_UDP, UDP_GRO, &on, sizeof(on)), 0);
}

/* Takes the next message: how many datagrams it is, and the length of the first; 0: none waits. */
static inline unsigned next_run(int fd, size_t *len)
{
	static uint8_t data[65536];
	union {
		struct cmsghdr align;
		char bytes[256];
	} control;
	struct iovec iov = {.iov_base = data, .iov_len = sizeof(data)};
	struct msghdr msg = {.msg_iov = &iov,
			     .msg_iovlen = 1,
			     .msg_control = &control,
			     .msg_controllen = sizeof(control)};
	ssize_t n = recvmsg(fd, &msg, MSG_DONTWAIT);
	int segment = 0;

	if (n < 0)
		return 0;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&msg); c; c = CMSG_NXTHDR(&msg, c))
		if (c->cmsg_level == IPPROTO_UDP && c->cmsg_type == UDP_GRO)
			memcpy(&segment, CMSG_DATA(c), sizeof(segment));
	*len = segment > 0 ? (size_t)segment : (size_t)n;
	return segment > 0 ? (unsigned)((n + segment - 1) / segment) : 1;
}

/* Whether this kernel puts datagrams together; each test that needs it asks. */
static inline bool kernel_has_runs(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), zero = 0, on = 1;
	bool yes = setsockopt(fd, IPPROTO_UDP, UDP_SEGMENT, &zero, sizeof(zero)) == 0 &&
		   setsockopt(fd, IPPROTO_UDP, UDP_GRO, &on, sizeof(on)) == 0;

	close(fd);
	return yes;
}

#endif
