/* SPDX-License-Identifier: MIT */
#include <arpa/inet.h>
#include <errno.h>
#include <stddef.h>
#include <sys/socket.h>

#include "tests/bench/load.h"

void load_relay(uint16_t at, uint16_t to)
{
	struct sockaddr_in there = {.sin_family = AF_INET,
				    .sin_port = htons(to),
				    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	static uint8_t buf[2048];
	int in = load_socket(at);
	int out = load_socket(0);

	if (connect(out, (struct sockaddr *)&there, sizeof(there)))
		load_fail("connect");
	for (;;) {
		ssize_t n = recvfrom(in, buf, sizeof(buf), 0, NULL, NULL);

		if (n < 0 && errno != EINTR)
			load_fail("recvfrom");
		if (n > 0 && send(out, buf, (size_t)n, 0) < 0 && errno != ECONNREFUSED)
			load_fail("send");
	}
}
