/* SPDX-License-Identifier: MIT */
#include "tests/sim/story.h"

#include <stdlib.h>
#include <string.h>

#include "shared/base/seq.h"

enum { QUEUE_MS = 500 }; /* what a modem's queue holds at its rate */

static struct story *running;

struct plan plan_links(unsigned links, uint64_t rate, usspan rtt)
{
	struct plan p = {.seed = 1, .start = SEC(1000), .bonds = 1};

	p.site.server.latency = 120;
	for (unsigned b = 0; b < STORY_BONDS; b++) {
		p.bond[b].links = links;
		p.bond[b].caller.media.rate = 8000000;
		p.bond[b].caller.latency = 2000;
		p.bond[b].caller.isn = SEQ_NONE;
		p.bond[b].caller.stream_id = b == 0 ? "publish/one" : "publish/two";
		for (unsigned i = 0; i < links; i++) {
			p.bond[b].up[i].supply.rate = rate;
			p.bond[b].up[i].queue = (size_t)(rate / 8 * QUEUE_MS / 1000);
			p.bond[b].up[i].delay = rtt / 2;
			p.bond[b].down[i] = p.bond[b].up[i];
		}
	}
	return p;
}

struct story *story_begin(const struct plan *plan)
{
	struct story *s = calloc(1, sizeof(*s));

	must(s != NULL && running == NULL);
	running = s;
	s->began = plan->start;
	world_init(&s->world, plan->seed, plan->start);
	site_init(&s->site, &s->world, &plan->site, &s->line);
	for (s->bonds = 0; s->bonds < plan->bonds; s->bonds++)
		bond_init(&s->bond[s->bonds], &s->site, &plan->bond[s->bonds]);
	return s;
}

void story_end(struct story *s)
{
	for (unsigned i = 0; i < s->bonds; i++)
		bond_finish(&s->bond[i]);
	site_finish(&s->site);
	world_finish(&s->world);
	free(s);
	running = NULL;
}

int story_teardown(void **state)
{
	(void)state;
	if (!running)
		return 0;
	timeline_print(&running->line, stderr);
	story_end(running);
	return 0;
}

void story_start_encoders(struct story *s)
{
	for (unsigned i = 0; i < s->bonds; i++)
		srt_caller_start(&s->bond[i].caller);
}

void story_run(struct story *s, usspan how_long)
{
	world_run(&s->world, s->world.now + how_long);
}

static usspan run_until(struct story *s, bool (*there)(struct story *s, unsigned n), unsigned n,
			usspan at_most)
{
	ustime began = s->world.now;

	while (!there(s, n) && s->world.now - began < at_most)
		world_run(&s->world, s->world.now + MSEC(1));
	return s->world.now - began;
}

static bool streams(struct story *s, unsigned n)
{
	return s->bond[n].caller.state == CALLER_STREAMS;
}

static bool live(struct story *s, unsigned n)
{
	struct sender_view v;

	story_view(s, &v);
	return v.live >= n;
}

usspan story_run_until_streams(struct story *s, usspan at_most)
{
	return run_until(s, streams, 0, at_most);
}

usspan story_run_until_live(struct story *s, unsigned links, usspan at_most)
{
	return run_until(s, live, links, at_most);
}

const struct srt_stream *story_stream(struct story *s, unsigned bond)
{
	return srt_listener_stream(&s->site.server, s->bond[bond].cfg.caller.stream_id);
}

uint64_t story_noted(const struct story *s, enum timeline_side side, unsigned kind)
{
	return s->line.count[side][kind];
}

usspan story_first(const struct story *s, enum timeline_side side, unsigned kind)
{
	return s->line.count[side][kind] ? s->line.first[side][kind] - s->began : NEVER;
}

void story_view(struct story *s, struct sender_view *v)
{
	must(s->bond[0].door == &our_sender);
	sender_view(s->bond[0].core, s->world.now, v);
}
