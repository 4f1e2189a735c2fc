/* SPDX-License-Identifier: MIT */
#ifndef LAB_EMULATOR_NAT_H
#define LAB_EMULATOR_NAT_H

#include "lab/emulator/ipv4.h"

enum { NAT_SEATS = 64 };

/* One socket behind the NAT and the port that the world knows it by. */
struct nat_seat {
	uint32_t address;
	uint16_t inner, outer;
};

/*
 * What a mobile operator puts behind a link, for the ports alone: addresses
 * stay, so that the link can be told from them.  A socket keeps its port until
 * the NAT forgets; from then on it is known by another, and what comes for the
 * one of old vanishes.
 */
struct nat {
	struct nat_seat seat[NAT_SEATS];
	unsigned seats, oldest; /* the oldest gives way when all are taken */
	uint16_t next_port;
	bool forgot;            /* once at least */
};

void nat_init(struct nat *n);

/* Forgets every port that it gave. */
void nat_rebind(struct nat *n);

/*
 * A packet on its way out, in place; also the port that an ICMP error quotes
 * (RFC 5508).  What has no port stays as it is.
 */
void nat_out(struct nat *n, const struct ipv4 *ip, uint8_t *data);

/* On its way in; false when no socket has that port. */
bool nat_in(const struct nat *n, const struct ipv4 *ip, uint8_t *data);

#endif
