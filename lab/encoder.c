/* SPDX-License-Identifier: MIT */
#include "lab/encoder.h"

#include <assert.h>
#include <stdbool.h>

enum { WEIGHT = 100 }; /* of a frame that is no key frame */

/* Bits that an evenly paced packet holds, times the microseconds of a second. */
#define PACED (UINT64_C(8) * ENCODER_PAYLOAD * SEC(1))

static uint64_t gop(const struct encoder *e)
{
	return e->cfg.gop > 1 ? e->cfg.gop : 1;
}

static uint64_t key_weight(const struct encoder *e)
{
	return e->cfg.gop > 1 && e->cfg.key > 0 ? e->cfg.key : WEIGHT;
}

/* One byte in the unit of `owed`: a group of pictures in weights, for a second of bits. */
static uint64_t byte(const struct encoder *e)
{
	return 8 * (uint64_t)e->cfg.fps * (WEIGHT * (gop(e) - 1) + key_weight(e));
}

void encoder_init(struct encoder *e, const struct encoder_config *cfg)
{
	assert(cfg->rate > 0);
	*e = (struct encoder){.cfg = *cfg};
}

ustime encoder_due(const struct encoder *e)
{
	if (e->cfg.fps > 0)
		return (ustime)(e->frames * SEC(1) / e->cfg.fps);
	return e->base + (ustime)((e->frames - e->base_frames) * PACED / e->cfg.rate);
}

size_t encoder_frame(struct encoder *e)
{
	bool key = e->cfg.fps > 0 && e->frames % gop(e) == 0;
	uint64_t weight = key ? key_weight(e) : WEIGHT;
	uint64_t bytes = ENCODER_PAYLOAD;

	e->frames++;
	if (e->cfg.fps > 0) {
		e->owed += e->cfg.rate * gop(e) * weight;
		bytes = e->owed / byte(e);
		e->owed %= byte(e);
	}
	return bytes > 0 ? (size_t)bytes : 1;
}

void encoder_set_rate(struct encoder *e, uint64_t rate)
{
	assert(rate > 0);
	if (rate == e->cfg.rate)
		return;
	if (e->cfg.fps == 0) {
		e->base = encoder_due(e);
		e->base_frames = e->frames;
	}
	e->cfg.rate = rate;
}
