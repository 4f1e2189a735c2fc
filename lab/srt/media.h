/* SPDX-License-Identifier: MIT */
#ifndef LAB_SRT_MEDIA_H
#define LAB_SRT_MEDIA_H

#include "lab/abr.h"
#include "lab/encoder.h"
#include "lab/ledger.h"
#include "lab/srt/caller.h"

struct media_config {
	struct encoder_config stream;
	uint64_t least, most; /* of an adaptive encoder; 0: it is not */
	usspan lasts;         /* NEVER: until it is told */
	const char *stream_id;
};

/*
 * What an encoder makes, and what became of it at its SRT socket.  The media
 * begins when the first connection stands; what is made while there is none is
 * lost, as it is to an encoder.
 */
struct media {
	struct media_config cfg;
	struct ledger *ledger;
	struct caller *caller;
	struct encoder encoder;
	struct abr abr;
	uint64_t stream;      /* its stamp_stream() */
	uint64_t number;      /* of the next packet */
	uint64_t made, sent, refused, unconnected, unrecorded;
	uint64_t bytes;       /* made */
	ustime began, ended;  /* 0: it did not */
	usspan behind_most;   /* by how much a frame came too late */
	ustime next_look, next_rate;
	json_t *rates;        /* bit/s, each for MEDIA_RATE_STEP */
};

#define MEDIA_RATE_STEP MSEC(100)

/* A ledger that holds packets already is carried on with. */
void media_init(struct media *m, const struct media_config *cfg, struct ledger *l,
		struct caller *c);

/* Waits for the connection, says "ready", and plays; then the last packet can have been played. */
void media_run(struct media *m);
void media_finish(struct media *m);

#endif
