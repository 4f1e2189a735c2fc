/* SPDX-License-Identifier: MIT */
#include "receiver/web.h"

#include <string.h>

#include "receiver/metrics.h"
#include "receiver/noalbs.h"
#include "receiver/report.h"
#include "shared/io/exposition.h"

enum { OK = 200, NOT_FOUND = 404 };

/* What stands behind `head` in the path, when that is anything. */
static const char *behind(const char *path, const char *head)
{
	size_t len = strlen(head);

	return strncmp(path, head, len) == 0 && path[len] ? path + len : NULL;
}

static bool stats(struct web *w, struct http_answer *a, ustime now)
{
	size_t len = 0;
	char *text = report_json(w->scene, w->history, now, &len);

	a->fresh = SITE_FRESH;
	return site_text(a, "application/json", text, len);
}

static bool one_group(struct web *w, const char *name, struct http_answer *a, ustime now)
{
	size_t len = 0;
	char *text = report_group_json(w->scene, w->history, name, now, &len);

	return text ? site_text(a, "application/json", text, len)
		    : site_line(a, NOT_FOUND, "no group has this name\n");
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
	char *text = metrics_text(w->scene, w->history, now, &len);

	a->fresh = SITE_FRESH;
	return site_text(a, EXPOSITION_TYPE, text, len);
}

/* For whoever knows the key; an unknown one and that of a stream that is off look the same. */
static bool stream(struct web *w, const char *path, struct http_answer *a, ustime now)
{
	static const struct {
		const char *head;
		enum noalbs_shape shape;
	} shapes[] = {
		{"/stats/", NOALBS_OPENIRL},
		{"/sls/", NOALBS_SLS},
		{"/belabox/", NOALBS_BELABOX},
	};
	size_t len = 0;

	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		const char *key = behind(path, shapes[i].head);

		if (key) {
			char *text = noalbs_json(w->scene, w->history, shapes[i].shape, key, now,
						 &len);

			return site_text(a, "application/json", text, len);
		}
	}
	return false;
}

static bool answer(void *arg, const struct http_request *r, struct http_answer *a, ustime now)
{
	struct web *w = arg;

	if (strcmp(r->path, "/stats") == 0) {
		const char *group = r->query(r, "group");

		return group ? one_group(w, group, a, now) : stats(w, a, now);
	}
	if (strcmp(r->path, "/history") == 0)
		return history(w, a);
	if (strcmp(r->path, "/metrics") == 0)
		return metrics(w, a, now);
	if (strcmp(r->path, "/healthz") == 0)
		return site_line(a, OK, "ok\n");
	return stream(w, r->path, a, now);
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
