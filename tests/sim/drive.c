/* SPDX-License-Identifier: MIT */
#include "tests/sim/drive.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/base/seq.h"
#include "tests/sim/drive_inside.h"
#include "tests/sim/foreign_profiles.h"

#define CLASSIC_RECEIVER "each_tenth_acked_and_all_to_everyone"

enum { PATCHED_TTL = 40 };

#define START SEC(1000) /* a world never begins at nought: moments would look like none */
#define MEET  SEC(2)    /* for the programs to find each other */
#define AFTER SEC(2)    /* the last packets are played */

/* Whether the peers that the scenario names are known. */
static bool knows_peers(const struct scenario *s, const char **why)
{
	*why = NULL;
	if (s->sender[0] && !foreign_sender_named(s->sender))
		*why = "the scenario names a sender that nobody knows";
	else if (s->receiver[0] && !foreign_receiver_named(s->receiver))
		*why = "the scenario names a receiver that nobody knows";
	return *why == NULL;
}

static uint64_t stream_rate(const struct stage *st)
{
	return st->cfg->rate ? st->cfg->rate : st->s->stream.rate;
}

static void init_site(struct stage *st)
{
	struct site_config cfg = {.server = {
					  .lossmaxttl = st->s->server.loss_ttl,
					  .silent_gaps = st->s->server.no_nak_report,
				  }};

	bool classic = st->cfg->receiver == DRIVE_RECEIVER_CLASSIC && !st->s->receiver[0];

	if (st->cfg->server == DRIVE_SERVER_STOCK)
		cfg.server = (struct srt_listener_config){.lossmaxttl = 0};
	if (st->cfg->server == DRIVE_SERVER_PATCHED ||
	    (classic && st->cfg->server == DRIVE_SERVER_LISTED))
		cfg.server =
			(struct srt_listener_config){.lossmaxttl = PATCHED_TTL, .patched = true};
	cfg.hold = st->cfg->hold;
	if (st->s->receiver[0])
		cfg.foreign = foreign_receiver_named(st->s->receiver);
	if (classic)
		cfg.foreign = foreign_receiver_named(CLASSIC_RECEIVER);
	cfg.mute = st->cfg->receiver == DRIVE_RECEIVER_MUTE;
	site_init(&st->site, &st->world, &cfg, &st->d->line);
}

static void init_car(struct stage *st, unsigned number)
{
	struct car *c = &st->car[number];
	struct bond_config *cfg = calloc(1, sizeof(*cfg));

	c->bond = calloc(1, sizeof(*c->bond));
	must(cfg != NULL && c->bond != NULL);
	c->number = number;
	snprintf(c->stream_id, sizeof(c->stream_id), "car%u", number + 1);
	ledger_init(&c->ledger);
	cfg->mode = st->cfg->mode;
	cfg->tuning = st->cfg->tuning;
	cfg->links = st->s->links;
	if (st->s->sender[0])
		cfg->foreign = foreign_sender_named(st->s->sender);
	for (unsigned i = 0; i < st->s->links; i++) {
		cfg->up[i] = st->s->link[i].up;
		cfg->down[i] = st->s->link[i].down;
		c->terms[i] = st->s->link[i].terms;
		cfg->terms[i] = drive_terms(&c->terms[i]);
	}
	cfg->caller.media = st->s->stream;
	cfg->caller.media.rate = stream_rate(st);
	cfg->caller.least = st->s->least;
	cfg->caller.most = st->s->most;
	cfg->caller.latency = (uint16_t)(st->s->latency / 1000);
	cfg->caller.stream_id = c->stream_id;
	cfg->caller.isn = SEQ_NONE;
	bond_init(c->bond, &st->site, cfg);
	c->bond->caller.ledger = &c->ledger;
	srt_listener_ledger(&st->site.server, c->stream_id, &c->ledger);
	must(census_init(&st->d->vehicle[number].census, st->s->links));
	free(cfg);
}

