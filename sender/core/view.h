/* SPDX-License-Identifier: MIT */
#ifndef SENDER_CORE_VIEW_H
#define SENDER_CORE_VIEW_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/base/flow.h"
#include "shared/base/histogram.h"
#include "shared/base/time.h"

/*
 * What the sender core shows of itself: a flat copy for reports, the simulator
 * and tests.  Nobody reads the live structs.
 */

enum link_state {
	LINK_UNUSED,   /* no link in this place */
	LINK_DOWN,     /* nothing has come of it lately; tried each second */
	LINK_JOINING,  /* the receiver answers, registration is under way */
	LINK_UP,
};

const char *link_state_name(enum link_state state);

enum sender_peer {
	SENDER_PEER_UNKNOWN,
	SENDER_PEER_CLASSIC,
	SENDER_PEER_OWN,
};

struct sender_link_view {
	unsigned port;
	unsigned rank;
	enum link_state state;
	usspan since;          /* how long it has been in that state, or shy, or trusted again */
	const char *why;       /* a constant: what last took it out of use; NULL: nothing yet */
	unsigned role;         /* enum sender_role */
	bool shy;              /* up, but it delivers nothing at present */
	uint64_t capacity;     /* bit/s that it delivers, by our best knowledge */
	usspan queue;          /* queueing delay of the latest arrival */
	int32_t window;        /* thousandths of a packet */
	int32_t in_flight;     /* packets */
	uint64_t flown;        /* late-bound data packets: all that left, */
	uint64_t landed, lost; /* and what became of them; in_flight are the rest */
	usspan srtt;           /* 0 when unknown */
	usspan rtt_least;
	usspan rttvar;         /* how much it varies, mean deviation */
	struct histogram path; /* data packets: from leaving here to being told of their arrival */
	uint64_t resent;       /* data packets on it that had been sent before */
	uint64_t packets_out;  /* everything, control too */
	uint64_t bytes_out;
	uint64_t data_out;     /* SRT data packets */
	uint64_t packets_in;
	uint64_t bytes_in;
	uint64_t acked;        /* numbers that SRTLA ACKs named and this link had sent */
	uint64_t naks;
	uint64_t refused;      /* packets that the socket would not take */
	uint64_t rate;         /* bytes per second sent, over the last second */
};

/* Why packets ended here. */
struct sender_drops {
	uint64_t runt;         /* no SRT packet */
	uint64_t no_link;      /* nothing was live */
	uint64_t stranger;     /* from the encoder's side, without the seat */
	uint64_t held_over;    /* a held handshake that a newer one replaced */
	uint64_t refused;      /* no socket would take it */
	uint64_t repeat;       /* a further copy of an ACK or NAK */
	uint64_t stray;        /* SRTLA packets that nothing had asked for */
	uint64_t no_encoder;   /* from the receiver, while nobody has the seat */
	uint64_t pool;         /* no packet to build an answer in */
	uint64_t twice;        /* the encoder sent again what we hold */
	uint64_t outdated;     /* of no use any more when the encoder sent it */
};

struct sender_view {
	bool joined;           /* we hold a whole group id */
	enum sender_peer peer;
	uint16_t latency;      /* SRT latency, ms; 0 unknown */
	unsigned mode;         /* enum sender_mode, in force */
	unsigned live;         /* links that are up */
	unsigned count;
	uint64_t capacity;     /* bit/s of UDP payload that the links deliver now, by our best knowledge */
	uint64_t safe_rate;    /* bit/s at which an encoder leaves them room to breathe */
	uint64_t app_packets_in;
	uint64_t app_bytes_in;
	uint64_t app_packets_out;
	uint64_t resent_in;    /* data packets that the encoder sent again */
	uint64_t acks;         /* distinct SRT ACKs passed to the encoder */
	uint64_t naks;
	uint64_t copies;       /* packets that were sent on one link more, unasked */
	uint64_t copy_bytes;
	uint64_t over_budget;  /* packets that deserved more copies than the budget had */
	uint64_t waiting;      /* data packets that wait for a link now */
	unsigned held;         /* copies of what may yet be asked for, those that wait included, */
	unsigned held_room;    /* of so many at most */
	unsigned flight_room;  /* what a link's in_flight can be at most */
	unsigned pool_used;    /* packets in use, */
	unsigned pool_room;    /* of so many */
	struct histogram forward[FLOWS]; /* from the encoder to a link: how long each waited here; */
	                                 /* a retransmission, since it was known to be lost */
	uint64_t resent_out;   /* that were sent again from here */
	uint64_t probes;       /* copies sent to find out whether a shy link delivers */
	uint64_t expired;      /* that waited until nobody could play them any more */
	uint64_t evicted;      /* copies given up for want of room, before they were acknowledged */
	uint64_t naks_kept;    /* NAKs that were answered here and went no further */
	struct sender_drops drops;
	struct sender_link_view link[64];
};

#endif
