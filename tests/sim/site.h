/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SIM_SITE_H
#define TESTS_SIM_SITE_H

#include "tests/sim/door.h"
#include "tests/sim/srt_listener.h"
#include "tests/sim/timeline.h"

enum {
	SITE_GROUPS = 64,
	SITE_BONDS = 8,
	SITE_BACKLOG = 160, /* packets: what a socket takes in while nobody reads it */
};

struct bond;

struct site_config {
	bool ipv6;             /* the receiver's address */
	unsigned members;      /* as in receiver_config */
	usspan member_timeout;
	usspan group_timeout;
	usspan hold;           /* as in receiver_config */
	bool mute;             /* no greeting of a sender comes through to it */
	const struct foreign_receiver_traits *foreign; /* a model of these, or NULL: our core */
	struct srt_listener_config server;
};

/*
 * The receiver's end: one receiver, its sockets, and one SRT server
 * beside it.  Any number of bonds send to it.
 */
struct site {
	struct world *world;
	struct site_config cfg;
	struct timeline *line;
	struct pkt_pool pool;
	struct outbox out;
	const struct receiver_door *door;
	void *core;                  /* NULL while its process is not there */
	struct receiver_config keys; /* of the process that runs */
	struct timer due;
	bool flushing;
	struct endpoint here, loopback;
	struct srt_listener server;
	struct bond *bond[SITE_BONDS];
	unsigned bonds;

	/* The socket of each group toward the SRT server. */
	struct {
		uint32_t serial; /* of the group that it was opened for */
		uint16_t port;   /* its own, never used twice */
	} socket[SITE_GROUPS + 1];
	uint16_t last_port;

	/* Its state file, as it stood when the process ended. */
	struct site_record {
		bool written;
		uint16_t port; /* of the socket toward the SRT server */
		struct receiver_record group;
	} file[SITE_GROUPS + 1];

	/* The server's process is stopped: it says nothing, and what comes waits. */
	bool server_stalls;
	unsigned backlog;
	struct {
		struct endpoint from;
		size_t len;
		uint8_t data[PKT_CAP];
	} waiting[SITE_BACKLOG];

	uint64_t to_nobody;     /* packets for addresses that no link has any more */
	uint64_t wrong_address; /* replies that would leave from another address than was asked */
	uint64_t refused;       /* packets that came back as ECONNREFUSED */
	uint64_t closed;        /* from the server to a socket that is closed */
	uint64_t unheard;       /* came while no receiver was there */
	uint64_t overflowed;    /* for a server that stalls, beyond what its socket takes in */
};

/* With the receiver and the SRT server running. */
void site_init(struct site *s, struct world *w, const struct site_config *cfg,
	       struct timeline *line);
void site_finish(struct site *s);

/* The receiver's process ends without a word. */
void site_stop_receiver(struct site *s);

/* It is asked to end, and first lets go of what it holds. */
void site_end_receiver(struct site *s);

/* A new one: with the state directory of before, keys and groups, or an empty one. */
void site_start_receiver(struct site *s, bool same_keys);

void site_stop_server(struct site *s);
void site_start_server(struct site *s);

/* The SRT server's process is stopped for a while, and goes on. */
void site_stall_server(struct site *s);
void site_resume_server(struct site *s);

/* A packet from the network. */
void site_input(struct site *s, const uint8_t *data, size_t len, const struct endpoint *from);

#endif
