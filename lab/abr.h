/* SPDX-License-Identifier: MIT */
#ifndef LAB_ABR_H
#define LAB_ABR_H

#include <stdbool.h>

#include "shared/base/time.h"

enum { ABR_EVERY_MS = 20 }; /* how often abr_sample() is to be called */

struct abr_config {
	uint64_t least, most; /* bit/s */
	usspan latency;       /* of the SRT session */
};

/* What the encoder reads from its SRT socket. */
struct abr_sample {
	usspan rtt;          /* as the socket knows it */
	uint32_t waiting;    /* packets in the send buffer */
	uint64_t throughput; /* bit/s that the socket sends */
};

/*
 * How belacoder, the encoder of most backpacks, sets its bitrate: down to the
 * least when the round trip passes a third of the latency or the send buffer
 * grows out of all proportion, by a tenth when it passes a fifth, a little
 * when either is above what is usual, and up by a thirtieth each half second
 * in which nothing of this happens.  All in whole numbers.  The encoder is
 * told whole steps of 100 kbit/s, but never less than the least.
 */
struct abr {
	struct abr_config cfg;
	uint64_t rate; /* before it is rounded down to what the encoder is told */
	/* Running figures, in thousandths of a packet, a ms, a bit/s. */
	int64_t rtt_mean, rtt_slope, rtt_least, rtt_jitter, rtt_last;
	int64_t waiting_mean, waiting_jitter, waiting_last;
	int64_t throughput;
	ustime next_up, next_down;
	bool begun;
};

void abr_init(struct abr *a, const struct abr_config *cfg, uint64_t rate);

/* The rate to encode at from now on, bit/s. */
uint64_t abr_sample(struct abr *a, const struct abr_sample *s, ustime now);

#endif
