/* SPDX-License-Identifier: MIT */
#include "sender/probe.h"

#include <string.h>

#include "shared/wire/be.h"
#include "shared/wire/keepalive.h"

enum {
	TRIES = 13,   /* registrations, in four seconds */
	COPIES = 3,   /* of each length, as any may get lost */
	ROUNDS = 5,   /* each leaves a seventh of the doubt of the one before */
	SHORTEST = 32, /* of all keepalives: some networks drop shorter datagrams */
};

#define AGAIN      MSEC(300)  /* for registrations */
#define ASKER_TIME MSEC(900)  /* after it another link may ask for the group */
#define BEAT       MSEC(60)   /* between keepalives that are timed */
#define SPACING    MSEC(5)    /* between those that are not */
#define BLIND      MSEC(1500) /* a round trip that nobody knows takes no longer */
#define SLACK      MSEC(200)

void probe_group_init(struct probe_group *g, const uint8_t half[SRTLA_HALF_LEN])
{
	memset(g, 0, sizeof(*g));
	memcpy(g->id, half, SRTLA_HALF_LEN);
}

void probe_init(struct probe *p, struct probe_group *g, size_t most, size_t needed, ustime now)
{
	*p = (struct probe){.group = g, .due = now, .give_up = NEVER, .needed = needed};
	p->fails = (most < PROBE_MOST ? most : PROBE_MOST) + 1;
}

/* What the answers to a stage may take. */
static usspan patience(const struct probe *p)
{
	return p->rtt ? 2 * p->rtt + SLACK : BLIND;
}

static void enter(struct probe *p, enum probe_stage stage, ustime now)
{
	p->stage = stage;
	p->tries = 0;
	p->due = now;
	p->give_up = NEVER;
}

static void finish(struct probe *p)
{
	p->stage = PROBE_DONE;
	p->due = NEVER;
	p->give_up = NEVER;
	if (p->fits + 1 >= p->fails && p->rounds <= 1)
		p->fails = 0; /* the first and longest arrived */
}

static void add_size(struct probe *p, size_t size)
{
	if (size > p->fits && size < p->fails && p->sizes < PROBE_SIZES)
		p->size[p->sizes++] = size;
}

/* The lengths of the next round: first the longest, then what parts the doubt evenly. */
static void plan_round(struct probe *p, ustime now)
{
	size_t doubt = p->fails - p->fits;

	enter(p, PROBE_SIZING, now);
	p->sizes = 0;
	if (p->rounds++ == 0) {
		add_size(p, p->fails - 1);
		return;
	}
	add_size(p, p->hint);
	add_size(p, p->needed);
	for (size_t i = 1; p->sizes < PROBE_SIZES && i < PROBE_SIZES; i++)
		add_size(p, p->fits + doubt * i / (PROBE_SIZES - 1));
}

/* The next round, when there is still something to learn. */
static void next_round(struct probe *p, ustime now)
{
	if (p->rounds > 0) {
		for (unsigned i = 0; i < p->sizes; i++) {
			if (p->size[i] > p->fits && p->size[i] < p->fails)
				p->fails = p->size[i];
		}
	}
	if (p->fits + 1 >= p->fails || p->rounds == ROUNDS)
		finish(p);
	else
		plan_round(p, now);
}

/* Registration: REG2 with no group yet is a question, REG1 asks for one, REG2 joins it. */
static size_t register_link(struct probe *p, uint8_t *buf, ustime now)
{
	struct probe_group *g = p->group;
	enum srtla_type type = SRTLA_REG2;

	if (p->tries++ == TRIES) {
		finish(p);
		return 0;
	}
	if (!g->whole && p->heard && (g->asked == 0 || now >= g->asked + ASKER_TIME)) {
		type = SRTLA_REG1;
		g->asked = now;
	}
	p->whole_asked = g->whole;
	p->last = now;
	p->due = now + AGAIN;
	return srtla_build_reg(buf, type, g->id);
}

static size_t build_keepalive(struct probe *p, uint8_t *buf, size_t len, ustime now)
{
	unsigned at = p->sent_count++ % PROBE_SENT;

	p->sent[at].time = (uint64_t)now;
	p->sent[at].len = len;
	p->sent[at].echoed = false;
	memset(buf, 0, len);
	put_be16(buf, SRTLA_KEEPALIVE);
	put_be64(buf + 2, (uint64_t)now);
	return len;
}

