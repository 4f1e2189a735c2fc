/* SPDX-License-Identifier: MIT */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/udp.h>
#include <poll.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>

#include "shared/base/seq.h"
#include "shared/wire/be.h"
#include "shared/wire/srt.h"
#include "tests/bench/load.h"
#include "tests/sim/srt_build.h"

enum {
	VOLLEY = 48, /* packets: 64 KiB hold as many */
	ME = 0x51,   /* SRT socket id */
	TRIES = 80,  /* of the handshake, 20 to 120 ms each: links join in that time */
	A_LOSS = 50, /* ms without an arrival: what is on its way is lost */
};

#define NAP 20000 /* ns */

/*
 * Packets that differ in their headers alone.  They leave in one call, which
 * the kernel takes apart (UDP_SEGMENT of udp(7)): so we cost less than any
 * program that handles them one by one.
 */
struct volley {
	uint8_t head[VOLLEY][SRT_HEADER_LEN];
	uint8_t payload[SRT_PAYLOAD];
	struct iovec part[2 * VOLLEY];
	struct msghdr msg;
};

static void prepare(struct volley *v)
{
	memset(v, 0, sizeof(*v));
	memset(v->payload, 0x47, sizeof(v->payload));
	for (unsigned i = 0; i < VOLLEY; i++) {
		v->part[2 * i] = (struct iovec){v->head[i], SRT_HEADER_LEN};
		v->part[2 * i + 1] = (struct iovec){v->payload, SRT_PAYLOAD};
	}
	v->msg.msg_iov = v->part;
}

static void aim(int fd, uint16_t port)
{
	int segment = LOAD_PACKET;
	struct sockaddr_in to = {.sin_family = AF_INET,
				 .sin_port = htons(port),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

	if (connect(fd, (struct sockaddr *)&to, sizeof(to)))
		load_fail("connect");
	if (setsockopt(fd, IPPROTO_UDP, UDP_SEGMENT, &segment, sizeof(segment)))
		load_fail("UDP_SEGMENT");
}

/* Reads what came back; the latest handshake stays in `hs`. */
static bool hear(int fd, struct load *load, struct srt_handshake *hs)
{
	static uint8_t buf[2048];
	bool found = false;
	struct srt_ack ack;
	ssize_t n;

	while ((n = recv(fd, buf, sizeof(buf), MSG_DONTWAIT)) > 0) {
		found |= srt_parse_handshake(buf, (size_t)n, hs);
		if (srt_parse_ack(buf, (size_t)n, &ack))
			load->acks++;
	}
	return found;
}

/* Sends a handshake until its answer is there. */
static void shake(int fd, struct load *load, const struct srt_hello *h, struct srt_handshake *hs)
{
	const struct timespec pause = {.tv_nsec = 20000000};
	struct pollfd wait = {.fd = fd, .events = POLLIN};
	uint8_t buf[SRT_PACKET];
	size_t len = srt_build_handshake(buf, h);

	for (unsigned i = 0; i < TRIES; i++) {
		if (send(fd, buf, len, 0) < 0 && errno != ECONNREFUSED)
			load_fail("send");
		if (poll(&wait, 1, 100) > 0 && hear(fd, load, hs) && hs->type == h->type)
			return;
		nanosleep(&pause, NULL); /* a refusal comes at once */
	}
	errno = ETIMEDOUT;
	load_fail("handshake");
}

static uint32_t agree(int fd, struct load *load)
{
	struct srt_hello h = {
		.version = 4, .extension = 2, .type = SRT_HS_INDUCTION, .socket_id = ME};
	struct srt_handshake hs = {0};

	if (load->bare)
		return 0;
	shake(fd, load, &h, &hs);
	h = (struct srt_hello){.version = 5,
			       .extension = 1,
			       .type = SRT_HS_CONCLUSION,
			       .socket_id = ME,
			       .cookie = hs.cookie,
			       .command = 1,
			       .recv_latency = 2000,
			       .send_latency = 2000};
	shake(fd, load, &h, &hs);
	return hs.socket_id;
}

/* How many packets are due by now, at most a volley. */
static unsigned due(const struct load *load, uint64_t lost, uint64_t began)
{
	uint64_t target = load->arrived + lost + LOAD_AHEAD;

	if (load->rate)
		target = (load_clock() - began) * load->rate / 1000000000;
	if (load->quiet || target <= load->sent)
		return 0;
	return target - load->sent < VOLLEY ? (unsigned)(target - load->sent) : VOLLEY;
}

static void fire(int fd, struct load *load, struct volley *v, unsigned n, uint32_t dest)
{
	uint32_t seq = (uint32_t)load->sent;

	for (unsigned i = 0; i < n; i++) {
		put_be32(v->head[i], (seq + i) & SEQ_MASK);
		put_be32(v->head[i] + 4, UINT32_C(0xe0000000) | ((seq + i) & 0x3ffffff));
		put_be32(v->head[i] + 8, (uint32_t)(load_clock() / 1000));
		put_be32(v->head[i] + 12, dest);
	}
	v->msg.msg_iovlen = 2 * n;
	while (sendmsg(fd, &v->msg, 0) < 0)
		if (errno != ECONNREFUSED && errno != EINTR)
			load_fail("sendmsg");
	load->sent += n;
}

/* Until the next packet is due, or, with no rate, until some may have arrived. */
static void nap(const struct load *load, uint64_t began)
{
	uint64_t at = load_clock() + NAP;
	struct timespec t;

	if (load->rate && !load->quiet)
		at = began + (load->sent + 1) * 1000000000 / load->rate;
	t = (struct timespec){(time_t)(at / 1000000000), (long)(at % 1000000000)};
	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
}

void *load_encoder(void *arg)
{
	static struct volley v;
	struct load *load = arg;
	struct srt_handshake hs;
	int fd = load_socket(0);
	uint64_t began, lost = 0, seen = 0, moved;
	uint32_t dest;

	prctl(PR_SET_TIMERSLACK, 1);
	aim(fd, load->to);
	prepare(&v);
	dest = agree(fd, load);
	load->agreed = true;
	began = moved = load_clock();
	while (!load->stop) {
		unsigned n = due(load, lost, began);

		if (load->arrived != seen) {
			seen = load->arrived;
			moved = load_clock();
		} else if (load_clock() - moved > A_LOSS * UINT64_C(1000000)) {
			lost = load->sent - seen;
			moved = load_clock();
		}
		if (n)
			fire(fd, load, &v, n, dest);
		else
			nap(load, began);
		hear(fd, load, &hs);
	}
	return NULL;
}
