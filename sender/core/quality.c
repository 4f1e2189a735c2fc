/* SPDX-License-Identifier: MIT */
#include "sender/core/quality.h"

#include "sender/core/link.h"

/*
 * The figures of the deployed rule, so that it acts here as users know it.
 */
#define GRACE        SEC(30)   /* a new link is not judged by the age of its losses */
#define BURST_GAP    SEC(1)    /* NAKs of one burst are less than this apart */
#define BURST_COUNTS SEC(3)    /* after its last NAK */
#define LONG_TRIP    MSEC(200) /* no bonus from here on */
#define LOOK_FROM    SEC(2)    /* after a loss: it weighs 0.82 by then, */
#define LOOK_UNTIL   SEC(10)   /* and 0.997 now: there is nothing left to find out */
#define TICK         SEC(1)    /* of windows */

enum {
	BURST = 5,          /* NAKs that count as one */
	FAST_BELOW = 2000,  /* a window that little stands for a link that was all but lost, */
	FAST_UNTIL = 12000, /* and that much for one that is back */
};

/* Factors, of QUALITY_ONE. */
enum {
	CLEAN = 72090,      /* 1.1: no NAK since it registered */
	NEW_HURT = 64225,   /* 0.98: new, and there was one */
	BURST_COST = 45875, /* 0.7 */
	SHORT_TRIP = 67502, /* 1.03: the most that a short trip gains */
};

void quality_init(struct quality *q, ustime now)
{
	*q = (struct quality){.since = now, .ticked = now};
}

void quality_nak(struct quality *q, ustime now)
{
	q->burst = q->burst > 0 && now - q->hurt < BURST_GAP ? q->burst + 1 : 1;
	q->hurt = now;
}

/*
 * exp(-x) is 2^-y with y = x / ln 2.  The whole part of y shifts; the rest lies between two of
 * the powers below, a sixteenth apart, and on a straight line between those the error is below
 * (ln 2 / 16)^2 / 8 = 0.024 %.
 */
uint32_t quality_decay(usspan age)
{
	static const uint32_t power[] = {
		/* 2^(-i/16), in units of 2^-31 */
		2147483648, 2056437387, 1969251188, 1885761398, 1805811301, 1729250827,
		1655936265, 1585730000, 1518500250, 1454120821, 1392470869, 1333434672,
		1276901417, 1222764986, 1170923762, 1121280436, 1073741824,
	};
	const uint64_t per_us = 793130; /* 1 / (2 s x ln 2), in units of 2^-40 */
	uint64_t y;
	uint32_t i, rest;

	if (age <= 0)
		return power[0];
	if (age > SEC(25)) /* 4e-6: half of that is lost in a factor anyway */
		return 0;
	y = (uint64_t)age * per_us;
	i = y >> 36 & 15;
	rest = y >> 20 & 0xffff;
	return (power[i] - (uint32_t)((uint64_t)(power[i] - power[i + 1]) * rest >> 16)) >>
	       (y >> 40);
}

static uint32_t times(uint32_t a, uint32_t b)
{
	return (uint32_t)((uint64_t)a * b / QUALITY_ONE);
}

/* 1.03 up to 194 ms, and down to 1 at 200 ms. */
static uint32_t trip_bonus(usspan rtt)
{
	uint64_t bonus;

	if (rtt <= 0 || rtt >= LONG_TRIP)
		return QUALITY_ONE;
	bonus = (uint64_t)QUALITY_ONE * LONG_TRIP / (uint64_t)rtt;
	return bonus < SHORT_TRIP ? (uint32_t)bonus : SHORT_TRIP;
}

uint32_t quality_factor(const struct quality *q, usspan rtt, unsigned without, ustime now)
{
	bool young = now - q->since < GRACE && !(without & SENDER_QUALITY_GRACE);
	uint32_t factor = QUALITY_ONE;

	if (!(without & SENDER_QUALITY_AGE)) {
		if (q->burst == 0)
			factor = CLEAN;
		else if (young)
			factor = NEW_HURT;
		else /* half a unit less what has decayed: both in units of 2^-31 */
			factor = QUALITY_ONE - (quality_decay(now - q->hurt) >> 16);
	}
	if (!(without & SENDER_QUALITY_BURSTS) && !young && q->burst >= BURST &&
	    now - q->hurt < BURST_COUNTS)
		factor = times(factor, BURST_COST);
	return without & SENDER_QUALITY_RTT ? factor : times(factor, trip_bonus(rtt));
}

bool quality_wants_look(const struct quality *q, ustime now)
{
	return q->burst > 0 && now - q->hurt >= LOOK_FROM && now - q->hurt < LOOK_UNTIL;
}

static int32_t growth(usspan unhurt)
{
	return unhurt > SEC(10) ? 60 : unhurt > SEC(7) ? 30 : unhurt > SEC(5) ? 15 : 7;
}

int32_t quality_recover(struct quality *q, int32_t window, ustime now)
{
	usspan unhurt = q->burst > 0 ? now - q->hurt : SEC(60);

	if (now - q->ticked < TICK)
		return window;
	q->ticked = now;
	if (window <= FAST_BELOW)
		q->fast = true;
	else if (window >= FAST_UNTIL)
		q->fast = false;
	if (unhurt <= (q->fast ? MSEC(500) : SEC(2)))
		return window;
	window += q->fast ? 2 * growth(unhurt) : growth(unhurt);
	return window < WINDOW_MOST ? window : WINDOW_MOST;
}
