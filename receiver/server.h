/* SPDX-License-Identifier: MIT */
#ifndef RECEIVER_SERVER_H
#define RECEIVER_SERVER_H

#include "receiver/door.h"
#include "receiver/host.h"

struct servers;

/*
 * The socket of one group toward the SRT server: its own, so that the server
 * sees one peer per stream.  It is opened with the first packet and belongs to
 * the group with that serial; when the port has another group, it is of no use.
 */
struct server {
	struct servers *all;
	unsigned port;
	uint32_t serial;
	int fd;          /* -1: not open */
	struct loop_watch *watch;
	int trouble;     /* errno for which it could not be opened */
	ustime next_try; /* of opening, after that */
};

/* The sockets of all groups, by port. */
struct servers {
	struct door *door;
	struct host *host;
	unsigned limit;
	struct server *server; /* place i is port i + 1 */
	bool failing;          /* no socket can be had, and that has been logged */
	uint64_t packets_out;
	uint64_t packets_in;
	uint64_t bytes_out;
	uint64_t refused;      /* packets that could not be sent */
	uint64_t stale;        /* packets for groups that have gone */
};

/* For ports 1 to limit.  False when memory is short. */
bool servers_init(struct servers *ss, struct door *door, struct host *host, unsigned limit);
void servers_finish(struct servers *ss);

/* Sends p to the SRT server, for the group on p->port; takes it. */
void servers_send(struct servers *ss, struct pkt *p, ustime now);

/* The group on this port has gone. */
void servers_close(struct servers *ss, unsigned port);

/* Closes what belongs to no group any more. */
void servers_sweep(struct servers *ss);

/* The host has another address: each group goes there with its next packet. */
void servers_host_moved(struct servers *ss);

#endif
