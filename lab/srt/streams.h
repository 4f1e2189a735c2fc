/* SPDX-License-Identifier: MIT */
#ifndef LAB_SRT_STREAMS_H
#define LAB_SRT_STREAMS_H

#include <stdatomic.h>

#include "lab/ledger.h"
#include "lab/srt/program.h"
#include "lab/srt/sessions.h"

enum { STREAMS = 64 };

/* All that one stream id brought to the sink, over all of its sessions. */
struct stream {
	char id[PROGRAM_ID];
	uint64_t tag;        /* its stamp_stream() */
	struct ledger ledger;
	struct sessions sessions;
	uint64_t played;     /* messages, each for the first time */
	uint64_t damaged;    /* not as they were made */
	uint64_t strange;    /* of another stream */
	uint64_t duplicates; /* played before */
	uint64_t disorder;   /* with a later one played before */
	uint64_t next;       /* the number after the highest that was played */
};

/*
 * Streams come and do not go.  One thread adds them; others see one when it is
 * complete.
 */
struct streams {
	struct stream of[STREAMS];
	atomic_uint count;
	const char *dir;
	atomic_uint refused; /* callers with an id that will not do, or without a ledger */
};

void streams_init(struct streams *s, const char *dir);
void streams_finish(struct streams *s);

/* The stream of that id, with its ledger, made if need be; NULL when refused, which is said. */
struct stream *streams_open(struct streams *s, const char *id);

/* NULL when there is none. */
struct stream *streams_by_id(struct streams *s, const char *id);
struct stream *streams_by_tag(struct streams *s, uint64_t tag);

/* A message that SRT gave its reader. */
void streams_play(struct stream *t, const uint8_t *message, size_t len, ustime now);

#endif
