/* SPDX-License-Identifier: MIT */
#include "sender/core/feedback.h"

#include "shared/wire/srt.h"
#include "shared/wire/srtla.h"

enum {
	WINDOW_GROW = 1,        /* every live link, for each number acknowledged */
	WINDOW_GROW_OWNER = 29, /* and its owner, while its window is full */
	WINDOW_LOSS = 100,
	NAK_NUMBERS = 8192, /* looked up for one NAK at most: one libsrt receive buffer */
};

/* Of several owners the one of the lowest rank answers for the number. */
static struct link *first_owner(struct links *ls, uint64_t owners)
{
	for (unsigned i = 0; owners && i < ls->live; i++)
		if (owners >> (ls->sched[i]->port - 1) & 1)
			return links_get(ls, ls->sched[i]->port);
	return NULL;
}

static struct link *take_from_owner(struct links *ls, struct sentlog *log, uint32_t seq)
{
	struct link *l = first_owner(ls, sentlog_owners(log, seq));

	if (l)
		sentlog_remove(log, l->sched.port - 1, seq);
	return l;
}

/* What one step for each of so many numbers makes of a window. */
static void grow(struct link *l, size_t numbers)
{
	if (numbers == 0)
		return;
	l->sched.window += WINDOW_GROW * (int32_t)numbers;
	if (l->sched.window > WINDOW_MOST)
		l->sched.window = WINDOW_MOST;
}

/*
 * Each number makes every live window grow.  An owner's window is looked at on
 * the way and so grows in step; the others' wait for the end, where they come
 * to the same.
 */
void feedback_srtla_ack(struct links *ls, struct sentlog *log, const uint8_t *data, size_t len)
{
	size_t count = srtla_ack_count(data, len);
	uint16_t grown[SENDER_LINKS] = {0}; /* for how many numbers, by link */

	for (size_t i = 0; i < count; i++) {
		struct link *l = take_from_owner(ls, log, srtla_ack_seq(data, i));

		if (!l)
			continue;
		grow(l, i - grown[l->sched.port - 1]);
		grown[l->sched.port - 1] = (uint16_t)i;
		l->acked++;
		if (l->sched.in_flight > 0)
			l->sched.in_flight--;
		if (l->sched.in_flight * 1000 > l->sched.window)
			l->sched.window += WINDOW_GROW_OWNER;
	}
	for (unsigned i = 0; i < ls->live; i++) {
		unsigned port = ls->sched[i]->port;

		grow(links_get(ls, port), count - grown[port - 1]);
	}
}

void feedback_srt_ack(struct links *ls, struct sentlog *log, uint32_t next)
{
	if (!sentlog_ack(log, next))
		return;
	for (unsigned i = 0; i < ls->live; i++) {
		unsigned port = ls->sched[i]->port;

		links_get(ls, port)->sched.in_flight = log->held[port - 1];
	}
}

static void miss(struct link *l, ustime now)
{
	l->naks++;
	l->naks_since_up++;
	quality_nak(&l->quality, now);
	l->sched.window -= WINDOW_LOSS;
	if (l->sched.window < WINDOW_LEAST)
		l->sched.window = WINDOW_LEAST;
}

void feedback_srt_nak(struct links *ls, struct sentlog *log, const uint8_t *data, size_t len,
		      ustime now)
{
	uint32_t left = NAK_NUMBERS;
	uint32_t from, to;
	struct srt_nak nak;

	if (!srt_nak_begin(&nak, data, len, log->floor, sentlog_span(log)))
		return;
	while (left > 0 && srt_nak_next(&nak, &from, &to)) {
		for (uint32_t seq = from; left > 0; seq = seq_add(seq, 1)) {
			struct link *l = take_from_owner(ls, log, seq);

			left--;
			if (l)
				miss(l, now);
			if (seq == to)
				break;
		}
	}
}