/* The next of `count` keepalives; behind the last one it waits for what is missing. */
static size_t keepalive(struct probe *p, uint8_t *buf, unsigned count, size_t len, usspan spacing,
			ustime now)
{
	if (++p->tries < count) {
		p->due = now + spacing;
	} else {
		p->due = NEVER;
		p->give_up = now + patience(p);
	}
	return build_keepalive(p, buf, len, now);
}

size_t probe_next(struct probe *p, uint8_t *buf, ustime now)
{
	if (now >= p->give_up) {
		if (p->stage == PROBE_TIMING && p->echoes == 0)
			finish(p);
		else if (p->stage != PROBE_DONE)
			next_round(p, now);
	}
	if (now < probe_deadline(p))
		return 0;
	switch (p->stage) {
	case PROBE_JOINING:
		return register_link(p, buf, now);
	case PROBE_TIMING:
		return keepalive(p, buf, PROBE_ECHOES, SHORTEST, BEAT, now);
	case PROBE_SIZING:
		return keepalive(p, buf, p->sizes * COPIES, p->size[p->tries % p->sizes], SPACING,
				 now);
	case PROBE_DONE:
		break;
	}
	return 0;
}

ustime probe_deadline(const struct probe *p)
{
	/* Another link has got the group that this one waits for. */
	if (p->stage == PROBE_JOINING && p->group->whole && !p->whole_asked)
		return earlier(p->due, p->last);
	return earlier(p->due, p->give_up);
}

static void hear_registration(struct probe *p, enum srtla_type type, const uint8_t *id, ustime now)
{
	struct probe_group *g = p->group;

	p->heard = true;
	if (p->rtt == 0 && p->tries == 1)
		p->rtt = now - p->last + 1;
	switch (type) {
	case SRTLA_REG_NGP:
		/* Of an earlier question it says nothing, when the group has come meanwhile. */
		if (!g->whole && g->asked == 0)
			p->due = now;
		break;
	case SRTLA_REG2:
		if (id && !g->whole && memcmp(id, g->id, SRTLA_HALF_LEN) == 0) {
			memcpy(g->id, id, SRTLA_ID_LEN);
			g->whole = true;
		}
		break;
	case SRTLA_REG_ERR:
		p->refused = true;
		finish(p);
		break;
	case SRTLA_REG3:
		p->joined = true;
		p->rtt = 0; /* from here on it is measured properly */
		enter(p, PROBE_TIMING, now);
		break;
	default:
		break;
	}
}

/* Some receivers cut what they send back, so it is the time in it that tells which one it is. */
static void hear_echo(struct probe *p, uint64_t time, ustime now)
{
	unsigned i;
	usspan rtt = now - (ustime)time + 1; /* 0 means that there is none */

	for (i = 0; i < PROBE_SENT && (p->sent[i].time != time || p->sent[i].len == 0); i++)
		;
	if (i == PROBE_SENT || p->sent[i].echoed)
		return;
	p->sent[i].echoed = true;
	if (p->sent[i].len > p->fits)
		p->fits = p->sent[i].len;
	if (p->stage != PROBE_TIMING)
		return;
	p->echoes++;
	if (p->rtt == 0 || rtt < p->rtt)
		p->rtt = rtt;
	if (p->echoes == PROBE_ECHOES)
		next_round(p, now);
}

/* The longest of a round has arrived: the others would say nothing new. */
static void end_round_early(struct probe *p, ustime now)
{
	for (unsigned i = 0; i < p->sizes; i++) {
		if (p->size[i] > p->fits && p->size[i] < p->fails)
			return;
	}
	next_round(p, now);
}

void probe_hear(struct probe *p, const uint8_t *data, size_t len, ustime now)
{
	enum srtla_type type = srtla_type(data, len);
	struct keepalive k;

	if (p->stage == PROBE_JOINING && type != SRTLA_KEEPALIVE && type != SRTLA_NOT_OURS)
		hear_registration(p, type, srtla_reg_id(data, len), now);
	else if (keepalive_parse(data, len, &k) && k.timed && p->stage != PROBE_DONE) {
		hear_echo(p, k.time, now);
		if (p->stage == PROBE_SIZING)
			end_round_early(p, now);
	}
}

void probe_limit(struct probe *p, size_t payload)
{
	if (p->stage == PROBE_DONE || payload <= p->fits || payload + 1 >= p->fails)
		return;
	p->fails = payload + 1;
	p->hint = payload;
}
