/* SPDX-License-Identifier: MIT */

/*
 * Datagrams that a kernel hands over, some of them put together, taken apart again.  The kernel is
 * this file: recvmmsg() and recvmsg() of the program are those below.
 *
 * The first byte says how a batch reads, the second how many packets its pool has.  Then calls: a
 * byte of what one brings at most, or that it fails, and for each message five of its length,
 * segments and flags.  A recvmsg() has no byte of its own, and fails where the flags say so.
 */
#include "fuzz.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "shared/io/batch.h"

enum {
	DATAGRAMS = 8192,
	PLENTY = 512, /* packets: more than one message can be, and all that a batch holds */
	FEW = 90,
	HEAD = 5,       /* bytes of the input for a message */
	IN_A_CALL = 64, /* messages */
	CALL_FAILS = 128,
	LONGEST = 65536,
	SHIFTS = 251,
};

enum flag {
	FLAG_SEGMENTS = 1,
	FLAG_STAMP = 2,
	FLAG_LOCAL = 4,
	FLAG_SINGLE = 8, /* segments that are as long as the whole */
	FLAG_FAILS = 16,
};

/* One datagram that the batch must hand out, unless it has no packet for it. */
struct wanted {
	uint16_t message; /* which it lies in, */
	uint16_t at;      /* where, */
	uint16_t len;     /* and how much of it it is */
	bool local;
};

/* What the input has said so far. */
struct world {
	const uint8_t *data;
	size_t size;
	bool coalesces, starving;
	unsigned messages;
	struct wanted wanted[DATAGRAMS];
	unsigned next, end;
	uint64_t came, oversize, handed, calls, failed, told;
};

static struct world w;

/* What message number `message` is from there on. */
static const uint8_t *text_of(unsigned message, size_t at)
{
	static uint8_t text[LONGEST + SHIFTS];
	static bool written;

	for (size_t i = 0; !written && i < sizeof(text); i++)
		text[i] = (uint8_t)(i * 7 + (i >> 8) * 3 + (i >> 16));
	written = true;
	return text + message % SHIFTS + at;
}

static void put(struct msghdr *msg, size_t *used, int level, int type, const void *data, size_t len)
{
	struct cmsghdr *c = (struct cmsghdr *)(void *)((char *)msg->msg_control + *used);

	must(*used + CMSG_SPACE(len) <= msg->msg_controllen);
	c->cmsg_level = level;
	c->cmsg_type = type;
	c->cmsg_len = CMSG_LEN(len);
	memcpy(CMSG_DATA(c), data, len);
	*used += CMSG_SPACE(len);
}

static void fill_control(struct msghdr *msg, unsigned flags, int segment)
{
	const struct in_pktinfo local = {.ipi_spec_dst = {htonl(INADDR_LOOPBACK)}};
	const struct timespec stamp = {1763762400, 5};
	size_t used = 0;

	if (flags & FLAG_STAMP)
		put(msg, &used, SOL_SOCKET, SCM_TIMESTAMPNS, &stamp, sizeof(stamp));
	if (flags & FLAG_LOCAL)
		put(msg, &used, IPPROTO_IP, IP_PKTINFO, &local, sizeof(local));
	if (segment > 0)
		put(msg, &used, IPPROTO_UDP, UDP_GRO, &segment, sizeof(segment));
	msg->msg_controllen = used;
}

/* Into as much room as there is; returns how much that was. */
static size_t fill_data(struct msghdr *msg, size_t len)
{
	size_t done = 0;

	for (size_t i = 0; i < msg->msg_iovlen; i++) {
		size_t part = msg->msg_iov[i].iov_len;

		if (part > len - done)
			part = len - done;
		memcpy(msg->msg_iov[i].iov_base, text_of(w.messages, done), part);
		done += part;
	}
	return done;
}

/* What the batch should make of a message. */
static void expect(size_t len, size_t segment, bool local)
{
	size_t step = segment > 0 && segment < len ? segment : len;
	size_t count = step > 0 ? (len + step - 1) / step : 1;

	w.came += count;
	if (step > PKT_CAP) {
		w.oversize += count;
		return;
	}
	for (size_t i = 0; i < count; i++) {
		size_t at = i * step;

		must(w.end < DATAGRAMS);
		w.wanted[w.end++] =
			(struct wanted){(uint16_t)w.messages, (uint16_t)at,
					(uint16_t)(len - at < step ? len - at : step), local};
	}
}

