/* SPDX-License-Identifier: MIT */
#ifndef LAB_ROAD_H
#define LAB_ROAD_H

#include <stdbool.h>

#include "lab/supply.h"

enum {
	ROAD_MILLION = 1000000,
	ROAD_HEADERS = 28, /* IPv4 and UDP: what a packet takes on the link besides its payload */
};

/*
 * What one direction of a link does to packets.  Chances are of a million
 * packets.  All zero is a road that delivers at once.
 */
struct road_config {
	struct supply_config supply;
	size_t queue;        /* bytes that wait at most, then the newest is dropped; 0: no limit */
	usspan delay;        /* one way, besides the queue */
	usspan jitter;       /* up to so much more, at random, order kept */
	const struct recording *trips; /* half of a recorded round trip in place of `delay`; or NULL */
	usspan trips_from;   /* where in it a run begins; a trip without reply loses the packet */
	uint32_t loss;       /* lost, each on its own */
	uint32_t burst_enter; /* Gilbert-Elliott: the road turns bad before a packet, */
	uint32_t burst_leave; /* good again, */
	uint32_t burst_loss; /* and loses while bad */
	uint32_t twice;      /* arrive twice */
	uint32_t astray;     /* take a detour, so that others overtake, */
	usspan detour;       /* of at most so long */
	uint32_t damage;     /* arrive with one bit turned */
	usspan idle;         /* after so long without a packet the radio sleeps, */
	usspan wake;         /* and the next one, with all behind it, waits for it; 0: never */
	size_t mtu;          /* bytes of an IP packet; longer ones vanish before the queue; 0: no limit */
};

/* What may change on the way. */
enum road_knob {
	ROAD_RATE, /* bit/s */
	ROAD_QUEUE,
	ROAD_DELAY,
	ROAD_JITTER,
	ROAD_LOSS,
	ROAD_TWICE,
	ROAD_MTU,
};

enum road_end {
	ROAD_ARRIVES,
	ROAD_OVERFLOW, /* the queue was full */
	ROAD_LOST,     /* by chance, in a burst or alone */
	ROAD_DARK,     /* in an outage */
	ROAD_TOO_LONG, /* for the MTU */
};

/* What becomes of one packet. */
struct road_fate {
	enum road_end end;
	int64_t left;     /* ns: when it has left the queue; the moment it entered if it never got in */
	int64_t arrives;  /* ns; NEVER if it does not */
	bool twice;
	uint32_t damaged; /* 1 + the bit of the payload that arrives turned, in both copies; 0: none */
};

struct road_tally {
	uint64_t packets_in, bytes_in;   /* payload */
	uint64_t packets_out, bytes_out; /* that arrive; each copy counts */
	uint64_t overflow, lost, dark, too_long, doubled, damaged;
	uint64_t fingerprint;            /* over end, left and arrives of each packet */
};

/* A packet in the queue. */
struct road_waiting {
	int64_t left; /* ns: when it will have left */
	uint64_t bytes;
};

struct road_change {
	ustime at;
	enum road_knob knob;
	uint64_t value;
};

struct road_outage {
	int64_t from, until; /* ns */
};

/*
 * One direction of one link, as a rule and not as a wire: it is told what
 * enters and answers when it arrives.  The simulator and the emulator both ask
 * it, so both put the same road under the same seed: the n-th packet draws the
 * same lot, whatever befell those before it.  Time is nanoseconds from the
 * beginning of the run.
 */
struct road {
	struct road_config cfg; /* may be written on the way, but for the supply */
	struct supply supply;
	struct road_tally tally;
	uint64_t chance;   /* the key to the lots of loss, */
	uint64_t whim;     /* and to those of jitter, detours, copies and damage */
	bool bad;          /* in a burst */
	int64_t busy_until; /* before it no further packet begins to leave the queue */
	int64_t last_in, last_arrival;
	uint64_t waiting_bytes;
	struct road_waiting *waiting; /* a ring: what is in the queue and when it leaves */
	size_t waiting_head, waiting_count, waiting_room; /* the room is a power of two */
	struct road_change *change; /* ascending */
	size_t changes, change_room, changed;
	struct road_outage *outage; /* ascending, with some time between each two */
	size_t outages, outage_room, outages_over;
};

/* Here and below, a road that lacks memory ends the program. */
void road_init(struct road *r, const struct road_config *cfg, uint64_t seed);
void road_finish(struct road *r);

/*
 * Turns a knob at that moment (us), for what enters from then on; the rate at
 * once, for what waits too.  Changes may be added in any order before it.
 */
void road_change(struct road *r, ustime at, enum road_knob knob, uint64_t value);

/* What enters, waits or would leave from `from` to before `until` (us) is lost. */
void road_outage(struct road *r, ustime from, ustime until);

/* A packet of so many bytes of UDP payload enters at `now` (ns), never before the last. */
void road_take(struct road *r, int64_t now, size_t len, struct road_fate *fate);

/*
 * What road_take() would answer; nothing changes.  To look further ahead, copy
 * the struct and let the copy take packets, fewer than 64 while the road itself
 * has none waiting; do not finish the copy.
 */
void road_peek(const struct road *r, int64_t now, size_t len, struct road_fate *fate);

/* Bytes in the queue at `now` (ns), headers included. */
uint64_t road_backlog(struct road *r, int64_t now);

#endif
