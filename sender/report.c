/* SPDX-License-Identifier: MIT */
#include "sender/report.h"

#include <errno.h>
#include <stdalign.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "sender/report_build.h"
#include "shared/io/log.h"
#include "shared/io/statefile.h"

#ifdef HAVE_JANSSON

#include <jansson.h>

enum {
	MODE = 0644,
	SCRATCH = 2 * 1024 * 1024, /* thrice what 64 links take; untouched, it costs nothing */
};

/*
 * What a report is made of while it is made.  The next one begins there anew: the program, which
 * may run for months, asks for no memory once it has started.
 */
static struct {
	size_t used;
	bool exceeded; /* something is missing: what there is must not be shown */
	alignas(max_align_t) unsigned char bytes[SCRATCH];
} scratch;

static void *take(size_t size)
{
	size_t step = (size + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
	unsigned char *at = scratch.bytes + scratch.used;

	if (size > SCRATCH || step > SCRATCH - scratch.used) {
		scratch.exceeded = true;
		return NULL;
	}
	scratch.used += step;
	return at;
}

static void give(void *p)
{
	(void)p;
}

const char *report_version(void)
{
	return "jansson " JANSSON_VERSION;
}

const char *report_json(struct report *r, const struct snapshot *s)
{
	const char *written;

	interval_look(&r->recent, s);
	scratch.used = 0;
	scratch.exceeded = false;
	json_set_alloc_funcs(take, give);
	written = report_build(r, s);
	json_set_alloc_funcs(malloc, free);
	return scratch.exceeded ? NULL : written;
}

static void write_file(struct report *r, const char *json)
{
	int err = json ? statefile_replace(r->path, json, strlen(json), MODE) : -ENOMEM;

	if (err && !r->failing)
		log_warn("event=stats_file file=%s why=\"%s\"", r->path, strerror(-err));
	else if (!err && r->failing)
		log_info("event=stats_file file=%s why=\"written again\"", r->path);
	r->failing = err != 0;
	if (!err)
		r->written = true;
}

void report_run(struct report *r, const struct scene *scene, ustime now)
{
	static struct snapshot snapshot;

	if (!r->path || now < r->next)
		return;
	r->next = now + r->interval;
	snapshot_take(scene, now, &snapshot);
	write_file(r, report_json(r, &snapshot));
}

#else

const char *report_version(void)
{
	return NULL;
}

const char *report_json(struct report *r, const struct snapshot *s)
{
	(void)r, (void)s;
	return NULL;
}

void report_run(struct report *r, const struct scene *scene, ustime now)
{
	(void)r, (void)scene, (void)now;
}

#endif

void report_init(struct report *r, const char *path, usspan interval, ustime now)
{
	memset(r, 0, sizeof(*r));
	r->path = path;
	r->interval = interval;
	r->next = now;
	tzset(); /* reads the zone's file, while we may read and allocate: days begin by it */
}

void report_finish(struct report *r)
{
	if (r->written)
		unlink(r->path);
	r->written = false;
}

ustime report_deadline(const struct report *r)
{
	return r->path ? r->next : NEVER;
}
