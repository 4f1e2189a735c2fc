/* SPDX-License-Identifier: MIT */
#include "lab/road.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "shared/base/rng.h"

enum {
	NS_PER_US = 1000,
	FIRST_WAITING = 64,
	FIRST_ROOM = 4,
};

#define FNV_OFFSET UINT64_C(0xcbf29ce484222325)
#define FNV_PRIME  UINT64_C(0x100000001b3)

/* A moment that is too far away to be counted in ns is NEVER. */
static int64_t to_ns(ustime at)
{
	return at < NEVER / NS_PER_US ? at * NS_PER_US : NEVER;
}

static void *more(void *array, size_t count, size_t *room, size_t size)
{
	if (count < *room)
		return array;
	*room = *room ? 2 * *room : FIRST_ROOM;
	array = realloc(array, *room * size);
	if (!array)
		abort();
	return array;
}

void road_init(struct road *r, const struct road_config *cfg, uint64_t seed)
{
	struct rng seeds;

	assert(!cfg->trips || (cfg->trips->kind == RECORDING_TRIPS &&
			       cfg->trips->lasts == (usspan)cfg->trips->count * cfg->trips->step));
	memset(r, 0, sizeof(*r));
	r->cfg = *cfg;
	supply_init(&r->supply, &cfg->supply);
	rng_init(&seeds, seed);
	r->chance = rng_next(&seeds);
	r->whim = rng_next(&seeds);
	r->tally.fingerprint = FNV_OFFSET;
	r->waiting_room = FIRST_WAITING;
	r->waiting = calloc(FIRST_WAITING, sizeof(*r->waiting));
	if (!r->waiting)
		abort();
}

void road_finish(struct road *r)
{
	supply_finish(&r->supply);
	free(r->waiting);
	free(r->change);
	free(r->outage);
	r->waiting = NULL;
	r->change = NULL;
	r->outage = NULL;
	r->waiting_count = r->waiting_room = 0;
	r->changes = r->change_room = 0;
	r->outages = r->outage_room = 0;
}

void road_change(struct road *r, ustime at, enum road_knob knob, uint64_t value)
{
	size_t i;

	if (knob == ROAD_RATE) {
		supply_step(&r->supply, at, value);
		return;
	}
	r->change = more(r->change, r->changes, &r->change_room, sizeof(*r->change));
	for (i = r->changes++; i > r->changed && r->change[i - 1].at > at; i--)
		r->change[i] = r->change[i - 1];
	r->change[i] = (struct road_change){.at = at, .knob = knob, .value = value};
}

static void turn(struct road_config *cfg, enum road_knob knob, uint64_t value)
{
	switch (knob) {
	case ROAD_RATE:
		break; /* the supply knows */
	case ROAD_QUEUE:
		cfg->queue = (size_t)value;
		break;
	case ROAD_DELAY:
		cfg->delay = (usspan)value;
		break;
	case ROAD_JITTER:
		cfg->jitter = (usspan)value;
		break;
	case ROAD_LOSS:
		cfg->loss = (uint32_t)value;
		break;
	case ROAD_TWICE:
		cfg->twice = (uint32_t)value;
		break;
	case ROAD_MTU:
		cfg->mtu = (size_t)value;
		break;
	}
}

static void turn_knobs(struct road *r, int64_t now)
{
	while (r->changed < r->changes && to_ns(r->change[r->changed].at) <= now) {
		turn(&r->cfg, r->change[r->changed].knob, r->change[r->changed].value);
		r->changed++;
	}
}

/* Those that touch become one, so that asking looks at one of them alone. */
void road_outage(struct road *r, ustime from, ustime until)
{
	struct road_outage one = {to_ns(from), to_ns(until)};
	size_t first = r->outages, last;

	if (from >= until)
		return;
	while (first > 0 && r->outage[first - 1].until >= one.from)
		first--;
	for (last = first; last < r->outages && r->outage[last].from <= one.until; last++) {
		if (r->outage[last].from < one.from)
			one.from = r->outage[last].from;
		if (r->outage[last].until > one.until)
			one.until = r->outage[last].until;
	}
	r->outage = more(r->outage, r->outages, &r->outage_room, sizeof(*r->outage));
	memmove(r->outage + first + 1, r->outage + last,
		(r->outages - last) * sizeof(*r->outage));
	r->outage[first] = one;
	r->outages = r->outages - (last - first) + 1;
	if (r->outages_over > first)
		r->outages_over = first;
}

