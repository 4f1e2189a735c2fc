/* SPDX-License-Identifier: MIT */
#ifndef SENDER_CORE_WAY_H
#define SENDER_CORE_WAY_H

#include <stdbool.h>
#include <stdint.h>

#include "sender/core/tuning.h"
#include "shared/estimate/delivery.h"
#include "shared/estimate/low.h"
#include "shared/estimate/rtt.h"

enum { WAY_PACKET = 1332 }; /* bytes: seven TS packets and SRT's header, what most packets are */

/*
 * What late binding believes of one link: how long its way is, how fast it delivers, how much
 * may be under way on it, and whether it delivers at all.
 */
struct way {
	struct rtt loop;       /* from leaving until we learn of the arrival, queue and all */
	struct low loop_least;
	struct low round;      /* there and back by this link */
	struct low forward;    /* arrival by the receiver's clock, minus leaving; own receiver */
	struct low back;       /* arrival here, minus the server's stamp on its ACK */
	usspan queue;          /* of the latest arrival, beyond the least */
	bool sampled;          /* that is news since the rate was last made larger */
	usspan queue_most;     /* the largest ever seen; where it was lost, it overflowed there */
	usspan queue_least;    /* of the arrivals since the latest mark */
	struct delivery delivery;
	uint64_t fresh;        /* bytes that arrived since the latest mark */
	uint64_t rate;         /* bytes per second, by our best knowledge */
	uint64_t window;       /* bytes that may be under way */
	struct {               /* what was last worked out, and of what */
		uint64_t rate;
		usspan loop;
		bool own_peer;
		uint64_t window, holds;
	} room;
	uint64_t ramp;         /* the window's limit after the link was shy; 0: none */
	ustime heard;          /* latest SRTLA ACK that told of an arrival */
	ustime marked;         /* latest way_mark() */
	bool limited;          /* it could have had more, but for its window */
	bool full;             /* its queue stood when it was last looked at */
	uint32_t loss;         /* recent share of packets lost, in 1/65536 */
	ustime rested;         /* until when losses have been forgotten */
	ustime emptied;        /* when its queue was last seen empty */
	ustime drain_until;    /* it gets less until then, to see it empty once */
	ustime cut;            /* when the rate was last reduced for a loss */
	ustime proof;          /* latest proof that data arrives */
	bool shy;
	ustime shy_since;
	bool untold;           /* and nobody has been told yet */
	ustime trusted;        /* when it was no longer shy */
	ustime probe_due;
	ustime train_due;      /* several probes at once, no sooner */
	usspan train_wait;
	ustime blocked_until;  /* its socket had no room */
};

void way_init(struct way *p, ustime now);

/* A packet went there and back by this link alone. */
void way_round(struct way *p, usspan sample, ustime now);

/* We learnt just now of a packet's arrival, `sample` after it left. */
void way_loop(struct way *p, usspan sample, ustime now);

/*
 * Data of so many bytes arrived.  way_mark() then closes what was told at once; `at` is the
 * time of the last of it, by any clock that all marks share.
 */
void way_arrived(struct way *p, uint64_t bytes);
void way_mark(struct way *p, ustime at, const struct sender_tuning *t);

/* The same, where arrivals are told in heaps: when another link mended a hole before them. */
void way_mark_coarse(struct way *p, ustime at, const struct sender_tuning *t);

/* It has this queueing delay now. */
void way_queues(struct way *p, usspan queue, ustime now);

/* A packet of it is lost for certain. */
void way_lost(struct way *p, ustime now);

/* Time passes: losses of long ago are forgotten. */
void way_rest(struct way *p, ustime now);

/* The same, up to a time before which no loss was to be forgotten. */
void way_rested(struct way *p, ustime at);

/* When time alone may change what is known of losses, and what may be under way. */
ustime way_until(const struct way *p, ustime now);

/*
 * How much may be under way: what it holds by itself, and a queue besides.  Each time with the
 * same tuning.
 */
void way_open(struct way *p, bool own_peer, ustime now, const struct sender_tuning *t);

/* What the link holds while its queue is empty, bytes, as it was when it was last opened. */
static inline uint64_t way_holds(const struct way *p)
{
	return p->room.holds;
}

#endif
