/* SPDX-License-Identifier: MIT */
#ifndef SENDER_UPLINK_H
#define SENDER_UPLINK_H

#include "sender/door.h"
#include "sender/ground.h"
#include "sender/host.h"
#include "sender/uplinks.h"

/*
 * The socket of one link: bound to the uplink's address and interface, and
 * connected to the receiver's address of the same family.  While it cannot be
 * opened it is tried again each second; the core keeps the link all the time.
 */
struct uplink {
	struct uplink_id id;
	struct sender_terms terms;
	char name[UPLINK_NAME];
	struct door *door;
	struct host *host;
	bool any_source; /* not connected: answers may come from anywhere */
	unsigned port;   /* the core's; 0: not added yet */
	struct batch_socket socket; /* fd -1: not open */
	struct loop_watch *watch;
	struct pkt_list going; /* what leaves by it with the next uplink_flush() */
	bool way_gone;         /* as some of that was told */
	uint32_t drops;        /* of the socket, see door_count_drops() */
	struct ground ground;
	uint16_t local_port; /* of its socket, or of the one before; 0: any */
	struct endpoint peer;
	int trouble;       /* errno for which it is not open; 0: open, or not tried yet */
	ustime next_try;   /* of opening; NEVER while open, or without an address to go to */
	ustime next_check; /* whether a socket that finds no way is still good */
	uint32_t mtu;      /* of the path, as the latest error told it */
	ustime measured;   /* when its socket was last asked the next two: */
	size_t unsent;     /* bytes that it has taken and not sent */
	size_t payload;    /* the longest that fits the path; 0: not known */
	ustime payload_due;
};

/* NULL when memory is short.  Opens nothing. */
struct uplink *uplink_create(const struct uplink_id *id, struct door *door, struct host *host,
			     bool any_source);

/* Closes it; what it was given and has not sent is dropped and counted.  Takes NULL too. */
void uplink_destroy(struct uplink *u);

/* Opens it if that is due, and tells the core, once the link is the core's. */
void uplink_run(struct uplink *u, ustime now);

/* A new socket with a new source port, at once: the receiver will not take the old one. */
void uplink_reopen(struct uplink *u, ustime now);

/* News of interfaces and addresses, of this link or others. */
void uplink_hear(struct uplink *u, const struct netlink_news *news, ustime now);

/* Whether there is a way may have changed. */
void uplink_look(struct uplink *u, ustime now);

/* The host's addresses have changed: move there if this link's family is concerned. */
void uplink_host_moved(struct uplink *u, ustime now);

/* When uplink_run() is next wanted. */
ustime uplink_deadline(const struct uplink *u);

/* Takes p, which is to be sent. */
void uplink_put(struct uplink *u, struct pkt *p);

/* Sends what it was given, in that order; what the socket refuses goes back to the core. */
void uplink_flush(struct uplink *u, ustime now);

bool uplink_is_open(const struct uplink *u);

/* What the kernel had no room for goes into the door's count. */
void uplink_count_drops(struct uplink *u, ustime now);

#endif
