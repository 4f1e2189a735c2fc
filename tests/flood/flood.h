/* SPDX-License-Identifier: MIT */
#ifndef TESTS_FLOOD_FLOOD_H
#define TESTS_FLOOD_FLOOD_H

#include "shared/base/rng.h"
#include "tests/flood/backend.h"
#include "tests/flood/caller.h"
#include "tests/flood/clock.h"
#include "tests/flood/crowd.h"
#include "tests/flood/target.h"

/* Who has this address. */
struct flood_place {
	struct spot spot;
	struct caller *caller; /* NULL: nobody */
	unsigned member;
};

/* What all attacks have in common: the crowd, the server, and those of the crowd that behave. */
struct flood {
	unsigned pid;           /* of srtla_rec */
	struct crowd crowd;
	struct backend backend;
	bool serves;            /* the backend is there */
	struct rng rng;
	unsigned first;         /* address of the first caller: of each run another */
	struct caller *caller;
	struct spot *spot;      /* of all members of all callers */
	unsigned callers;
	struct flood_place *place;
	unsigned places;        /* a power of two */

	/* What the receiver sent to somebody who is no caller; or NULL. */
	void (*stray)(void *arg, struct spot to, size_t len);
	void *arg;
};

/* Room for so many callers; with an SRT server behind the receiver, or without. */
void flood_open(struct flood *f, unsigned pid, unsigned callers, bool serves);
void flood_close(struct flood *f);

/* One more caller with so many links, of which number n is at spot[n]; begins at once. */
struct caller *flood_call(struct flood *f, const struct spot *spot, unsigned members);

/* The same from addresses that share no prefix with those of others. */
struct caller *flood_call_afar(struct flood *f, unsigned members);

/* Hears all that waits, and lets callers from..to - 1 repeat themselves. */
void flood_pump(struct flood *f, unsigned from, unsigned to);

/* The same until `until`; sleeps in between. */
void flood_rest(struct flood *f, unsigned from, unsigned to, uint64_t until);

/* Where there are several processors, we have one to ourselves, and the receiver the others. */
void flood_part_processors(unsigned pid);

/* "name figure" on standard output, as of printf(). */
void flood_tell(const char *name, const char *figure, ...) __attribute__((format(printf, 2, 3)));

/* Something that happens `rate` times a second; 0: as fast as it goes. */
struct flood_pace {
	uint64_t began, rate, done;
	uint64_t least; /* fewer than these are not worth getting up for */
};

enum { FLOOD_BURST = 64 };

/* How many are due by now; they count as done. */
unsigned flood_due(struct flood_pace *p, uint64_t now);

/* The attacks; each prints what came of it. */
struct flood_attack {
	const char *name;
	const char *numbers; /* of the command line */
	void (*run)(unsigned pid, const uint64_t *number);
};

void flood_table(unsigned pid, const uint64_t *number);
void flood_blind(unsigned pid, const uint64_t *number);
void flood_strangers(unsigned pid, const uint64_t *number);
void flood_enrol(unsigned pid, const uint64_t *number);
void flood_reflect(unsigned pid, const uint64_t *number);
void flood_fair(unsigned pid, const uint64_t *number);
void flood_naks(unsigned pid, const uint64_t *number);

#endif
