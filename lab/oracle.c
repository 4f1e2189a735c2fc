/* SPDX-License-Identifier: MIT */
#include "lab/oracle.h"

#include <stdlib.h>

enum {
	NS_PER_US = 1000,
	SRT_HEADER = 16,
};

#define BEGAN SEC(1)  /* in the ledger, where a moment of 0 would be none */
#define PAUSE 1000000 /* ns in which not even one byte leaves: the link stands still */
#define AGAIN 100000  /* ns until a packet is tried again where a loss takes no time */

/* One packet of the stream. */
struct packet {
	int64_t made;  /* ns */
	uint32_t len;  /* UDP payload */
	uint32_t next; /* at or behind this one, for whoever looks for one that waits */
};

/* One link upward and the next opportunity on it. */
struct way {
	struct road road;
	int64_t free;    /* ns: what was sent has left, or it is no longer dark */
	int64_t wake;    /* ns: before this nothing waits that it could carry */
	int64_t serves;  /* ns: who is there by then may take it; NEVER: none is left */
	int64_t arrives; /* ns: what a full packet could hope for */
};

struct oracle {
	struct way way[SCENARIO_LINKS];
	unsigned links;
	struct packet *packet; /* in the order in which they are made, which is that of deadlines */
	size_t count;
	int64_t latency; /* ns */
	struct ledger *ledger;
};

static bool add_packet(struct oracle *o, size_t *room, int64_t made, size_t payload)
{
	if (o->count == *room) {
		size_t more = *room ? 2 * *room : 65536;
		struct packet *packet = realloc(o->packet, more * sizeof(*packet));

		if (!packet)
			return false;
		o->packet = packet;
		*room = more;
	}
	ledger_make(o->ledger, o->count, made / NS_PER_US + BEGAN);
	o->packet[o->count] = (struct packet){
		.made = made, .len = (uint32_t)payload + SRT_HEADER, .next = (uint32_t)o->count};
	o->count++;
	return true;
}

/* All that the encoder will make. */
static bool make_stream(struct oracle *o, const struct scenario *s, uint64_t rate)
{
	struct encoder_config cfg = s->stream;
	struct encoder e;
	size_t room = 0;

	if (rate > 0)
		cfg.rate = rate;
	encoder_init(&e, &cfg);
	while (encoder_due(&e) < s->lasts) {
		int64_t made = encoder_due(&e) * NS_PER_US;

		for (size_t left = encoder_frame(&e); left > 0;) {
			size_t payload = left < ENCODER_PAYLOAD ? left : ENCODER_PAYLOAD;

			if (!add_packet(o, &room, made, payload))
				return false;
			left -= payload;
		}
	}
	return true;
}

/* The first packet from number i on that waits or will. */
static size_t waiting(struct oracle *o, size_t i)
{
	struct packet *p = o->packet;

	while (i < o->count && p[i].next != i) {
		if (p[i].next < o->count)
			p[i].next = p[p[i].next].next; /* the next search is shorter */
		i = p[i].next;
	}
	return i;
}

