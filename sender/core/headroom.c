/* SPDX-License-Identifier: MIT */
#include "sender/core/headroom.h"

enum {
	SAFE = 75,   /* percent: key frames, and the next fade */
	HURRY = 60,  /* percent while packets wait: what waits must leave as well */
	CLIMB = 4,   /* of the way up at each look; down goes at once */
	FAITH = 25,  /* and so much of it is believed on top, where it is used */
	MOST = 150,  /* percent of what is known */
	USED = 60,   /* percent of what is safe */
};

#define WAITS MSEC(250) /* a frame or two wait in good health */
#define EASE  MSEC(20)
#define SOBER SEC(5) /* what showed their limit is believed so long */

void headroom_look(struct headroom *h, const struct headroom_signs *signs, ustime now)
{
	usspan limit = signs->latency > 0 ? earlier(WAITS, signs->latency / 4) : WAITS;
	usspan since = now - h->looked;
	uint64_t known = signs->rate * 8, load, aim;

	load = since > 0 && since < SEC(1)
		       ? (signs->carried - h->carried) * 8 * 1000000 / (uint64_t)since : 0;
	if (signs->full || signs->waited > EASE)
		h->strained = now;
	if (now - h->strained < SOBER || known > h->capacity)
		h->capacity = known;
	else if (load >= h->safe / 100 * USED)
		h->capacity += h->capacity / FAITH;
	if (h->capacity > known / 100 * MOST)
		h->capacity = known / 100 * MOST;
	aim = h->capacity / 100 * (signs->waited > limit ? HURRY : SAFE);
	if (aim > known)
		aim = known;
	if (aim < h->safe || h->safe == 0)
		h->safe = aim;
	else
		h->safe += (aim - h->safe) / CLIMB;
	h->carried = signs->carried;
	h->looked = now;
}
