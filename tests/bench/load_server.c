/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "shared/wire/be.h"
#include "shared/wire/srt.h"
#include "tests/bench/load.h"
#include "tests/sim/srt_build.h"

enum { ME = 0x77 }; /* SRT socket id */

#define ACK_EVERY 10000000 /* ns, as libsrt has it */

/* The server's end of the session. */
struct server {
	struct load *load;
	int fd;
	struct sockaddr_in caller;
	uint32_t caller_id;
	uint32_t next;   /* before this one everything counts as arrived */
	uint32_t number; /* of the latest ACK */
	uint64_t acked;  /* when that was, ns */
};

static void answer(struct server *s, const void *data, size_t len)
{
	if (sendto(s->fd, data, len, 0, (struct sockaddr *)&s->caller, sizeof(s->caller)) < 0 &&
	    errno != ECONNREFUSED)
		load_fail("sendto");
}

static void control(struct server *s, const uint8_t *data, size_t len)
{
	struct srt_hello h = {.version = 5, .socket_id = ME, .cookie = 0xc00c1e};
	uint8_t buf[SRT_PACKET];
	struct srt_handshake hs;

	if (!srt_parse_handshake(data, len, &hs))
		return;
	s->caller_id = h.dest = hs.socket_id;
	h.type = hs.type;
	h.extension = hs.type == SRT_HS_INDUCTION ? 0x4a17 : 1;
	if (hs.type == SRT_HS_CONCLUSION) {
		h.command = 2;
		h.recv_latency = h.send_latency = 2000;
	}
	answer(s, buf, srt_build_handshake(buf, &h));
}

static void acknowledge(struct server *s)
{
	uint64_t now = load_clock();
	uint8_t buf[SRT_PACKET];

	if (s->load->bare || now - s->acked < ACK_EVERY)
		return;
	s->acked = now;
	s->number++;
	answer(s, buf,
	       srt_build_ack(buf, s->number, s->next, 20000, 2000, 8000, (uint32_t)(now / 1000),
			     s->caller_id));
}

/* Counts a volley of packets; whose address the first one has. */
static void take(struct server *s, uint8_t (*data)[LOAD_PACKET], const struct mmsghdr *msg, int n)
{
	unsigned media = 0;

	for (int i = 0; i < n; i++) {
		if (!srt_is_data(data[i], msg[i].msg_len)) {
			control(s, data[i], msg[i].msg_len);
			continue;
		}
		media++;
		s->next = be32(data[i]) + 1;
	}
	s->load->arrived += media;
	if (media)
		acknowledge(s);
}

void *load_server(void *arg)
{
	static uint8_t data[LOAD_BATCH][LOAD_PACKET];
	static struct iovec part[LOAD_BATCH];
	static struct mmsghdr msg[LOAD_BATCH];
	struct server s = {.load = arg};
	struct timeval patience = {.tv_usec = 100000};

	s.fd = load_socket(s.load->at);
	setsockopt(s.fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	for (unsigned i = 0; i < LOAD_BATCH; i++) {
		part[i] = (struct iovec){data[i], LOAD_PACKET};
		msg[i].msg_hdr.msg_iov = &part[i];
		msg[i].msg_hdr.msg_iovlen = 1;
	}
	while (!s.load->stop) {
		int n;

		msg[0].msg_hdr.msg_name = &s.caller;
		msg[0].msg_hdr.msg_namelen = sizeof(s.caller);
		n = recvmmsg(s.fd, msg, LOAD_BATCH, MSG_WAITFORONE, NULL);
		if (n > 0)
			take(&s, data, msg, n);
		else if (n < 0 && errno != EAGAIN && errno != EINTR && errno != ECONNREFUSED)
			load_fail("recvmmsg");
	}
	return NULL;
}