/* The next message of the input; returns its length in the buffers. */
static size_t bring(struct msghdr *msg)
{
	struct sockaddr_in from = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	size_t len = (size_t)w.data[0] << 8 | w.data[1], done;
	size_t segment = (size_t)w.data[2] << 8 | w.data[3];
	unsigned flags = w.data[4];

	w.data += HEAD;
	w.size -= HEAD;
	if (!w.coalesces || !(flags & FLAG_SEGMENTS))
		segment = 0;
	else if (flags & FLAG_SINGLE)
		segment = len;
	if (segment > 0 && len / segment > 128) /* no kernel puts more together */
		segment = len / 128 + 1;
	from.sin_port = htons((uint16_t)w.messages);
	must(msg->msg_namelen >= sizeof(from));
	memcpy(msg->msg_name, &from, sizeof(from));
	msg->msg_namelen = sizeof(from);
	done = fill_data(msg, len);
	msg->msg_flags = done < len ? MSG_TRUNC : 0;
	must(done == len || !w.coalesces);
	fill_control(msg, flags, (int)segment);
	expect(len, segment, flags & FLAG_LOCAL);
	w.messages++;
	return done;
}

/* True: there is a message, and room to remember what it should become. */
static bool has_message(void)
{
	return w.size >= HEAD && w.end + 2 * 128 < DATAGRAMS;
}

/* As when something that was sent before has met a closed port. */
static int fail(void)
{
	w.failed++;
	errno = ECONNREFUSED;
	return -1;
}

int recvmmsg(int fd, struct mmsghdr *msg, unsigned count, int flags, struct timespec *timeout)
{
	unsigned most = 0, n = 0;

	(void)fd, (void)flags, (void)timeout;
	if (count == 0)
		return 0; /* it exists */
	w.calls++;
	if (w.size > 0) {
		bool fails = w.data[0] & CALL_FAILS;

		most = 1 + w.data[0] % IN_A_CALL;
		w.data++;
		w.size--;
		if (fails)
			return fail();
	}
	for (; n < most && n < count && has_message(); n++)
		msg[n].msg_len = (unsigned)bring(&msg[n].msg_hdr);
	if (n > 0)
		return (int)n;
	errno = EAGAIN;
	return -1;
}

ssize_t recvmsg(int fd, struct msghdr *msg, int flags)
{
	(void)fd, (void)flags;
	w.calls++;
	if (has_message() && w.data[HEAD - 1] & FLAG_FAILS) {
		w.data += HEAD;
		w.size -= HEAD;
		return fail();
	}
	if (has_message())
		return (ssize_t)bring(msg);
	errno = EAGAIN;
	return -1;
}

static bool is(const struct wanted *want, const struct pkt *p)
{
	return p->len == want->len && p->peer.port == want->message &&
	       (p->local.family == FAMILY_V4) == want->local &&
	       memcmp(p->data, text_of(want->message, want->at), p->len) == 0;
}

static void take(void *arg, struct pkt *p, ustime now)
{
	(void)arg, (void)now;
	must(p->len <= PKT_CAP);
	while (w.starving && w.next < w.end && !is(&w.wanted[w.next], p))
		w.next++;
	must(w.next < w.end && is(&w.wanted[w.next], p));
	w.next++;
	w.handed++;
	pkt_free(p);
}

static void nothing(void *arg, ustime now)
{
	(void)arg, (void)now;
}

static ustime never(void *arg)
{
	(void)arg;
	return NEVER;
}

static void read_all(struct batch *b, struct batch_socket *s)
{
	unsigned before;
	int err;

	do {
		before = w.messages;
		err = batch_recv(b, s, BATCH_MOST * BATCH_ROUNDS, take, NULL);
		must(err == 0 || err == -ECONNREFUSED || (err == -EAGAIN && w.messages == before));
		w.told += err == -ECONNREFUSED;
	} while (err != -EAGAIN);
	must(w.told == w.failed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct loop_hooks hooks = {.due = nothing, .flush = nothing, .deadline = never};
	static struct loop *loop;
	static int fd = -1;
	struct batch_socket s = {.name = "fuzz"};
	const struct batch_counts *c;
	struct pkt_pool pool;
	struct batch *b;

	if (size < 2)
		return 0;
	if (!loop) {
		loop = loop_create(&hooks);
		fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	}
	memset(&w, 0, offsetof(struct world, wanted));
	w.next = w.end = 0;
	w.came = w.oversize = w.handed = w.calls = w.failed = w.told = 0;
	w.starving = data[1] < FEW;
	w.data = data + 2;
	w.size = size - 2;
	must(loop && pkt_pool_init(&pool, w.starving ? data[1] : PLENTY));
	b = batch_create((enum batch_io)((data[0] & 3) % 3), loop, &pool);
	must(b);
	c = batch_counts(b);
	s.fd = fd;
	if (data[0] & 4)
		batch_coalesce(b, &s);
	w.coalesces = s.coalesces;
	read_all(b, &s);
	must(w.starving || w.next == w.end);
	must(c->came == w.came && c->oversize == w.oversize);
	must(c->starved == w.came - w.oversize - w.handed);
	must(w.starving || c->starved == 0);
	must(c->coalesced <= c->came && c->reads <= w.calls);
	batch_destroy(b);
	must(pool.in_use == 0);
	pkt_pool_finish(&pool);
	return 0;
}
