/* SPDX-License-Identifier: MIT */
#include "shared/io/http.h"

#include <errno.h>

/* Built without libmicrohttpd. */

struct http *http_create(struct loop *loop, const struct endpoint *at,
			 void (*fn)(void *arg, const struct http_request *r, struct http_answer *a,
				    ustime now),
			 void *arg)
{
	(void)loop, (void)at, (void)fn, (void)arg;
	errno = ENOSYS;
	return NULL;
}

void http_destroy(struct http *h)
{
	(void)h;
}

void http_run(struct http *h, ustime now)
{
	(void)h, (void)now;
}

ustime http_deadline(const struct http *h)
{
	(void)h;
	return NEVER;
}

const struct endpoint *http_local(const struct http *h)
{
	(void)h;
	return NULL;
}

const char *http_version(void)
{
	return "no http";
}
