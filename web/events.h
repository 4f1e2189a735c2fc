/* SPDX-License-Identifier: MIT */
#ifndef WEB_EVENTS_H
#define WEB_EVENTS_H

#include <stddef.h>

/* The latest lines of the log as JSON, the oldest first: from malloc(), *len long, or NULL. */
char *events_json(size_t *len);

#endif
