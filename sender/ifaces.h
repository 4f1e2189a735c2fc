/* SPDX-License-Identifier: MIT */
#ifndef SENDER_IFACES_H
#define SENDER_IFACES_H

#include "sender/uplinks.h"
#include "shared/io/netlink.h"

/*
 * Which interfaces this system has, with their addresses, and which of them are uplinks: those that
 * --iface names, or with --auto all that lead somewhere.  Told by the kernel, kept up to date by
 * its news.
 *
 * What is an uplink, of each interface and family:
 *
 * - Never: loopback; an address that is tentative, or somebody else's too; an IPv6 link-local one,
 *   unless the receiver's is link-local as well.
 * - Only where there is nothing better: 169.254/16, for a modem that answers soon gives another;
 *   what is deprecated; the wrong one of global and unique local (fc00::/7), the right one being
 *   of the receiver's kind.
 * - One IPv6 address: the temporary one, if there is one and it is not deprecated.
 * - With --iface, all IPv4 addresses.
 * - With --auto, one, and neither 169.254/16 nor, beside any IPv6 uplink, 192.0.0.0/29: that is
 *   IPv4 translated into the IPv6 of another interface (CLAT, RFC 6877), thus no second way.  And
 *   the interface must have carrier and a route to the receiver at the time when it is chosen.
 *
 * What is an uplink stays one while its address is there, until something better is.
 */
struct ifaces;

/* Which are wanted. */
struct ifaces_choice {
	const char *names;   /* "usb0,usb1", patterns as in glob(7); NULL: all that lead somewhere */
	const char *exclude; /* the same; NULL: none */
	/* Is there a route to this host, from this address, by the interface?  NULL: always. */
	bool (*leads)(void *arg, const struct endpoint *to, const struct endpoint *from,
		      unsigned index);
	void *arg;
};

/* Keeps copies of the texts.  NULL when memory is short. */
struct ifaces *ifaces_create(const struct ifaces_choice *choice);
void ifaces_destroy(struct ifaces *f);

/* All will be told anew; and that was all: what has not been told again is no more. */
void ifaces_doubt(struct ifaces *f);
void ifaces_forget_doubtful(struct ifaces *f);

/*
 * The receiver's address of a family; NULL: it has none, or it is not known yet.  Until one of
 * either family is known, nothing leads anywhere.
 */
void ifaces_head_for(struct ifaces *f, enum family family, const struct endpoint *host);

/* Takes news.  True when the uplinks may be others now. */
bool ifaces_hear(struct ifaces *f, const struct netlink_news *news);

/*
 * Chooses: the uplinks, interfaces by their index, IPv4 first, at most UPLINKS_MOST and a count of
 * those left out; `up` needs no preparation.
 */
void ifaces_uplinks(struct ifaces *f, struct uplinks *up);

/* Why this address was not chosen then, a constant; NULL: it was. */
const char *ifaces_unfit(const struct ifaces *f, unsigned index, const struct endpoint *address);

/* Whether some address would have been chosen, did the receiver have one of this family. */
bool ifaces_waits_for(const struct ifaces *f, enum family family);

/* Whether the system has this uplink's address on its interface, and it can be used. */
bool ifaces_has(const struct ifaces *f, const struct uplink_id *id);

/* Calls fn for each address of each interface, by index, with why it was not chosen, or NULL. */
void ifaces_each(const struct ifaces *f,
		 void (*fn)(void *arg, const struct uplink_id *id, const char *why), void *arg);

/* What is wrong with a list of names, a constant; NULL: nothing. */
const char *ifaces_names_wrong(const char *names);

#endif
