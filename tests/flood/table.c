/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "shared/base/seq.h"
#include "tests/flood/flood.h"

/*
 * As many groups as there are places, with all their links: how soon they are in, what
 * they take while each of them holds packets back, and whether a packet of one of many
 * costs more than a packet of the only one that speaks.
 */
enum {
	WINDOW = 64,        /* callers that register at a time */
	HELD = 16,          /* packets of each group that wait */
	LESSONS = 6,        /* most rounds until links count as slow */
	HOLD_RATE = 80000,  /* packets a second */
	COST_RATE = 20000,
	ROUNDS = 6,
	VOLLEY = 32,        /* at a time, so that waking up is not what is measured */
	RUN = 10,           /* packets on one link before the next: an SRTLA ACK for each run */
	LATENCY = 8000,     /* ms, so that no play-out time ends a wait */
};

#define PATIENCE (20 * CLOCK_S) /* until all must be in */
#define DRAIN    (3 * CLOCK_S)
#define PHASE    (400 * CLOCK_MS)
#define BACKLOG  (1024 * UINT64_C(1024)) /* bytes in its socket, which holds four times as many */
#define QUIET    (300 * CLOCK_MS)
#define REFRESH  (4 * CLOCK_S)

struct table {
	struct flood f;
	unsigned groups, members;
	uint64_t refreshed;
};

/* Everybody registers, a window of them at a time; how many are in. */
static unsigned admit(struct table *t)
{
	struct flood *f = &t->f;
	uint64_t began = clock_ns(), now = began;
	unsigned first = 0, in = 0, i;

	while (first < t->groups && now - began < PATIENCE) {
		while (f->callers < t->groups && f->callers < first + WINDOW)
			flood_call_afar(f, t->members)->latency = LATENCY;
		flood_rest(f, first, f->callers, 0);
		while (first < f->callers && f->caller[first].state >= CALLER_IN)
			first++;
		now = clock_ns();
	}
	for (i = 0; i < f->callers; i++)
		in += f->caller[i].state == CALLER_IN;
	flood_tell("groups", "%u", t->groups);
	flood_tell("members", "%u", t->members);
	flood_tell("in", "%u", in);
	flood_tell("in_ms", "%.0f", (double)(now - began) / 1e6);
	t->refreshed = now;
	return in;
}

/* Links that say nothing are forgotten. */
static void refresh(struct table *t)
{
	struct flood_pace pace = {.began = clock_ns(), .rate = COST_RATE / t->members};

	if (pace.began - t->refreshed < REFRESH)
		return;
	for (unsigned i = 0; i < t->groups;) {
		unsigned n = flood_due(&pace, clock_ns());

		for (; n > 0 && i < t->groups; n--, i++)
			caller_keepalive(&t->f.caller[i], &t->f.crowd);
		flood_rest(&t->f, 0, 0, 0);
	}
	t->refreshed = clock_ns();
}

/* One media packet of caller i: `ahead` numbers are left out before it. */
static void media(struct table *t, unsigned i, unsigned member, unsigned ahead)
{
	struct caller *c = &t->f.caller[i];

	caller_media(c, member, seq_add(c->seq, ahead), 0, CALLER_PAYLOAD, &t->f.crowd);
}

/* Calls fn for each group, evenly spaced at `rate`, or as slowly as the receiver takes it. */
static void each(struct table *t, uint64_t rate, void (*fn)(struct table *t, unsigned i))
{
	struct flood_pace pace = {.began = clock_ns(), .rate = rate};

	for (unsigned i = 0; i < t->groups;) {
		unsigned n = flood_due(&pace, clock_ns());

		for (; n > 0 && i < t->groups; n--, i++)
			fn(t, i);
		do
			flood_rest(&t->f, 0, 0, 0);
		while (target_waiting(t->f.pid) > BACKLOG);
	}
}

static uint64_t waiting(const struct table *t)
{
	uint64_t sent = 0;

	for (unsigned i = 0; i < t->groups; i++)
		sent += t->f.caller[i].media;
	return sent - t->f.backend.arrived;
}

/* The second link is there, and what the first one sends then has overtaken it. */
static void overtake(struct table *t, unsigned i)
{
	struct caller *c = &t->f.caller[i];

	media(t, i, 1, 0);
	c->seq = seq_add(c->seq, 1);
	media(t, i, 0, 1);
}

static void catch_up(struct table *t, unsigned i)
{
	struct caller *c = &t->f.caller[i];

	media(t, i, 1, 0);
	c->seq = seq_add(c->seq, 2);
}

static void overtake_far(struct table *t, unsigned i)
{
	struct caller *c = &t->f.caller[i];

	media(t, i, 1, 0);
	c->seq = seq_add(c->seq, 1);
	for (unsigned n = 1; n <= HELD; n++)
		media(t, i, n % t->members == 1 ? 0 : n % t->members, n);
}

static void close_gap(struct table *t, unsigned i)
{
	struct caller *c = &t->f.caller[i];

	media(t, i, 1, 0);
	c->seq = seq_add(c->seq, HELD + 1);
}

