/* SPDX-License-Identifier: MIT */
#ifndef SHARED_IO_FETCH_H
#define SHARED_IO_FETCH_H

#include <stddef.h>

#include "shared/base/endpoint.h"

/*
 * One question by HTTP/1.0 to a program of ours, mostly on this machine, for commands that wait
 * for what they need: never for the loop.
 */

/* The largest answer that is taken. */
enum { FETCH_MOST = 8 * 1024 * 1024 };

/*
 * Asks for `path`.  Returns the status, 200 when all is well, with the body as a string in *body,
 * to be freed; or -errno: -ETIMEDOUT after 2 s of silence, -EPROTO when that was no HTTP.
 */
int fetch(const struct endpoint *at, const char *path, char **body, size_t *len);

/* Takes an answer apart, in place: as above. */
int fetch_parse(char *answer, size_t size, char **body, size_t *len);

#endif
