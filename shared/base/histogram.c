/* SPDX-License-Identifier: MIT */
#include "shared/base/histogram.h"

#include <string.h>

enum { WHOLE = 1000, SUB_BITS = 2 };

/* 0, 1, 2, 3, then by the highest bit and the two behind it. */
static unsigned place_of(uint64_t us)
{
	unsigned top;

	if (us < HISTOGRAM_PARTS)
		return (unsigned)us;
	top = 63 - (unsigned)__builtin_clzll(us);
	if (top > HISTOGRAM_TOP)
		return HISTOGRAM_PLACES - 1;
	return (top - 1) * HISTOGRAM_PARTS + ((unsigned)(us >> (top - SUB_BITS)) & (HISTOGRAM_PARTS - 1));
}

/* The shortest span that is longer than all of this place. */
static usspan end_of(unsigned place)
{
	unsigned top;

	if (place < HISTOGRAM_PARTS)
		return (usspan)place + 1;
	top = place / HISTOGRAM_PARTS + 1;
	return (usspan)(HISTOGRAM_PARTS + place % HISTOGRAM_PARTS + 1) << (top - SUB_BITS);
}

void histogram_add(struct histogram *h, usspan span)
{
	uint64_t us = span > 0 ? (uint64_t)span : 0;
	unsigned place = place_of(us);

	h->count++;
	h->sum += us;
	h->place[place < HISTOGRAM_PLACES ? place : HISTOGRAM_PLACES - 1]++;
}

void histogram_since(struct histogram *d, const struct histogram *now,
		     const struct histogram *before)
{
	d->count = now->count - before->count;
	d->sum = now->sum - before->sum;
	for (unsigned i = 0; i < HISTOGRAM_PLACES; i++)
		d->place[i] = now->place[i] - before->place[i];
}

usspan histogram_percentile(const struct histogram *h, unsigned share)
{
	uint64_t wanted = (h->count * share + WHOLE - 1) / WHOLE, seen = 0;

	if (h->count == 0)
		return 0;
	for (unsigned i = 0; i < HISTOGRAM_PLACES; i++) {
		seen += h->place[i];
		if (seen >= wanted && seen > 0)
			return end_of(i) - 1;
	}
	return end_of(HISTOGRAM_PLACES - 1) - 1;
}

uint64_t histogram_below(const struct histogram *h, unsigned power)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < (power - 1) * HISTOGRAM_PARTS; i++)
		n += h->place[i];
	return n;
}

usspan histogram_mean(const struct histogram *h)
{
	return h->count ? (usspan)(h->sum / h->count) : 0;
}
