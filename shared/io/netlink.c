/* SPDX-License-Identifier: MIT */
#include "shared/io/netlink.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum {
	ROOM = 32768,         /* the largest message that the kernel sends */
	ANSWER = 8192,        /* to a question for one route */
	LISTINGS = 3,         /* until one is not overtaken by a change */
	READS = 64,           /* messages a turn; the rest comes in the next */
	RECEIVE = 256 * 1024, /* bytes of news that may wait while we are busy */
};

#define GROUP(name) (1U << (RTNLGRP_##name - 1))

struct netlink {
	struct loop *loop;
	struct mnl_socket *news;
	struct mnl_socket *question;
	struct loop_watch *watch;
	unsigned asked; /* sequence number of the latest question */
	void (*fn)(void *arg, const struct netlink_news *news, ustime now);
	void *arg;
	ustime now; /* of this turn */
	char room[ROOM];
	char answer[ANSWER]; /* apart, for who hears of news may well ask something */
};

static size_t address_len(unsigned char family)
{
	return family == AF_INET ? 4 : family == AF_INET6 ? 16 : 0;
}

static const struct nlattr *first_of(const struct nlmsghdr *h, size_t offset)
{
	return mnl_nlmsg_get_payload_offset(h, offset);
}

static bool holds(const struct nlmsghdr *h, const struct nlattr *attr)
{
	const char *tail = mnl_nlmsg_get_payload_tail(h);

	return mnl_attr_ok(attr, (int)(tail - (const char *)attr));
}

static bool read_interface(const struct nlmsghdr *h, struct netlink_news *news)
{
	const struct ifinfomsg *info = mnl_nlmsg_get_payload(h);
	const struct nlattr *attr;

	if (mnl_nlmsg_get_payload_len(h) < sizeof(*info) || info->ifi_index <= 0)
		return false;
	/* A bridge tells of its ports in a family of its own: they stay, whatever it says. */
	if (info->ifi_family != AF_UNSPEC)
		return false;
	news->what = NETLINK_INTERFACE;
	news->gone = h->nlmsg_type == RTM_DELLINK;
	news->index = (unsigned)info->ifi_index;
	news->loopback = (info->ifi_flags & IFF_LOOPBACK) != 0;
	news->up = (info->ifi_flags & IFF_UP) != 0;
	news->carrier = (info->ifi_flags & IFF_LOWER_UP) != 0;
	for (attr = first_of(h, sizeof(*info)); holds(h, attr); attr = mnl_attr_next(attr)) {
		size_t len = mnl_attr_get_payload_len(attr);

		if (mnl_attr_get_type(attr) != IFLA_IFNAME || len > NETLINK_DEVICE)
			continue;
		memcpy(news->device, mnl_attr_get_payload(attr), len);
		news->device[NETLINK_DEVICE - 1] = '\0';
	}
	return true;
}

/* The first eight flags stand in the head as well, for those who knew no more. */
static void read_flags(const struct ifaddrmsg *info, const struct nlattr *wide,
		       struct netlink_news *news)
{
	uint32_t flags = wide ? mnl_attr_get_u32(wide) : info->ifa_flags;

	news->tentative = (flags & IFA_F_TENTATIVE) && !(flags & IFA_F_OPTIMISTIC);
	news->duplicate = (flags & IFA_F_DADFAILED) != 0;
	news->deprecated = (flags & IFA_F_DEPRECATED) != 0;
	/* Of IPv4, the same bit calls the second address of a network. */
	news->temporary = info->ifa_family == AF_INET6 && (flags & IFA_F_TEMPORARY);
}

static bool read_address(const struct nlmsghdr *h, struct netlink_news *news)
{
	const struct ifaddrmsg *info = mnl_nlmsg_get_payload(h);
	const struct nlattr *attr, *flags = NULL;

	if (mnl_nlmsg_get_payload_len(h) < sizeof(*info))
		return false;
	news->what = NETLINK_ADDRESS;
	news->gone = h->nlmsg_type == RTM_DELADDR;
	news->index = info->ifa_index;
	for (attr = first_of(h, sizeof(*info)); holds(h, attr); attr = mnl_attr_next(attr)) {
		unsigned type = mnl_attr_get_type(attr);
		size_t len = address_len(info->ifa_family);

		if (type == IFA_FLAGS && mnl_attr_get_payload_len(attr) == sizeof(uint32_t))
			flags = attr;
		if (len == 0 || mnl_attr_get_payload_len(attr) != len)
			continue;
		/* On a point-to-point interface IFA_ADDRESS is the other end's. */
		if (type != IFA_LOCAL && !(type == IFA_ADDRESS && news->address.family == FAMILY_NONE))
			continue;
		news->address.family = len == 4 ? FAMILY_V4 : FAMILY_V6;
		memcpy(news->address.addr, mnl_attr_get_payload(attr), len);
	}
	read_flags(info, flags, news);
	return news->address.family != FAMILY_NONE;
}

