/* SPDX-License-Identifier: MIT */
#include "tests/flood/backend.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "shared/wire/be.h"
#include "shared/wire/srt.h"
#include "tests/flood/clock.h"
#include "tests/flood/crowd.h"
#include "tests/flood/world.h"
#include "tests/sim/srt_build.h"

enum { BUFFER = 8 * 1024 * 1024, NUMBER = 0xffffff, TURNS = 8 };

/* What one call of recvmmsg() brings. */
struct catch {
	uint8_t data[BACKEND_BATCH][BACKEND_PACKET];
	struct sockaddr_in from[BACKEND_BATCH];
	_Alignas(struct cmsghdr) uint8_t control[BACKEND_BATCH][CMSG_SPACE(sizeof(struct timespec))];
	struct iovec part[BACKEND_BATCH];
	struct mmsghdr msg[BACKEND_BATCH];
};

static struct sockaddr_in loopback(uint16_t port)
{
	return (struct sockaddr_in){.sin_family = AF_INET,
				    .sin_port = htons(port),
				    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static int open_socket(uint16_t port)
{
	struct sockaddr_in here = loopback(port);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int bytes = BUFFER, on = 1;

	if (fd < 0)
		crowd_fail("socket");
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)))
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
	setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on));
	if (bind(fd, (struct sockaddr *)&here, sizeof(here)))
		crowd_fail("the server's port");
	return fd;
}

void backend_open(struct backend *b, unsigned sessions)
{
	memset(b, 0, sizeof(*b));
	b->fd = open_socket(WORLD_SERVER);
	b->sessions = sessions;
	b->session = calloc(sessions ? sessions : 1, sizeof(*b->session));
	if (!b->session)
		crowd_fail("memory");
	b->ack_every = 100 * CLOCK_MS;
}

void backend_close(struct backend *b)
{
	for (unsigned i = 0; i < b->relays; i++)
		close(b->relay[i].fd);
	free(b->session);
	close(b->fd);
}

static void answer(struct backend *b, const struct sockaddr_in *to, const void *data, size_t len)
{
	if (sendto(b->fd, data, len, 0, (const struct sockaddr *)to, sizeof(*to)) < 0 &&
	    errno != ECONNREFUSED && errno != EAGAIN)
		crowd_fail("the server's answer");
}

void backend_send(struct backend *b, unsigned number, const void *data, size_t len)
{
	answer(b, &b->session[number].at, data, len);
}

static void shake(struct backend *b, unsigned number, const struct srt_handshake *hs)
{
	struct srt_hello h = {.version = 5,
			      .type = hs->type,
			      .extension = 0x4a17,
			      .socket_id = BACKEND_SERVER | number,
			      .isn = hs->isn,
			      .cookie = 0xc00c1e,
			      .dest = hs->socket_id};
	uint8_t buf[SRT_PACKET];

	if (hs->type == SRT_HS_CONCLUSION) {
		h.extension = 1;
		h.command = 2;
		h.recv_latency = h.send_latency = hs->recv_latency;
	}
	answer(b, &b->session[number].at, buf, srt_build_handshake(buf, &h));
}

static void take_media(struct backend *b, unsigned number, const uint8_t *data, size_t len,
		       uint64_t at)
{
	struct backend_session *s = &b->session[number];
	uint32_t seq = be32(data);
	uint8_t buf[SRT_PACKET];
	uint64_t now;

	s->arrived++;
	b->arrived++;
	if (!seq_before(seq, s->next))
		s->next = seq_add(seq, 1);
	if (b->media)
		b->media(b->arg, number, data, len, at);
	now = clock_ns();
	if (now - s->acked < b->ack_every)
		return;
	s->acked = now;
	answer(b, &s->at, buf,
	       srt_build_ack(buf, ++s->ack, s->next, 20000, 2000, 8000, (uint32_t)(now / 1000),
			     BACKEND_CALLER | number));
}

/* Whose packet this is; false: not one of ours. */
static bool ours(const struct backend *b, const uint8_t *data, size_t len, unsigned *number)
{
	struct srt_handshake hs;
	struct srt_head head;
	uint32_t id;

	if (!srt_parse_head(data, len, &head))
		return false;
	id = head.dest ^ BACKEND_SERVER;
	if (srt_parse_handshake(data, len, &hs))
		id = hs.socket_id ^ BACKEND_CALLER;
	*number = id & NUMBER;
	return id <= NUMBER && *number < b->sessions;
}

static void open_relay(struct backend_relay *r, const struct sockaddr_in *from)
{
	struct sockaddr_in sink = loopback(WORLD_SINK);

	r->at = *from;
	r->fd = open_socket(0);
	if (connect(r->fd, (struct sockaddr *)&sink, sizeof(sink)))
		crowd_fail("the real server");
}

static void pass_on(struct backend *b, const struct sockaddr_in *from, const uint8_t *data,
		    size_t len)
{
	unsigned i = 0;

	while (i < b->relays && b->relay[i].at.sin_port != from->sin_port)
		i++;
	if (i == BACKEND_RELAYS)
		return;
	if (i == b->relays)
		open_relay(&b->relay[b->relays++], from);
	if (send(b->relay[i].fd, data, len, 0) < 0 && errno != ECONNREFUSED && errno != EAGAIN)
		crowd_fail("the way to the real server");
}

static void take(struct backend *b, const struct sockaddr_in *from, const uint8_t *data, size_t len,
		 uint64_t at)
{
	struct srt_handshake hs;
	unsigned number;

	if (!ours(b, data, len, &number)) {
		pass_on(b, from, data, len);
		return;
	}
	b->session[number].at = *from;
	if (srt_is_data(data, len))
		take_media(b, number, data, len, at);
	else if (srt_parse_handshake(data, len, &hs))
		shake(b, number, &hs);
}

static uint64_t stamp_of(struct msghdr *msg)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
		struct timespec t;

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_TIMESTAMPNS)
			continue;
		memcpy(&t, CMSG_DATA(c), sizeof(t));
		return (uint64_t)t.tv_sec * CLOCK_S + (uint64_t)t.tv_nsec;
	}
	return 0;
}

/* How many datagrams there were. */
static int fish(int fd, struct catch *c)
{
	int n;

	for (unsigned i = 0; i < BACKEND_BATCH; i++) {
		c->part[i] = (struct iovec){c->data[i], BACKEND_PACKET};
		c->msg[i].msg_hdr = (struct msghdr){.msg_name = &c->from[i],
						    .msg_namelen = sizeof(c->from[i]),
						    .msg_iov = &c->part[i],
						    .msg_iovlen = 1,
						    .msg_control = c->control[i],
						    .msg_controllen = sizeof(c->control[i])};
	}
	n = recvmmsg(fd, c->msg, BACKEND_BATCH, MSG_DONTWAIT, NULL);
	return n < 0 ? 0 : n;
}

bool backend_serve(struct backend *b)
{
	static struct catch c;
	bool any = false;
	int n = BACKEND_BATCH;

	for (unsigned turn = 0; turn < TURNS && n == BACKEND_BATCH; turn++) {
		n = fish(b->fd, &c);
		for (int i = 0; i < n; i++)
			take(b, &c.from[i], c.data[i], c.msg[i].msg_len,
			     stamp_of(&c.msg[i].msg_hdr));
		any |= n > 0;
	}
	for (unsigned r = 0; r < b->relays; r++) {
		n = fish(b->relay[r].fd, &c);
		for (int i = 0; i < n; i++)
			answer(b, &b->relay[r].at, c.data[i], c.msg[i].msg_len);
		any |= n > 0;
	}
	return any;
}
