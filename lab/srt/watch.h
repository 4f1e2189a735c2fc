/* SPDX-License-Identifier: MIT */
#ifndef LAB_SRT_WATCH_H
#define LAB_SRT_WATCH_H

#include <pthread.h>

#include "lab/srt/streams.h"

enum { WATCH_SLOTS = 32 };

struct watch_slots;

/*
 * Sees each SRT data packet that comes to a UDP port of this machine, over
 * whatever device, before SRT does, and writes into the ledgers when the first
 * copy came.  A thread of its own, which rests between two looks: the kernel stamps
 * the packets.
 */
struct watch {
	struct streams *streams;
	int fd;
	pthread_t thread;
	atomic_bool over;
	struct watch_slots *slots;
	ustime empty_at;   /* what is found now came after that */
	uint64_t packets;  /* seen with a stamp of a stream; read it when the watch has ended */
	uint64_t strange;  /* without */
	uint64_t dropped;  /* not seen, says the kernel */
};

/* 0 or -errno: -EPERM without CAP_NET_RAW. */
int watch_begin(struct watch *w, uint16_t port, struct streams *s);
void watch_end(struct watch *w);

#endif
