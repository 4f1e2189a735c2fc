/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SIM_CLASSIC_MODEL_H
#define TESTS_SIM_CLASSIC_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/base/time.h"

/*
 * The reference rule of SRTLA senders, written as plainly as it is told:
 * arrays, linear scans, nothing shared with the core that it is held against.
 *
 * Each link has a window in thousandths of a packet, a count of packets in
 * flight, and a log of 256 places of which the one to be written next is not
 * looked at.  Where the reference leaves things to chance or to slow clocks,
 * this is settled: a link that was silent for 4 s is out, links stand in the
 * order of their ranks, numbers compare as serial numbers of 31 bits, and a
 * link that is given a number which it holds already holds it once, at the
 * newest place.  What lies 16 384 behind the newest number that was sent is
 * forgotten, a number so far away begins a new numbering, and an
 * acknowledgement outside of what was sent is none.
 */
enum {
	MODEL_LINKS = 6,
	MODEL_LOG = 256,
	MODEL_FAR = 16384,
};

struct model_link {
	bool up;
	ustime heard;
	int32_t window;
	int32_t in_flight;
	int64_t log[MODEL_LOG]; /* -1: empty */
	unsigned at;
};

struct model {
	struct model_link link[MODEL_LINKS]; /* in the order of their ranks */
	unsigned count;
	bool any;
	uint32_t newest;
};

void model_init(struct model *m, unsigned links);

/* Which link this packet leaves by, -1 when none will do. */
int model_send_control(const struct model *m);
int model_send_data(struct model *m, uint32_t seq);

void model_srt_ack(struct model *m, uint32_t next);
void model_srt_nak(struct model *m, const uint32_t *words, size_t count);
void model_srtla_ack(struct model *m, const uint32_t *seq, size_t count);

/* A new SRT session: what was in flight belongs to the old one. */
void model_session(struct model *m);

void model_heard(struct model *m, unsigned link, ustime now);
void model_joined(struct model *m, unsigned link, ustime now);
void model_time(struct model *m, ustime now);

/* How far a lies ahead of b; half of the circle counts as behind. */
int32_t model_distance(uint32_t a, uint32_t b);

#endif
