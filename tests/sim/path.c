/* SPDX-License-Identifier: MIT */
#include "tests/sim/path.h"

#include <stdlib.h>
#include <string.h>

#include "shared/base/pkt.h"

enum {
	MILLION = 1000000,
	CHUNK = 64,   /* parcels that are made at once */
	HEADERS = 28, /* IPv4 and UDP */
};

/* A packet on its way. */
struct parcel {
	struct parcel *next;
	struct endpoint mark;
	size_t len;
	uint8_t data[PKT_CAP];
};

void path_init(struct path *p, struct world *w, const struct path_config *cfg)
{
	memset(p, 0, sizeof(*p));
	p->world = w;
	p->cfg = *cfg;
	rng_init(&p->rng, rng_next(&w->rng));
}

void path_finish(struct path *p)
{
	while (p->chunks) {
		struct parcel *chunk = p->chunks;

		p->chunks = chunk->next;
		free(chunk);
	}
	p->idle = NULL;
}

/* The first parcel of a chunk only holds the chunks together. */
static struct parcel *parcel_get(struct path *p)
{
	struct parcel *one;

	if (!p->idle) {
		struct parcel *chunk = malloc((CHUNK + 1) * sizeof(*chunk));

		must(chunk != NULL);
		chunk->next = p->chunks;
		p->chunks = chunk;
		for (int i = 1; i <= CHUNK; i++) {
			chunk[i].next = p->idle;
			p->idle = &chunk[i];
		}
	}
	one = p->idle;
	p->idle = one->next;
	return one;
}

static void arrived(void *who, void *what)
{
	struct path *p = who;
	struct parcel *one = what;

	p->tally.packets_out++;
	p->tally.bytes_out += one->len;
	p->arrive(p->who, one->data, one->len, &one->mark);
	one->next = p->idle;
	p->idle = one;
}

static bool happens(struct path *p, uint32_t of_a_million)
{
	return of_a_million > 0 && rng_below(&p->rng, MILLION) < of_a_million;
}

static bool is_out(const struct path *p)
{
	for (unsigned i = 0; i < p->outages; i++)
		if (p->world->now >= p->outage[i].from && p->world->now < p->outage[i].until)
			return true;
	return p->cut;
}

uint64_t path_backlog(const struct path *p)
{
	int64_t wait = p->busy_until - p->world->now * 1000;

	if (wait <= 0)
		return 0;
	/* In two steps, so that a minute at 100 Gbit/s does not overflow. */
	return (uint64_t)wait / 1000 * (p->cfg.rate / 1000) / 8000;
}

/* When the last bit of these has left the queue, ns. */
static int64_t leave_queue(struct path *p, size_t len)
{
	uint64_t bits = (len + HEADERS) * 8;
	int64_t now = p->world->now * 1000;

	if (p->cfg.rate == 0)
		return now;
	if (p->busy_until < now)
		p->busy_until = now;
	p->busy_until += (int64_t)(bits * UINT64_C(1000000000) / p->cfg.rate);
	return p->busy_until;
}

static void launch(struct path *p, const uint8_t *data, size_t len, const struct endpoint *mark,
		   ustime at)
{
	struct parcel *one = parcel_get(p);

	one->mark = *mark;
	one->len = len;
	memcpy(one->data, data, len);
	if (len > 0 && happens(p, p->cfg.damage)) {
		uint64_t bit = rng_below(&p->rng, 8 * len);

		one->data[bit / 8] ^= (uint8_t)(1U << bit % 8);
		p->tally.damaged++;
	}
	world_at(p->world, at, arrived, p, one);
}

void path_send(struct path *p, const uint8_t *data, size_t len, const struct endpoint *mark)
{
	ustime at;

	must(len <= PKT_CAP);
	p->tally.packets_in++;
	p->tally.bytes_in += len;
	if (is_out(p) || (p->spoil && p->spoil(p->spoiler, data, len))) {
		p->tally.lost++;
		return;
	}
	if (p->cfg.queue > 0 && path_backlog(p) + len + HEADERS > p->cfg.queue) {
		p->tally.overflow++;
		return;
	}
	at = leave_queue(p, len) / 1000 + p->cfg.delay;
	if (happens(p, p->cfg.loss)) {
		p->tally.lost++;
		return;
	}
	if (p->cfg.jitter > 0)
		at += (usspan)rng_below(&p->rng, (uint64_t)p->cfg.jitter);
	if (happens(p, p->cfg.astray))
		at += (usspan)rng_below(&p->rng, (uint64_t)p->cfg.detour);
	else
		at = p->last_out = later(at, p->last_out);
	launch(p, data, len, mark, at);
	if (happens(p, p->cfg.twice)) {
		p->tally.doubled++;
		launch(p, data, len, mark, at);
	}
}

void path_outage(struct path *p, ustime from, ustime until)
{
	must(p->outages < PATH_OUTAGES);
	p->outage[p->outages].from = from;
	p->outage[p->outages].until = until;
	p->outages++;
}
