/* SPDX-License-Identifier: MIT */
#ifndef SENDER_GROUND_H
#define SENDER_GROUND_H

#include "sender/uplinks.h"
#include "shared/io/netlink.h"

/*
 * What the system says of the way under one link: its interface, its address, a route.  What is
 * not known counts as good; packets will tell.
 */
struct ground {
	struct netlink *netlink; /* or NULL: there is never any news */
	unsigned index;          /* of the interface that has the address; 0 unknown */
	bool gone;               /* the interface is no more: a socket on it is worth nothing */
	bool carrier;
	bool address;
	bool route;
	bool lost;               /* the core has been told so */
};

/* How it stands now, for a link whose socket has just been opened. */
void ground_look(struct ground *g, const struct uplink_id *id, const struct endpoint *peer);

/* Only the route, which every change of anything may have changed. */
void ground_look_again(struct ground *g, const struct uplink_id *id, const struct endpoint *peer);

/* Takes news; false when they are not of this link's interface or address. */
bool ground_hear(struct ground *g, const struct uplink_id *id, const struct netlink_news *news);

/* Why nothing can leave, a constant; NULL when nothing speaks against it. */
const char *ground_trouble(const struct ground *g);

#endif
