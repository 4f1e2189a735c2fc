/* SPDX-License-Identifier: MIT */
#include "lab/scenario.h"

#include <stdlib.h>
#include <string.h>

/* So that vehicles do not drive through the same fade at once. */
#define APART SEC(17)

static uint64_t stir(uint64_t key, uint64_t word)
{
	key = (key ^ word) + UINT64_C(0x9e3779b97f4a7c15);
	key = (key ^ key >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	key = (key ^ key >> 27) * UINT64_C(0x94d049bb133111eb);
	return key ^ key >> 31;
}

void scenario_road(const struct scenario *s, unsigned vehicle, unsigned link, bool up,
		   uint64_t seed, struct road *r)
{
	const struct scenario_link *l = &s->link[link];
	struct road_config cfg = up ? l->up : l->down;

	cfg.supply.from += vehicle * APART;
	cfg.trips_from += vehicle * APART;
	seed = stir(stir(stir(stir(0, seed), vehicle), link), up);
	road_init(r, &cfg, seed);
	for (size_t i = 0; i < s->turns; i++) {
		const struct scenario_turn *t = &s->turn[i];

		if (t->link != link || !(up ? t->up : t->down))
			continue;
		if (t->dark)
			road_outage(r, t->at, t->at + t->lasts);
		else
			road_change(r, t->at, t->knob, t->value);
	}
}

void scenario_finish(struct scenario *s)
{
	for (size_t i = 0; i < s->recordings; i++)
		recording_destroy(s->recording[i]);
	free(s->recording);
	free(s->turn);
	free(s->event);
	memset(s, 0, sizeof(*s));
}
