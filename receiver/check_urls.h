/* SPDX-License-Identifier: MIT */
#ifndef RECEIVER_CHECK_URLS_H
#define RECEIVER_CHECK_URLS_H

#include <stdio.h>

#include "receiver/config.h"

/*
 * The URLs around one stream, as each of the programs takes them that have a part in it.  Pure.
 */
struct check_urls {
	const char *host;         /* what senders call this machine */
	uint16_t port;
	const char *server;       /* what players call the SRT server's machine */
	uint16_t server_port;
	struct endpoint http;     /* family FAMILY_NONE: off */
};

/* A beginning for links that are cellular. */
enum { CHECK_LATENCY_MS = 2000 };

/* A stream id as it stands in a query: what means something to a URL is written as %XX. */
const char *check_urls_query(const char *stream_id, char *buf, size_t size);

/* As a piece of a path. */
const char *check_urls_path(const char *stream_id, char *buf, size_t size);

void check_urls_print(const struct check_urls *u, const char *stream_id, FILE *to);

#endif
