/* SPDX-License-Identifier: MIT */
#include "sender/ground.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <string.h>

#include "shared/io/udp.h"

enum { LOWER_UP = 1 << 16 }; /* IFF_LOWER_UP of netdevice(7): switched on, and with carrier */

/* Is this the interface of the link, and does it have the address? */
static bool fits(const struct ifaddrs *at, const struct uplink_id *id)
{
	struct endpoint ep;

	if (!at->ifa_addr || !udp_from_sockaddr(at->ifa_addr, &ep))
		return false;
	return endpoint_same_host(&ep, &id->local) &&
	       (!id->device[0] || strcmp(at->ifa_name, id->device) == 0);
}

static void find_interface(struct ground *g, const struct uplink_id *id)
{
	struct ifaddrs *all, *at;

	if (getifaddrs(&all))
		return;
	for (at = all; at && !fits(at, id); at = at->ifa_next)
		;
	if (!at && g->index)
		g->address = false; /* it had it; one that can be bound without is none of ours */
	if (at) {
		g->address = true;
		g->index = if_nametoindex(at->ifa_name);
		g->carrier = (at->ifa_flags & LOWER_UP) != 0;
	}
	freeifaddrs(all);
}

void ground_look_again(struct ground *g, const struct uplink_id *id, const struct endpoint *peer)
{
	g->route = netlink_way(g->netlink, peer, &id->local, id->device[0] ? g->index : 0) == 0;
}

void ground_look(struct ground *g, const struct uplink_id *id, const struct endpoint *peer)
{
	*g = (struct ground){
		.netlink = g->netlink, .carrier = true, .address = true, .route = true};
	if (!g->netlink)
		return; /* nobody would ever say that it has changed */
	find_interface(g, id);
	ground_look_again(g, id, peer);
	g->lost = ground_trouble(g) != NULL; /* the core has not asked yet */
}

static bool hear_interface(struct ground *g, const struct uplink_id *id,
			   const struct netlink_news *news)
{
	bool ours = id->device[0] ? strcmp(id->device, news->device) == 0 : news->index == g->index;

	if (news->gone) {
		g->gone |= news->index == g->index;
		return news->index == g->index;
	}
	if (ours && news->index == g->index)
		g->carrier = news->carrier;
	return ours;
}

static bool hear_address(struct ground *g, const struct uplink_id *id,
			 const struct netlink_news *news)
{
	bool here = news->index == g->index;

	if (!endpoint_same_host(&news->address, &id->local))
		return false;
	if (news->gone && here)
		g->address = false;
	if (!news->gone && here)
		g->address = true;
	/* Elsewhere it matters to a link that is looking for it, and not to one that has its own. */
	return here || !news->gone;
}

static void missed(struct ground *g, const struct uplink_id *id)
{
	char device[IF_NAMESIZE];

	if (g->index && !if_indextoname(g->index, device))
		g->gone = true;
	else
		find_interface(g, id);
}

bool ground_hear(struct ground *g, const struct uplink_id *id, const struct netlink_news *news)
{
	switch (news->what) {
	case NETLINK_INTERFACE:
		return hear_interface(g, id, news);
	case NETLINK_ADDRESS:
		return hear_address(g, id, news);
	case NETLINK_MISSED:
		missed(g, id);
		break;
	case NETLINK_ROUTES:
		break;
	}
	return true;
}

const char *ground_trouble(const struct ground *g)
{
	if (g->gone)
		return "no such device";
	if (!g->carrier)
		return "no carrier";
	if (!g->address)
		return "address not available";
	return g->route ? NULL : "no route";
}
