/* SPDX-License-Identifier: MIT */
#include "lab/abr.h"

#include <assert.h>

/* Running figures are kept in thousandths: of a packet, a millisecond, a bit per second. */
enum {
	WHOLE = 1000,
	PACKET_BITS = 8 * 1316,
	FEW = 50 * WHOLE,         /* packets: a buffer below this is no sign of anything */
	UNMEASURED = 100 * WHOLE, /* what SRT calls its round trip before it knows one */
	FIRST_LEAST = 200 * WHOLE,
	FLAT = WHOLE / 100, /* ms a sample: the round trip does not grow, */
	CALM = WHOLE,       /* or not so much that it could not be the least */
};

#define KBIT      1000
#define STEP_DOWN (100 * KBIT)
#define STEP_UP   (30 * KBIT)
#define GRAIN     (100 * KBIT) /* encoders are told whole ones of these */

#define AFTER_DOWN MSEC(200)
#define AFTER_FAST MSEC(250)
#define AFTER_UP   MSEC(500)

/* Where a figure begins to mean something. */
struct limits {
	int64_t waiting_much, waiting_more, waiting_most;
	int64_t rtt_high, rtt_low;
};

static int64_t most(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

void abr_init(struct abr *a, const struct abr_config *cfg, uint64_t rate)
{
	assert(cfg->least <= cfg->most);
	*a = (struct abr){.cfg = *cfg, .rate = rate, .rtt_least = FIRST_LEAST};
}

/* A peak that fades by a hundredth with each sample. */
static int64_t peak(int64_t jitter, int64_t rise)
{
	return most(jitter * 99 / 100, rise);
}

static void follow_waiting(struct abr *a, int64_t waiting)
{
	a->waiting_mean += (waiting - a->waiting_mean) / 100;
	a->waiting_jitter = peak(a->waiting_jitter, waiting - a->waiting_last);
	a->waiting_last = waiting;
}

static void follow_rtt(struct abr *a, int64_t rtt)
{
	int64_t rise = a->begun ? rtt - a->rtt_last : 0;

	if (!a->begun)
		a->rtt_mean = rtt;
	a->rtt_mean += (rtt - a->rtt_mean) / 100;
	a->rtt_slope = (a->rtt_slope * 4 + rise) / 5;
	a->rtt_jitter = peak(a->rtt_jitter, rise);
	a->rtt_last = rtt;
	/* The least creeps up, so that a longer road is noticed in the end. */
	a->rtt_least += a->rtt_least / 1000;
	if (rtt != UNMEASURED && rtt < a->rtt_least && a->rtt_slope < CALM)
		a->rtt_least = rtt;
}

/* Packets, in thousandths, that are sent in such a time. */
static int64_t packets_in(const struct abr *a, usspan span)
{
	return a->throughput / WHOLE * (span / 1000) / PACKET_BITS;
}

static struct limits find_limits(const struct abr *a)
{
	int64_t mean = a->waiting_mean, jitter = a->waiting_jitter;
	struct limits l = {
		.waiting_most = 4 * (mean + jitter),
		.waiting_more = most(FEW, mean + most(3 * jitter, mean)),
		.waiting_much = most(FEW, mean + jitter * 5 / 2),
		.rtt_high = a->rtt_mean + most(4 * a->rtt_jitter, a->rtt_mean * 15 / 100),
		.rtt_low = a->rtt_least + most(WHOLE, 2 * a->rtt_jitter),
	};

	l.waiting_more = least(l.waiting_more, packets_in(a, a->cfg.latency / 2));
	return l;
}

/* What to add to the rate, after belacoder's rule. */
static int64_t decide(struct abr *a, int64_t rtt, int64_t waiting, ustime now)
{
	const struct limits l = find_limits(a);
	int64_t rate = (int64_t)a->rate, bottom = (int64_t)a->cfg.least;

	if (rate > bottom && (rtt >= a->cfg.latency / 3 || waiting > l.waiting_most)) {
		a->next_down = now + AFTER_DOWN;
		return bottom - rate;
	}
	if (now > a->next_down && (rtt > a->cfg.latency / 5 || waiting > l.waiting_more)) {
		a->next_down = now + AFTER_FAST;
		return -(STEP_DOWN + rate / 10);
	}
	if (now > a->next_down && (rtt > l.rtt_high || waiting > l.waiting_much)) {
		a->next_down = now + AFTER_DOWN;
		return -STEP_DOWN;
	}
	if (now > a->next_up && rtt < l.rtt_low && a->rtt_slope < FLAT) {
		a->next_up = now + AFTER_UP;
		return STEP_UP + rate / 30;
	}
	return 0;
}

uint64_t abr_sample(struct abr *a, const struct abr_sample *s, ustime now)
{
	int64_t rtt = s->rtt / 1000 * WHOLE, waiting = (int64_t)s->waiting * WHOLE;
	int64_t rate;

	follow_waiting(a, waiting);
	follow_rtt(a, rtt);
	a->throughput += ((int64_t)s->throughput * WHOLE - a->throughput) * 3 / 100;
	rate = (int64_t)a->rate + decide(a, rtt, waiting, now);
	a->rate = (uint64_t)most(least(rate, (int64_t)a->cfg.most), (int64_t)a->cfg.least);
	a->begun = true;
	return (uint64_t)most((int64_t)(a->rate / GRAIN * GRAIN), (int64_t)a->cfg.least);
}
