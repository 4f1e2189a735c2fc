/* SPDX-License-Identifier: MIT */
#include "shared/io/batch.h"

#include <errno.h>
#include <string.h>

#include "shared/io/batch_inside.h"
#include "shared/io/udp.h"

/* With a rest where what comes may be several. */
static void make_ready(struct batch_intake *in, unsigned i)
{
	struct pkt *p = in->pkt[i] ? in->pkt[i] : &in->spare;
	bool more = in->rest && i < BATCH_COALESCED;

	in->part[i][0] = (struct iovec){p->data, sizeof(p->data)};
	if (more)
		in->part[i][1] = (struct iovec){in->rest[i], BATCH_DATAGRAM - PKT_CAP};
	in->msg[i].msg_hdr = (struct msghdr){
		.msg_name = &in->from[i],
		.msg_namelen = sizeof(in->from[i]),
		.msg_iov = in->part[i],
		.msg_iovlen = more ? 2 : 1,
		.msg_control = &in->beside[i],
		.msg_controllen = sizeof(in->beside[i]),
	};
}

/* Each of the first messages that was used gets a packet, as long as there are some. */
static void prepare(struct batch *b, unsigned count)
{
	struct batch_intake *in = &b->in;
	bool starved = false; /* once asked is enough, until the next call */

	for (unsigned i = 0; i < count && in->used >> i != 0; i++) {
		if (!(in->used >> i & 1))
			continue;
		if (!in->pkt[i] && !starved)
			in->pkt[i] = pkt_get(b->pool);
		starved |= !in->pkt[i];
		make_ready(in, i);
		if (in->pkt[i])
			in->used &= ~(UINT64_C(1) << i);
	}
}

/* How many messages came, 1 or more, or -errno. */
static int receive(const struct batch *b, int fd, struct mmsghdr *msg, unsigned count)
{
	int n;

	do {
		if (b->io != BATCH_PLAIN) {
			n = recvmmsg(fd, msg, count, MSG_DONTWAIT, NULL);
		} else {
			ssize_t len = recvmsg(fd, &msg->msg_hdr, MSG_DONTWAIT);

			msg->msg_len = len < 0 ? 0 : (unsigned)len;
			n = len < 0 ? -1 : 1;
		}
	} while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

/* Bytes of a message, which lie in a packet and go on in the rest. */
static void copy_out(uint8_t *to, const uint8_t *begin, const uint8_t *rest, size_t at, size_t len)
{
	size_t first = at < PKT_CAP ? PKT_CAP - at : 0;

	if (first > len)
		first = len;
	if (first > 0)
		memcpy(to, begin + at, first);
	if (len > first)
		memcpy(to + first, rest + (at + first - PKT_CAP), len - first);
}

/* The datagrams behind the first one of message i, whose head p has, each in its own packet. */
static void take_apart(struct batch *b, unsigned i, const struct pkt *p, size_t len, size_t segment,
		       struct pkt_list *others)
{
	for (size_t at = segment; at < len; at += segment) {
		struct pkt *q = pkt_get(b->pool);

		if (!q) {
			b->count.starved++;
			continue;
		}
		q->len = (uint16_t)(len - at < segment ? len - at : segment);
		q->peer = p->peer;
		q->local = p->local;
		q->came = p->came;
		copy_out(q->data, p->data, b->in.rest[i], at, q->len);
		pkt_list_push(others, q);
	}
}

/*
 * Who sent message i, and what came beside it.  Done for all of them first: memory that was just
 * written cannot be read again before what lies between has been, and that is packets.
 */
static void look_at(struct batch *b, unsigned i)
{
	struct msghdr *msg = &b->in.msg[i].msg_hdr;
	struct ancillary_news news = {0};
	struct pkt *p = b->in.pkt[i];

	if (msg->msg_controllen > 0)
		ancillary_read(msg, &news);
	b->in.segment[i] = news.segment;
	if (!p)
		return;
	udp_from_sockaddr(&b->in.from[i].any, &p->peer);
	p->local = news.local;
	p->came = news.stamped ? loop_arrival(b->loop, &news.stamp) : 0;
}

/* Message i, as however many datagrams it is, to fn; returns how many that was. */
static unsigned hand_on(struct batch *b, unsigned i,
			void (*fn)(void *arg, struct pkt *p, ustime now), void *arg)
{
	size_t len = b->in.msg[i].msg_len, segment = b->in.segment[i];
	struct pkt *p = b->in.pkt[i];
	struct pkt_list others = {0};
	unsigned count = 1;

	if (segment > 0 && segment < len) {
		count = (unsigned)((len + segment - 1) / segment);
		b->count.coalesced += count;
	} else {
		segment = len;
	}
	b->count.came += count;
	if (segment > PKT_CAP || b->in.msg[i].msg_hdr.msg_flags & MSG_TRUNC) {
		b->count.oversize += count;
		return count; /* the packet stays for the next one */
	}
	if (!p) {
		b->count.starved += count;
		return count;
	}
	b->in.pkt[i] = NULL;
	p->len = (uint16_t)segment;
	if (count > 1)
		take_apart(b, i, p, len, segment, &others);
	while (p) {
		fn(arg, p, loop_now(b->loop));
		p = pkt_list_pop(&others);
	}
	return count;
}

int batch_recv(struct batch *b, struct batch_socket *s, unsigned most,
	       void (*fn)(void *arg, struct pkt *p, ustime now), void *arg)
{
	unsigned handled = 0, rounds = b->io == BATCH_PLAIN ? most : BATCH_ROUNDS;

	for (unsigned round = 0; round < rounds && handled < most; round++) {
		unsigned want = s->coalesces ? BATCH_COALESCED : BATCH_MOST;
		int n;

		if (want > most - handled)
			want = most - handled;
		if (b->io == BATCH_PLAIN)
			want = 1;
		prepare(b, want);
		n = receive(b, s->fd, b->in.msg, want);
		if (n < 0)
			return n == -EAGAIN && handled > 0 ? 0 : n;
		b->count.reads++;
		b->in.used |= UINT64_MAX >> (BATCH_MOST - n);
		for (unsigned i = 0; i < (unsigned)n; i++)
			look_at(b, i);
		for (unsigned i = 0; i < (unsigned)n; i++)
			handled += hand_on(b, i, fn, arg);
		if ((unsigned)n < want)
			return 0;
	}
	return 0;
}
