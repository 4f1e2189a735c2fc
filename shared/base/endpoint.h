/* SPDX-License-Identifier: MIT */
#ifndef SHARED_BASE_ENDPOINT_H
#define SHARED_BASE_ENDPOINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "shared/base/siphash.h"

enum family {
	FAMILY_NONE,
	FAMILY_V4,
	FAMILY_V6,
};

/*
 * An IP address and UDP port as plain data.  A v4-mapped IPv6 address is
 * never kept as such: endpoint_normalise() turns it into IPv4, so that one
 * host has one face.  The bytes beyond an IPv4 address are zero, and there
 * is no padding, so two equal endpoints are equal byte for byte.
 */
struct endpoint {
	uint8_t family; /* enum family */
	uint8_t zero;
	uint16_t port;  /* host order */
	uint32_t scope; /* interface index of a link-local address, else 0 */
	uint8_t addr[16];
};

/* Longest text of endpoint_print(), its closing zero included. */
enum { ENDPOINT_TEXT = 64 };

/*
 * Reads one literal IPv4 or IPv6 address, nothing else: no name, no port, no
 * scope, no spaces.  Port and scope of the result are 0.
 */
bool endpoint_parse(const char *text, struct endpoint *ep);

/* "192.0.2.1:5000", "[2001:db8::1]:5000"; without ":port" when the port is 0. */
const char *endpoint_print(const struct endpoint *ep, char buf[ENDPOINT_TEXT]);

void endpoint_normalise(struct endpoint *ep);
static inline bool endpoint_equal(const struct endpoint *a, const struct endpoint *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

bool endpoint_same_host(const struct endpoint *a, const struct endpoint *b);
uint64_t endpoint_hash(const struct endpoint *ep, const struct siphash_key *key);

enum { ENDPOINT_PREFIX = 8 }; /* bytes of the longest prefix, an IPv6 /64 */

/* The first `bits` bits of the address, at most 64, and zeros behind them. */
void endpoint_cut(const struct endpoint *ep, unsigned bits, uint8_t prefix[ENDPOINT_PREFIX]);

/* What an address is good for; the first line that applies. */
enum endpoint_class {
	ENDPOINT_UNSPECIFIED, /* 0.0.0.0, :: */
	ENDPOINT_LOOPBACK,
	ENDPOINT_MULTICAST,
	ENDPOINT_BROADCAST,   /* 255.255.255.255 */
	ENDPOINT_LINK_LOCAL,  /* IPv6 ones need a scope; 169.254/16 */
	ENDPOINT_UNICAST,
};

enum endpoint_class endpoint_class(const struct endpoint *ep);

#endif
