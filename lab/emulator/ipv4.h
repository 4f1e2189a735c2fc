/* SPDX-License-Identifier: MIT */
#ifndef LAB_EMULATOR_IPV4_H
#define LAB_EMULATOR_IPV4_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	IPV4_ICMP = 1,
	IPV4_UDP = 17,
	IPV4_HEADER = 20, /* without options */
	IPV4_UDP_HEADER = 8,
};

/* Where things are in an IPv4 packet (RFC 791). */
struct ipv4 {
	uint32_t from, to; /* host order */
	size_t header;     /* bytes, options included */
	size_t length;     /* of the packet as its header has it; never beyond what is there */
	uint8_t protocol;
	bool later_piece;  /* a fragment that does not begin with the header of its protocol */
};

/* False for what is not a whole IPv4 packet. */
bool ipv4_parse(const uint8_t *data, size_t len, struct ipv4 *ip);

/* Is there a UDP header?  Of fragments the first one has it. */
bool ipv4_has_udp(const struct ipv4 *ip);

/*
 * The UDP payload of such a packet; of a fragment what it holds.  0 bytes where
 * there is no UDP header.
 */
const uint8_t *ipv4_payload(const struct ipv4 *ip, const uint8_t *data, size_t *len);

uint16_t ipv4_get16(const uint8_t *at);
void ipv4_put16(uint8_t *at, uint16_t value);

/* A checksum after 16 bits that it covers became others (RFC 1624, equation 3). */
uint16_t ipv4_patch(uint16_t sum, uint16_t was, uint16_t is);

/* The same for UDP, where 0 says that there is none and stays. */
void ipv4_patch_udp(uint8_t *udp, uint16_t was, uint16_t is);

/*
 * Turns one bit of the UDP payload and mends the checksum, so that it reaches
 * its socket.  What has no such bit stays as it is.
 */
void ipv4_damage(const struct ipv4 *ip, uint8_t *data, uint32_t bit);

#endif
