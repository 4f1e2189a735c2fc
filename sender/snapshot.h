/* SPDX-License-Identifier: MIT */
#ifndef SENDER_SNAPSHOT_H
#define SENDER_SNAPSHOT_H

#include "sender/app.h"
#include "sender/links.h"

/* One link as reports tell of it. */
struct snapshot_link {
	char name[UPLINK_NAME];     /* "usb0/192.168.8.100" */
	char device[UPLINK_DEVICE]; /* "" where the routing table decides */
	struct endpoint local;
	struct sender_terms terms;
	bool open;                  /* it has a socket */
	const char *trouble;        /* why nothing can leave now, not to be freed; NULL: it can */
	size_t unsent;              /* bytes in its socket */
	size_t mtu;                 /* bytes of UDP payload that fit; 0: not known */
	uint64_t bytes_today;       /* sent since midnight, see sender/today.h */
	struct sender_link_view view;
};

/*
 * All that reports tell, at one moment: what is shown to people, monitors and control panels is
 * made of this and of nothing else.
 */
struct snapshot {
	ustime now;
	usspan uptime;
	int64_t wall_ms;            /* since 1970, to be shown */
	int64_t began_ms;           /* the same, of the start; steady while nobody sets the clock */
	uint16_t listen_port;
	const char *host;           /* as it was asked for */
	uint16_t host_port;
	struct endpoint address[2]; /* of the host, IPv4 and IPv6; FAMILY_NONE: none */
	struct sender_view view;    /* its links are those below, in another order */
	struct door_traffic traffic;
	uint64_t app_refused;       /* packets that the encoder's socket would not take */
	uint64_t homeless;          /* packets for links that were no more */
	uint64_t notes_lost;
	uint64_t log_lost;          /* lines that nobody took */
	unsigned count;
	struct snapshot_link link[UPLINKS_MOST]; /* in the order of the uplinks file */
};

/* Whom a snapshot is taken of. */
struct scene {
	const struct config *cfg;
	struct door *door;
	struct app *app;
	struct host *host;
	struct links *links;
	ustime began;
};

void snapshot_take(const struct scene *scene, ustime now, struct snapshot *s);

/* A figure with its name, a constant. */
struct snapshot_count {
	const char *name;
	uint64_t count;
};

enum { SNAPSHOT_DROPS = 15, SNAPSHOT_REFUSALS = BATCH_ERRORS + 1, SNAPSHOT_QUEUES = 2 };

/* Packets that ended here, by cause. */
void snapshot_drops(const struct snapshot *s, struct snapshot_count drops[SNAPSHOT_DROPS]);

/* How often a socket would not take a packet, by "ENOBUFS" and its like, and "other".  How many. */
unsigned snapshot_refusals(const struct snapshot *s,
			   struct snapshot_count refusals[SNAPSHOT_REFUSALS]);

/* What has room for so much and no more. */
struct snapshot_queue {
	const char *name;
	uint64_t used, room; /* packets */
};

void snapshot_queues(const struct snapshot *s, struct snapshot_queue queues[SNAPSHOT_QUEUES]);

/* "down", "joining", "up", "shy". */
const char *snapshot_link_state(const struct snapshot_link *l);

/* Why it carries nothing; NULL while it does, or when that is not known. */
const char *snapshot_link_reason(const struct snapshot_link *l);

/* "own", "classic", "unknown": what the receiver is. */
const char *snapshot_peer(const struct snapshot *s);

#endif
