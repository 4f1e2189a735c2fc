/* SPDX-License-Identifier: MIT */
#include "receiver/turnstile.h"

#include <stdlib.h>
#include <string.h>

#include "shared/wire/srt.h"

bool turnstile_init(struct turnstile *ts, unsigned limit)
{
	memset(ts, 0, sizeof(*ts));
	ts->queue = calloc(limit, sizeof(*ts->queue));
	if (!ts->queue)
		return false;
	ts->limit = limit;
	return true;
}

void turnstile_finish(struct turnstile *ts)
{
	for (unsigned i = 0; i < ts->limit; i++) {
		pkt_list_clear(&ts->queue[i].control);
		pkt_list_clear(&ts->queue[i].media);
	}
	free(ts->queue);
	memset(ts, 0, sizeof(*ts));
}

static size_t length(const struct turnstile_queue *q)
{
	return q->control.count + q->media.count;
}

static void join(struct turnstile *ts, struct turnstile_queue *q)
{
	q->next = NULL;
	if (ts->last)
		ts->last->next = q;
	else
		ts->first = q;
	ts->last = q;
}

static void leave_first(struct turnstile *ts)
{
	ts->first = ts->first->next;
	if (!ts->first)
		ts->last = NULL;
}

/* Of those with packets; only an end that nobody waits for comes here from the middle. */
static void leave(struct turnstile *ts, struct turnstile_queue *q)
{
	struct turnstile_queue *before = ts->first;

	if (before == q) {
		leave_first(ts);
		return;
	}
	while (before->next != q)
		before = before->next;
	before->next = q->next;
	if (ts->last == q)
		ts->last = before;
}

static bool is_shutdown(const struct pkt *p)
{
	struct srt_head head;

	return srt_parse_head(p->data, p->len, &head) && head.control &&
	       head.type == SRT_SHUTDOWN;
}

/*
 * A SHUTDOWN stays behind the media that it ends, and what is said after it belongs to
 * another session: that stays behind it.
 */
static void enqueue(struct turnstile_queue *q, struct pkt *p)
{
	if (srt_is_data(p->data, p->len)) {
		pkt_list_push(&q->media, p);
		return;
	}
	if (is_shutdown(p))
		q->closing++;
	pkt_list_push(q->closing > 0 ? &q->media : &q->control, p);
}

static struct pkt *dequeue(struct turnstile_queue *q)
{
	struct pkt *p;

	if (q->control.count > 0)
		return pkt_list_pop(&q->control);
	p = pkt_list_pop(&q->media);
	if (p && q->closing > 0 && is_shutdown(p))
		q->closing--;
	return p;
}

/* The oldest media packet; where there is none, the oldest of all. */
static struct pkt *give_up(struct turnstile *ts, struct turnstile_queue *q)
{
	struct pkt *p = NULL;

	while (q->media.count > 0 && !p) {
		p = pkt_list_pop(&q->media);
		if (srt_is_data(p->data, p->len))
			break;
		if (is_shutdown(p))
			q->closing--;
		pkt_list_push(&q->control, p); /* all that it had to wait for has gone */
		p = NULL;
	}
	if (!p)
		p = pkt_list_pop(&q->control);
	ts->count--;
	ts->overflowed++;
	return p;
}

struct pkt *turnstile_put(struct turnstile *ts, uint32_t serial, struct pkt *p)
{
	struct turnstile_queue *q = &ts->queue[p->port - 1];

	if (q->serial != serial)
		turnstile_forget(ts, p->port);
	q->serial = serial;
	if (length(q) == 0) {
		q->deficit = TURNSTILE_QUANTUM;
		join(ts, q);
	}
	enqueue(q, p);
	ts->count++;
	return length(q) > TURNSTILE_QUEUE ? give_up(ts, q) : NULL;
}

static const struct pkt *peek(const struct turnstile_queue *q)
{
	return q->control.count > 0 ? q->control.head : q->media.head;
}

struct pkt *turnstile_take(struct turnstile *ts, uint32_t *serial)
{
	struct turnstile_queue *q = ts->first;
	struct pkt *p;

	if (!q)
		return NULL;
	/* Whoever waits has had a quantum since his last turn, so this goes on once at most. */
	while (peek(q)->len > q->deficit) {
		q->deficit += TURNSTILE_QUANTUM;
		leave_first(ts);
		join(ts, q);
		q = ts->first;
	}
	p = dequeue(q);
	q->deficit -= p->len;
	ts->count--;
	if (length(q) == 0)
		leave_first(ts);
	*serial = q->serial;
	return p;
}

void turnstile_shed(struct turnstile *ts, size_t most, struct pkt_list *shed)
{
	struct turnstile_queue *longest = ts->first;
	size_t half;

	if (!longest)
		return;
	for (struct turnstile_queue *q = longest->next; q; q = q->next) {
		if (length(q) > length(longest))
			longest = q;
	}
	half = (length(longest) + 1) / 2;
	for (size_t i = 0; i < half && i < most; i++)
		pkt_list_push(shed, give_up(ts, longest));
	if (length(longest) == 0)
		leave(ts, longest);
}

size_t turnstile_forget(struct turnstile *ts, unsigned port)
{
	struct turnstile_queue *q;
	size_t count;

	if (port < 1 || port > ts->limit)
		return 0;
	q = &ts->queue[port - 1];
	count = length(q);
	if (count == 0)
		return 0;
	leave(ts, q);
	pkt_list_clear(&q->control);
	pkt_list_clear(&q->media);
	q->closing = 0;
	ts->count -= count;
	return count;
}
