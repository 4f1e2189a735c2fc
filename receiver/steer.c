/* SPDX-License-Identifier: MIT */
#include "receiver/steer.h"

#include "receiver/report.h"

/* Who asks more often gets the same answer again, so that it costs nothing. */
#define STATS_FRESH MSEC(100)

const char *steer_stats(struct steer *s, ustime now)
{
	const char *text = desk_kept(&s->stats, now);
	size_t len = 0;
	char *made;

	if (text)
		return text;
	made = report_json(s->scene, s->history, now, &len);
	return desk_keep(&s->stats, made, len, now + STATS_FRESH);
}

static const char *stats(void *arg, ustime now)
{
	return steer_stats(arg, now);
}

static const struct desk_topic topics[] = {
	{"stats", SEC(1), MSEC(200), stats},
	{"event", 0, 0, NULL},
};

int steer_open(struct steer *s, const struct scene *scene, const struct history *history,
	       char why[CONFIG_WHY])
{
	s->scene = scene;
	s->history = history;
	s->desk.program = "srtla_rec";
	s->desk.version = VERSION;
	s->desk.port = scene->front->local.port;
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
	desk_keep(&s->groups, NULL, 0, 0);
	desk_keep(&s->group, NULL, 0, 0);
}

void steer_run(struct steer *s, ustime now)
{
	desk_run(&s->desk, now);
}

ustime steer_deadline(const struct steer *s)
{
	return desk_deadline(&s->desk);
}
