/* SPDX-License-Identifier: MIT */
#include "sender/steer.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* What the links carry now, and what an encoder should make of it. */
static const char *rate(void *arg, ustime now)
{
	static char text[96];
	static struct sender_view view;
	const struct steer *s = arg;

	sender_view(s->scene->door->sender, now, &view);
	snprintf(text, sizeof(text), "{\"capacity_bps\":%" PRIu64 ",\"safe_bps\":%" PRIu64
		 ",\"live_links\":%u}",
		 view.capacity, view.safe_rate, view.live);
	return text;
}

static const char *stats(void *arg, ustime now)
{
	static struct snapshot snapshot;
	struct steer *s = arg;

	snapshot_take(s->scene, now, &snapshot);
	return report_json(&s->told, &snapshot);
}

static const struct desk_topic topics[] = {
	{"stats", SEC(1), MSEC(200), stats},
	{"rate", MSEC(200), MSEC(50), rate},
	{"event", 0, 0, NULL},
};

int steer_open(struct steer *s, const struct scene *scene, const struct history *history,
	       char why[CONFIG_WHY])
{
	s->scene = scene;
	s->history = history;
	s->desk.program = "srtla_send";
	s->desk.version = VERSION;
	s->desk.port = scene->cfg->listen_port;
	s->desk.methods = steer_methods;
	s->desk.method_count = steer_method_count;
	s->desk.topics = topics;
	s->desk.topic_count = sizeof(topics) / sizeof(topics[0]);
	s->desk.arg = s;
	return desk_open(&s->desk, scene->door->loop, scene->cfg->control_path, why);
}

void steer_close(struct steer *s)
{
	desk_close(&s->desk);
	desk_keep(&s->stats, NULL, 0, 0);
	desk_keep(&s->past, NULL, 0, 0);
}

void steer_run(struct steer *s, ustime now)
{
	desk_run(&s->desk, now);
}

ustime steer_deadline(const struct steer *s)
{
	return desk_deadline(&s->desk);
}
