/* SPDX-License-Identifier: MIT */
#include "web/site.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "shared/io/log.h"
#include "shared/io/startup.h"
#include "web/events.h"
#include "web/page.h"

enum { NOT_FOUND = 404, UNAVAILABLE = 503 };

bool site_line(struct http_answer *a, unsigned status, const char *line)
{
	a->status = status;
	a->type = "text/plain; charset=utf-8";
	a->fixed = line;
	a->len = strlen(line);
	return true;
}

bool site_text(struct http_answer *a, const char *type, char *text, size_t len)
{
	if (!text)
		return site_line(a, UNAVAILABLE, "not to be had now\n");
	a->type = type;
	a->body = text;
	a->len = len;
	return true;
}

static void page(struct http_answer *a)
{
	a->type = "text/html; charset=utf-8";
	a->fixed = (const char *)page_gzip;
	a->len = page_gzip_len;
	a->gzip = true;
	a->keep = true;
	a->policy = page_policy;
}

static void answer(void *arg, const struct http_request *r, struct http_answer *a, ustime now)
{
	struct site *s = arg;
	size_t len = 0;

	if (strcmp(r->path, "/") == 0) {
		page(a);
	} else if (strcmp(r->path, "/events") == 0) {
		char *text = events_json(&len);

		a->fresh = SITE_FRESH;
		site_text(a, "application/json", text, len);
	} else if (!s->fn(s->arg, r, a, now)) {
		site_line(a, NOT_FOUND, "there is nothing here; the status page is at /\n");
	}
}

static int no_http(const struct endpoint *at, int err, bool asked, char why[ARGUMENTS_WHY])
{
	char text[ENDPOINT_TEXT];

	if (asked && err == ENOSYS) {
		snprintf(why, ARGUMENTS_WHY, "--http: this was built without libmicrohttpd");
		return EX_UNAVAILABLE;
	}
	if (asked)
		return startup_no_listen(at, err, why);
	if (err != ENOSYS) /* who built it without HTTP does not miss it at each start */
		log_warn("event=no_http address=%s why=\"%s\"", endpoint_print(at, text),
			 strerror(err));
	return 0;
}

int site_open(struct site *s, struct loop *loop, const struct endpoint *at, bool asked,
	      char why[ARGUMENTS_WHY])
{
	char text[ENDPOINT_TEXT];

	if (at->family == FAMILY_NONE)
		return 0;
	s->http = http_create(loop, at, answer, s);
	if (!s->http)
		return no_http(at, errno, asked, why);
	log_info("event=http address=%s", endpoint_print(http_local(s->http), text));
	if (endpoint_class(at) != ENDPOINT_LOOPBACK)
		log_warn("event=http_public address=%s why=\"whoever reaches this address can read "
			 "where the stream comes from and goes\"", text);
	return 0;
}

void site_close(struct site *s)
{
	http_destroy(s->http);
	s->http = NULL;
}
