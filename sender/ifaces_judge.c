/* SPDX-License-Identifier: MIT */
#include "sender/ifaces_inside.h"

#include <fnmatch.h>
#include <string.h>

enum { PATTERN = 64 }; /* longer than any interface name, for the sake of [a-z] and the like */

static const char other_family[] = "the receiver has no address of this family";

/* Takes the next of "usb0, wwan*" from *list; false at its end. */
static bool next_pattern(const char **list, char pattern[PATTERN])
{
	size_t len;

	*list += strspn(*list, ", \t");
	len = strcspn(*list, ", \t");
	if (len == 0)
		return false;
	if (len < PATTERN)
		memcpy(pattern, *list, len);
	pattern[len < PATTERN ? len : 0] = '\0';
	*list += len;
	return true;
}

static bool named(const char *list, const char *device)
{
	char pattern[PATTERN];

	while (list && next_pattern(&list, pattern)) {
		if (fnmatch(pattern, device, 0) == 0)
			return true;
	}
	return false;
}

const char *ifaces_names_wrong(const char *names)
{
	char pattern[PATTERN];
	unsigned n = 0;

	for (; next_pattern(&names, pattern); n++) {
		if (pattern[0] == '\0' || strpbrk(pattern, "/:\"\\"))
			return "not names of interfaces";
	}
	return n ? NULL : "names no interface";
}

static bool is_automatic(const struct ifaces *f)
{
	return !f->names;
}

/* fc00::/7, RFC 4193. */
static bool is_local(const struct endpoint *ep)
{
	return ep->family == FAMILY_V6 && (ep->addr[0] & 0xfe) == 0xfc;
}

/* 192.0.0.0/29, RFC 7335: this end of IPv4 that is translated into IPv6. */
static bool is_translated(const struct endpoint *ep)
{
	static const uint8_t network[] = {192, 0, 0};

	return ep->family == FAMILY_V4 && memcmp(ep->addr, network, sizeof(network)) == 0 &&
	       ep->addr[3] < 8;
}

static bool is_link_local(const struct endpoint *ep)
{
	return endpoint_class(ep) == ENDPOINT_LINK_LOCAL;
}

static const char *wrong_interface(const struct ifaces *f, const struct iface *at)
{
	if (!at)
		return "no such interface";
	if (at->loopback)
		return "the loopback interface";
	if (!is_automatic(f) && !named(f->names, at->device))
		return "not named";
	return named(f->exclude, at->device) ? "excluded" : NULL;
}

static const char *wrong_address(const struct ifaces *f, const struct iface_address *a)
{
	const struct endpoint *host = &f->host[a->ep.family];

	if (a->duplicate)
		return "another host has this address";
	if (a->tentative)
		return "not known yet whether another host has this address";
	switch (endpoint_class(&a->ep)) {
	case ENDPOINT_LINK_LOCAL:
		if (a->ep.family == FAMILY_V6 ? !is_link_local(host) : is_automatic(f))
			return "link-local";
		return NULL;
	case ENDPOINT_UNICAST:
		return NULL;
	default:
		return "not an address of an uplink";
	}
}

/* Whether the way is good, which is asked only before it is chosen. */
static const char *wrong_way(const struct ifaces *f, const struct iface *at,
			     const struct iface_address *a)
{
	const struct endpoint *host = &f->host[a->ep.family];

	if (host->family == FAMILY_NONE)
		return f->host[FAMILY_V4].family != FAMILY_NONE ||
				       f->host[FAMILY_V6].family != FAMILY_NONE
			       ? other_family
			       : "the receiver's address is not known yet";
	if (a->chosen)
		return NULL;
	if (!at->up)
		return "switched off";
	if (!at->carrier)
		return "no carrier";
	if (f->choice.leads && !f->choice.leads(f->choice.arg, host, &a->ep, a->index))
		return "no route to the receiver";
	return NULL;
}

/* What speaks against it, whatever others there are. */
static const char *wrong(const struct ifaces *f, const struct iface_address *a)
{
	const struct iface *at = iface_find(f, a->index);
	const char *why = wrong_interface(f, at);

	if (!why)
		why = wrong_address(f, a);
	return why || !is_automatic(f) ? why : wrong_way(f, at, a);
}

/* What it is worth beside others of its interface and family. */
static unsigned worth(const struct ifaces *f, const struct iface_address *a)
{
	unsigned kind;

	if (a->ep.family == FAMILY_V4)
		kind = is_link_local(&a->ep) ? 0 : is_translated(&a->ep) ? 1 : 2;
	else
		kind = is_local(&a->ep) == is_local(&f->host[FAMILY_V6]);
	return 8 * kind + (a->deprecated ? 0 : 4) + (a->temporary ? 2 : 0) + (a->chosen ? 1 : 0);
}

/* Who is named serves with all IPv4 addresses, but for what the best one makes needless. */
static bool serves_beside(const struct ifaces *f, const struct iface_address *a,
			  const struct iface_address *best)
{
	if (is_automatic(f) || a->ep.family != FAMILY_V4)
		return false;
	if (is_link_local(&a->ep) && !is_link_local(&best->ep))
		return false;
	return !a->deprecated || a->chosen || best->deprecated;
}

static void judge_group(struct ifaces *f, unsigned from, unsigned to)
{
	const struct iface_address *best = NULL;

	for (unsigned i = from; i < to; i++) {
		struct iface_address *a = &f->address[i];

		a->why = wrong(f, a);
		if (!a->why && (!best || worth(f, a) > worth(f, best)))
			best = a;
	}
	for (unsigned i = from; i < to; i++) {
		struct iface_address *a = &f->address[i];

		if (!a->why && a != best && !serves_beside(f, a, best))
			a->why = "another address of the interface is better";
	}
}

/* IPv4 that travels inside IPv6 is no second way. */
static void judge_translated(struct ifaces *f)
{
	bool native = false;

	for (unsigned i = 0; i < f->addresses; i++)
		native |= !f->address[i].why && f->address[i].ep.family == FAMILY_V6;
	for (unsigned i = 0; i < f->addresses && native; i++) {
		if (!f->address[i].why && is_translated(&f->address[i].ep))
			f->address[i].why = "IPv4 that an IPv6 uplink carries";
	}
}

void ifaces_judge(struct ifaces *f)
{
	unsigned from, to;

	for (from = 0; from < f->addresses; from = to) {
		const struct iface_address *a = &f->address[from];

		for (to = from + 1; to < f->addresses; to++) {
			if (f->address[to].index != a->index ||
			    f->address[to].ep.family != a->ep.family)
				break;
		}
		judge_group(f, from, to);
	}
	if (is_automatic(f))
		judge_translated(f);
	for (unsigned i = 0; i < f->addresses; i++)
		f->address[i].chosen = !f->address[i].why;
}

bool ifaces_waits_for(const struct ifaces *f, enum family family)
{
	for (unsigned i = 0; i < f->addresses; i++) {
		if (f->address[i].ep.family == (uint8_t)family && f->address[i].why == other_family)
			return true;
	}
	return false;
}
