/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "shared/base/seq.h"
#include "tests/flood/flood.h"

/*
 * Many streams, evenly spaced, and one that in every second round sends ten times as
 * much or more, a frame at a time, and loses a third of it on the way: how long do the others'
 * packets take through the receiver then, and how long without?
 */
enum {
	LINKS = 2,
	RATE = 95,      /* packets a second of 1316 bytes: 1 Mbit/s */
	TIMES = 10,
	FRAMES = 30,    /* a second */
	LOST = 30,      /* of 100 */
	WINDOW = 64,
	SAMPLES = 1 << 20,
	ROUNDS = 32,
};

#define PATIENCE (10 * CLOCK_S)
#define ROUND    (1500 * CLOCK_MS)
#define SETTLE   (300 * CLOCK_MS)

struct fairness {
	struct flood f;
	unsigned groups;
	unsigned times;             /* what the one in trouble sends, of what the others do */
	uint32_t round;             /* the tag of its packets */
	uint32_t *delay;            /* us, of the others in this round */
	unsigned count;
	uint64_t sent, arrived;     /* of the others */
};

static void media(void *arg, unsigned number, const uint8_t *data, size_t len, uint64_t at)
{
	struct fairness *x = arg;
	struct caller_stamp s;

	if (number == 0 || !caller_read_stamp(data, len, &s) || s.tag != x->round || s.tag == 0)
		return;
	x->arrived++;
	if (x->count < SAMPLES)
		x->delay[x->count++] = at > s.sent ? (uint32_t)((at - s.sent) / 1000) : 0;
}

static bool admit(struct fairness *x)
{
	uint64_t until = clock_ns() + PATIENCE;
	unsigned first = 0;

	while (first < x->groups && clock_ns() < until) {
		while (x->f.callers < x->groups && x->f.callers < first + WINDOW)
			flood_call_afar(&x->f, LINKS);
		flood_rest(&x->f, first, x->f.callers, 0);
		while (first < x->f.callers && x->f.caller[first].state >= CALLER_IN)
			first++;
	}
	return first == x->groups;
}

static void speak(struct fairness *x, unsigned i, bool lost)
{
	struct caller *c = &x->f.caller[i];

	if (!lost)
		caller_media(c, (unsigned)(c->seq % LINKS), c->seq, x->round, CALLER_PAYLOAD,
			     &x->f.crowd);
	c->seq = seq_add(c->seq, 1);
}

/* One round; the first group is in trouble or not. */
static void stream(struct fairness *x, bool trouble)
{
	uint64_t now = clock_ns(), ends = now + ROUND, turn = 0;
	struct flood_pace others = {.began = now, .rate = (uint64_t)RATE * (x->groups - 1)};
	struct flood_pace frames = {.began = now, .rate = FRAMES};
	unsigned frame = RATE * (trouble ? x->times : 1) / FRAMES;

	for (; now < ends; now = clock_ns()) {
		for (unsigned n = flood_due(&others, now); n > 0; n--, turn++) {
			speak(x, 1 + (unsigned)(turn % (x->groups - 1)), false);
			x->sent++;
		}
		for (unsigned n = flood_due(&frames, now) * frame; n > 0; n--)
			speak(x, 0, trouble && rng_below(&x->f.rng, 100) < LOST);
		flood_rest(&x->f, 0, 0, 0);
	}
	flood_rest(&x->f, 0, 0, now + SETTLE);
}

static int by_size(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* The delay that all but one of `of` stay below, ms, in the latest round. */
static double percentile(struct fairness *x, unsigned of)
{
	qsort(x->delay, x->count, sizeof(*x->delay), by_size);
	return x->count ? x->delay[x->count - 1 - x->count / of] / 1000.0 : 0;
}

static double middle(double *value, unsigned count)
{
	qsort(value, count, sizeof(*value), by_value);
	return count ? value[count / 2] : 0;
}

static void compare(struct fairness *x, unsigned rounds)
{
	double p99[2][ROUNDS], p50[2][ROUNDS];

	for (unsigned i = 0; i < rounds; i++) {
		for (unsigned trouble = 0; trouble < 2; trouble++) {
			x->round++;
			x->count = 0;
			stream(x, trouble);
			p99[trouble][i] = percentile(x, 100);
			p50[trouble][i] = percentile(x, 2);
		}
	}
	flood_tell("p50_alone_ms", "%.3f", middle(p50[0], rounds));
	flood_tell("p50_beside_ms", "%.3f", middle(p50[1], rounds));
	flood_tell("p99_alone_ms", "%.3f", middle(p99[0], rounds));
	flood_tell("p99_beside_ms", "%.3f", middle(p99[1], rounds));
	/* In order by now. Whatever else the machine does makes some rounds worse, and none better. */
	flood_tell("p99_alone_least_ms", "%.3f", p99[0][0]);
	flood_tell("p99_beside_least_ms", "%.3f", p99[1][0]);
	flood_tell("p99_moved_ms", "%.3f", p99[1][0] - p99[0][0]);
}

void flood_fair(unsigned pid, const uint64_t *number)
{
	static struct fairness x;
	unsigned rounds = number[1] < ROUNDS ? (unsigned)number[1] : ROUNDS;
	struct target before, after;
	uint64_t began;

	x.groups = (unsigned)number[0];
	x.times = number[2] ? (unsigned)number[2] : TIMES;
	x.delay = malloc(SAMPLES * sizeof(*x.delay));
	if (!x.delay)
		crowd_fail("memory");
	flood_open(&x.f, pid, x.groups, true);
	x.f.backend.media = media;
	x.f.backend.arg = &x;
	flood_tell("groups_in", "%d", admit(&x));
	before = target_look(pid);
	began = clock_ns();
	compare(&x, rounds);
	after = target_look(pid);
	flood_tell("packets", "%llu", (unsigned long long)x.sent);
	flood_tell("lost", "%lld", (long long)x.sent - (long long)x.arrived);
	flood_tell("socket_drops", "%llu", (unsigned long long)(after.drops - before.drops));
	flood_tell("cpu_share", "%.3f",
		   (double)(after.cpu - before.cpu) / (double)(clock_ns() - began));
	flood_close(&x.f);
	free(x.delay);
}
