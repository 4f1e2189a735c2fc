/* SPDX-License-Identifier: MIT */
#include "lab/emulator/crossing.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	BURST = 64, /* packets of one device in one turn */
	NS_PER_US = 1000,
	EARLY_SEED = 77, /* of the chances before the start */
};

/* Addresses are 10.(9 + vehicle).link.x; vehicles count from 0, links from 1. */
enum { NET = 10, FIRST_VEHICLE = 9 };

static bool lay(struct emulator *e, unsigned v)
{
	const struct scenario *s = e->scenario;
	struct vehicle *vehicle = &e->vehicle[v];

	vehicle->way = calloc(s->links, sizeof(*vehicle->way));
	if (!vehicle->way || !census_init(&vehicle->census, s->links))
		return false;
	for (unsigned n = 0; n < s->links; n++) {
		struct way *w = &vehicle->way[n];

		scenario_road(s, v, n, true, e->seed, &w->up);
		scenario_road(s, v, n, false, e->seed, &w->down);
		road_init(&w->early_up, &s->link[n].up, e->seed ^ EARLY_SEED);
		road_init(&w->early_down, &s->link[n].down, e->seed ^ EARLY_SEED);
		nat_init(&w->nat);
		w->car.fd = -1;
	}
	for (size_t i = 0; i < s->turns; i++) {
		const struct scenario_turn *t = &s->turn[i];

		if (t->dark && t->up)
			census_expect_outage(&vehicle->census, t->link, t->at, t->at + t->lasts);
	}
	return true;
}

bool crossing_init(struct emulator *e)
{
	e->vehicle = calloc(e->vehicles, sizeof(*e->vehicle));
	if (!e->vehicle)
		return false;
	for (unsigned v = 0; v < e->vehicles; v++) {
		if (!lay(e, v))
			return false;
	}
	return true;
}

void crossing_finish(struct emulator *e)
{
	for (unsigned v = 0; e->vehicle && v < e->vehicles; v++) {
		struct vehicle *vehicle = &e->vehicle[v];

		for (unsigned n = 0; vehicle->way && n < e->scenario->links; n++) {
			struct way *w = &vehicle->way[n];

			road_finish(&w->up);
			road_finish(&w->down);
			road_finish(&w->early_up);
			road_finish(&w->early_down);
		}
		free(vehicle->way);
		census_finish(&vehicle->census);
	}
	free(e->vehicle);
	e->vehicle = NULL;
}

void crossing_start(struct emulator *e, int64_t now)
{
	e->started_at = now;
	e->ends_at = e->lasts == NEVER ? NEVER : now + e->lasts * NS_PER_US;
	e->cpu_before = emulator_cpu();
	timing_init(&e->timing);
	timing_init(&e->naps);
}

static ustime scenario_time(const struct emulator *e, int64_t at)
{
	return (at - e->started_at) / NS_PER_US;
}

/* Which link a packet from the road is for; false when none. */
static bool find_link(const struct emulator *e, uint32_t to, struct parcel *p)
{
	unsigned vehicle = (to >> 16 & 0xff) - FIRST_VEHICLE, link = (to >> 8 & 0xff) - 1;

	p->vehicle = vehicle;
	p->link = link;
	return to >> 24 == NET && vehicle < e->vehicles && link < e->scenario->links;
}

/* Is it for a road?  If so it is addressed as the NAT wants it. */
static bool admit(struct emulator *e, const struct device *d, const struct ipv4 *ip,
		  struct parcel *p)
{
	p->up = !d->of_road;
	if (p->up) {
		p->vehicle = d->vehicle;
		p->link = d->link;
		nat_out(&e->vehicle[p->vehicle].way[p->link].nat, ip, p->data);
		return true;
	}
	if (!find_link(e, ip->to, p)) {
		e->drops.nowhere++;
		return false;
	}
	if (!nat_in(&e->vehicle[p->vehicle].way[p->link].nat, ip, p->data)) {
		e->drops.unmapped++;
		return false;
	}
	return true;
}

/*
 * When did it enter?  Nobody stamps packets in a device.  It came after the
 * device was last seen empty and before now; the middle is taken, and half of
 * the time in between is the doubt, which counts as error.
 */
static void date(const struct emulator *e, struct device *d, int64_t now, struct parcel *p)
{
	int64_t since = d->unread ? d->empty_at : later(e->empty_at, d->empty_at);
	int64_t half = now > since ? (now - since) / 2 : 0;

	p->entered = later(now - half, d->last_in);
	p->doubt = p->entered - since + e->wake_doubt;
	d->last_in = p->entered;
}

