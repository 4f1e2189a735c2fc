/* SPDX-License-Identifier: MIT */
#include "shared/io/ancillary.h"

#include <netinet/in.h>
#include <netinet/udp.h>
#include <string.h>

static void read_v4(const struct cmsghdr *c, struct endpoint *local)
{
	struct in_pktinfo info;

	memcpy(&info, CMSG_DATA(c), sizeof(info));
	*local = (struct endpoint){.family = FAMILY_V4};
	/* of a broadcast, the address that may answer it */
	memcpy(local->addr, &info.ipi_spec_dst, sizeof(info.ipi_spec_dst));
}

static void read_v6(const struct cmsghdr *c, struct endpoint *local)
{
	struct in6_pktinfo info;

	memcpy(&info, CMSG_DATA(c), sizeof(info));
	*local = (struct endpoint){.family = FAMILY_V6};
	memcpy(local->addr, &info.ipi6_addr, sizeof(info.ipi6_addr));
	if (IN6_IS_ADDR_LINKLOCAL(&info.ipi6_addr))
		local->scope = info.ipi6_ifindex;
	endpoint_normalise(local);
}

void ancillary_read(struct msghdr *msg, struct ancillary_news *news)
{
	*news = (struct ancillary_news){0};
	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_TIMESTAMPNS) {
			memcpy(&news->stamp, CMSG_DATA(c), sizeof(news->stamp));
			news->stamped = true;
		} else if (c->cmsg_level == IPPROTO_UDP && c->cmsg_type == UDP_GRO) {
			int bytes;

			memcpy(&bytes, CMSG_DATA(c), sizeof(bytes));
			news->segment = bytes > 0 ? (unsigned)bytes : 0;
		} else if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
			read_v4(c, &news->local);
		} else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
			read_v6(c, &news->local);
		}
	}
}

static void put(struct msghdr *msg, union ancillary *room, int level, int type, const void *data,
		size_t len)
{
	struct cmsghdr *c = (struct cmsghdr *)(void *)(room->bytes + msg->msg_controllen);

	msg->msg_control = room;
	c->cmsg_level = level;
	c->cmsg_type = type;
	c->cmsg_len = CMSG_LEN(len);
	memcpy(CMSG_DATA(c), data, len);
	msg->msg_controllen += CMSG_SPACE(len);
}

/*
 * A dual-stack socket takes plain IPv4 addresses and packet info as well as
 * mapped ones (udpv6_sendmsg() of Linux), so nobody need know its family here.
 */
void ancillary_put_local(struct msghdr *msg, union ancillary *room, const struct endpoint *local)
{
	if (local->family == FAMILY_V4) {
		struct in_pktinfo info = {0};

		memcpy(&info.ipi_spec_dst, local->addr, sizeof(info.ipi_spec_dst));
		put(msg, room, IPPROTO_IP, IP_PKTINFO, &info, sizeof(info));
	} else {
		struct in6_pktinfo info = {.ipi6_ifindex = local->scope};

		memcpy(&info.ipi6_addr, local->addr, sizeof(info.ipi6_addr));
		put(msg, room, IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof(info));
	}
}

void ancillary_put_segment(struct msghdr *msg, union ancillary *room, uint16_t bytes)
{
	put(msg, room, IPPROTO_UDP, UDP_SEGMENT, &bytes, sizeof(bytes));
}
