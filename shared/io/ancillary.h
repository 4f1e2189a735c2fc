/* SPDX-License-Identifier: MIT */
#ifndef SHARED_IO_ANCILLARY_H
#define SHARED_IO_ANCILLARY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <time.h>

#include "shared/base/endpoint.h"

/*
 * What travels beside a datagram: control messages, RFC 3542 section 20, and ip(7), socket(7) and
 * udp(7) for those of Linux.
 */

/* Room for all that one datagram brings or takes along. */
union ancillary {
	size_t align; /* as a struct cmsghdr, which begins with one */
	char bytes[128];
};

/* What came beside one datagram. */
struct ancillary_news {
	struct endpoint local; /* the address of ours that it came to, port 0; or of no family */
	struct timespec stamp; /* when the kernel had it, CLOCK_REALTIME; */
	bool stamped;          /* whether that is known */
	unsigned segment;      /* it is several, each of so many bytes and the last of the rest; 0: one */
};

void ancillary_read(struct msghdr *msg, struct ancillary_news *news);

/*
 * Adds to what msg takes along, in room that is its own; msg_controllen is 0 before the first.
 * Leave from this address; or as datagrams of so many bytes each.
 */
void ancillary_put_local(struct msghdr *msg, union ancillary *room, const struct endpoint *local);
void ancillary_put_segment(struct msghdr *msg, union ancillary *room, uint16_t bytes);

#endif
