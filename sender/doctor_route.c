/* SPDX-License-Identifier: MIT */
#include "sender/doctor_route.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>

enum { ROOM = 32 * 1024 }; /* the kernel's own pieces are no longer */

/* A question with room for its attributes. */
struct question {
	struct nlmsghdr head;
	struct rtmsg route;
	char attributes[128];
};

/* An answer as the kernel lays it out. */
union answer {
	struct nlmsghdr head;
	char bytes[ROOM];
};

static unsigned char system_family(enum family family)
{
	return family == FAMILY_V6 ? AF_INET6 : AF_INET;
}

static void put(struct question *q, unsigned short type, const void *value, size_t len)
{
	struct rtattr *attr = (struct rtattr *)(void *)((char *)q + NLMSG_ALIGN(q->head.nlmsg_len));

	attr->rta_type = type;
	attr->rta_len = (unsigned short)RTA_LENGTH(len);
	memcpy(RTA_DATA(attr), value, len);
	q->head.nlmsg_len = NLMSG_ALIGN(q->head.nlmsg_len) + RTA_SPACE((unsigned)len);
}

static void begin(struct question *q, enum family family, unsigned short flags)
{
	*q = (struct question){0};
	q->head.nlmsg_len = NLMSG_LENGTH(sizeof(q->route));
	q->head.nlmsg_type = RTM_GETROUTE;
	q->head.nlmsg_flags = (unsigned short)(NLM_F_REQUEST | flags);
	q->route.rtm_family = system_family(family);
}

/* A socket that waits for its answers, or -errno. */
static int ask(const struct question *q)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	int err;

	if (fd < 0)
		return -errno;
	if (send(fd, q, q->head.nlmsg_len, 0) >= 0)
		return fd;
	err = -errno;
	close(fd);
	return err;
}

/* The attribute behind this one, `left` bytes being left from it on; NULL: it is the last. */
static const struct rtattr *next(const struct rtattr *attr, size_t *left)
{
	size_t len = RTA_ALIGN((size_t)attr->rta_len);

	if (len >= *left)
		return NULL;
	*left -= len;
	return (const struct rtattr *)(const void *)((const char *)attr + len);
}

static void read_address(const struct rtattr *attr, struct endpoint *ep)
{
	size_t len = RTA_PAYLOAD(attr);

	if (len != 4 && len != 16)
		return;
	ep->family = len == 4 ? FAMILY_V4 : FAMILY_V6;
	memcpy(ep->addr, RTA_DATA(attr), len);
}

/* The first hop of a route over several. */
static void read_hops(const struct rtattr *attr, struct doctor_route *r)
{
	const struct rtnexthop *hop = RTA_DATA(attr);
	const struct rtattr *at;
	size_t len;

	if (RTA_PAYLOAD(attr) < sizeof(*hop) || hop->rtnh_len < sizeof(*hop) ||
	    hop->rtnh_len > RTA_PAYLOAD(attr))
		return;
	r->index = (unsigned)hop->rtnh_ifindex;
	len = hop->rtnh_len - sizeof(*hop);
	at = (const struct rtattr *)(const void *)(hop + 1);
	for (; at && RTA_OK(at, len); at = next(at, &len)) {
		if (at->rta_type == RTA_GATEWAY)
			read_address(at, &r->gateway);
	}
}

static void read_route(const struct nlmsghdr *h, struct doctor_route *r)
{
	const struct rtmsg *m = NLMSG_DATA(h);
	const struct rtattr *at;
	size_t len = RTM_PAYLOAD(h);

	*r = (struct doctor_route){0};
	for (at = RTM_RTA(m); at && RTA_OK(at, len); at = next(at, &len)) {
		switch (at->rta_type) {
		case RTA_OIF:
			memcpy(&r->index, RTA_DATA(at), sizeof(r->index));
			break;
		case RTA_PRIORITY:
			memcpy(&r->metric, RTA_DATA(at), sizeof(r->metric));
			break;
		case RTA_GATEWAY:
			read_address(at, &r->gateway);
			break;
		case RTA_MULTIPATH:
			read_hops(at, r);
			break;
		default:
			break;
		}
	}
}

/* What routes that lead nowhere tell whoever wants to send. */
static int refusal(unsigned char type)
{
	switch (type) {
	case RTN_UNREACHABLE:
		return EHOSTUNREACH;
	case RTN_PROHIBIT:
		return EACCES;
	case RTN_BLACKHOLE:
		return EINVAL;
	default:
		return 0;
	}
}

static void ask_way(const struct endpoint *to, const struct endpoint *from, unsigned index,
		    unsigned flags, struct doctor_way *way)
{
	size_t len = to->family == FAMILY_V6 ? 16 : 4;
	struct question q;
	union answer a;
	ssize_t n;
	int fd;

	begin(&q, to->family, 0);
	q.route.rtm_dst_len = q.route.rtm_src_len = (unsigned char)(8 * len);
	q.route.rtm_flags = flags;
	put(&q, RTA_DST, to->addr, len);
	put(&q, RTA_SRC, from->addr, len);
	if (index)
		put(&q, RTA_OIF, &index, sizeof(index));
	*way = (struct doctor_way){.err = EIO};
	fd = ask(&q);
	if (fd < 0) {
		way->err = -fd;
		return;
	}
	n = recv(fd, &a, sizeof(a), 0);
	close(fd);
	if (n < 0 || !NLMSG_OK(&a.head, (size_t)n))
		return;
	if (a.head.nlmsg_type == NLMSG_ERROR) {
		way->err = -((const struct nlmsgerr *)NLMSG_DATA(&a.head))->error;
	} else if (a.head.nlmsg_type == RTM_NEWROUTE) {
		struct doctor_route r;

		read_route(&a.head, &r);
		*way = (struct doctor_way){
			.err = refusal(((const struct rtmsg *)NLMSG_DATA(&a.head))->rtm_type),
			.index = r.index, .gateway = r.gateway};
	}
}

void doctor_way(const struct endpoint *to, const struct endpoint *from, unsigned index,
		struct doctor_way *way)
{
	/* Of IPv4, an interface without any route would else be said to reach all the world. */
	ask_way(to, from, index, RTM_F_FIB_MATCH, way);
	if (way->err == 0)
		ask_way(to, from, index, 0, way);
}

/* Takes a piece of the answer; false at its end. */
static bool read_piece(const union answer *a, size_t len, struct doctor_route *route,
		       unsigned *count)
{
	const struct nlmsghdr *h = &a->head;

	for (; NLMSG_OK(h, len); h = NLMSG_NEXT(h, len)) {
		const struct rtmsg *m = NLMSG_DATA(h);

		if (h->nlmsg_type != RTM_NEWROUTE)
			return false;
		if (m->rtm_dst_len == 0 && m->rtm_type == RTN_UNICAST && *count < DOCTOR_ROUTES)
			read_route(h, &route[(*count)++]);
	}
	return true;
}

unsigned doctor_default_routes(enum family family, struct doctor_route *route)
{
	struct question q;
	union answer a;
	unsigned count = 0;
	ssize_t n;
	int fd;

	begin(&q, family, NLM_F_DUMP);
	fd = ask(&q);
	if (fd < 0)
		return 0;
	do
		n = recv(fd, &a, sizeof(a), 0);
	while (n > 0 && read_piece(&a, (size_t)n, route, &count));
	close(fd);
	return count;
}
