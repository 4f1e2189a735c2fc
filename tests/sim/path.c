/* SPDX-License-Identifier: MIT */
#include "tests/sim/path.h"

#include <stdlib.h>
#include <string.h>

#include "shared/base/pkt.h"

enum {
	CHUNK = 64, /* parcels that are made at once */
	NS_PER_US = 1000,
};

/* A packet on its way. */
struct parcel {
	struct parcel *next;
	struct endpoint mark;
	ustime sent;
	size_t len;
	uint8_t data[PKT_CAP];
};

void path_init(struct path *p, struct world *w, const struct road_config *cfg)
{
	memset(p, 0, sizeof(*p));
	p->world = w;
	p->began = w->now;
	road_init(&p->road, cfg, rng_next(&w->rng));
}

void path_finish(struct path *p)
{
	while (p->chunks) {
		struct parcel *chunk = p->chunks;

		p->chunks = chunk->next;
		free(chunk);
	}
	p->idle = NULL;
	road_finish(&p->road);
}

void path_lay(struct path *p, const struct road *road)
{
	road_finish(&p->road);
	p->road = *road;
	p->began = p->world->now;
}

/* The first parcel of a chunk only holds the chunks together. */
static struct parcel *parcel_get(struct path *p)
{
	struct parcel *one;

	if (!p->idle) {
		struct parcel *chunk = malloc((CHUNK + 1) * sizeof(*chunk));

		must(chunk != NULL);
		chunk->next = p->chunks;
		p->chunks = chunk;
		for (int i = 1; i <= CHUNK; i++) {
			chunk[i].next = p->idle;
			p->idle = &chunk[i];
		}
	}
	one = p->idle;
	p->idle = one->next;
	return one;
}

static void arrived(void *who, void *what)
{
	struct path *p = who;
	struct parcel *one = what;

	p->sent = one->sent;
	p->arrive(p->who, one->data, one->len, &one->mark);
	one->next = p->idle;
	p->idle = one;
}

static int64_t road_time(const struct path *p, ustime at)
{
	return (at - p->began) * NS_PER_US;
}

static void launch(struct path *p, const uint8_t *data, size_t len, const struct endpoint *mark,
		   const struct road_fate *fate)
{
	struct parcel *one = parcel_get(p);

	one->mark = *mark;
	one->sent = p->world->now;
	one->len = len;
	memcpy(one->data, data, len);
	if (fate->damaged > 0) {
		uint32_t bit = fate->damaged - 1;

		one->data[bit / 8] ^= (uint8_t)(1U << bit % 8);
	}
	world_at(p->world, p->began + fate->arrives / NS_PER_US, arrived, p, one);
}

/* What becomes of it before it is on the road, or there. */
static void enter(struct path *p, const uint8_t *data, size_t len, struct road_fate *fate)
{
	int64_t now = road_time(p, p->world->now);

	if (p->cut || (p->spoil && p->spoil(p->spoiler, data, len))) {
		*fate = (struct road_fate){
			.end = p->cut ? ROAD_DARK : ROAD_LOST, .left = now, .arrives = NEVER};
		p->taken++;
		return;
	}
	road_take(&p->road, now, len, fate);
}

void path_send(struct path *p, const uint8_t *data, size_t len, const struct endpoint *mark)
{
	struct road_fate fate;

	must(len <= PKT_CAP);
	enter(p, data, len, &fate);
	if (p->entered)
		p->entered(p->who, data, len, &fate);
	if (fate.end != ROAD_ARRIVES)
		return;
	launch(p, data, len, mark, &fate);
	if (fate.twice)
		launch(p, data, len, mark, &fate);
}

void path_outage(struct path *p, ustime from, ustime until)
{
	road_outage(&p->road, from - p->began, until == NEVER ? NEVER : until - p->began);
}

uint64_t path_backlog(struct path *p)
{
	return road_backlog(&p->road, road_time(p, p->world->now));
}

uint64_t path_lost(const struct path *p)
{
	const struct road_tally *t = &p->road.tally;

	return t->lost + t->dark + t->too_long + p->taken;
}
