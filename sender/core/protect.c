/* SPDX-License-Identifier: MIT */
#include "sender/core/protect.h"

#include <string.h>

enum {
	TWICE = 2,
	AUTO_PERCENT = 10, /* beyond that, copies cost more video than they save */
	CENT = 100,        /* the budget is kept in hundredths of bytes, so that none are lost */

	/* Thirty-two full packets: the least that a change of links has in flight, also at 300 kbit/s. */
	LEAST_BURST = 32 * 1316,
	/* What only the beginning of a key frame and the time after an alarm may use, of a burst. */
	RESERVE = 4,
};

#define RISKY     MSEC(200) /* two round trips of a modem: until the estimates know the new state */
#define HINT_MOST SEC(10)   /* an encoder that says so of everything says nothing */
#define KEY_MOST  MSEC(500) /* a key frame whose end was not seen */
#define SPAN      SEC(2)    /* a burst may be what two of these earn: key frames are 1 to 4 s apart */

static unsigned percent_of(const struct protect *p)
{
	switch (p->mode) {
	case SENDER_REDUNDANT:
		return p->extra ? p->extra : (p->copies - 1) * 100;
	case SENDER_AUTO:
		return p->extra ? p->extra : AUTO_PERCENT;
	default:
		return 0;
	}
}

/* The most that may be saved up. */
static int64_t burst(const struct protect *p)
{
	uint64_t earned = (p->passed + p->before) * p->percent;
	uint64_t least = (uint64_t)LEAST_BURST * CENT;

	return (int64_t)(earned > least ? earned : least);
}

void protect_init(struct protect *p, enum sender_mode mode, unsigned copies, unsigned extra)
{
	memset(p, 0, sizeof(*p));
	p->copies = copies ? copies : TWICE;
	p->extra = extra;
	p->budget = (int64_t)LEAST_BURST * CENT;
	ts_init(&p->ts);
	protect_set_mode(p, mode);
}

void protect_set_mode(struct protect *p, enum sender_mode mode)
{
	p->mode = mode;
	p->percent = percent_of(p);
	if (p->budget > burst(p))
		p->budget = burst(p);
}

void protect_alarm(struct protect *p, ustime now)
{
	p->risky_until = later(p->risky_until, now + RISKY);
}

void protect_hint(struct protect *p, usspan window, ustime now)
{
	if (window > HINT_MOST)
		window = HINT_MOST;
	p->hinted_until = later(p->hinted_until, now + window);
}

/* Every packet of the encoder earns its share. */
static void earn(struct protect *p, size_t len, ustime now)
{
	int64_t most;

	if (now >= p->span_ends) {
		p->before = now - p->span_ends < SPAN ? p->passed : 0;
		p->passed = 0;
		p->span_ends = now + SPAN;
	}
	p->passed += len;
	most = burst(p);
	p->budget += (int64_t)(len * p->percent);
	if (p->budget > most)
		p->budget = most;
}

/* How much of the budget must stay when this packet, which is at risk, is copied; -1: it is not. */
static int64_t at_risk(struct protect *p, const uint8_t *data, size_t len, ustime now)
{
	enum ts_part part = ts_pass(&p->ts, data, len);

	if (part == TS_KEY_HEAD)
		p->key_until = now + KEY_MOST;
	if (part == TS_KEY_HEAD || now < p->risky_until)
		return 0;
	if (now < p->hinted_until || (part == TS_KEY && now < p->key_until))
		return burst(p) / RESERVE;
	return -1;
}

unsigned protect_extra(struct protect *p, const uint8_t *data, size_t len, ustime now)
{
	unsigned wanted = p->mode == SENDER_REDUNDANT ? p->copies - 1 : 1;
	int64_t cost = (int64_t)(len * CENT), reserve = 0;
	unsigned n = 0;

	if (p->percent == 0)
		return 0;
	earn(p, len, now);
	if (p->mode == SENDER_AUTO)
		reserve = at_risk(p, data, len, now);
	if (reserve < 0)
		return 0;
	while (n < wanted && p->budget - cost * (n + 1) >= reserve)
		n++;
	if (n < wanted)
		p->over_budget++;
	return n;
}

void protect_spent(struct protect *p, size_t bytes)
{
	p->packets++;
	p->bytes += bytes;
	p->budget -= (int64_t)(bytes * CENT);
}