static bool read_message(const struct nlmsghdr *h, struct netlink_news *news)
{
	switch (h->nlmsg_type) {
	case RTM_NEWLINK:
	case RTM_DELLINK:
		return read_interface(h, news);
	case RTM_NEWADDR:
	case RTM_DELADDR:
		return read_address(h, news);
	case RTM_NEWROUTE:
	case RTM_DELROUTE:
	case RTM_NEWRULE:
	case RTM_DELRULE:
		news->what = NETLINK_ROUTES;
		return true;
	default:
		return false;
	}
}

void netlink_parse(const void *bytes, size_t len,
		   void (*fn)(void *arg, const struct netlink_news *news), void *arg)
{
	const struct nlmsghdr *h = bytes;
	int left = (int)len;

	for (; mnl_nlmsg_ok(h, left); h = mnl_nlmsg_next(h, &left)) {
		struct netlink_news news = {.what = NETLINK_MISSED};

		if (read_message(h, &news))
			fn(arg, &news);
	}
}

static void pass_on(void *arg, const struct netlink_news *news)
{
	struct netlink *nl = arg;

	nl->fn(nl->arg, news, nl->now);
}

static void readable(void *arg, int events, ustime now)
{
	static const struct netlink_news missed = {.what = NETLINK_MISSED};
	struct netlink *nl = arg;

	(void)events;
	nl->now = now;
	for (unsigned i = 0; i < READS; i++) {
		ssize_t n = mnl_socket_recvfrom(nl->news, nl->room, sizeof(nl->room));

		if (n > 0)
			netlink_parse(nl->room, (size_t)n, pass_on, nl);
		else if (n < 0 && (errno == ENOBUFS || errno == ENOSPC))
			pass_on(nl, &missed);
		else if (n == 0 || errno != EINTR)
			return;
	}
}

static struct mnl_socket *open_socket(unsigned groups)
{
	struct mnl_socket *s = mnl_socket_open2(NETLINK_ROUTE, SOCK_NONBLOCK | SOCK_CLOEXEC);
	int room = RECEIVE;