/* Is any of the time from now to `until` dark? */
static bool is_dark(struct road *r, int64_t now, int64_t until)
{
	while (r->outages_over < r->outages && r->outage[r->outages_over].until <= now)
		r->outages_over++;
	return r->outages_over < r->outages && r->outage[r->outages_over].from <= until;
}

/* What has left by now waits no more. */
static void let_leave(struct road *r, int64_t now)
{
	while (r->waiting_count > 0 && r->waiting[r->waiting_head].left <= now) {
		r->waiting_bytes -= r->waiting[r->waiting_head].bytes;
		r->waiting_head = (r->waiting_head + 1) & (r->waiting_room - 1);
		r->waiting_count--;
	}
}

static void grow_waiting(struct road *r)
{
	size_t room = 2 * r->waiting_room;
	struct road_waiting *waiting = calloc(room, sizeof(*waiting));

	if (!waiting)
		abort();
	for (size_t i = 0; i < r->waiting_count; i++)
		waiting[i] = r->waiting[(r->waiting_head + i) & (r->waiting_room - 1)];
	free(r->waiting);
	r->waiting = waiting;
	r->waiting_room = room;
	r->waiting_head = 0;
}

static void let_wait(struct road *r, int64_t left, uint64_t bytes)
{
	if (r->waiting_count == r->waiting_room)
		grow_waiting(r);
	r->waiting[(r->waiting_head + r->waiting_count++) & (r->waiting_room - 1)] =
		(struct road_waiting){.left = left, .bytes = bytes};
	r->waiting_bytes += bytes;
}

uint64_t road_backlog(struct road *r, int64_t now)
{
	let_leave(r, now);
	return r->waiting_bytes;
}

/*
 * The lot that a packet draws of each kind (splitmix64): by the packet's number
 * and not by the draws before it, so that asking for one more shifts no other
 * and one that nobody asks for costs nothing.
 */
enum lot { TURNS, IN_BURST, ALONE, JITTER, ASTRAY, DETOUR, TWICE, DAMAGE, BIT, LOTS };

