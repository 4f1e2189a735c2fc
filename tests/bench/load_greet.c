/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>

#include "shared/wire/srt.h"
#include "tests/bench/load.h"
#include "tests/sim/srt_build.h"

enum {
	ME = 0x51,  /* SRT socket id */
	TRIES = 80, /* of the handshake, 20 to 120 ms each: links join in that time */
};

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

void load_hear(int fd, struct load *load)
{
	struct srt_handshake hs;

	hear(fd, load, &hs);
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

uint32_t load_greet(int fd, struct load *load)
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
			       .recv_latency = LOAD_LATENCY,
			       .send_latency = LOAD_LATENCY};
	shake(fd, load, &h, &hs);
	return hs.socket_id;
}
