/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "shared/base/seq.h"
#include "tests/interop/srt_trial.h"
#include "tests/sim/path.h"
#include "tests/sim/srt_caller.h"
#include "tests/sim/srt_listener.h"

enum { PLAIN_UP = TRIAL_PLAIN, PLAIN_DOWN, PATHS };

/* Caller and listener of the simulator with the roads between them. */
struct bench {
	const struct trial *trial;
	struct world world;
	struct path path[PATHS];
	struct trial_turns turns;
	struct srt_caller caller;
	struct srt_listener listener;
	struct endpoint here;
};

static void depart(struct bench *b, bool up, const uint8_t *data, size_t len,
		   const struct endpoint *mark)
{
	unsigned way = trial_road_for(b->trial, &b->turns, up, data, len);

	path_send(&b->path[way == PLAIN_UP && !up ? PLAIN_DOWN : way], data, len, mark);
}

static void from_caller(void *who, const uint8_t *data, size_t len)
{
	struct bench *b = who;

	depart(b, true, data, len, &b->here);
}

static void from_listener(void *who, const struct endpoint *to, const uint8_t *data, size_t len)
{
	depart(who, false, data, len, to);
}

static void at_listener(void *who, const uint8_t *data, size_t len, const struct endpoint *mark)
{
	struct bench *b = who;

	srt_listener_input(&b->listener, mark, data, len);
}

static void at_caller(void *who, const uint8_t *data, size_t len, const struct endpoint *mark)
{
	struct bench *b = who;

	srt_caller_input(&b->caller, mark, data, len);
}

static void lay(struct bench *b)
{
	struct road_config plain = {.delay = b->trial->road[0].delay};
	struct road road[TRIAL_ROADS];

	trial_roads(b->trial, road);
	for (unsigned i = 0; i < PATHS; i++) {
		bool down = i == TRIAL_DOWN || i == PLAIN_DOWN;

		path_init(&b->path[i], &b->world, &plain);
		if (i < TRIAL_ROADS)
			path_lay(&b->path[i], &road[i]);
		b->path[i].arrive = down ? at_caller : at_listener;
		b->path[i].who = b;
	}
}

static void begin(struct bench *b)
{
	const struct trial *t = b->trial;
	struct srt_caller_config caller = {
		.media = t->media,
		.latency = (uint16_t)t->latency,
		.stream_id = t->name,
		.isn = SEQ_NONE,
	};
	struct srt_listener_config listener = {.latency = (uint16_t)t->latency,
					       .lossmaxttl = t->lossmaxttl};

	world_init(&b->world, t->seed, SEC(1));
	endpoint_parse("127.0.0.1", &b->here);
	b->here.port = 7000;
	lay(b);
	srt_caller_init(&b->caller, &b->world, &caller, &b->here);
	srt_listener_init(&b->listener, &b->world, &listener);
	b->caller.send = from_caller;
	b->listener.send = from_listener;
	b->caller.who = b->listener.who = b;
	srt_listener_start(&b->listener);
}

void trial_model(const struct trial *t, struct trial_figures *f)
{
	struct bench *b = calloc(1, sizeof(*b));
	const struct srt_stream *x;

	must(b != NULL);
	b->trial = t;
	begin(b);
	srt_caller_start(&b->caller);
	srt_caller_hush(&b->caller);
	world_run(&b->world, b->world.now + TRIAL_BEFORE);
	srt_caller_play(&b->caller);
	world_run(&b->world, b->world.now + t->lasts - 1);
	srt_caller_hush(&b->caller);
	world_run(&b->world, b->world.now + MSEC(t->latency) + TRIAL_AFTER);
	x = srt_listener_stream(&b->listener, t->name);
	*f = (struct trial_figures){b->caller.media_made, x->late, b->caller.tally.resent, x->naks};
	for (unsigned i = 0; i < PATHS; i++)
		path_finish(&b->path[i]);
	srt_listener_finish(&b->listener);
	world_finish(&b->world);
	free(b);
}
