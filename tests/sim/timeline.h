/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SIM_TIMELINE_H
#define TESTS_SIM_TIMELINE_H

#include <stdio.h>

#include "shared/base/outbox.h"

enum {
	TIMELINE_LINES = 512,
	TIMELINE_KINDS = 32,
};

enum timeline_side {
	SIDE_SENDER,
	SIDE_RECEIVER,
	SIDE_STORY, /* what the test itself did */
	SIDES,
};

/* What both cores noted, the latest lines of it whole, all of it counted. */
struct timeline {
	struct {
		enum timeline_side side;
		unsigned bond;
		const char *name;
		struct note note;
	} line[TIMELINE_LINES];
	uint64_t lines;
	uint64_t lost; /* notes that found no room in an outbox */
	uint64_t count[SIDES][TIMELINE_KINDS];
	ustime first[SIDES][TIMELINE_KINDS];
	ustime latest[SIDES][TIMELINE_KINDS];
};

/* Takes the notes out of an outbox; `name` says what a kind is called. */
void timeline_take(struct timeline *t, enum timeline_side side, unsigned bond,
		   struct outbox *from, const char *(*name)(unsigned kind));

/* A line of the story's own. */
void timeline_say(struct timeline *t, ustime now, const char *what);

void timeline_print(const struct timeline *t, FILE *to);

#endif
