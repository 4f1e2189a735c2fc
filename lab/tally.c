/* SPDX-License-Identifier: MIT */
#include "lab/tally.h"

#include <stdlib.h>
#include <string.h>

enum { MILLION = 1000000 };

#define STALL_COUNTS MSEC(100) /* a shorter one a decoder may hide */

/* What is known on the way through the ledger. */
struct walk {
	struct tally *t;
	usspan *delay;    /* of each that arrived */
	int64_t glitched; /* the latest second with something late; -1: none */
	bool stalled;
	ustime since; /* the first late packet of the run was made */
};

static void stall_ends(struct walk *w, ustime at)
{
	usspan lasted = at - w->since;

	if (!w->stalled)
		return;
	w->stalled = false;
	if (lasted > w->t->stall)
		w->t->stall = lasted;
	if (lasted > STALL_COUNTS)
		w->t->stalls++;
}

static void judge(struct walk *w, const struct ledger_entry *e, ustime from)
{
	struct tally *t = w->t;
	int64_t second = (e->made - from) / SEC(1);

	t->made++;
	if (e->arrived)
		w->delay[t->arrived++] = e->arrived - e->made;
	if (e->played) {
		stall_ends(w, e->made);
		return;
	}
	t->late++;
	if (second != w->glitched)
		t->glitch_seconds++;
	w->glitched = second;
	if (!w->stalled)
		w->since = e->made;
	w->stalled = true;
}

static void swap(usspan *a, usspan *b)
{
	usspan c = *a;

	*a = *b;
	*b = c;
}

/*
 * Puts the element that sorting would put at place `at` of first..last there,
 * with nothing greater before and nothing less behind it (Hoare's FIND).
 */
static void find(usspan *v, size_t first, size_t last, size_t at)
{
	while (first < last) {
		usspan pivot = v[first + (last - first) / 2];
		size_t i = first, j = last;

		for (;;) {
			while (v[i] < pivot)
				i++;
			while (v[j] > pivot)
				j--;
			if (i >= j)
				break;
			swap(&v[i++], &v[j--]);
		}
		/* Up to j nothing is above the pivot, behind it nothing below. */
		if (at <= j)
			last = j;
		else
			first = j + 1;
	}
}

/* The nearest rank: the least delay that `share` of a thousand do not pass. */
static usspan percentile(usspan *delay, size_t count, size_t *from, unsigned share)
{
	size_t rank = (count * share + 999) / 1000;

	if (count == 0)
		return 0;
	rank = rank > 0 ? rank - 1 : 0;
	find(delay, *from, count - 1, rank);
	*from = rank;
	return delay[rank];
}

static void delays(struct tally *t, usspan *delay)
{
	size_t count = (size_t)t->arrived, from = 0;

	t->delay_p50 = percentile(delay, count, &from, 500);
	t->delay_p95 = percentile(delay, count, &from, 950);
	t->delay_p99 = percentile(delay, count, &from, 990);
	t->delay_p999 = percentile(delay, count, &from, 999);
	t->delay_most = percentile(delay, count, &from, 1000);
}

bool tally_ledger(const struct ledger *l, const struct tally_span *span, struct tally *t)
{
	struct walk w = {.t = t, .glitched = -1};
	size_t made = ledger_made(l);
	ustime last = span->from;

	memset(t, 0, sizeof(*t));
	w.delay = malloc((made ? made : 1) * sizeof(*w.delay));
	if (!w.delay)
		return false;
	for (size_t i = 0; i < made; i++) {
		const struct ledger_entry *e = ledger_at(l, i);

		if (e->made < span->from)
			continue;
		last = e->made;
		if (e->made >= span->until)
			break;
		judge(&w, e, span->from);
	}
	stall_ends(&w, last);
	t->lasts = (span->until < NEVER ? span->until : last) - span->from;
	delays(t, w.delay);
	free(w.delay);
	return true;
}

bool tally_stream(const struct ledger *l, usspan judged_from, usspan lasts, struct tally *t)
{
	ustime began = ledger_made(l) > 0 ? ledger_at(l, 0)->made : 0;
	struct tally_span span = {.from = began + judged_from, .until = began + lasts};

	return tally_ledger(l, &span, t);
}

uint64_t tally_late_ppm(const struct tally *t)
{
	return t->made ? (t->late * MILLION + t->made - 1) / t->made : 0;
}
