/* SPDX-License-Identifier: MIT */
#ifndef RECEIVER_CORE_VIEW_H
#define RECEIVER_CORE_VIEW_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/base/endpoint.h"
#include "shared/base/flow.h"
#include "shared/base/histogram.h"
#include "shared/base/time.h"

/*
 * What the receiver core shows of itself: flat copies for reports, the
 * simulator and tests.  Nobody reads the live structs.
 */

enum { RECEIVER_MEMBERS = 64 }; /* the most that --max-members may ask for */

struct receiver_member_view {
	struct endpoint who;
	usspan idle;           /* since anything came */
	uint64_t packets_in;
	uint64_t bytes_in;
	uint64_t data_in;
	uint64_t packets_out;
	uint64_t bytes_out;
	bool reports;          /* telemetry of the sender, the fields below, is fresh */
	int32_t window;
	int32_t in_flight;
	uint32_t srtt;         /* ms */
	uint32_t naks;
	uint32_t rate;         /* bytes per second */
};

/* What waits for its turn, and why what waited went on. */
struct receiver_order_view {
	unsigned held;         /* packets, now */
	unsigned most;         /* ever at a time */
	usspan longest;        /* that a packet was held */
	uint64_t waited;       /* packets that were held at all */
	/* How gaps ended: */
	uint64_t filled;       /* the missing ones came */
	uint64_t passed;       /* every member had delivered something newer */
	uint64_t silent;       /* the same, but for members that had fallen silent */
	uint64_t timed_out;    /* play-out, or --hold, allowed no more */
	uint64_t pressed;      /* memory was wanted */
	uint64_t ended;        /* another session began */
	uint64_t late;         /* packets that came after their gap was given up */
	uint64_t duplicate;    /* packets that had passed before; they end here */
	uint64_t stray;        /* packets of another session, or with numbers far from the rest */
	uint64_t paced;        /* times that a release was spread */
};

/* How a stream stands, for those who switch scenes by it. */
enum receiver_stream {
	RECEIVER_OFFLINE,  /* no caller */
	RECEIVER_STARTING, /* it calls, or has an answer, but the server has acknowledged no media */
	RECEIVER_LIVE,
	RECEIVER_STALLED,  /* it was live, and no media has come for RECEIVER_STALL */
	RECEIVER_ENDED,    /* it said goodbye, or the server gave it up */
};

#define RECEIVER_STALL SEC(2)

/* "offline", "starting", "live", "stalled", "ended". */
const char *receiver_stream_name(enum receiver_stream s);

struct receiver_group_view {
	unsigned port;
	uint32_t serial;
	usspan age;
	bool own_peer;
	bool plain;            /* one member, which speaks SRT alone */
	uint16_t latency;      /* ms, 0 unknown */
	enum receiver_stream stream;
	usspan session_age;    /* since its caller came; 0: there is none */
	usspan quiet;          /* since its latest media; NEVER: there was none */
	usspan srt_rtt;        /* between encoder and server, as the server measures it; 0 unknown */
	usspan srt_rttvar;
	unsigned missing;      /* media given up in this session: it never came, or too late */
	uint64_t up_packets;   /* toward the SRT server */
	uint64_t up_bytes;
	uint64_t down_packets; /* toward the sender, before copies */
	uint64_t acks;         /* SRT ACKs and NAKs of the server */
	uint64_t naks;
	uint64_t naks_again;   /* that said nothing new; not among those */
	uint64_t reports;      /* of arrivals, made for a sender that wants them */
	uint64_t server_refused; /* packets that its socket would not take */
	bool proved;           /* the server has acknowledged data */
	unsigned server;       /* which SRT server */
	struct receiver_order_view order;
	unsigned count;
	struct receiver_member_view member[RECEIVER_MEMBERS];
};

struct receiver_drops {
	uint64_t runt;         /* of a member or the server, but shorter than any SRT packet */
	uint64_t stranger;     /* not registered */
	uint64_t unknown;      /* SRTLA types that mean nothing to us */
	uint64_t malformed;    /* registrations of a wrong length */
	uint64_t forged;       /* registrations with an id that we did not give out */
	uint64_t elsewhere;    /* registrations from a member of another group */
	uint64_t hurried;      /* registrations beyond the rate of their prefix */
	uint64_t full;         /* no room for a group or member */
	uint64_t no_member;    /* from the server, with nobody to give it to */
	uint64_t stale;        /* from the server, for a group that has gone */
	uint64_t pool;         /* no packet to build an answer in */
	uint64_t duplicate;    /* media that had passed before */
	uint64_t budget;       /* would be more than three times what came from the address */
	uint64_t penalised;    /* registrations from prefixes whose logins failed */
	uint64_t unkeyed;      /* callers whose stream key is not listed, and what they say after that */
	uint64_t unasked;      /* answers of the server to questions of our own */
	/* SRT control packets that make no sense: */
	uint64_t gate_type;    /* unknown type or subtype */
	uint64_t gate_length;  /* no whole words, or not a length of its type */
	uint64_t gate_nak;     /* numbers that are none, ranges reversed or without an end */
	uint64_t gate_key;     /* key material of an impossible size */
	uint64_t gate_size;    /* longer than any SRT packet */
};

struct receiver_view {
	unsigned groups;
	unsigned members;
	unsigned unproved;     /* groups whose data the server has not acknowledged yet */
	unsigned held;         /* packets that wait for their turn, */
	unsigned held_room;    /* of so many at most */
	unsigned groups_room;
	unsigned pool_used;    /* packets in use, */
	unsigned pool_room;    /* of so many */
	struct histogram hold; /* how long media waited for its turn, those that did */
	struct histogram path; /* media: how much later than the SRT clock of its caller it came */
	struct histogram forward[FLOWS]; /* from a link toward the server: how long each was here */
	uint64_t reg1;         /* answered with a REG2 */
	uint64_t reg2;         /* answered with a REG3 */
	struct receiver_drops drops;
};

#endif
