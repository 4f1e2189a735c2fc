/* SPDX-License-Identifier: MIT */
#ifndef SENDER_LINKSOCK_H
#define SENDER_LINKSOCK_H

#include "sender/uplinks.h"

/*
 * How the socket of a link is had: bound to the uplink's address and interface, and on the way to
 * the receiver.  A short send queue makes a modem that backs up show itself as EAGAIN; a long
 * receive queue keeps ACKs while we are busy.
 */
enum {
	LINKSOCK_SEND_BUFFER = 128 * 1024, /* some 110 full packets, by the way Linux counts them */
	LINKSOCK_RECEIVE_BUFFER = 1024 * 1024,
};

/*
 * From this port, or any if that is 0 or taken; connected to the peer, or open for answers from
 * anywhere.  A link-local peer gets the interface that it lies behind.  A descriptor, or -errno.
 */
int linksock_open(const struct uplink_id *id, uint16_t port, struct endpoint *peer,
		  bool any_source);

/*
 * After an error that says there is no way: whether the socket is of no use any more.  If the
 * address is gone, so is the socket.  If another socket would find the way, this one has gone
 * stale: its interface was replaced under the same name.  Else it is the route that is missing,
 * and the socket is better kept, for its port is known to the receiver.
 */
bool linksock_stale(const struct uplink_id *id, const struct endpoint *peer);

/* Whether the address could be bound now: 0 or -errno.  Keeps nothing open. */
int linksock_try(const struct uplink_id *id);

#endif
