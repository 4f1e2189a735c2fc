/* SPDX-License-Identifier: MIT */
#include "receiver/core/agenda.h"

#include <stdlib.h>

#include "receiver/core/group.h"

bool agenda_init(struct agenda *a, unsigned limit)
{
	*a = (struct agenda){.limit = limit};
	a->heap = calloc(limit, sizeof(*a->heap));
	return a->heap != NULL;
}

void agenda_finish(struct agenda *a)
{
	free(a->heap);
	*a = (struct agenda){0};
}

static void put(struct agenda *a, unsigned i, struct group *g)
{
	a->heap[i] = g;
	g->agenda_place = i + 1;
}

static void rise(struct agenda *a, unsigned i, struct group *g)
{
	while (i > 0 && a->heap[(i - 1) / 2]->due > g->due) {
		put(a, i, a->heap[(i - 1) / 2]);
		i = (i - 1) / 2;
	}
	put(a, i, g);
}

static void sink(struct agenda *a, unsigned i, struct group *g)
{
	for (;;) {
		unsigned child = 2 * i + 1;

		if (child + 1 < a->count && a->heap[child + 1]->due < a->heap[child]->due)
			child++;
		if (child >= a->count || a->heap[child]->due >= g->due)
			break;
		put(a, i, a->heap[child]);
		i = child;
	}
	put(a, i, g);
}

static void take_out(struct agenda *a, struct group *g)
{
	unsigned i = g->agenda_place - 1;
	struct group *last = a->heap[--a->count];

	g->agenda_place = 0;
	if (last == g)
		return;
	if (last->due < g->due)
		rise(a, i, last);
	else
		sink(a, i, last);
}

void agenda_set(struct agenda *a, struct group *g, ustime due)
{
	ustime before = g->due;

	if (due == NEVER) {
		if (g->agenda_place)
			take_out(a, g);
		g->due = NEVER;
		return;
	}
	g->due = due;
	if (!g->agenda_place)
		rise(a, a->count++, g);
	else if (due < before)
		rise(a, g->agenda_place - 1, g);
	else if (due > before)
		sink(a, g->agenda_place - 1, g);
}

struct group *agenda_first(const struct agenda *a)
{
	return a->count > 0 ? a->heap[0] : NULL;
}
