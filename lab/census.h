/* SPDX-License-Identifier: MIT */
#ifndef LAB_CENSUS_H
#define LAB_CENSUS_H

#include <stdbool.h>

#include "lab/road.h"

/*
 * Why bytes were on a link: what an outsider can tell who sees every packet
 * that enters and leaves the links of one bond.
 */
enum census_cause {
	CENSUS_FIRST,        /* SRT data, the first copy of its number */
	CENSUS_RESENT,       /* with the R bit */
	CENSUS_FALSE_RESENT, /* the same, of a number that had arrived before this copy was sent */
	CENSUS_COPY,         /* a further copy without the R bit */
	CENSUS_SRT,          /* SRT control */
	CENSUS_SRTLA,        /* keepalives, registrations and whatever else is SRTLA's own */
	CENSUS_CAUSES,
};

enum {
	CENSUS_LINKS = 64,
	CENSUS_OUTAGES = 64,
	CENSUS_MARKS = 4096,
	CENSUS_NAKS = 64,
};

#define CENSUS_BIN MSEC(100)

struct census_count {
	uint64_t packets, bytes; /* UDP payload */
};

/* One link for one bin of time. */
struct census_bin {
	uint32_t bytes_in, bytes_out; /* up */
	uint32_t resent, dropped;     /* packets */
	uint32_t arrivals;
	uint64_t delay_sum;           /* us, of arrivals */
	uint32_t delay_most;
};

struct census_link {
	struct census_count sent[CENSUS_CAUSES], arrived[CENSUS_CAUSES];
	uint64_t dropped[ROAD_TOO_LONG + 1]; /* by enum road_end */
	struct census_count down;            /* entered on the way back */
	struct census_bin *bin;
	size_t bins, room;
	ustime last_data; /* sent into it */
	usspan queue_p95; /* 95 % so far left the queue within this time, in whole ms */
	uint32_t *queue_histogram; /* ms, rounded up */
	uint64_t queued, queue_below; /* in all of it, and in what is below the 95 % */
};

/* A NAK that entered a way back not long ago: others may bring copies of it. */
struct census_nak {
	uint64_t hash;
	ustime at;
	bool there;
};

/* How the sender met one outage of one link. */
struct census_outage {
	unsigned link;
	ustime from, until;
	/* Of first copies: what travels again may be there to try the link. */
	usspan last_in; /* from its beginning to the last sent into it; 0: none */
	usspan back;    /* from its end to the first sent on the link again; -1: never */
};

/* Something to mark in a picture. */
struct census_mark {
	ustime at;
	unsigned link;
	bool lost; /* or sent again */
};

struct census_number; /* what is known of one SRT number */

struct census {
	unsigned links;
	struct census_link link[CENSUS_LINKS];
	struct census_outage outage[CENSUS_OUTAGES];
	unsigned outages;
	struct census_mark mark[CENSUS_MARKS]; /* the first so many */
	unsigned marks;
	struct census_number *number;          /* a ring */
	uint32_t newest;                       /* number sent; SEQ_NONE before the first */
	struct census_nak nak[CENSUS_NAKS];    /* a ring */
	unsigned next_nak;
	uint64_t naks, nak_numbers; /* that entered a way back; copies of one NAK count once */
	uint64_t false_naks; /* numbers of them whose first copy then arrived: it was late, not lost */
};

/* False when memory is short; what lacks it later ends the program. */
bool census_init(struct census *c, unsigned links);
void census_finish(struct census *c);

/* Before the run: when a link is dark upward. */
void census_expect_outage(struct census *c, unsigned link, ustime from, ustime until);

/*
 * A packet enters a link upward, with the fate that the road gave it: `now` and
 * the fate are of one time line.  What happens before its 0 is counted, but is
 * in no bin.
 */
void census_up(struct census *c, unsigned link, ustime now, const uint8_t *data, size_t len,
	       const struct road_fate *fate);

/* It arrives; `sent` is when it entered.  Of what the road doubled, tell the first alone. */
void census_arrived(struct census *c, unsigned link, ustime now, ustime sent, const uint8_t *data,
		    size_t len);

/* A packet enters a link on the way back. */
void census_down(struct census *c, unsigned link, ustime now, const uint8_t *data, size_t len);

/* The sums over all links. */
struct census_count census_sent(const struct census *c, enum census_cause cause);

/* Bytes sent on all links over bytes of first copies, in thousandths; 0 without any. */
uint64_t census_wire(const struct census *c);

#endif
