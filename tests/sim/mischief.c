/* SPDX-License-Identifier: MIT */
#include "tests/sim/mischief.h"

#include "shared/base/pkt.h"
#include "shared/wire/be.h"

enum {
	REG = 258,
	LONGEST = 1332,
};

static bool steal(void *who, const uint8_t *data, size_t len)
{
	struct thief *t = who;

	if (len < 2 || be16(data) != t->type)
		return false;
	if (t->seen++ >= t->takes)
		return false;
	t->took++;
	return true;
}

void mischief_steal(struct story *s, struct thief *t, bool up)
{
	for (unsigned i = 0; i < s->bond[0].cfg.links; i++) {
		struct bond_link *l = &s->bond[0].link[i];
		struct path *p = up ? &l->up : &l->down;

		p->spoil = steal;
		p->spoiler = t;
	}
}

void mischief_flap(struct story *s, usspan every, usspan out, ustime until)
{
	unsigned links = s->bond[0].cfg.links;

	for (unsigned i = 0; i < links; i++) {
		struct bond_link *l = &s->bond[0].link[i];

		for (ustime at = s->world.now + every * i / links; at + out < until; at += every) {
			path_outage(&l->up, at, at + out);
			path_outage(&l->down, at, at + out);
		}
	}
}

/* A packet that begins like one of each kind in turn; its length. */
static size_t invent(struct rng *rng, unsigned nth, uint8_t buf[PKT_CAP])
{
	static const uint16_t begin[] = {0x0000, 0x9000, 0x9200, 0x9201, 0x9100, 0x8002, 0x9fff};
	static const size_t size[] = {LONGEST, 38, REG, REG, 44, 44, 32};
	unsigned kind = nth % (sizeof(begin) / sizeof(begin[0]));

	rng_fill(rng, buf, size[kind]);
	put_be16(buf, begin[kind]);
	return size[kind];
}

void mischief_flood_site(struct story *s, unsigned count)
{
	uint8_t buf[PKT_CAP];
	struct endpoint from;

	endpoint_parse("192.0.2.0", &from);
	for (unsigned i = 0; i < count; i++) {
		size_t len = invent(&s->world.rng, i, buf);

		from.addr[3] = (uint8_t)rng_below(&s->world.rng, MISCHIEF_HOSTS);
		from.port = (uint16_t)(1024 + rng_below(&s->world.rng, 60000));
		site_input(&s->site, buf, len, &from);
	}
}

void mischief_flood_encoder(struct story *s, unsigned count)
{
	struct endpoint from;
	uint8_t buf[PKT_CAP];

	endpoint_parse("127.0.0.1", &from);
	for (unsigned i = 0; i < count; i++) {
		size_t len = invent(&s->world.rng, i, buf);

		from.port = (uint16_t)(40000 + i);
		bond_from_app(&s->bond[0], &from, buf, len);
	}
}

uint64_t mischief_lost(const struct story *s)
{
	uint64_t lost = 0;

	for (unsigned i = 0; i < s->bond[0].cfg.links; i++) {
		const struct path *p = &s->bond[0].link[i].up;

		lost += path_lost(p) + p->road.tally.overflow;
	}
	return lost;
}
