/* SPDX-License-Identifier: MIT */
#ifndef SENDER_IFACES_INSIDE_H
#define SENDER_IFACES_INSIDE_H

#include "sender/ifaces.h"

/* What the files of interfaces share; nobody else includes this. */

struct iface {
	unsigned index;
	char device[NETLINK_DEVICE];
	bool loopback, up, carrier;
	bool doubtful; /* see ifaces_doubt() */
};

struct iface_address {
	unsigned index; /* of its interface */
	struct endpoint ep;
	bool tentative, duplicate, deprecated, temporary;
	bool doubtful;
	bool chosen;     /* an uplink */
	const char *why; /* not */
};

struct ifaces {
	struct ifaces_choice choice; /* but for its texts, which are: */
	char *names, *exclude;
	struct endpoint host[FAMILY_V6 + 1]; /* by enum family; FAMILY_NONE inside: none */
	struct iface *iface;                 /* by index */
	unsigned count, room;
	struct iface_address *address; /* by index of the interface, family, and as they came */
	unsigned addresses, address_room;
};

/* NULL when there is none. */
const struct iface *iface_find(const struct ifaces *f, unsigned index);

/* Sets `why` and `chosen` of each address. */
void ifaces_judge(struct ifaces *f);

#endif
