/* SPDX-License-Identifier: MIT */
#include "sender/core/flight.h"

#include <string.h>

enum { MASK = FLIGHT_ROOM - 1 };

void flight_init(struct flight *f)
{
	f->first = f->next = 0;
	f->count = f->named = 0;
	f->bytes = 0;
	f->sent = f->arrived = f->lost = 0;
}

uint32_t flight_add(struct flight *f, uint32_t seq, uint16_t size, ustime now)
{
	uint32_t place = f->next++;

	f->entry[place & MASK] =
		(struct flight_entry){.sent = now, .seq = seq, .size = size, .open = true};
	f->count++;
	f->sent++;
	f->bytes += size;
	return place;
}

struct flight_entry *flight_at(struct flight *f, uint32_t place)
{
	struct flight_entry *e = &f->entry[place & MASK];

	return place - f->first < f->next - f->first && e->open ? e : NULL;
}

struct flight_entry *flight_oldest(struct flight *f)
{
	return f->count ? &f->entry[f->first & MASK] : NULL;
}

void flight_close(struct flight *f, struct flight_entry *e, enum flight_fate fate)
{
	e->open = false;
	f->count--;
	f->bytes -= e->size;
	f->named -= e->named;
	*(fate == FLIGHT_ARRIVED ? &f->arrived : &f->lost) += 1;
	while (f->first != f->next && !f->entry[f->first & MASK].open)
		f->first++;
}
