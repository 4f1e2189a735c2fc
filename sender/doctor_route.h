/* SPDX-License-Identifier: MIT */
#ifndef SENDER_DOCTOR_ROUTE_H
#define SENDER_DOCTOR_ROUTE_H

#include <stdint.h>

#include "shared/base/endpoint.h"

/*
 * What the kernel answers when it is asked for a way (RTM_GETROUTE, rtnetlink(7)), in more detail
 * than a running sender ever needs.  Asks for no privilege, and for no library.
 */
struct doctor_way {
	int err;                 /* 0, or the errno that a packet would meet */
	unsigned index;          /* of the interface that it leaves by */
	struct endpoint gateway; /* family FAMILY_NONE: the receiver is next door */
};

/* The way to a host from an address, by the interface of this index only, or 0: any. */
void doctor_way(const struct endpoint *to, const struct endpoint *from, unsigned index,
		struct doctor_way *way);

enum { DOCTOR_ROUTES = 64 };

/* A default route, of whatever table. */
struct doctor_route {
	unsigned index;
	uint32_t metric;
	struct endpoint gateway;
};

/* All default routes of a family, at most DOCTOR_ROUTES; returns how many. */
unsigned doctor_default_routes(enum family family, struct doctor_route *route);

#endif
