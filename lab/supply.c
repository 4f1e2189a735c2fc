/* SPDX-License-Identifier: MIT */
#include "lab/supply.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
	WHOLE = 1000,     /* a scale that changes nothing */
	FIRST_ROOM = 8,
	NS_PER_US = 1000,
};

#define NS_PER_S UINT64_C(1000000000)

static uint64_t scale(const struct supply *s)
{
	return s->cfg.scale ? s->cfg.scale : WHOLE;
}

void supply_init(struct supply *s, const struct supply_config *cfg)
{
	const struct recording *r = cfg->recording;

	memset(s, 0, sizeof(*s));
	s->cfg = *cfg;
	assert(!r || (r->kind != RECORDING_TRIPS && r->count > 0 && r->lasts > 0));
	assert(!r || r->kind != RECORDING_RATES || r->lasts == (usspan)r->count * r->step);
	if (r)
		s->lap = -(cfg->from % r->lasts) * NS_PER_US;
}

void supply_finish(struct supply *s)
{
	free(s->step);
	s->step = NULL;
	s->steps = s->room = s->at = 0;
}

void supply_step(struct supply *s, ustime at, uint64_t rate)
{
	size_t i;

	assert(!s->cfg.recording);
	if (s->steps == s->room) {
		s->room = s->room ? 2 * s->room : FIRST_ROOM;
		s->step = realloc(s->step, s->room * sizeof(*s->step));
		if (!s->step)
			abort();
	}
	for (i = s->steps++; i > 0 && s->step[i - 1].at > at; i--)
		s->step[i] = s->step[i - 1];
	s->step[i] = (struct supply_step){.at = at, .rate = rate};
	s->at = 0; /* it may be in force already */
}

/* Work is bits times 10^9: what a rate of one bit a second does in so many ns. */
static int64_t after_work(int64_t from, uint64_t work, uint64_t rate)
{
	uint64_t takes = work / rate;

	return takes < (uint64_t)(NEVER - from) ? from + (int64_t)takes : NEVER;
}

/* A fixed rate that becomes others: s->at counts the steps that have begun. */
static int64_t serve_steps(struct supply *s, int64_t start, uint64_t work)
{
	for (;;) {
		uint64_t rate = s->at ? s->step[s->at - 1].rate : s->cfg.rate;
		int64_t next = s->at < s->steps ? s->step[s->at].at * NS_PER_US : NEVER;

		if (next > start) {
			if (rate == 0 && s->at == 0)
				return start;
			if (rate > 0 && (next == NEVER || work / rate <= (uint64_t)(next - start)))
				return after_work(start, work, rate);
			if (next == NEVER)
				return NEVER;
			work -= rate * (uint64_t)(next - start);
			start = next;
		}
		s->at++;
	}
}

/* Passes through the recording that are over at `moment`. */
static void skip_laps(struct supply *s, int64_t moment)
{
	int64_t lasts = s->cfg.recording->lasts * NS_PER_US;

	if (moment - s->lap < lasts)
		return;
	s->lap += (moment - s->lap) / lasts * lasts;
	s->at = 0;
}

static int64_t serve_rates(struct supply *s, int64_t start, uint64_t work)
{
	const struct recording *r = s->cfg.recording;
	int64_t step = r->step * NS_PER_US;
	size_t idle = 0;

	skip_laps(s, start);
	s->at = (size_t)((start - s->lap) / step);
	while (idle < r->count) {
		uint64_t rate = (uint64_t)r->value[s->at] * scale(s) / WHOLE;
		int64_t end = s->lap + (int64_t)(s->at + 1) * step;

		if (rate > 0 && work / rate <= (uint64_t)(end - start))
			return after_work(start, work, rate);
		idle = rate > 0 ? 0 : idle + 1;
		work -= rate * (uint64_t)(end - start);
		start = end;
		if (++s->at == r->count) {
			s->at = 0;
			s->lap = end;
		}
	}
	return NEVER; /* a whole pass of nothing */
}

/* s->at counts the chances of this pass that are used or gone; the last of them has s->left. */
static int64_t serve_chances(struct supply *s, int64_t start, uint64_t bytes)
{
	const struct recording *r = s->cfg.recording;
	uint64_t chance = RECORDING_CHANCE * scale(s) / WHOLE;
	int64_t at = start;

	if (s->left > 0)
		at = s->lap + r->value[s->at - 1] * NS_PER_US;
	if (at < start)
		s->left = 0; /* it did not wait for anybody */
	while (s->left < bytes) {
		if (s->left == 0)
			skip_laps(s, start - 1); /* the last chance comes as its pass ends */
		if (s->at == r->count) {
			s->lap += r->lasts * NS_PER_US;
			s->at = 0;
		}
		at = s->lap + r->value[s->at++] * NS_PER_US;
		if (at >= start)
			s->left += chance;
	}
	s->left -= bytes;
	return at;
}

int64_t supply_serve(struct supply *s, int64_t start, size_t bytes)
{
	uint64_t work = (uint64_t)bytes * 8 * NS_PER_S;

	if (start == NEVER)
		return NEVER;
	if (!s->cfg.recording)
		return serve_steps(s, start, work);
	if (s->cfg.recording->kind == RECORDING_RATES)
		return serve_rates(s, start, work);
	return serve_chances(s, start, bytes);
}
