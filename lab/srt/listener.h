/* SPDX-License-Identifier: MIT */
#ifndef LAB_SRT_LISTENER_H
#define LAB_SRT_LISTENER_H

#include "lab/srt/streams.h"

enum { LISTENER_CALLERS = 128 };

struct listener_config {
	uint16_t port;
	usspan latency;     /* 0: what libsrt has by itself */
	unsigned loss_ttl;
	bool no_nak_report;
};

/* One connection of the many. */
struct listener_caller {
	SRTSOCKET sock;
	struct stream *stream;
	size_t session; /* of the stream's */
};

/* An SRT server that only listens to what it is sent, from many callers at once. */
struct listener {
	SRTSOCKET sock;
	int poll;
	struct streams *streams;
	struct listener_caller caller[LISTENER_CALLERS];
	unsigned callers;
	ustime next_look; /* at the counters */
	uint64_t turned_away; /* more callers than places */
};

/* False when the port is not to be had, which is said. */
bool listener_open(struct listener *l, const struct listener_config *cfg, struct streams *s);

/* Plays what there is to play and takes calls; waits up to 100 ms when there is nothing. */
void listener_run(struct listener *l);
void listener_close(struct listener *l);

#endif
