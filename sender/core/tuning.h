/* SPDX-License-Identifier: MIT */
#ifndef SENDER_CORE_TUNING_H
#define SENDER_CORE_TUNING_H

#include "shared/base/time.h"

/*
 * The figures of late binding that were found by measurement.  Programs use the default; the
 * simulator turns each of them to show how much depends on it.
 */
struct sender_tuning {
	usspan queue;         /* what a modem may hold beyond its round trip */
	usspan window;        /* arrivals are counted over so long for a rate */
	usspan backlog;       /* queueing delay that means the link is full */
	unsigned follow;      /* percent: how much a full link's rate follows what arrives */
	unsigned climb;       /* percent: how much the rate of a link that wants more grows each time */
	usspan impatience;    /* silence with data under way before a link turns shy, at least */
	usspan feedback;      /* what a report, or an acknowledgement, may add to the round trip */
	usspan feedback_classic;
	usspan loss_cost;     /* what losing every packet would add to the delay */
	usspan loss_cost_classic;
	usspan probe;         /* between probes of a shy link */
	unsigned least;       /* packets: the smallest window of a link, of our own receiver */
	unsigned least_classic;
	unsigned reinject;    /* percent of bytes sent that may travel again beside themselves */
};

extern const struct sender_tuning sender_tuning_default;

#endif
