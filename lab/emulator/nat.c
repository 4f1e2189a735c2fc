/* SPDX-License-Identifier: MIT */
#include "lab/emulator/nat.h"

#include <string.h>

enum {
	FIRST_PORT = 30000, /* out of the way of the ports that kernels give */
	LOW_PORT = 1024,
	AT_SOURCE = 0, /* of a UDP header */
	AT_TARGET = 2,
	AT_ICMP_SUM = 2,
	ICMP_HEADER = 8,
};

void nat_init(struct nat *n)
{
	memset(n, 0, sizeof(*n));
	n->next_port = FIRST_PORT;
}

void nat_rebind(struct nat *n)
{
	n->seats = n->oldest = 0;
	n->forgot = true;
}

static const struct nat_seat *by_inner(const struct nat *n, uint32_t address, uint16_t port)
{
	for (unsigned i = 0; i < n->seats; i++) {
		if (n->seat[i].inner == port && n->seat[i].address == address)
			return &n->seat[i];
	}
	return NULL;
}

static const struct nat_seat *by_outer(const struct nat *n, uint32_t address, uint16_t port)
{
	for (unsigned i = 0; i < n->seats; i++) {
		if (n->seat[i].outer == port && n->seat[i].address == address)
			return &n->seat[i];
	}
	return NULL;
}

/* Its own while nothing was forgotten and nobody has it, else one that is new to the world. */
static uint16_t choose(struct nat *n, uint32_t address, uint16_t inner)
{
	uint16_t port = inner;

	while (n->forgot ? port == inner || by_outer(n, address, port)
			 : by_outer(n, address, port) != NULL) {
		port = n->next_port;
		n->next_port = port == UINT16_MAX ? LOW_PORT : (uint16_t)(port + 1);
	}
	return port;
}

static uint16_t outer_port(struct nat *n, uint32_t address, uint16_t inner)
{
	const struct nat_seat *known = by_inner(n, address, inner);
	struct nat_seat new = {.address = address, .inner = inner};

	if (known)
		return known->outer;
	new.outer = choose(n, address, inner);
	if (n->seats < NAT_SEATS) {
		n->seat[n->seats++] = new;
	} else {
		n->seat[n->oldest] = new;
		n->oldest = (n->oldest + 1) % NAT_SEATS;
	}
	return new.outer;
}

static void put_port(uint8_t *udp, size_t at, uint16_t port)
{
	uint16_t was = ipv4_get16(udp + at);

	if (was == port)
		return;
	ipv4_put16(udp + at, port);
	ipv4_patch_udp(udp, was, port);
}

/* The UDP header that an ICMP error quotes, or NULL. */
static uint8_t *quoted(const struct ipv4 *ip, uint8_t *data, struct ipv4 *quote)
{
	enum { UNREACHABLE = 3, EXCEEDED = 11, PARAMETER = 12, AT_QUOTED_LENGTH = 2 };
	uint8_t *icmp = data + ip->header;
	size_t left = ip->length - ip->header;
	uint8_t *in;

	if (ip->protocol != IPV4_ICMP || ip->later_piece ||
	    left < ICMP_HEADER + IPV4_HEADER + IPV4_UDP_HEADER)
		return NULL;
	if (icmp[0] != UNREACHABLE && icmp[0] != EXCEEDED && icmp[0] != PARAMETER)
		return NULL;
	in = icmp + ICMP_HEADER;
	left -= ICMP_HEADER;
	/* It quotes the beginning of a packet that may have been longer. */
	quote->header = (size_t)(in[0] & 0xf) * 4;
	quote->from = (uint32_t)ipv4_get16(in + 12) << 16 | ipv4_get16(in + 14);
	quote->to = (uint32_t)ipv4_get16(in + 16) << 16 | ipv4_get16(in + 18);
	if (in[9] != IPV4_UDP || quote->header < IPV4_HEADER ||
	    quote->header + IPV4_UDP_HEADER > left)
		return NULL;
	return in + quote->header;
}

/* The checksum inside the quotation is nobody's to verify and stays. */
static void put_quoted(uint8_t *icmp, uint8_t *udp, size_t at, uint16_t port)
{
	uint16_t was = ipv4_get16(udp + at);

	ipv4_put16(udp + at, port);
	ipv4_put16(icmp + AT_ICMP_SUM, ipv4_patch(ipv4_get16(icmp + AT_ICMP_SUM), was, port));
}

void nat_out(struct nat *n, const struct ipv4 *ip, uint8_t *data)
{
	uint8_t *here = data + ip->header;
	struct ipv4 quote;
	uint8_t *udp;

	if (ipv4_has_udp(ip)) {
		put_port(here, AT_SOURCE, outer_port(n, ip->from, ipv4_get16(here + AT_SOURCE)));
		return;
	}
	udp = quoted(ip, data, &quote);
	if (udp) {
		const struct nat_seat *s = by_inner(n, quote.to, ipv4_get16(udp + AT_TARGET));

		if (s)
			put_quoted(here, udp, AT_TARGET, s->outer);
	}
}

bool nat_in(const struct nat *n, const struct ipv4 *ip, uint8_t *data)
{
	uint8_t *here = data + ip->header;
	const struct nat_seat *s;
	struct ipv4 quote;
	uint8_t *udp;

	if (ipv4_has_udp(ip)) {
		s = by_outer(n, ip->to, ipv4_get16(here + AT_TARGET));
		if (s)
			put_port(here, AT_TARGET, s->inner);
		return s != NULL;
	}
	udp = quoted(ip, data, &quote);
	if (!udp)
		return true;
	s = by_outer(n, quote.from, ipv4_get16(udp + AT_SOURCE));
	if (s)
		put_quoted(here, udp, AT_SOURCE, s->inner);
	return s != NULL;
}
