/* SPDX-License-Identifier: MIT */
#include "sender/core/tuning.h"

/* tests/sim/TUNING.md shows what happens beside each of these. */
const struct sender_tuning sender_tuning_default = {
	.queue = MSEC(80),              /* less starves a modem whose rate jumps; more is lost with it */
	.window = MSEC(100),            /* several turns of the radio, shorter than most fades */
	.backlog = MSEC(12),            /* above the wait for a turn of the radio */
	.follow = 10,                   /* per 10 ms: a fade is believed in 100 ms, a dip is not */
	.climb = 10,                    /* twice the rate in 70 ms; what is too much, `queue` bounds */
	.impatience = MSEC(120),        /* above the 99th percentile of healthy round trips */
	.feedback = MSEC(40),           /* the longest interval of reports */
	.feedback_classic = MSEC(100),  /* ten packets of a link of 1 Mbit/s */
	.loss_cost = MSEC(80),          /* a report, a round trip: a loss is mended in that time */
	.loss_cost_classic = MSEC(250), /* the same, when it takes a NAK */
	.probe = MSEC(200),             /* an idle radio falls asleep after that */
	.least = 4,                     /* what a report every 10 ms keeps moving */
	.least_classic = 14,            /* ten are acknowledged at once */
	.reinject = 5,                  /* more would cost what it saves on full links */
};
