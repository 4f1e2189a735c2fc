/* SPDX-License-Identifier: MIT */
#ifndef RECEIVER_REPORT_H
#define RECEIVER_REPORT_H

#include "receiver/history.h"

/*
 * The stats as one JSON object, schema_version first: all groups with their members while they are
 * few, beyond REPORT_GROUPS groups without members.  No stream key, and no id by which one could
 * join.
 */
enum { REPORT_GROUPS = 64 };

/* From malloc(), *len long; NULL when memory is short. */
char *report_json(const struct scene *scene, const struct history *history, ustime now,
		  size_t *len);

/* One group with its members, by its anonymous name; NULL also when there is none. */
char *report_group_json(const struct scene *scene, const struct history *history, const char *name,
			ustime now, size_t *len);

/* What reads the requests of the control socket: "jansson 2.14", or NULL without it. */
const char *report_version(void);

#endif
