/* SPDX-License-Identifier: MIT */
#include "sender/doctor_link.h"

#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "shared/io/udp.h"

enum {
	LOWER_UP = 1 << 16,  /* IFF_LOWER_UP of netdevice(7) */
	METRIC_FIRST = 101,  /* behind what network managers give to cables */
};

long doctor_sysctl(const char *name)
{
	char path[128];
	long value = -1;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/sys/%s", name);
	f = fopen(path, "re");
	if (!f)
		return -1;
	if (fscanf(f, "%ld", &value) != 1)
		value = -1;
	fclose(f);
	return value;
}

static void take_interface(struct doctor_interface *in, const struct ifaddrs *at)
{
	snprintf(in->name, sizeof(in->name), "%s", at->ifa_name);
	in->index = if_nametoindex(at->ifa_name);
	in->up = at->ifa_flags & IFF_UP;
	in->carrier = at->ifa_flags & LOWER_UP;
	in->direct = at->ifa_flags & (IFF_POINTOPOINT | IFF_NOARP);
}

static bool has_address(const struct ifaddrs *at, const struct endpoint *local)
{
	struct endpoint ep;

	return at->ifa_addr && udp_from_sockaddr(at->ifa_addr, &ep) &&
	       endpoint_same_host(&ep, local);
}

/* The first address of the network, which is where routers mostly are, unless it is our own. */
static void guess_router(const struct ifaddrs *at, const struct endpoint *local,
			 struct endpoint *router)
{
	struct endpoint mask;

	if (local->family != FAMILY_V4 || !at->ifa_netmask ||
	    !udp_from_sockaddr(at->ifa_netmask, &mask))
		return;
	router->family = FAMILY_V4;
	for (unsigned i = 0; i < 4; i++)
		router->addr[i] = local->addr[i] & mask.addr[i];
	router->addr[3] |= 1;
	if (mask.addr[3] >= 254 || endpoint_same_host(router, local))
		*router = (struct endpoint){0};
}

static void find_interface(struct doctor_link *l)
{
	const char *wanted = l->id.device;
	struct ifaddrs *all, *at;

	if (getifaddrs(&all))
		return;
	for (at = all; at; at = at->ifa_next) {
		bool named = !wanted[0] || strcmp(at->ifa_name, wanted) == 0;

		if (wanted[0] && named && !l->at.name[0])
			take_interface(&l->at, at);
		if (!named || !has_address(at, &l->id.local))
			continue;
		if (l->places++ == 0) {
			take_interface(&l->at, at);
			guess_router(at, &l->id.local, &l->router);
		}
	}
	freeifaddrs(all);
}

static bool metric_taken(uint32_t metric, const struct doctor_route *route, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		if (route[i].metric == metric)
			return true;
	}
	return false;
}

/* A gateway that some table has for this interface is better than a guess. */
static void look_at_routes(struct doctor_link *l)
{
	struct doctor_route route[DOCTOR_ROUTES];
	unsigned count = doctor_default_routes(l->id.local.family, route);

	for (unsigned i = 0; i < count; i++) {
		if (route[i].index == l->at.index && route[i].gateway.family)
			l->router = route[i].gateway;
	}
	if (l->at.direct)
		l->router = (struct endpoint){0};
	l->metric = METRIC_FIRST + l->at.index; /* so that two links do not get the same advice */
	while (metric_taken(l->metric, route, count))
		l->metric += DOCTOR_ROUTES;
}

static void look_at_filter(struct doctor_link *l)
{
	char name[64];
	long all, own;

	l->rp_filter = -1;
	if (l->id.local.family != FAMILY_V4 || !l->at.name[0])
		return;
	all = doctor_sysctl("net/ipv4/conf/all/rp_filter");
	snprintf(name, sizeof(name), "net/ipv4/conf/%s/rp_filter", l->at.name);
	own = doctor_sysctl(name);
	l->rp_filter = (int)(all > own ? all : own);
}

bool doctor_link_filtered(const struct doctor_link *l)
{
	if (l->rp_filter <= 0 || l->own.err)
		return false;
	if (l->free.err)
		return true;
	return l->rp_filter == 1 && l->free.index != l->own.index;
}

void doctor_link_look(struct doctor_link *l)
{
	find_interface(l);
	look_at_routes(l);
	look_at_filter(l);
	if (!l->peer.family || l->places == 0)
		return;
	doctor_way(&l->peer, &l->id.local, 0, &l->free);
	l->own = l->free;
	if (l->id.device[0])
		doctor_way(&l->peer, &l->id.local, l->at.index, &l->own);
	if (!if_indextoname(l->free.index, l->free_device))
		l->free_device[0] = '\0';
}