	if (!s)
		return NULL;
	/* Not mnl_socket_setsockopt(), whose options are netlink's own. */
	setsockopt(mnl_socket_get_fd(s), SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
	if (mnl_socket_bind(s, groups, MNL_SOCKET_AUTOPID) == 0)
		return s;
	mnl_socket_close(s);
	return NULL;
}

struct netlink *netlink_create(struct loop *loop,
			       void (*fn)(void *arg, const struct netlink_news *news, ustime now),
			       void *arg)
{
	struct netlink *nl = calloc(1, sizeof(*nl));
	int err;

	if (!nl)
		return NULL;
	nl->loop = loop;
	nl->fn = fn;
	nl->arg = arg;
	nl->news = open_socket(GROUP(LINK) | GROUP(IPV4_IFADDR) | GROUP(IPV6_IFADDR) |
			       GROUP(IPV4_ROUTE) | GROUP(IPV6_ROUTE) | GROUP(IPV4_RULE) |
			       GROUP(IPV6_RULE));
	nl->question = nl->news ? open_socket(0) : NULL;
	if (!nl->question)
		goto err;
	if (!loop)
		return nl;
	nl->watch = loop_watch(loop, mnl_socket_get_fd(nl->news), LOOP_READ, readable, nl);
	if (nl->watch)
		return nl;
	errno = ENOMEM;
err:
	err = errno;
	netlink_destroy(nl);
	errno = err;
	return NULL;
}

void netlink_destroy(struct netlink *nl)
{
	if (!nl)
		return;
	if (nl->watch)
		loop_unwatch(nl->loop, nl->watch);
	if (nl->question)
		mnl_socket_close(nl->question);
	if (nl->news)
		mnl_socket_close(nl->news);
	free(nl);
}

/* Asks for all of a kind. */
static int ask_all(struct netlink *nl, struct mnl_socket *s, uint16_t type)
{
	struct nlmsghdr *h = mnl_nlmsg_put_header(nl->room);

	/* Of any family; the head of an address is the shorter one. */
	mnl_nlmsg_put_extra_header(h, type == RTM_GETLINK ? sizeof(struct ifinfomsg)
							  : sizeof(struct ifaddrmsg));
	h->nlmsg_type = type;
	h->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	return mnl_socket_sendto(s, h, h->nlmsg_len) < 0 ? -errno : 0;
}

/* What ends a listing: 0 or -errno; 1 when it goes on. */
static int read_end(const struct netlink *nl, size_t len, bool *overtaken)
{
	const struct nlmsghdr *h = (const void *)nl->room;
	int left = (int)len;

	for (; mnl_nlmsg_ok(h, left); h = mnl_nlmsg_next(h, &left)) {
		*overtaken |= (h->nlmsg_flags & NLM_F_DUMP_INTR) != 0;
		if (h->nlmsg_type == NLMSG_DONE)
			return 0;
		if (h->nlmsg_type == NLMSG_ERROR &&
		    mnl_nlmsg_get_payload_len(h) >= sizeof(struct nlmsgerr))
			return ((const struct nlmsgerr *)mnl_nlmsg_get_payload(h))->error;
	}
	return 1;
}

static int list_kind(struct netlink *nl, struct mnl_socket *s, uint16_t type, bool *overtaken)
{
	int err = ask_all(nl, s, type);

	for (err = err ? err : 1; err > 0;) {
		ssize_t n = mnl_socket_recvfrom(s, nl->room, sizeof(nl->room));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		netlink_parse(nl->room, (size_t)n, pass_on, nl);
		err = read_end(nl, (size_t)n, overtaken);
	}
	return err;
}

/* By a socket of its own: who hears of something may ask for a route at once. */
int netlink_list(struct netlink *nl, ustime now)
{
	struct mnl_socket *s = open_socket(0);
	bool overtaken = true;
	int err = 0;

	if (!s)
		return -errno;
	nl->now = now;
	/* What overtakes the last one comes as news, too. */
	for (unsigned i = 0; i < LISTINGS && err == 0 && overtaken; i++) {
		overtaken = false;
		err = list_kind(nl, s, RTM_GETLINK, &overtaken);
		if (err == 0)
			err = list_kind(nl, s, RTM_GETADDR, &overtaken);
	}
	mnl_socket_close(s);
	return err;
}

static void build_question(struct netlink *nl, const struct endpoint *to,
			   const struct endpoint *from, unsigned index)
{
	unsigned char family = to->family == FAMILY_V6 ? AF_INET6 : AF_INET;
	uint16_t len = (uint16_t)address_len(family);
	struct nlmsghdr *h = mnl_nlmsg_put_header(nl->answer);
	struct rtmsg *r = mnl_nlmsg_put_extra_header(h, sizeof(*r));

	h->nlmsg_type = RTM_GETROUTE;
	h->nlmsg_flags = NLM_F_REQUEST;
	h->nlmsg_seq = ++nl->asked;
	r->rtm_family = family;
	r->rtm_dst_len = (unsigned char)(8 * len);
	r->rtm_src_len = (unsigned char)(8 * len);
	/* Of IPv4, an interface without any route would else be said to reach all the world. */
	r->rtm_flags = RTM_F_FIB_MATCH;
	mnl_attr_put(h, RTA_DST, len, to->addr);
	mnl_attr_put(h, RTA_SRC, len, from->addr);
	if (index)
		mnl_attr_put_u32(h, RTA_OIF, index);
}

/* What an answer says; 1 when it is none of this question. */
static int read_answer(const struct netlink *nl, size_t len)
{
	const struct nlmsghdr *h = (const void *)nl->answer;
	int left = (int)len;

	for (; mnl_nlmsg_ok(h, left); h = mnl_nlmsg_next(h, &left)) {
		if (h->nlmsg_seq != nl->asked)
			continue;
		if (h->nlmsg_type == NLMSG_ERROR &&
		    mnl_nlmsg_get_payload_len(h) >= sizeof(struct nlmsgerr))
			return ((const struct nlmsgerr *)mnl_nlmsg_get_payload(h))->error;
		if (h->nlmsg_type == RTM_NEWROUTE &&
		    mnl_nlmsg_get_payload_len(h) >= sizeof(struct rtmsg)) {
			const struct rtmsg *r = mnl_nlmsg_get_payload(h);

			/* IPv6 names routes that lead nowhere like any other. */
			return r->rtm_type == RTN_UNREACHABLE || r->rtm_type == RTN_PROHIBIT ||
			       r->rtm_type == RTN_BLACKHOLE ? -ENETUNREACH : 0;
		}
	}
	return 1;
}

int netlink_way(struct netlink *nl, const struct endpoint *to, const struct endpoint *from,
		unsigned index)
{
	int err = 1;

	if (!nl)
		return 0;
	build_question(nl, to, from, index);
	if (mnl_socket_sendto(nl->question, nl->answer,
			      ((const struct nlmsghdr *)(const void *)nl->answer)->nlmsg_len) < 0)
		return 0;
	while (err > 0) {
		ssize_t n = mnl_socket_recvfrom(nl->question, nl->answer, sizeof(nl->answer));

		if (n < 0)
			return 0;
		err = read_answer(nl, (size_t)n);
	}
	return err;
}

const char *netlink_version(void)
{
	return "libmnl";
}
