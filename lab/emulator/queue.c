/* SPDX-License-Identifier: MIT */
#include "lab/emulator/queue.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "shared/base/time.h"

bool queue_init(struct queue *q, size_t room)
{
	memset(q, 0, sizeof(*q));
	q->parcels = malloc(room * sizeof(*q->parcels));
	q->seat = malloc(room * sizeof(*q->seat));
	if (!q->parcels || !q->seat) {
		queue_finish(q);
		return false;
	}
	/* Each page is touched now, not when a packet waits for it. */
	memset(q->parcels, 0, room * sizeof(*q->parcels));
	memset(q->seat, 0, room * sizeof(*q->seat));
	q->room = room;
	for (size_t i = room; i-- > 0;)
		queue_give_back(q, &q->parcels[i]);
	return true;
}

void queue_finish(struct queue *q)
{
	free(q->parcels);
	free(q->seat);
	memset(q, 0, sizeof(*q));
}

struct parcel *queue_blank(struct queue *q)
{
	struct parcel *p = q->blank;

	if (p)
		q->blank = p->next_blank;
	return p;
}

void queue_give_back(struct queue *q, struct parcel *p)
{
	p->next_blank = q->blank;
	q->blank = p;
}

static bool before(const struct queue_seat *a, const struct queue_seat *b)
{
	return a->due != b->due ? a->due < b->due : a->order < b->order;
}

void queue_hold(struct queue *q, struct parcel *p)
{
	struct queue_seat new = {.due = p->due, .order = q->order++, .parcel = p};
	size_t at = q->held++;

	assert(at < q->room);
	while (at > 0 && before(&new, &q->seat[(at - 1) / 2])) {
		q->seat[at] = q->seat[(at - 1) / 2];
		at = (at - 1) / 2;
	}
	q->seat[at] = new;
	if (q->held > q->most)
		q->most = q->held;
}

int64_t queue_due(const struct queue *q)
{
	return q->held > 0 ? q->seat[0].due : NEVER;
}

struct parcel *queue_pop(struct queue *q)
{
	struct parcel *p;
	struct queue_seat last;
	size_t at = 0, child;

	assert(q->held > 0);
	p = q->seat[0].parcel;
	last = q->seat[--q->held];
	for (;;) {
		child = 2 * at + 1;
		if (child >= q->held)
			break;
		if (child + 1 < q->held && before(&q->seat[child + 1], &q->seat[child]))
			child++;
		if (before(&last, &q->seat[child]))
			break;
		q->seat[at] = q->seat[child];
		at = child;
	}
	q->seat[at] = last;
	return p;
}
