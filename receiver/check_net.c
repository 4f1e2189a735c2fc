/* SPDX-License-Identifier: MIT */
#include "receiver/check_net.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "shared/io/udp.h"
#include "shared/wire/srt.h"
#include "shared/wire/srtla.h"

enum {
	TRIES = 3,
	PATIENCE_MS = 1000,
	LISTENS = 5, /* the version in a listener's answer, as from SRT 1.3 on */
};

bool check_net_is_ngp(const uint8_t *data, size_t len)
{
	return srtla_type(data, len) == SRTLA_REG_NGP;
}

bool check_net_is_listener(const uint8_t *data, size_t len, uint32_t socket_id)
{
	struct srt_handshake hs;
	struct srt_head head;

	return srt_parse_head(data, len, &head) && srt_parse_handshake(data, len, &hs) &&
	       head.dest == socket_id && hs.type == SRT_HS_INDUCTION && hs.version == LISTENS;
}

/* What is asked, and what will do as an answer. */
struct question {
	struct pkt pkt;
	uint32_t socket_id; /* 0: it is for a receiver */
};

static bool answered(const struct question *q, const struct pkt *p)
{
	return q->socket_id ? check_net_is_listener(p->data, p->len, q->socket_id)
			    : check_net_is_ngp(p->data, p->len);
}

/* Whether the answer comes in time: 0 or -errno. */
static int wait_for(int fd, const struct question *q)
{
	struct pollfd ready = {.fd = fd, .events = POLLIN};
	struct pkt p = {0};

	/* Whatever else comes shortens the wait by nothing, but there is an end to that. */
	for (unsigned i = 0; i < 16; i++) {
		int err = udp_recv(fd, &p);

		if (err == 0 && answered(q, &p))
			return 0;
		if (err && err != -EAGAIN)
			return err;
		if (err == -EAGAIN && poll(&ready, 1, PATIENCE_MS) == 0)
			return -ETIMEDOUT;
	}
	return -ETIMEDOUT;
}

static int ask(const struct endpoint *at, const struct question *q)
{
	const struct udp_options plain = {0};
	struct endpoint any;
	int fd, err = -ETIMEDOUT;

	endpoint_parse(at->family == FAMILY_V6 ? "::" : "0.0.0.0", &any);
	fd = udp_open(&any, &plain);
	if (fd < 0)
		return fd;
	err = udp_connect(fd, at);
	for (unsigned i = 0; err == 0 || err == -ETIMEDOUT; i++) {
		if (i == TRIES)
			break;
		err = udp_send(fd, &q->pkt, false);
		if (err == 0 && (err = wait_for(fd, q)) == 0)
			break;
	}
	close(fd);
	return err;
}

int check_net_receiver(const struct endpoint *at)
{
	struct question q = {0};
	uint8_t id[SRTLA_ID_LEN];

	if (getrandom(id, sizeof(id), 0) != (ssize_t)sizeof(id))
		return -errno;
	q.pkt.len = (uint16_t)srtla_build_reg(q.pkt.data, SRTLA_REG2, id);
	return ask(at, &q);
}

int check_net_srt(const struct endpoint *at)
{
	struct question q = {0};
	uint32_t isn;

	if (getrandom(&q.socket_id, sizeof(q.socket_id), 0) < 0 ||
	    getrandom(&isn, sizeof(isn), 0) < 0)
		return -errno;
	q.socket_id = (q.socket_id & 0x3fffffff) | 1; /* as SRT draws them; 0 is nobody's */
	q.pkt.len = (uint16_t)srt_build_induction(q.pkt.data, q.socket_id, isn, 0, 0);
	return ask(at, &q);
}
