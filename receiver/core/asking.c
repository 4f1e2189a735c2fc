/* SPDX-License-Identifier: MIT */
#include "receiver/core/asking.h"

enum { GAIN = 8 };

/* What the server has not asked for by then came late, and nobody missed it. */
#define FORGOTTEN SEC(1)

void asking_init(struct asking *a)
{
	*a = (struct asking){.missed = SEQ_NONE};
}

void asking_missed(struct asking *a, uint32_t seq, ustime now)
{
	if (a->missed != SEQ_NONE && now - a->since < FORGOTTEN)
		return;
	a->missed = seq;
	a->since = now;
}

void asking_heard(struct asking *a, uint32_t from, uint32_t to, ustime now)
{
	usspan took = now - a->since;

	if (a->missed == SEQ_NONE || seq_before(a->missed, from) || seq_before(to, a->missed))
		return;
	a->missed = SEQ_NONE;
	a->takes += (took - a->takes) / GAIN;
	if (a->takes < took)
		a->takes = took;
}
