/* SPDX-License-Identifier: MIT */
#include "lab/emulator/room.h"

enum {
	PACKET = 400, /* bytes; SRTLA's big ones are 1360, its small ones 60 */
	SPARE = 64,   /* for each road */
	UNLIMITED_QUEUE_MS = 1000,
	MS_PER_S = 1000,
	BYTE = 8,
};

/* Where there is no limit, what a program may really send. */
#define UNLIMITED_RATE UINT64_C(100000000)

static uint64_t recorded_rate(const struct recording *r)
{
	uint64_t most = 0;

	if (r->kind == RECORDING_CHANCES) /* on average; at its best three times as much */
		return 3 * BYTE * RECORDING_CHANCE * (uint64_t)r->count * 1000000 /
		       (uint64_t)r->lasts;
	for (size_t i = 0; i < r->count; i++)
		most = (uint64_t)r->value[i] > most ? (uint64_t)r->value[i] : most;
	return most;
}

static usspan longest_trip(const struct recording *r)
{
	usspan most = 0;

	for (size_t i = 0; i < r->count; i++)
		most = r->value[i] > most ? r->value[i] : most;
	return most / 2;
}

/* What a road has at most of what it can be told to have. */
struct most {
	uint64_t rate, queue, delay;
};

static void raise(uint64_t *most, uint64_t value)
{
	*most = value > *most ? value : *most;
}

static struct most at_first(const struct road_config *c)
{
	const struct recording *r = c->supply.recording;
	uint64_t scale = c->supply.scale ? c->supply.scale : 1000;

	return (struct most){
		.rate = r                ? recorded_rate(r) * scale / 1000
			: c->supply.rate ? c->supply.rate
					 : UNLIMITED_RATE,
		.queue = c->queue,
		.delay = (uint64_t)((c->trips ? longest_trip(c->trips) : c->delay) + c->jitter +
				    c->detour + c->wake),
	};
}

static size_t packets(const struct scenario *s, unsigned link, bool up)
{
	const struct scenario_link *l = &s->link[link];
	struct most m = at_first(up ? &l->up : &l->down);
	uint64_t bytes;

	for (size_t i = 0; i < s->turns; i++) {
		const struct scenario_turn *t = &s->turn[i];

		if (t->link != link || t->dark || !(up ? t->up : t->down))
			continue;
		if (t->knob == ROAD_RATE)
			raise(&m.rate, t->value);
		if (t->knob == ROAD_QUEUE)
			raise(&m.queue, t->value);
		if (t->knob == ROAD_DELAY || t->knob == ROAD_JITTER)
			raise(&m.delay, m.delay + t->value);
	}
	if (m.queue == 0)
		m.queue = m.rate / BYTE * UNLIMITED_QUEUE_MS / MS_PER_S;
	bytes = m.queue + m.rate / BYTE * (m.delay / 1000) / MS_PER_S;
	return (size_t)(bytes / PACKET) + SPARE;
}

size_t room_needed(const struct scenario *s, unsigned vehicles)
{
	size_t all = 0;

	for (unsigned n = 0; n < s->links; n++)
		all += packets(s, n, true) + packets(s, n, false);
	all *= vehicles;
	return all < ROOM_LEAST ? ROOM_LEAST : all > ROOM_MOST ? ROOM_MOST : all;
}
