/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>

#include "tests/bench/load.h"

enum { RUN = 48 }; /* packets: 64 KiB hold as many */

static void linger(unsigned us)
{
	const struct timespec t = {.tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000L};

	if (us)
		nanosleep(&t, NULL);
}

void load_relay(uint16_t at, uint16_t to, unsigned delay)
{
	static uint8_t buf[2048];
	int in = load_socket(at);
	int out = load_socket(0);

	prctl(PR_SET_TIMERSLACK, 1);
	load_aim(out, to);
	for (;;) {
		ssize_t n = recvfrom(in, buf, sizeof(buf), 0, NULL, NULL);

		if (n < 0 && errno != EINTR)
			load_fail("recvfrom");
		linger(delay);
		if (n > 0 && send(out, buf, (size_t)n, 0) < 0 && errno != ECONNREFUSED)
			load_fail("send");
	}
}

/* Packets of one length, as they came, are what leaves: the parts that have come. */
void load_relay_gso(uint16_t at, uint16_t to)
{
	static uint8_t data[RUN][LOAD_PACKET];
	static struct iovec part[RUN];
	static struct mmsghdr msg[RUN];
	struct msghdr all = {.msg_iov = part};
	int in = load_socket(at), out = load_socket(0), segment = LOAD_PACKET;

	load_aim(out, to);
	if (setsockopt(out, IPPROTO_UDP, UDP_SEGMENT, &segment, sizeof(segment)))
		load_fail("UDP_SEGMENT");
	for (unsigned i = 0; i < RUN; i++) {
		part[i] = (struct iovec){data[i], LOAD_PACKET};
		msg[i].msg_hdr.msg_iov = &part[i];
		msg[i].msg_hdr.msg_iovlen = 1;
	}
	for (;;) {
		int n = recvmmsg(in, msg, RUN, MSG_WAITFORONE, NULL);

		if (n < 0 && errno != EINTR)
			load_fail("recvmmsg");
		all.msg_iovlen = n > 0 ? (size_t)n : 0;
		if (n > 0 && sendmsg(out, &all, 0) < 0 && errno != ECONNREFUSED)
			load_fail("sendmsg");
	}
}