static uint64_t lot(const struct road *r, enum lot which)
{
	uint64_t key = which <= ALONE ? r->chance : r->whim;
	uint64_t v = key + (r->tally.packets_in * LOTS + which) * UINT64_C(0x9e3779b97f4a7c15);

	v = (v ^ v >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	v = (v ^ v >> 27) * UINT64_C(0x94d049bb133111eb);
	return v ^ v >> 31;
}

static bool happens(const struct road *r, enum lot which, uint32_t of_a_million)
{
	return of_a_million > 0 && lot(r, which) % ROAD_MILLION < of_a_million;
}

/* Of each packet that enters, also of one that is dropped. */
static bool draw_loss(struct road *r)
{
	const struct road_config *cfg = &r->cfg;

	if (happens(r, TURNS, r->bad ? cfg->burst_leave : cfg->burst_enter))
		r->bad = !r->bad;
	return (r->bad && happens(r, IN_BURST, cfg->burst_loss)) ||
	       happens(r, ALONE, cfg->loss);
}

/* The way behind the queue, ns; below 0: nobody answers there. */
static int64_t way(const struct road *r, int64_t left)
{
	const struct recording *trips = r->cfg.trips;
	ustime at;

	if (!trips)
		return r->cfg.delay * NS_PER_US;
	at = (left / NS_PER_US + r->cfg.trips_from) % trips->lasts;
	return trips->value[at / trips->step] * NS_PER_US / 2;
}

/* It has left the queue and goes its way. */
static void deliver(struct road *r, size_t len, int64_t delay, struct road_fate *fate)
{
	const struct road_config *cfg = &r->cfg;
	int64_t at = fate->left + delay;

	if (cfg->jitter > 0)
		at += (int64_t)(lot(r, JITTER) % (uint64_t)(cfg->jitter * NS_PER_US));
	if (happens(r, ASTRAY, cfg->astray)) {
		if (cfg->detour > 0)
			at += (int64_t)(lot(r, DETOUR) % (uint64_t)(cfg->detour * NS_PER_US));
	} else {
		at = r->last_arrival = at > r->last_arrival ? at : r->last_arrival;
	}
	fate->end = ROAD_ARRIVES;
	fate->arrives = at;
	fate->twice = happens(r, TWICE, cfg->twice);
	if (len > 0 && happens(r, DAMAGE, cfg->damage))
		fate->damaged = (uint32_t)(1 + lot(r, BIT) % (8 * len));
}

/* When its turn comes: behind those that wait, and when the radio is awake. */
static int64_t turn_comes(struct road *r, int64_t now)
{
	int64_t quiet_since = r->last_in > r->busy_until ? r->last_in : r->busy_until;

	if (r->cfg.wake > 0 && now > quiet_since &&
	    now - quiet_since >= r->cfg.idle * NS_PER_US)
		r->busy_until = now + r->cfg.wake * NS_PER_US;
	return now > r->busy_until ? now : r->busy_until;
}

/* All of it but the ring, which a look ahead must not touch. */
static void decide(struct road *r, int64_t now, size_t len, struct road_fate *fate)
{
	uint64_t bytes = len + ROAD_HEADERS;
	bool lost;
	int64_t start, delay;

	turn_knobs(r, now);
	let_leave(r, now);
	lost = draw_loss(r);
	start = turn_comes(r, now);
	r->last_in = now;
	*fate = (struct road_fate){.left = now, .arrives = NEVER};
	if (r->cfg.mtu > 0 && bytes > r->cfg.mtu) {
		fate->end = ROAD_TOO_LONG;
		return;
	}
	if (is_dark(r, now, now)) {
		fate->end = ROAD_DARK;
		return;
	}
	if (r->cfg.queue > 0 && r->waiting_bytes + bytes > r->cfg.queue) {
		fate->end = ROAD_OVERFLOW;
		return;
	}
	fate->left = r->busy_until = supply_serve(&r->supply, start, bytes);
	if (fate->left == NEVER || is_dark(r, now, fate->left)) {
		fate->end = ROAD_DARK;
		return;
	}
	delay = way(r, fate->left);
	if (lost || delay < 0) {
		fate->end = ROAD_LOST;
		return;
	}
	deliver(r, len, delay, fate);
}

/* FNV-1a, whole words at a time. */
static uint64_t stir(uint64_t hash, uint64_t word)
{
	hash = (hash ^ word) * FNV_PRIME;
	return hash ^ hash >> 32;
}

static void count_out(struct road_tally *t, size_t len, const struct road_fate *fate)
{
	t->packets_out++;
	t->bytes_out += len;
	if (fate->damaged > 0)
		t->damaged++;
	if (fate->twice) {
		t->doubled++;
		t->packets_out++;
		t->bytes_out += len;
	}
}

static void count(struct road_tally *t, size_t len, const struct road_fate *fate)
{
	t->packets_in++;
	t->bytes_in += len;
	t->fingerprint = stir(t->fingerprint, (uint64_t)fate->left ^ (uint64_t)fate->end << 61);
	t->fingerprint = stir(t->fingerprint, (uint64_t)fate->arrives);
	switch (fate->end) {
	case ROAD_ARRIVES:
		count_out(t, len, fate);
		break;
	case ROAD_OVERFLOW:
		t->overflow++;
		break;
	case ROAD_LOST:
		t->lost++;
		break;
	case ROAD_DARK:
		t->dark++;
		break;
	case ROAD_TOO_LONG:
		t->too_long++;
		break;
	}
}

void road_take(struct road *r, int64_t now, size_t len, struct road_fate *fate)
{
	decide(r, now, len, fate);
	if (fate->left > now)
		let_wait(r, fate->left, len + ROAD_HEADERS);
	count(&r->tally, len, fate);
}

void road_peek(const struct road *r, int64_t now, size_t len, struct road_fate *fate)
{
	struct road ahead = *r;

	decide(&ahead, now, len, fate);
}
