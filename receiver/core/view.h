/* SPDX-License-Identifier: MIT */
#ifndef RECEIVER_CORE_VIEW_H
#define RECEIVER_CORE_VIEW_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/base/endpoint.h"
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

struct receiver_group_view {
	unsigned port;
	uint32_t serial;
	usspan age;
	bool own_peer;
	uint16_t latency;      /* ms, 0 unknown */
	uint64_t up_packets;   /* toward the SRT server */
	uint64_t up_bytes;
	uint64_t down_packets; /* toward the sender, before copies */
	uint64_t acks;         /* SRT ACKs and NAKs of the server */
	uint64_t naks;
	uint64_t server_refused; /* packets that its socket would not take */
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
};

struct receiver_view {
	unsigned groups;
	unsigned members;
	uint64_t reg1;         /* answered with a REG2 */
	uint64_t reg2;         /* answered with a REG3 */
	struct receiver_drops drops;
};

#endif