/*
 * The receiver waits for a link as long as its packets have been late before.  So the
 * second link of each group is late, and later, until all groups wait long enough to be
 * seen waiting at the same time.
 */
static void hold(struct table *t)
{
	uint64_t held = 0, before = target_look(t->f.pid).rss;
	uint64_t drops = target_look(t->f.pid).drops;
	struct target full;
	uint64_t began;

	for (unsigned lesson = 0; lesson < LESSONS; lesson++) {
		each(t, HOLD_RATE / 2, overtake);
		flood_rest(&t->f, 0, 0, clock_ns() + QUIET);
		each(t, HOLD_RATE / 2, catch_up);
		flood_rest(&t->f, 0, 0, clock_ns() + QUIET / 3);
	}
	flood_tell("lost_before", "%llu", (unsigned long long)waiting(t));
	each(t, HOLD_RATE / (HELD + 1), overtake_far);
	flood_rest(&t->f, 0, 0, clock_ns() + CLOCK_MS);
	held = waiting(t);
	full = target_look(t->f.pid);
	flood_tell("held", "%llu", (unsigned long long)held);
	flood_tell("rss_in_kib", "%llu", (unsigned long long)before / 1024);
	flood_tell("rss_held_kib", "%llu", (unsigned long long)full.rss / 1024);
	each(t, HOLD_RATE, close_gap);
	began = clock_ns();
	while (waiting(t) > 0 && clock_ns() - began < DRAIN)
		flood_rest(&t->f, 0, 0, 0);
	flood_tell("drained_ms", "%.0f", (double)(clock_ns() - began) / 1e6);
	flood_tell("lost", "%llu", (unsigned long long)waiting(t));
	flood_tell("socket_drops", "%llu",
		   (unsigned long long)(target_look(t->f.pid).drops - drops));
}

/* What a media packet of the first `groups` groups costs, us; each link says `run` in a row. */
static double cost(struct table *t, unsigned groups, unsigned run)
{
	struct flood_pace pace = {.rate = COST_RATE, .least = VOLLEY};
	struct target before, after;
	uint64_t arrived, ends, now, sent = 0;

	flood_rest(&t->f, 0, 0, clock_ns() + QUIET);
	arrived = t->f.backend.arrived;
	before = target_look(t->f.pid);
	now = pace.began = clock_ns();
	ends = now + PHASE;
	while (now < ends) {
		for (unsigned n = flood_due(&pace, now); n > 0; n--, sent++) {
			uint64_t turn = sent / run;
			unsigned i = (unsigned)(turn % groups);

			media(t, i, (unsigned)(turn / groups % t->members), 0);
			t->f.caller[i].seq = seq_add(t->f.caller[i].seq, 1);
		}
		flood_rest(&t->f, 0, 0, 0);
		now = clock_ns();
	}
	flood_rest(&t->f, 0, 0, clock_ns() + QUIET);
	after = target_look(t->f.pid);
	arrived = t->f.backend.arrived - arrived;
	return arrived ? (double)(after.cpu - before.cpu) / 1000 / (double)arrived : 0;
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Rounds take turns, so that both have the same machine. */
static void compare(struct table *t, unsigned run, const char *one_name, const char *all_name,
		    const char *ratio_name)
{
	double one[ROUNDS], all[ROUNDS], ratio[ROUNDS];

	for (unsigned i = 0; i < ROUNDS; i++) {
		refresh(t);
		one[i] = cost(t, 1, run);
		all[i] = cost(t, t->groups, run);
		ratio[i] = one[i] > 0 ? all[i] / one[i] : 0;
	}
	qsort(one, ROUNDS, sizeof(*one), by_size);
	qsort(all, ROUNDS, sizeof(*all), by_size);
	qsort(ratio, ROUNDS, sizeof(*ratio), by_size);
	flood_tell(one_name, "%.3f", one[ROUNDS / 2]);
	flood_tell(all_name, "%.3f", all[ROUNDS / 2]);
	flood_tell(ratio_name, "%.3f", ratio[ROUNDS / 2]);
}

void flood_table(unsigned pid, const uint64_t *number)
{
	static struct table t;

	t.groups = (unsigned)number[0];
	t.members = (unsigned)number[1];
	flood_open(&t.f, pid, t.groups, true);
	flood_tell("rss_empty_kib", "%llu", (unsigned long long)target_look(pid).rss / 1024);
	if (t.members > 1 && t.members <= CALLER_MEMBERS && admit(&t) == t.groups) {
		hold(&t);
		t.f.backend.ack_every = UINT64_MAX; /* copies go to all links: not what is compared */
		compare(&t, RUN, "cost_one_us", "cost_all_us", "cost_ratio");
		if (number[2])
			compare(&t, 1, "mixed_one_us", "mixed_all_us",
				"mixed_ratio");
		flood_tell("lost_in_all", "%llu", (unsigned long long)waiting(&t));
	}
	flood_close(&t.f);
}
