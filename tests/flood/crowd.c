/* SPDX-License-Identifier: MIT */
#include "tests/flood/crowd.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <unistd.h>

#include "shared/wire/be.h"
#include "tests/flood/world.h"

enum {
	IP_HEADER = 20,
	UDP = 17,
	TTL = 64,
	HOME = 11, /* 11.0.0.0/8 */
	PORT = 40000,
};

void crowd_fail(const char *what)
{
	fprintf(stderr, "flood: %s: %s\n", what, strerror(errno));
	exit(EXIT_FAILURE);
}

void crowd_open(struct crowd *c, const char *device)
{
	struct ifreq ask = {.ifr_flags = IFF_TUN | IFF_NO_PI};

	memset(c, 0, sizeof(*c));
	c->fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (c->fd < 0)
		crowd_fail("/dev/net/tun");
	snprintf(ask.ifr_name, sizeof(ask.ifr_name), "%s", device);
	if (ioctl(c->fd, TUNSETIFF, &ask) < 0)
		crowd_fail(device);
}

void crowd_close(struct crowd *c)
{
	close(c->fd);
}

/* RFC 1071, of a header whose own sum is still zero. */
static uint16_t checksum(const uint8_t *p)
{
	uint32_t sum = 0;

	for (unsigned i = 0; i < IP_HEADER; i += 2)
		sum += be16(p + i);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

/* UDP goes without a checksum, as IPv4 allows. */
static void write_headers(uint8_t h[CROWD_HEADERS], struct spot from, size_t len)
{
	memset(h, 0, CROWD_HEADERS);
	h[0] = 0x45;
	put_be16(h + 2, (uint16_t)(CROWD_HEADERS + len));
	h[8] = TTL;
	h[9] = UDP;
	put_be32(h + 12, from.addr);
	put_be32(h + 16, WORLD_RECEIVER);
	put_be16(h + 10, checksum(h));
	put_be16(h + IP_HEADER, from.port);
	put_be16(h + IP_HEADER + 2, WORLD_PORT);
	put_be16(h + IP_HEADER + 4, (uint16_t)(8 + len));
}

void crowd_send(struct crowd *c, struct spot from, const void *data, size_t len)
{
	uint8_t head[CROWD_HEADERS];
	struct iovec part[2] = {{head, sizeof(head)}, {(void *)(uintptr_t)data, len}};

	write_headers(head, from, len);
	if (writev(c->fd, part, 2) < 0)
		crowd_fail("the device");
	c->sent++;
	c->sent_bytes += CROWD_HEADERS + len;
}

long crowd_hear(struct crowd *c, struct spot *to, uint8_t buf[CROWD_PAYLOAD])
{
	uint8_t head[CROWD_HEADERS];
	struct iovec part[2] = {{head, sizeof(head)}, {buf, CROWD_PAYLOAD}};

	for (;;) {
		ssize_t n = readv(c->fd, part, 2);

		if (n < 0)
			return -1;
		if (n < CROWD_HEADERS || head[0] != 0x45 || head[9] != UDP)
			continue; /* router solicitations and the like */
		c->heard++;
		c->heard_bytes += (uint64_t)n;
		to->addr = be32(head + 16);
		to->port = be16(head + IP_HEADER + 2);
		return n - CROWD_HEADERS;
	}
}

/* Bits in the other order: what counts first differs first. */
static uint32_t mirror(uint32_t n)
{
	uint32_t r = 0;

	for (unsigned i = 0; i < 24; i++)
		r |= (n >> i & 1) << (23 - i);
	return r;
}

struct spot crowd_spot(unsigned n)
{
	return (struct spot){(uint32_t)HOME << 24 | mirror(n), PORT};
}
