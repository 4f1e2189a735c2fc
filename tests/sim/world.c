/* SPDX-License-Identifier: MIT */
#include "tests/sim/world.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_ROOM = 1024 };

void must(bool ok)
{
	if (!ok)
		abort();
}

void world_init(struct world *w, uint64_t seed, ustime start)
{
	memset(w, 0, sizeof(*w));
	w->now = start;
	rng_init(&w->rng, seed);
}

void world_finish(struct world *w)
{
	free(w->heap);
	w->heap = NULL;
	w->count = w->room = 0;
}

static bool happens_before(const struct event *a, const struct event *b)
{
	return a->at != b->at ? a->at < b->at : a->number < b->number;
}

static void make_room(struct world *w)
{
	if (w->count < w->room)
		return;
	w->room = w->room ? 2 * w->room : FIRST_ROOM;
	w->heap = realloc(w->heap, w->room * sizeof(*w->heap));
	must(w->heap != NULL);
}

void world_at(struct world *w, ustime at, void (*happen)(void *who, void *what), void *who,
	      void *what)
{
	struct event e = {later(at, w->now), w->number++, happen, who, what};
	size_t i;

	make_room(w);
	for (i = w->count++; i > 0 && happens_before(&e, &w->heap[(i - 1) / 2]); i = (i - 1) / 2)
		w->heap[i] = w->heap[(i - 1) / 2];
	w->heap[i] = e;
}

static struct event take_first(struct world *w)
{
	struct event first = w->heap[0];
	struct event last = w->heap[--w->count];
	size_t i = 0;

	for (;;) {
		size_t child = 2 * i + 1;

		if (child >= w->count)
			break;
		if (child + 1 < w->count && happens_before(&w->heap[child + 1], &w->heap[child]))
			child++;
		if (!happens_before(&w->heap[child], &last))
			break;
		w->heap[i] = w->heap[child];
		i = child;
	}
	w->heap[i] = last;
	return first;
}

void world_run(struct world *w, ustime until)
{
	while (w->count > 0 && w->heap[0].at <= until) {
		struct event e = take_first(w);

		w->now = e.at;
		w->happened++;
		e.happen(e.who, e.what);
	}
	w->now = later(w->now, until);
}

static void arm(struct timer *t);

static void fire(void *who, void *what)
{
	struct timer *t = who;

	(void)what;
	if (t->world->now != t->armed)
		return; /* an earlier deadline took its place */
	t->armed = NEVER;
	if (t->at > t->world->now) {
		arm(t);
		return;
	}
	t->at = NEVER;
	t->ring(t->who);
}

static void arm(struct timer *t)
{
	if (t->at >= t->armed)
		return;
	t->armed = t->at;
	world_at(t->world, t->at, fire, t, NULL);
}

void timer_init(struct timer *t, struct world *w, void (*ring)(void *who), void *who)
{
	*t = (struct timer){.world = w, .at = NEVER, .armed = NEVER, .ring = ring, .who = who};
}

void timer_set(struct timer *t, ustime at)
{
	t->at = at == NEVER ? NEVER : later(at, t->world->now);
	arm(t);
}
