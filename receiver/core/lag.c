/* SPDX-License-Identifier: MIT */
#include "receiver/core/lag.h"

enum { GAIN = 16, BETWEEN = 3 };

#define LEAST  MSEC(20)
#define FIRST  MSEC(50)  /* before anything is known */
#define WINDOW MSEC(2500) /* after two of these a sample counts a quarter */

/* Upper ends of the bins, each half as much again as the one before. */
static const usspan bin_end[LAG_BINS] = {
	1000,  1500,  2250,  3375,  5062,  7594,   11391,  17086,
	25629, 38443, 57665, 86498, 129746, 194619, 291929, 437894,
};

void lag_packet(struct lag *l, ustime came, ustime now)
{
	came = later(came, l->came);
	if (l->last != 0 && came - l->came < SEC(1))
		l->between += (came - l->came - l->between) / GAIN;
	l->came = came;
	l->last = now;
}

static usspan tail(const struct lag *l)
{
	unsigned all = 0, above = 0;
	int i;

	for (i = 0; i < LAG_BINS; i++)
		all += l->bin[i];
	for (i = LAG_BINS - 1; i > 0; i--) {
		above += l->bin[i];
		if (above * 200 > all)
			break;
	}
	return bin_end[i];
}

void lag_filled(struct lag *l, usspan open, ustime now)
{
	int i = 0;

	if (l->tail == 0)
		l->halved = now;
	if (now - l->halved >= WINDOW) {
		for (int b = 0; b < LAG_BINS; b++)
			l->bin[b] /= 2;
		l->halved = now;
	}
	while (i < LAG_BINS - 1 && open > bin_end[i])
		i++;
	if (l->bin[i] < UINT16_MAX)
		l->bin[i]++;
	l->tail = tail(l);
}

usspan lag_late(const struct lag *l, usspan most)
{
	usspan late = l->tail ? l->tail : FIRST;

	return late < most ? late : most;
}

usspan lag_patience(const struct lag *l, usspan most)
{
	usspan patience = l->tail ? BETWEEN * l->between + l->tail : FIRST;

	if (patience < LEAST)
		patience = LEAST;
	return patience < most ? patience : most;
}
