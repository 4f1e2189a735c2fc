/* SPDX-License-Identifier: MIT */
#include "shared/io/pace.h"

#include <stdbool.h>

/*
 * From bench/io: waiting costs a wake-up of its own, so it pays where each packet brings one.
 * Packets in bursts come together by themselves, and so do those that come faster than they go.
 */
enum {
	BUSY = 2000,  /* wake-ups a second; with fewer, most would bring one packet as before */
	PACKETS = 500, /* a second, at least: it is them that must cause it */
	IDLE = 500,   /* wake-ups a second while they are put together: so few come in bursts */
	CROWD = 64,   /* packets a wake-up: they come together without that */
};

#define LOOK MSEC(100) /* three pictures of a camera: bursts do not make it change its mind */

static bool above(uint64_t count, uint64_t a_second, usspan span)
{
	return count > a_second * (uint64_t)span / SEC(1);
}

/* Those that come are still put together: nearly two a wake-up, or more. */
static bool goes_on(uint64_t came, uint64_t wakes, usspan span)
{
	return above(wakes, IDLE, span) && 4 * came > 7 * wakes && came / CROWD < wakes;
}

usspan pace_span(struct pace *p, uint64_t came, uint64_t wakes, usspan latency, ustime now)
{
	usspan looked = now - p->judged;
	uint64_t packets = came - p->came, woken = wakes - p->wakes;

	if (p->most == 0)
		return 0;
	if (looked < LOOK)
		return p->span;
	if (latency <= PACE_LATENCY)
		p->span = 0;
	else if (p->span > 0 && !goes_on(packets, woken, looked))
		p->span = 0;
	else if (above(woken, BUSY, looked) && above(packets, PACKETS, looked))
		p->span = p->most;
	p->judged = now;
	p->came = came;
	p->wakes = wakes;
	return p->span;
}
