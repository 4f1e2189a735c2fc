/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <netinet/udp.h>
#include <poll.h>
#include <stdlib.h>
#include <time.h>

#include "tests/bench/must.h"
#include "tests/bench/relays.h"

enum { MERGED_SLOT = 65536 };

unsigned relay_join(struct mmsghdr *msg, struct iovec *part, unsigned n, unsigned most)
{
	unsigned messages = 0, room = 0;

	for (unsigned i = 0; i < n; i++) {
		unsigned packets = (unsigned)(part[i].iov_len / RELAY_PACKET);

		if (packets > room) {
			msg[messages++].msg_hdr = (struct msghdr){.msg_iov = part + i};
			room = most > packets ? most : packets;
		}
		msg[messages - 1].msg_hdr.msg_iovlen++;
		room -= packets;
	}
	return messages;
}

/* True when something waits. */
static bool sleep_on(const struct relay *r)
{
	struct pollfd p = {.fd = r->in, .events = POLLIN};

	return poll(&p, 1, RELAY_NAP) > 0;
}

/* One call for each; returns how many. */
static unsigned pass_singly(const struct relay *r)
{
	static uint8_t buf[RELAY_SLOT];
	unsigned n = 0;
	ssize_t len;

	while (n < RELAY_SLOTS && (len = recv(r->in, buf, sizeof(buf), MSG_DONTWAIT)) >= 0) {
		bench_must(len == RELAY_PACKET);
		bench_must(send(r->out, buf, (size_t)len, MSG_DONTWAIT) == len);
		n++;
	}
	return n;
}

void relay_plain(struct relay *r)
{
	relay_ready(r);
	while (!atomic_load(&r->stop))
		if (sleep_on(r))
			relay_count(r, pass_singly(r));
}

/* Never sleeps: what polling in the kernel's stead comes to on a device that interrupts. */
void relay_spin(struct relay *r)
{
	relay_ready(r);
	while (!atomic_load(&r->stop))
		relay_count(r, pass_singly(r));
}

/* The datagrams in hand. */
struct arena {
	uint8_t *bytes;
	struct iovec part[RELAY_SLOTS];
	struct mmsghdr come[RELAY_SLOTS], leave[RELAY_SLOTS];
	size_t slot;
};

static void prepare(struct arena *a, bool merges)
{
	a->slot = merges ? MERGED_SLOT : RELAY_SLOT;
	a->bytes = calloc(RELAY_SLOTS, a->slot);
	bench_must(a->bytes != NULL);
}

/* All that one call brings leaves with one more; returns how many packets. */
static unsigned pass_batch(const struct relay *r, struct arena *a)
{
	unsigned most = r->way->runs ? RELAY_RUN : 1, messages, packets = 0;
	int n;

	for (unsigned i = 0; i < RELAY_SLOTS; i++) {
		a->part[i] = (struct iovec){a->bytes + i * a->slot, a->slot};
		a->come[i].msg_hdr = (struct msghdr){.msg_iov = a->part + i, .msg_iovlen = 1};
	}
	n = recvmmsg(r->in, a->come, RELAY_SLOTS, MSG_DONTWAIT, NULL);
	for (int i = 0; i < n; i++) {
		bench_must(a->come[i].msg_len % RELAY_PACKET == 0);
		a->part[i].iov_len = a->come[i].msg_len;
		packets += a->come[i].msg_len / RELAY_PACKET;
	}
	if (n <= 0)
		return 0;
	messages = relay_join(a->leave, a->part, (unsigned)n, most);
	bench_must(sendmmsg(r->out, a->leave, messages, MSG_DONTWAIT) == (int)messages);
	return packets;
}

static void work_batch(struct relay *r, const struct timespec *nap)
{
	struct arena a;

	prepare(&a, r->way->merges);
	relay_ready(r);
	while (!atomic_load(&r->stop)) {
		if (!sleep_on(r))
			continue;
		if (nap)
			nanosleep(nap, NULL);
		relay_count(r, pass_batch(r, &a));
	}
	free(a.bytes);
}

void relay_batch(struct relay *r)
{
	work_batch(r, NULL);
}

/* What --coalesce 1ms does: after a wake-up, one millisecond for what comes behind. */
void relay_batch_napping(struct relay *r)
{
	work_batch(r, &(struct timespec){.tv_nsec = 1000000});
}
