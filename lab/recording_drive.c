/* SPDX-License-Identifier: MIT */
#include "lab/recording.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>

#include "shared/base/rng.h"

/* So that a millionth of a part of it stays in range. */
#define MOST UINT64_C(100000000000)

/* What a drive does at the moment; levels are thousandths of the usual. */
struct mood {
	struct rng rng;
	int64_t level, target; /* of the swell */
	unsigned left;         /* steps until it is there */
	unsigned weak, none;   /* steps that a fade lasts yet */
};

static bool once_in(struct mood *m, unsigned steps)
{
	return rng_below(&m->rng, steps) == 0;
}

static unsigned steps_from(struct mood *m, unsigned least, unsigned most)
{
	return least + (unsigned)rng_below(&m->rng, most - least + 1);
}

/* One step of 100 ms. */
static int64_t next_level(struct mood *m)
{
	int64_t ripple = (int64_t)rng_below(&m->rng, 301) - 150;

	if (m->left == 0) {
		m->left = steps_from(m, 15, 60);
		m->target = 500 + (int64_t)rng_below(&m->rng, 1001);
	}
	m->level += (m->target - m->level) / (int64_t)m->left--;
	if (m->weak > 0)
		m->weak--;
	else if (once_in(m, 300))
		m->weak = steps_from(m, 10, 20);
	if (m->none > 0)
		m->none--;
	else if (once_in(m, 600))
		m->none = steps_from(m, 2, 8);
	if (m->none > 0)
		return 0;
	return m->level * (1000 + ripple) / (m->weak > 0 ? 10000 : 1000);
}

struct recording *recording_drive(uint64_t mean, uint64_t seed, usspan lasts)
{
	enum { MILLIONTHS = 1000000 };
	struct recording *r = calloc(1, sizeof(*r));
	struct mood m = {.level = 1000};
	int64_t sum = 0;

	assert(mean <= MOST);
	if (!r)
		return NULL;
	r->kind = RECORDING_RATES;
	r->step = MSEC(100);
	r->count = lasts > r->step ? (size_t)(lasts / r->step) : 1;
	r->lasts = (usspan)r->count * r->step;
	r->value = calloc(r->count, sizeof(*r->value));
	if (!r->value) {
		free(r);
		return NULL;
	}
	rng_init(&m.rng, seed);
	for (size_t i = 0; i < r->count; i++)
		sum += r->value[i] = next_level(&m);
	/* What the fades took, the rest gives back: the mean is what was asked. */
	for (size_t i = 0; i < r->count && sum > 0; i++)
		r->value[i] = (int64_t)mean *
			      (r->value[i] * MILLIONTHS * (int64_t)r->count / sum) / MILLIONTHS;
	return r;
}
