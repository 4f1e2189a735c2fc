/* SPDX-License-Identifier: MIT */
#include "shared/estimate/low.h"

#define BIN SEC(2)

void low_init(struct low *l)
{
	*l = (struct low){.least = LOW_NONE};
	for (unsigned i = 0; i < LOW_BINS; i++)
		l->bins[i] = LOW_NONE;
}

usspan low_recent(const struct low *l, unsigned bins)
{
	usspan least = LOW_NONE;

	for (unsigned i = 0; i < bins && i < LOW_BINS; i++)
		least = earlier(least, l->bins[(l->newest + LOW_BINS - i) % LOW_BINS]);
	return least;
}

static void turn(struct low *l, ustime now)
{
	if (!low_fresh(l, now)) {
		low_init(l);
		l->bin_end = now + BIN;
		return;
	}
	while (now >= l->bin_end) {
		l->newest = (l->newest + 1) % LOW_BINS;
		l->bins[l->newest] = LOW_NONE;
		l->bin_end += BIN;
	}
	l->least = low_recent(l, LOW_BINS);
}

void low_sample(struct low *l, usspan sample, ustime now)
{
	if (now >= l->bin_end)
		turn(l, now);
	l->bins[l->newest] = earlier(l->bins[l->newest], sample);
	l->least = earlier(l->least, sample);
}
