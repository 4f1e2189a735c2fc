/* SPDX-License-Identifier: MIT */
#include "sender/web.h"

#include <string.h>

#include "sender/metrics.h"
#include "shared/io/exposition.h"

enum { UNAVAILABLE = 503, OK = 200 };

static const struct snapshot *look(const struct web *w, ustime now)
{
	static struct snapshot snapshot;

	snapshot_take(w->scene, now, &snapshot);
	return &snapshot;
}

static bool stats(struct web *w, struct http_answer *a, ustime now)
{
	const char *text = report_json(&w->report, look(w, now));
	char *copy = text ? strdup(text) : NULL;

	a->fresh = SITE_FRESH;
	return site_text(a, "application/json", copy, copy ? strlen(copy) : 0);
}

static bool history(struct web *w, struct http_answer *a)
{
	size_t len = 0;
	char *text = history_json(w->history, &len);

	a->fresh = SITE_FRESH;
	return site_text(a, "application/json", text, len);
}

static bool metrics(struct web *w, struct http_answer *a, ustime now)
{
	size_t len = 0;
	char *text = metrics_text(look(w, now), &len);

	a->fresh = SITE_FRESH;
	return site_text(a, EXPOSITION_TYPE, text, len);
}

static bool healthz(struct web *w, struct http_answer *a, ustime now)
{
	bool well = look(w, now)->view.live > 0;

	a->fresh = SITE_FRESH;
	return site_line(a, well ? OK : UNAVAILABLE, well ? "ok\n" : "no link\n");
}

static bool answer(void *arg, const struct http_request *r, struct http_answer *a, ustime now)
{
	struct web *w = arg;

	if (strcmp(r->path, "/stats") == 0)
		return stats(w, a, now);
	if (strcmp(r->path, "/history") == 0)
		return history(w, a);
	if (strcmp(r->path, "/metrics") == 0)
		return metrics(w, a, now);
	return strcmp(r->path, "/healthz") == 0 && healthz(w, a, now);
}

int web_open(struct web *w, const struct scene *scene, struct history *history,
	     char why[CONFIG_WHY])
{
	*w = (struct web){
		.site = {.fn = answer, .arg = w}, .scene = scene, .history = history};
	return site_open(&w->site, scene->door->loop, &scene->cfg->http, scene->cfg->http_asked,
			 why);
}

void web_close(struct web *w)
{
	site_close(&w->site);
}

void web_run(struct web *w, ustime now)
{
	http_run(w->site.http, now);
}

ustime web_deadline(const struct web *w)
{
	return http_deadline(w->site.http);
}