/* The roads of the scenario take the place of those on which the programs met. */
static void lay_roads(struct stage *st, struct car *c)
{
	struct census *census = &st->d->vehicle[c->number].census;

	for (unsigned i = 0; i < st->s->links; i++) {
		struct road up, down;

		scenario_road(st->s, c->number, i, true, st->cfg->seed, &up);
		scenario_road(st->s, c->number, i, false, st->cfg->seed, &down);
		path_lay(&c->bond->link[i].up, &up);
		path_lay(&c->bond->link[i].down, &down);
	}
	for (size_t i = 0; i < st->s->turns; i++) {
		const struct scenario_turn *t = &st->s->turn[i];

		if (t->dark && t->up)
			census_expect_outage(census, t->link, t->at, t->at + t->lasts);
	}
	dwell_init(&c->dwell, st->world.now + st->s->judged_from);
	c->bond->dwell = &c->dwell;
	bond_watch(c->bond, census);
}

static void play(struct stage *st)
{
	usspan tail = st->s->latency + AFTER;

	world_run(&st->world, START + MEET);
	st->d->began = st->world.now;
	for (unsigned i = 0; i < st->d->vehicles; i++) {
		lay_roads(st, &st->car[i]);
		srt_caller_start(&st->car[i].bond->caller);
	}
	for (size_t i = 0; i < st->s->events; i++)
		world_at(&st->world, st->d->began + st->s->event[i].at, drive_deed, st,
			 &st->s->event[i]);
	world_run(&st->world, st->d->began + st->s->lasts);
	for (unsigned i = 0; i < st->d->vehicles; i++)
		srt_caller_hush(&st->car[i].bond->caller);
	world_run(&st->world, st->d->began + st->s->lasts + tail);
	st->d->lasted = st->world.now - START;
}

/* Of a million bytes. */
static uint64_t backup_share(const struct scenario *s, const struct census *c)
{
	uint64_t all = 0, backup = 0;

	for (unsigned i = 0; i < c->links; i++) {
		for (int cause = 0; cause < CENSUS_CAUSES; cause++) {
			uint64_t bytes = c->link[i].sent[cause].bytes;

			all += bytes;
			backup += s->link[i].terms.role == ROLE_BACKUP ? bytes : 0;
		}
	}
	return all ? (backup * 1000000 + all - 1) / all : 0;
}

/* What the car's figures come to, and the end of the car. */
static bool account(struct stage *st, struct car *c)
{
	struct drive_outcome *o = &st->d->vehicle[c->number];
	const struct srt_stream *x = srt_listener_stream(&st->site.server, c->stream_id);
	bool ok = tally_stream(&c->ledger, st->s->judged_from, st->s->lasts, &o->tally);

	o->sessions = x->sessions;
	o->added_p50 = dwell_percentile(&c->dwell, 500);
	o->added_p99 = dwell_percentile(&c->dwell, 990);
	o->backup_share = backup_share(st->s, &o->census);
	o->resent = c->bond->caller.tally.resent;
	o->media_bits = 8 * c->bond->caller.tally.media_bytes;
	st->d->fingerprint = st->d->fingerprint * UINT64_C(0x100000001b3) ^ x->fingerprint;
	bond_finish(c->bond);
	free(c->bond);
	ledger_finish(&c->ledger);
	return ok;
}

struct drive *drive_run(const struct drive_config *cfg, const char **why)
{
	struct drive *d;
	struct stage *st;
	bool ok = true;

	if (!knows_peers(cfg->scenario, why))
		return NULL;
	st = calloc(1, sizeof(*st));
	must(st != NULL);
	st->d = calloc(1, sizeof(*st->d));
	must(st->d != NULL);
	st->cfg = cfg;
	st->s = cfg->scenario;
	st->d->vehicles = cfg->vehicles ? cfg->vehicles : st->s->vehicles;
	world_init(&st->world, cfg->seed, START);
	init_site(st);
	for (unsigned i = 0; i < st->d->vehicles; i++)
		init_car(st, i);
	play(st);
	for (unsigned i = 0; i < st->d->vehicles; i++)
		ok = account(st, &st->car[i]) && ok;
	site_finish(&st->site);
	world_finish(&st->world);
	must(ok);
	d = st->d;
	free(st);
	return d;
}

void drive_destroy(struct drive *d)
{
	if (!d)
		return;
	for (unsigned i = 0; i < d->vehicles; i++)
		census_finish(&d->vehicle[i].census);
	free(d);
}
