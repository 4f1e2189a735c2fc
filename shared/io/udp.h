/* SPDX-License-Identifier: MIT */
#ifndef SHARED_IO_UDP_H
#define SHARED_IO_UDP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "shared/base/pkt.h"

/*
 * UDP sockets: non-blocking, close-on-exec, never shared with a stranger.
 * All calls return -errno on failure.
 */
struct udp_options {
	const char *device; /* bind to this interface, or NULL */
	bool dual_stack;    /* an IPv6 socket that takes IPv4 too */
	bool tell_local;    /* report which of our addresses each datagram came to */
	bool stamped;       /* the kernel says when each datagram came */
	bool tell_errors;   /* IP_RECVERR: full queues and ICMP become errors */
	bool shared;        /* joins a socket of ours that holds the port, see udp_share() */
	int receive_buffer; /* bytes wanted, 0: the system's default */
	int send_buffer;
};

/*
 * A socket bound to `local`; port 0 means any, an unspecified address all.
 * With tell_errors the caller reads udp_next_error() when a call fails or the
 * descriptor is readable without a datagram.
 */
int udp_open(const struct endpoint *local, const struct udp_options *opt);

int udp_connect(int fd, const struct endpoint *peer);

/* A socket that another process opened becomes one of ours; -EPROTOTYPE if it has no datagrams. */
int udp_adopt(int fd);

/* The address that the socket is bound to, and the one that it is connected to. */
int udp_local(int fd, struct endpoint *local);
int udp_peer(int fd, struct endpoint *peer);

/*
 * Lets a second socket, opened with `shared`, have the port of this bound one too, or no
 * other any more.  Bound before it was shared, the first one has shown that nobody else
 * holds the port.
 */
int udp_share(int fd, bool on);

/* Which datagrams are for the second of two sockets on one port. */
struct udp_split {
	uint16_t len;      /* of exactly this many bytes */
	uint16_t begin[2]; /* that begin with either of these 16 bits */
};

/*
 * All other datagrams of the port then go to its first socket, and so does what the kernel
 * has put together from several.  `fd` is either of the two; asks for no privilege.
 */
int udp_split(int fd, const struct udp_split *split);

/* The kernel says from now on when each datagram came, where it can. */
void udp_stamp(int fd);

/* How many datagrams found no room in the socket's receive buffer; 0 where nobody counts. */
uint32_t udp_lost(int fd);

/*
 * One datagram into p: its bytes, p->peer and, with tell_local, p->local (port 0).
 * Returns 0; -EAGAIN when there is none; -EMSGSIZE when it was longer than
 * PKT_CAP and is gone.
 */
int udp_recv(int fd, struct pkt *p);

/*
 * Sends p: to p->peer when `addressed`, from p->local when that has a family,
 * else to the connected peer.  Returns 0.  The packet stays the caller's.
 */
int udp_send(int fd, const struct pkt *p, bool addressed);

/* What came with a queued error. */
struct udp_error {
	uint32_t mtu; /* the path's limit, when that was the news; else 0 */
	bool icmp;    /* from the network, where anybody may have sent it; else from this system */
	uint8_t type; /* of the ICMP or ICMPv6 message */
	uint8_t code;
};

/*
 * The next queued error of a socket with tell_errors: errno as a positive number, 0 when there
 * is none.
 */
int udp_next_error(int fd, struct udp_error *e);

/*
 * Bytes of datagrams, about, that the socket has taken and the interface has not; 0 where
 * nobody knows.
 */
size_t udp_unsent(int fd);

/* The longest payload that the path to the connected peer takes unbroken; 0: not known. */
size_t udp_path_payload(int fd);

socklen_t udp_to_sockaddr(const struct endpoint *ep, struct sockaddr_storage *ss);
bool udp_from_sockaddr(const struct sockaddr *sa, struct endpoint *ep);

#endif
