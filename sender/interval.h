/* SPDX-License-Identifier: MIT */
#ifndef SENDER_INTERVAL_H
#define SENDER_INTERVAL_H

#include "sender/snapshot.h"

/* An interval lasts at least so long, as short ones say little: who looks sooner sees the last. */
#define INTERVAL_LEAST MSEC(100)

enum { INTERVAL_NO_LOSS_KNOWN = -1 };

/* What one link did in an interval. */
struct interval_figures {
	unsigned share; /* thousandths of what all links sent */
	int loss;       /* thousandths of its data packets; INTERVAL_NO_LOSS_KNOWN: no news */
	bool timed;     /* arrivals were told of: */
	usspan rtt_least, rtt_mean, rtt_most; /* until then; right to a fifth */
};

struct interval_link {
	char name[UPLINK_NAME]; /* whom this is about; "": nobody */
	struct sender_link_view seen; /* at the end of the interval */
	struct interval_figures figures;
};

/*
 * What happened since somebody looked last, for each who looks: where every counter stood then, and
 * what came of it.  The first interval begins with the program.
 */
struct interval {
	ustime ended;         /* when he looked last; 0: never */
	uint64_t app_bytes;
	uint64_t app_rate;    /* bit/s of the encoder */
	struct histogram seen[FLOWS];
	struct histogram forward[FLOWS];
	struct histogram path; /* of all links together */
	struct interval_link link[SENDER_LINKS + 1]; /* by port */
};

/* All zero is one that has not begun.  Ends the interval with s, and begins the next. */
void interval_look(struct interval *v, const struct snapshot *s);

/* Of a link of the latest snapshot. */
const struct interval_figures *interval_of(const struct interval *v, const struct snapshot_link *l);

#endif
