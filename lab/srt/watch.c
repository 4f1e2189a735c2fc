/* SPDX-License-Identifier: MIT */
#include "lab/srt/watch.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lab/srt/moment.h"
#include "lab/srt/stamp.h"
#include "shared/wire/srt.h"

enum {
	UDP_HEADER = 8,
	HEAD = 128,       /* of a packet is enough: IPv4 with all options, UDP, SRT, stamp */
	WHOLE = 65535,    /* unless a run of packets comes as one, to be cut up by the kernel later */
	LONGEST = 1500,
	BUFFER = 8 << 20, /* 0.7 s of 50 Mbit/s at 2.3 kB a packet */
	PATIENCE_MS = 100,
};

#define REST MSEC(5)

/* Where packets are read into. */
struct watch_slots {
	struct mmsghdr message[WATCH_SLOTS];
	struct iovec vector[WATCH_SLOTS];
	uint8_t data[WATCH_SLOTS][WHOLE];
	/* Aligned as control messages must be. */
	struct {
		_Alignas(struct cmsghdr) char bytes[CMSG_SPACE(sizeof(struct timespec))];
	} control[WATCH_SLOTS];
};

/* SRT data in UDP over IPv4 to the port; a packet socket of this kind begins with the IP header. */
static int attach_filter(int fd, uint16_t port)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 9),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_UDP, 0, 11),
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 6),
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 0x1fff, 9, 0), /* a later fragment */
		BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0),
		BPF_STMT(BPF_LD | BPF_H | BPF_IND, 2),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, port, 0, 6),
		BPF_STMT(BPF_LD | BPF_B | BPF_IND, UDP_HEADER),
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 0x80, 4, 0), /* SRT control */
		BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0),
		BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, LONGEST, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, HEAD),
		BPF_STMT(BPF_RET | BPF_K, WHOLE),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_fprog program = {.len = sizeof(code) / sizeof(*code), .filter = code};

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program));
}

static int enable(int fd, int level, int option)
{
	int on = 1;

	return setsockopt(fd, level, option, &on, sizeof(on));
}

/* Nothing comes in before the filter is there and the socket bound. */
static int open_socket(uint16_t port)
{
	struct sockaddr_ll any = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_IP)};
	int fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), size = BUFFER;
	int error;

	if (fd < 0)
		return -errno;
	if (attach_filter(fd, port) < 0 || enable(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING) < 0 ||
	    enable(fd, SOL_SOCKET, SO_TIMESTAMPNS) < 0)
		goto err;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) < 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	if (bind(fd, (const struct sockaddr *)&any, sizeof(any)) < 0)
		goto err;
	return fd;

err:
	error = errno;
	close(fd);
	return -error;
}

static void prepare(struct watch_slots *s)
{
	for (unsigned i = 0; i < WATCH_SLOTS; i++) {
		struct msghdr *m = &s->message[i].msg_hdr;

		s->vector[i] = (struct iovec){s->data[i], sizeof(s->data[i])};
		m->msg_iov = &s->vector[i];
		m->msg_iovlen = 1;
		m->msg_control = s->control[i].bytes;
		m->msg_controllen = sizeof(s->control[i].bytes);
	}
}

static ustime arrival(const struct watch *w, struct msghdr *m, const struct moment_pair *now)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		struct timespec stamp;

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_TIMESTAMPNS)
			continue;
		memcpy(&stamp, CMSG_DATA(c), sizeof(stamp));
		/* The wall clock may be set at any time. */
		return later(w->empty_at, earlier(moment_of(now, &stamp), now->now));
	}
	return now->now;
}

/* One SRT packet, or several that travel as one: each says how long it is. */
static void enter(struct watch *w, const uint8_t *srt, size_t len, ustime at)
{
	while (srt_is_data(srt, len)) {
		struct stamp s;
		struct stream *t = NULL;
		size_t whole;

		if (stamp_read(&s, srt + SRT_HEADER_LEN, len - SRT_HEADER_LEN))
			t = streams_by_tag(w->streams, s.stream);
		if (!t) {
			w->strange++;
			return;
		}
		ledger_arrive(&t->ledger, s.number, at);
		w->packets++;
		whole = SRT_HEADER_LEN + s.len;
		if (whole >= len)
			return;
		srt += whole;
		len -= whole;
	}
}

static void take(struct watch *w, unsigned slot, const struct moment_pair *now)
{
	struct mmsghdr *m = &w->slots->message[slot];
	const uint8_t *data = w->slots->data[slot];
	size_t head = m->msg_len > 0 ? (size_t)(data[0] & 0xf) * 4 + UDP_HEADER : 0;

	if (m->msg_len > head)
		enter(w, data + head, m->msg_len - head, arrival(w, &m->msg_hdr, now));
	m->msg_hdr.msg_controllen = sizeof(w->slots->control[slot].bytes);
}

/* Reads all that is there. */
static void drain(struct watch *w)
{
	for (;;) {
		ustime before = moment_now();
		int count = recvmmsg(w->fd, w->slots->message, WATCH_SLOTS, MSG_DONTWAIT, NULL);
		struct moment_pair now = moment_pair();

		for (int i = 0; i < count; i++)
			take(w, (unsigned)i, &now);
		if (count < WATCH_SLOTS) {
			w->empty_at = before;
			return;
		}
	}
}

static void *run(void *watch)
{
	struct watch *w = watch;
	struct pollfd poll_for = {.fd = w->fd, .events = POLLIN};

	while (!atomic_load(&w->over)) {
		if (poll(&poll_for, 1, PATIENCE_MS) <= 0)
			continue;
		moment_sleep_until(moment_now() + REST);
		drain(w);
	}
	drain(w);
	return NULL;
}

/* Signals are for the main thread. */
static int begin_thread(struct watch *w)
{
	sigset_t all, before;
	int r;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	r = pthread_create(&w->thread, NULL, run, w);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return -r;
}

int watch_begin(struct watch *w, uint16_t port, struct streams *s)
{
	int r = -ENOMEM;

	memset(w, 0, sizeof(*w));
	w->streams = s;
	w->fd = open_socket(port);
	if (w->fd < 0)
		return w->fd;
	w->slots = calloc(1, sizeof(*w->slots));
	if (!w->slots)
		goto err_close;
	prepare(w->slots);
	w->empty_at = moment_now();
	r = begin_thread(w);
	if (r == 0)
		return 0;
	free(w->slots);
err_close:
	close(w->fd);
	w->fd = -1;
	return r;
}

void watch_end(struct watch *w)
{
	struct tpacket_stats stats = {0};
	socklen_t len = sizeof(stats);

	if (w->fd < 0)
		return;
	atomic_store(&w->over, true);
	pthread_join(w->thread, NULL);
	if (getsockopt(w->fd, SOL_PACKET, PACKET_STATISTICS, &stats, &len) == 0)
		w->dropped = stats.tp_drops;
	close(w->fd);
	w->fd = -1;
	free(w->slots);
	w->slots = NULL;
}
