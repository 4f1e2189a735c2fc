/* SPDX-License-Identifier: MIT */
#include "tests/interop/srt_trial.h"

#include "shared/wire/srt.h"

enum { FIRST = 3 }; /* control packets each way */

void trial_roads(const struct trial *t, struct road road[TRIAL_ROADS])
{
	for (unsigned i = 0; i < TRIAL_ROADS; i++)
		road_init(&road[i], &t->road[i], t->seed * TRIAL_ROADS + i);
}

unsigned trial_road_for(const struct trial *t, struct trial_turns *turns, bool up,
			const uint8_t *data, size_t len)
{
	struct srt_head head;
	uint64_t turn;

	if (!srt_parse_head(data, len, &head) || (head.control && head.type == SRT_HANDSHAKE))
		return TRIAL_PLAIN;
	turn = head.control ? turns->control[up]++ : turns->data++;
	if (head.control && turn < FIRST)
		return TRIAL_PLAIN;
	return up ? (unsigned)(turn % t->lanes) : TRIAL_DOWN;
}
