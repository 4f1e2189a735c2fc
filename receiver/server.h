/* SPDX-License-Identifier: MIT */
#ifndef RECEIVER_SERVER_H
#define RECEIVER_SERVER_H

#include "receiver/door.h"
#include "receiver/host.h"

struct servers;

/*
 * The socket of one group toward its SRT server: its own, so that the server
 * sees one peer per stream.  It is opened with the first packet and belongs to
 * the group with that serial; when the port has another group, it is of no use.
 */
struct server {
	struct servers *all;
	unsigned port;
	uint32_t serial;
	unsigned number;       /* of the SRT server */
	struct endpoint peer;  /* its address */
	struct batch_socket socket; /* its fd is -1 while it is not open */
	uint16_t local_port;   /* where it is bound, or the next one wants to be; 0: anywhere */
	struct loop_watch *watch;
	int trouble;     /* errno for which it could not be opened */
	ustime next_try; /* of opening, after that */

	struct pkt_list leaving;   /* with the next servers_flush(), */
	uint32_t leaving_for;      /* for the group with this serial */
	struct server *next;       /* whose packets leave after these */
	bool queued;
};

/* The sockets of all groups, by port. */
struct servers {
	struct door *door;
	struct host *host;     /* of SRT server 0, 1 ... */
	unsigned hosts;
	unsigned limit;
	struct server *server; /* place i is port i + 1 */
	struct server *first;  /* of those from which something leaves */
	struct server *last;
	bool failing;          /* no socket can be had, and that has been logged */
	uint64_t packets_out;
	uint64_t packets_in;
	uint64_t refused;      /* packets that could not be sent */
	uint64_t stale;        /* packets for groups that have gone */
	uint64_t strangers;    /* packets that are not from the server of the group */
};

/*
 * For ports 1 to limit, and SRT servers 0 to hosts - 1; number 0 is the default.  False
 * when memory is short.
 */
bool servers_init(struct servers *ss, struct door *door, struct host *host, unsigned hosts,
		  unsigned limit);
void servers_finish(struct servers *ss);

/*
 * Takes p, for the group with this serial on p->port, a port within the limit.  It leaves with
 * the next servers_flush(), unless the group has gone by then.
 */
void servers_put(struct servers *ss, uint32_t serial, struct pkt *p);

/*
 * Each group's packets go to its SRT server, first to last; the groups take turns, a run of
 * packets each, in the order in which they came here.
 */
void servers_flush(struct servers *ss, ustime now);

/* The group on this port has gone. */
void servers_close(struct servers *ss, unsigned port);

/* Closes what belongs to no group any more. */
void servers_sweep(struct servers *ss);

/* Where the group's socket is bound, or will be, host order; 0: anywhere. */
uint16_t servers_local_port(const struct servers *ss, unsigned port);

/*
 * The group on this port is back after a restart: its socket wants this local port, so that
 * the SRT server knows it again, and is opened as soon as the server's address is known,
 * before another can have the port.  If it is taken nevertheless, any other will do.
 */
void servers_expect(struct servers *ss, unsigned port, uint16_t local_port);

/*
 * Or the socket is here already: fd, connected to the SRT server.  False: it is of no use,
 * and stays the caller's.
 */
bool servers_adopt(struct servers *ss, unsigned port, int fd);

/* The group's socket, for who keeps it over a restart; -1: none. */
int servers_fd(const struct servers *ss, unsigned port);

/*
 * A host has another address: its groups go there, each from the local port that it had.
 * Sockets that are connected where they should be stay.
 */
void servers_host_moved(struct servers *ss);

#endif
