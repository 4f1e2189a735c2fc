/* SPDX-License-Identifier: MIT */
#ifndef LAB_ENCODER_H
#define LAB_ENCODER_H

#include "shared/base/time.h"

#include <stddef.h>

enum { ENCODER_PAYLOAD = 1316 }; /* seven packets of an MPEG transport stream */

struct encoder_config {
	uint64_t rate;  /* bit/s of payload, on average over a group of pictures */
	unsigned fps;   /* frames a second, each at once; 0: single packets, evenly */
	unsigned gop;   /* frames from one key frame to the next; 0 or 1: all are alike */
	unsigned key;   /* hundredths of another frame that a key frame weighs; 0: as much */
};

/*
 * What a video encoder puts out, and when: frames at a steady pace, a heavy
 * one at the head of each group of pictures.  Moments are microseconds from
 * its beginning, and no error adds up.
 */
struct encoder {
	struct encoder_config cfg;
	uint64_t frames;   /* made so far; single packets when fps is 0 */
	ustime base;       /* single packets: when the rate became what it is, */
	uint64_t base_frames; /* and how many there were then */
	uint64_t owed;     /* parts of a byte by which the last frame was rounded down */
};

void encoder_init(struct encoder *e, const struct encoder_config *cfg);

/* When the next frame is due. */
ustime encoder_due(const struct encoder *e);

/*
 * Makes that frame: its bytes, at least 1.  Packets of it hold ENCODER_PAYLOAD
 * at most; without frames it is one packet of just that.
 */
size_t encoder_frame(struct encoder *e);

/* From the next frame on; above 0. */
void encoder_set_rate(struct encoder *e, uint64_t rate);

#endif
