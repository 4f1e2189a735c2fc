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

enum {
	ME = 0x77,      /* SRT socket id */
	SEEN = 1 << 18, /* packets that may still come, or come again */
	WORD = 64,
};

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
	uint64_t window; /* of load, as it was last seen */
	uint64_t seen[SEEN / WORD]; /* which of those before `next` have arrived */
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
		h.recv_latency = h.send_latency = LOAD_LATENCY;
	}
	answer(s, buf, srt_build_handshake(buf, &h));
}

static void acknowledge(struct server *s, uint64_t now)
{
	uint8_t buf[SRT_PACKET];

	if (s->load->bare || now - s->acked < ACK_EVERY)
		return;
	s->acked = now;
	s->number++;
	answer(s, buf,
	       srt_build_ack(buf, s->number, s->next, 20000, 2000, 8000, (uint32_t)(now / 1000),
			     s->caller_id));
}

/* False if it has arrived before, or so late that nobody knows. */
static bool is_new(struct server *s, uint32_t seq)
{
	uint64_t *word = &s->seen[seq % SEEN / WORD], bit = UINT64_C(1) << seq % WORD;

	if (seq >= s->next) {
		/* No run ends beyond 2^31 packets: numbers do not wrap. */
		for (; s->next <= seq; s->next++)
			s->seen[s->next % SEEN / WORD] &= ~(UINT64_C(1) << s->next % WORD);
	} else if (s->next - seq > SEEN || *word & bit) {
		return false;
	}
	*word |= bit;
	return true;
}

static void media(struct server *s, const uint8_t *data, uint64_t now)
{
	struct load *load = s->load;
	uint32_t seq = be32(data);

	if (!is_new(s, seq)) {
		load->again++;
		return;
	}
	atomic_store_explicit(&load->reached, s->next, memory_order_relaxed);
	atomic_fetch_add_explicit(&load->arrived, 1, memory_order_release);
	if (seq < s->window)
		return;
	atomic_fetch_add_explicit(&load->in_window, 1, memory_order_relaxed);
	load_spread_add(&load->trip, now - be64(data + SRT_HEADER_LEN));
}

/* A volley of packets; whose address the first one has. */
static void take(struct server *s, uint8_t (*data)[LOAD_PACKET], const struct mmsghdr *msg, int n)
{
	uint64_t now = load_clock();
	bool any = false;

	if (s->window != s->load->window) {
		s->window = s->load->window;
		s->load->in_window = 0;
		load_spread_clear(&s->load->trip);
	}
	for (int i = 0; i < n; i++) {
		if (srt_is_data(data[i], msg[i].msg_len)) {
			media(s, data[i], now);
			any = true;
		} else {
			control(s, data[i], msg[i].msg_len);
		}
	}
	if (any)
		acknowledge(s, now);
}

void *load_server(void *arg)
{
	static uint8_t data[LOAD_BATCH][LOAD_PACKET];
	static struct iovec part[LOAD_BATCH];
	static struct mmsghdr msg[LOAD_BATCH];
	static struct server s;
	struct timeval patience = {.tv_usec = 100000};

	s.load = arg;
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