/* The first packet that was made at that moment or later. */
static size_t made_from(const struct oracle *o, int64_t moment)
{
	size_t low = 0, high = o->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (o->packet[middle].made < moment)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The end of the outage that `moment` is in or before; NEVER when none comes. */
static int64_t light_again(const struct road *r, int64_t moment, bool *dark)
{
	size_t i = r->outages_over;

	while (i < r->outages && r->outage[i].until <= moment)
		i++;
	*dark = i < r->outages && r->outage[i].from <= moment;
	return i < r->outages ? r->outage[i].until : NEVER;
}

/*
 * When the link begins to serve whoever comes at `start`: a chance at its
 * moment, whatever the one before left over, and a rate at once unless it is
 * none.
 */
static int64_t service(const struct way *w, int64_t start)
{
	struct supply supply = w->road.supply;
	bool chances = supply.cfg.recording && supply.cfg.recording->kind == RECORDING_CHANCES;
	int64_t first;

	supply.left = 0;
	first = supply_serve(&supply, start, 1);
	return chances || first - start > PAUSE ? first : start;
}

/* When the link can next serve, and when that would arrive. */
static void look_ahead(struct way *w)
{
	int64_t start = w->free > w->wake ? w->free : w->wake;
	struct road_fate fate;
	int64_t light;
	bool dark;

	w->serves = w->arrives = NEVER;
	if (start == NEVER)
		return;
	light = light_again(&w->road, start, &dark);
	if (dark)
		start = w->free = light;
	if (start == NEVER)
		return;
	w->serves = service(w, start);
	if (w->serves == NEVER)
		return;
	road_peek(&w->road, start, SRT_HEADER + ENCODER_PAYLOAD, &fate);
	w->arrives = fate.arrives;
}

static void bind(struct oracle *o, struct way *w, size_t i, const struct road_fate *fate)
{
	struct packet *p = &o->packet[i];

	ledger_arrive(o->ledger, i, fate->arrives / NS_PER_US + BEGAN);
	ledger_play(o->ledger, i, (p->made + o->latency) / NS_PER_US + BEGAN);
	p->next = (uint32_t)i + 1;
	w->free = fate->left;
}

/* A lot that loses its packet: the time is spent, the packet still waits. */
static void spend(struct way *w, int64_t now, const struct road_fate *fate)
{
	w->free = fate->left > now ? fate->left : now + AGAIN;
}

/*
 * The opportunity is here: the packet with the earliest deadline that it can
 * still meet takes it.  Without one, the link waits for the next to be made.
 */
static void serve(struct oracle *o, struct way *w)
{
	size_t i = waiting(o, 0);
	struct road_fate fate;
	bool dark;

	while (i < o->count && o->packet[i].made <= w->serves) {
		const struct packet *p = &o->packet[i];
		int64_t now = w->free > p->made ? w->free : p->made;

		road_peek(&w->road, now, p->len, &fate);
		if (fate.end == ROAD_DARK) {
			w->free = light_again(&w->road, now, &dark);
			return;
		}
		if (fate.end == ROAD_LOST || fate.damaged) {
			road_take(&w->road, now, p->len, &fate);
			spend(w, now, &fate);
			return;
		}
		if (fate.end != ROAD_ARRIVES) { /* too long for this link */
			i = waiting(o, i + 1);
		} else if (fate.arrives > p->made + o->latency) {
			size_t later = made_from(o, fate.arrives - o->latency);

			i = waiting(o, later > i ? later : i + 1);
		} else {
			road_take(&w->road, now, p->len, &fate);
			bind(o, w, i, &fate);
			return;
		}
	}
	i = made_from(o, w->serves + 1);
	w->wake = i < o->count ? o->packet[i].made : NEVER;
}

/* The link whose opportunity comes first; of several at once, that which delivers first. */
static struct way *next_way(struct oracle *o)
{
	struct way *next = NULL;

	for (unsigned i = 0; i < o->links; i++) {
		struct way *w = &o->way[i];

		if (!next || w->serves < next->serves ||
		    (w->serves == next->serves && w->arrives < next->arrives))
			next = w;
	}
	return next;
}

/* Whom no deadline waits for is no longer looked at. */
static void drop_expired(struct oracle *o, int64_t now)
{
	size_t i = waiting(o, 0);

	while (i < o->count && o->packet[i].made + o->latency < now) {
		o->packet[i].next = (uint32_t)i + 1;
		i = waiting(o, i);
	}
}

bool oracle_run(const struct scenario *s, unsigned vehicle, uint64_t seed, uint64_t rate,
		struct ledger *out)
{
	struct oracle *o = calloc(1, sizeof(*o));
	struct way *w;
	bool ok;

	if (!o)
		return false;
	o->latency = s->latency * NS_PER_US;
	o->ledger = out;
	ok = make_stream(o, s, rate);
	for (o->links = 0; ok && o->links < s->links; o->links++) {
		w = &o->way[o->links];
		scenario_road(s, vehicle, o->links, true, seed, &w->road);
		look_ahead(w);
	}
	for (w = next_way(o); ok && w && w->serves < NEVER; w = next_way(o)) {
		drop_expired(o, w->serves);
		serve(o, w);
		look_ahead(w);
	}
	for (unsigned i = 0; i < o->links; i++)
		road_finish(&o->way[i].road);
	free(o->packet);
	free(o);
	return ok;
}
