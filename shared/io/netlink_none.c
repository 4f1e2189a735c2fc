/* SPDX-License-Identifier: MIT */
#include "shared/io/netlink.h"

#include <errno.h>

/* Built without libmnl: what has changed shows when something is sent. */

struct netlink *netlink_create(struct loop *loop,
			       void (*fn)(void *arg, const struct netlink_news *news, ustime now),
			       void *arg)
{
	(void)loop, (void)fn, (void)arg;
	errno = ENOSYS;
	return NULL;
}

void netlink_destroy(struct netlink *nl)
{
	(void)nl;
}

int netlink_list(struct netlink *nl, ustime now)
{
	(void)nl, (void)now;
	return -ENOSYS;
}

int netlink_way(struct netlink *nl, const struct endpoint *to, const struct endpoint *from,
		unsigned index)
{
	(void)nl, (void)to, (void)from, (void)index;
	return 0;
}

void netlink_parse(const void *bytes, size_t len,
		   void (*fn)(void *arg, const struct netlink_news *news), void *arg)
{
	(void)bytes, (void)len, (void)fn, (void)arg;
}

const char *netlink_version(void)
{
	return "no netlink";
}