static void count_entry(struct emulator *e, const struct parcel *p, const struct ipv4 *ip,
			const struct road_fate *fate)
{
	struct census *c = &e->vehicle[p->vehicle].census;
	size_t len;
	const uint8_t *payload = ipv4_payload(ip, p->data, &len);

	if (len == 0)
		return; /* not of the bond */
	if (p->up)
		census_up(c, p->link, scenario_time(e, p->entered), payload, len, fate);
	else
		census_down(c, p->link, scenario_time(e, p->entered), payload, len);
}

/* Asks the road; false when it keeps the packet. */
static bool take(struct emulator *e, const struct ipv4 *ip, struct parcel *p)
{
	struct way *w = &e->vehicle[p->vehicle].way[p->link];
	size_t headers = IPV4_HEADER + IPV4_UDP_HEADER;
	size_t len = ip->length > headers ? ip->length - headers : 0;
	int64_t begin = e->started_at;
	struct road_fate fate;
	struct road *r;

	p->counted = p->entered >= begin;
	if (p->counted) {
		r = p->up ? &w->up : &w->down;
	} else {
		begin = e->made_at;
		r = p->up ? &w->early_up : &w->early_down;
	}
	road_take(r, p->entered - begin, len, &fate);
	if (p->counted)
		count_entry(e, p, ip, &fate);
	if (fate.end != ROAD_ARRIVES)
		return false;
	p->due = begin + fate.arrives;
	p->twice = fate.twice;
	if (fate.damaged > 0)
		ipv4_damage(ip, p->data, fate.damaged - 1);
	return true;
}

/* A packet was read.  Is it on its way now? */
static bool enter(struct emulator *e, struct device *d, int64_t now, struct parcel *p)
{
	struct ipv4 ip;

	if (!ipv4_parse(p->data, p->len, &ip)) {
		e->drops.not_ipv4++;
		return false;
	}
	if (!admit(e, d, &ip, p))
		return false;
	date(e, d, now, p);
	if (!take(e, &ip, p))
		return false;
	if (p == &e->spare) {
		e->drops.no_room++;
		return false;
	}
	queue_hold(&e->queue, p);
	return true;
}

/* The next packet of a device, if there is one; false when it is empty. */
static bool read_one(struct emulator *e, struct device *d)
{
	struct parcel *p = queue_blank(&e->queue);
	int64_t now = emulator_now();
	ssize_t len;

	if (!p)
		p = &e->spare;
	len = read(d->fd, p->data, sizeof(p->data));
	p->len = len > 0 ? (uint16_t)len : 0;
	if ((len <= 0 || !enter(e, d, now, p)) && p != &e->spare)
		queue_give_back(&e->queue, p);
	if (len > 0)
		return true;
	d->empty_at = now;
	d->unread = false;
	return false;
}

void crossing_read(struct emulator *e, struct device *d)
{
	for (unsigned i = 0; i < BURST; i++) {
		if (!read_one(e, d))
			return;
		if (queue_due(&e->queue) <= emulator_now())
			crossing_release(e);
	}
	d->unread = true;
}

static void write_out(struct emulator *e, const struct parcel *p)
{
	int fd = p->up ? e->road.fd : e->vehicle[p->vehicle].way[p->link].car.fd;

	for (int i = 0; i < 1 + p->twice; i++) {
		if (write(fd, p->data, p->len) != p->len)
			e->drops.unsent++;
	}
}

/* It came out at `now`. */
static void count_exit(struct emulator *e, const struct parcel *p, int64_t now)
{
	int64_t error = now > p->due ? now - p->due : p->due - now;
	struct ipv4 ip;
	const uint8_t *payload;
	size_t len;

	timing_add(&e->timing, error + p->doubt);
	if (!p->up || !ipv4_parse(p->data, p->len, &ip))
		return;
	payload = ipv4_payload(&ip, p->data, &len);
	if (len > 0)
		census_arrived(&e->vehicle[p->vehicle].census, p->link, scenario_time(e, now),
			       scenario_time(e, p->entered), payload, len);
}

void crossing_release(struct emulator *e)
{
	int64_t now = emulator_now();

	while (queue_due(&e->queue) <= now + CROSSING_EARLY) {
		struct parcel *p = queue_pop(&e->queue);

		write_out(e, p);
		if (p->counted)
			count_exit(e, p, now);
		queue_give_back(&e->queue, p);
		now = emulator_now();
	}
}
