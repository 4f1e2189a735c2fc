/* SPDX-License-Identifier: MIT */
#ifndef SHARED_IO_LOOP_H
#define SHARED_IO_LOOP_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "shared/base/time.h"

/*
 * The event loop: the one place that knows libev, and the one place that reads
 * the clock, once per wake-up.  What a turn produced is flushed before the
 * loop sleeps; then the loop asks for the next deadline.
 */
struct loop;
struct loop_watch;

struct loop_hooks {
	void (*due)(void *arg, ustime now);   /* the deadline has come */
	void (*flush)(void *arg, ustime now); /* about to sleep: send what there is */
	ustime (*deadline)(void *arg);        /* asked after each flush: a fixed moment, or NEVER */
	void *arg;
};

/*
 * NULL and errno on failure.  From here on SIGPIPE and SIGXFSZ are ignored:
 * their causes come as errno.
 */
struct loop *loop_create(const struct loop_hooks *hooks);
void loop_destroy(struct loop *l);

/*
 * Runs until loop_stop().  In each turn descriptors and signals come first,
 * then a deadline that has come, then the flush, also in the last one.
 */
void loop_run(struct loop *l);
void loop_stop(struct loop *l);

/* The moment of this wake-up, CLOCK_MONOTONIC. */
ustime loop_now(const struct loop *l);

/*
 * When a datagram came that the kernel stamped at `stamp`, by the clock of loop_now(): not after
 * this wake-up, and not before the one before it.  Stamps are of CLOCK_REALTIME, which may be set
 * at any moment, so all that is taken from them is an age.
 */
ustime loop_arrival(struct loop *l, const struct timespec *stamp);

/*
 * From the next sleep on: what comes within so long after a wake-up waits for the end of it, and is
 * then found together.  0: nothing waits.  Deadlines and signals keep their time, to that span.
 */
void loop_coalesce(struct loop *l, usspan span);

/* How often the loop has woken up. */
uint64_t loop_wakes(const struct loop *l);

enum {
	LOOP_READ = 1,
	LOOP_WRITE = 2,
};

/* Calls fn for each turn in which fd is ready.  NULL when memory is short. */
struct loop_watch *loop_watch(struct loop *l, int fd, int events,
			      void (*fn)(void *arg, int events, ustime now), void *arg);

/* Before the descriptor is closed.  Takes NULL too. */
void loop_unwatch(struct loop *l, struct loop_watch *w);

/* Calls fn in a turn of the loop after signal `signo`.  False when it cannot. */
bool loop_signal(struct loop *l, int signo, void (*fn)(void *arg, int signo, ustime now),
		 void *arg);

/* "libev 4.33". */
const char *loop_version(void);

#endif
