/* SPDX-License-Identifier: MIT */
#ifndef SHARED_IO_HTTP_H
#define SHARED_IO_HTTP_H

#include <stdbool.h>
#include <stddef.h>

#include "shared/base/endpoint.h"
#include "shared/io/loop.h"

/*
 * A small HTTP/1.1 server for people, monitors and scene switchers, by libmicrohttpd in our loop:
 * GET and HEAD, no state, no secrets.  At most HTTP_CLIENTS connections; each request has
 * HTTP_PATIENCE to come and its answer as long to be taken, whatever trickles; when all places are
 * taken, the connection that has been at its request for longest goes.
 */
struct http;

enum { HTTP_CLIENTS = 32 };

#define HTTP_PATIENCE SEC(5)

struct http_request {
	const char *path;  /* decoded, from its slash on, without the query */
	/* The value of one name in the query, decoded, or NULL. */
	const char *(*query)(const struct http_request *r, const char *name);
	void *inside;
};

struct http_answer {
	unsigned status;    /* 200 at first */
	const char *type;   /* a constant: "application/json" at first */
	char *body;         /* from malloc(), now the server's; or NULL, and */
	const char *fixed;  /* a constant that outlives the server */
	size_t len;
	bool gzip;          /* `fixed` is compressed so */
	bool keep;          /* by browsers, for a while; others are asked for anew */
	const char *policy; /* what a page may do, as a Content-Security-Policy; NULL: nothing */
	usspan fresh;       /* so long it does for all who ask for this path without a query */
};

/*
 * Listens at `at`; fn answers each request, at once.  NULL and errno on failure, ENOSYS where it is
 * built without libmicrohttpd.
 */
struct http *http_create(struct loop *loop, const struct endpoint *at,
			 void (*fn)(void *arg, const struct http_request *r, struct http_answer *a,
				    ustime now),
			 void *arg);

/* Takes NULL too. */
void http_destroy(struct http *h);

/* Ends what has taken too long, and what else is due.  Both take NULL too. */
void http_run(struct http *h, ustime now);
ustime http_deadline(const struct http *h);

/* Where it listens: the port, too, when it was asked for port 0. */
const struct endpoint *http_local(const struct http *h);

/* "libmicrohttpd 0.9.75", or "no http". */
const char *http_version(void);

#endif
