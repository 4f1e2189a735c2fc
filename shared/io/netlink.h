/* SPDX-License-Identifier: MIT */
#ifndef SHARED_IO_NETLINK_H
#define SHARED_IO_NETLINK_H

#include <stdbool.h>
#include <stddef.h>

#include "shared/base/endpoint.h"
#include "shared/io/loop.h"

/*
 * What the kernel tells of interfaces, addresses and routes that come and go (rtnetlink(7)), and
 * one question to it.  Asks for no privilege.
 */
struct netlink;

enum { NETLINK_DEVICE = 16 }; /* an interface name with its closing zero, as in net/if.h */

enum netlink_what {
	NETLINK_INTERFACE, /* index, device, loopback, up, carrier; or gone */
	NETLINK_ADDRESS,   /* index, address, what it is good for; or gone */
	NETLINK_ROUTES,    /* some route or rule has changed */
	NETLINK_MISSED,    /* there was more than we could take: anything may have changed */
};

/* One piece of news. */
struct netlink_news {
	enum netlink_what what;
	bool gone;
	bool loopback;
	bool up;      /* switched on, */
	bool carrier; /* and something is at its other end */
	unsigned index;
	char device[NETLINK_DEVICE];
	struct endpoint address; /* port and scope 0 */
	bool tentative;          /* not to be used until nobody else turns out to have it */
	bool duplicate;          /* somebody else does */
	bool deprecated;         /* good for what uses it, not for anything new */
	bool temporary;          /* of IPv6: another one takes its place some day */
};

/*
 * NULL and errno when the kernel will not, or nobody here can: then there is never any news.
 * Without a loop there is none either, but questions are answered.
 */
struct netlink *netlink_create(struct loop *loop,
			       void (*fn)(void *arg, const struct netlink_news *news, ustime now),
			       void *arg);
void netlink_destroy(struct netlink *nl);

/*
 * Tells of all interfaces, then all addresses there are, as if each were news, and returns; the
 * kernel answers while we wait, within a millisecond for some hundreds.  0 or -errno.  Not for
 * within `fn`.
 */
int netlink_list(struct netlink *nl, ustime now);

/*
 * Is there a route to this host, from this address, by the interface of this index (0: any)?
 * 0, or -errno as a packet would meet it.  Where nobody knows, 0; takes NULL too.  Answered by the
 * kernel while we wait, within microseconds.
 */
int netlink_way(struct netlink *nl, const struct endpoint *to, const struct endpoint *from,
		unsigned index);

/* Takes messages of the kernel to pieces, for netlink_create() and its tests. */
void netlink_parse(const void *bytes, size_t len,
		   void (*fn)(void *arg, const struct netlink_news *news), void *arg);

/* "libmnl", or "no netlink". */
const char *netlink_version(void);

#endif
