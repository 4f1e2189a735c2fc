/* SPDX-License-Identifier: MIT */
#include "receiver/core/shelf.h"

#include <assert.h>
#include <stdlib.h>

#include "receiver/core/group.h"
#include "shared/wire/be.h"

/* Fibonacci hashing (Knuth, vol. 3, 6.4): runs of numbers spread evenly. */
#define GOLDEN UINT64_C(0x9e3779b97f4a7c15)

static size_t home(const struct shelf *s, unsigned port, uint32_t seq)
{
	uint64_t key = (uint64_t)port << 32 | seq;

	return (size_t)(((key ^ s->secret) * GOLDEN) >> 32) & s->mask;
}

static size_t home_of(const struct shelf *s, const struct pkt *p)
{
	return home(s, p->port, be32(p->data));
}

bool shelf_init(struct shelf *s, const struct siphash_key *key, unsigned limit)
{
	size_t places = 2;

	while (places < 2 * (size_t)limit)
		places *= 2;
	*s = (struct shelf){.mask = places - 1, .limit = limit};
	s->place = calloc(places, sizeof(struct pkt *));
	if (!s->place)
		return false;
	s->secret = siphash64(key, "shelf", 5);
	return true;
}

void shelf_finish(struct shelf *s)
{
	for (size_t i = 0; s->place && i <= s->mask; i++)
		pkt_free(s->place[i]);
	free(s->place);
	*s = (struct shelf){0};
}

/* Where the packet stands, or the free place that ends the search. */
static size_t search(const struct shelf *s, unsigned port, uint32_t seq)
{
	size_t i = home(s, port, seq);

	while (s->place[i] && (s->place[i]->port != port || be32(s->place[i]->data) != seq))
		i = (i + 1) & s->mask;
	return i;
}

void shelf_put(struct shelf *s, struct pkt *p)
{
	size_t i = search(s, p->port, be32(p->data));

	assert(!s->place[i] && !shelf_full(s));
	s->place[i] = p;
	s->count++;
}

const struct pkt *shelf_look(const struct shelf *s, unsigned port, uint32_t seq)
{
	return s->place[search(s, port, seq)];
}

/* Those behind a freed place move up, unless that would take them before their home. */
static void close_up(struct shelf *s, size_t hole)
{
	for (size_t i = (hole + 1) & s->mask; s->place[i]; i = (i + 1) & s->mask) {
		size_t way = (i - home_of(s, s->place[i])) & s->mask;

		if (way < ((i - hole) & s->mask))
			continue;
		s->place[hole] = s->place[i];
		hole = i;
	}
	s->place[hole] = NULL;
}

struct pkt *shelf_take(struct shelf *s, unsigned port, uint32_t seq)
{
	size_t i = search(s, port, seq);
	struct pkt *p = s->place[i];

	if (!p)
		return NULL;
	s->count--;
	close_up(s, i);
	return p;
}

void shelf_unqueue(struct shelf *s, struct group *g)
{
	struct reorder *r = &g->reorder;

	if (!r->queued)
		return;
	*(r->older ? &r->older->reorder.newer : &s->oldest) = r->newer;
	*(r->newer ? &r->newer->reorder.older : &s->newest) = r->older;
	r->older = r->newer = NULL;
	r->queued = false;
}

void shelf_queue(struct shelf *s, struct group *g)
{
	struct reorder *r = &g->reorder;

	shelf_unqueue(s, g);
	r->older = s->newest;
	*(s->newest ? &s->newest->reorder.newer : &s->oldest) = g;
	s->newest = g;
	r->queued = true;
}
