/* SPDX-License-Identifier: MIT */
#ifndef SHARED_ESTIMATE_RTT_H
#define SHARED_ESTIMATE_RTT_H

#include "shared/base/time.h"

/*
 * Round-trip time of one path, after RFC 6298.  Feed it every sample that
 * answers a known question; ask it how long a reply may reasonably take.
 */
struct rtt {
	usspan smoothed; /* 0 until the first sample */
	usspan spread;   /* mean deviation */
	usspan least;    /* smallest ever seen on this path */
	usspan latest;
	ustime sampled;  /* when the latest sample came */
};

void rtt_init(struct rtt *r);
void rtt_sample(struct rtt *r, usspan sample, ustime now);

/* How long to wait before silence means something. */
usspan rtt_patience(const struct rtt *r);

#endif
