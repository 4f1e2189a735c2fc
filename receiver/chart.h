/* SPDX-License-Identifier: MIT */
#ifndef RECEIVER_CHART_H
#define RECEIVER_CHART_H

#include <stddef.h>
#include <stdint.h>

#include "receiver/core/view.h"

/*
 * The last ten minutes for charts: a row each second, with the receiver as a whole and CHART_GROUPS
 * of its groups.  A group keeps its column for as long as it lives; who comes while all are taken
 * gets the next one that is given up.
 */
struct chart;

enum { CHART_SECONDS = 600, CHART_GROUPS = 64 };

struct chart_totals {
	uint64_t rate;     /* bits per second */
	uint32_t groups;
	uint32_t held;     /* packets */
	uint32_t missing;  /* in this second */
};

struct chart_sample {
	uint64_t rate;
	uint32_t held;
	uint32_t missing;
	usspan rtt;        /* 0: not known */
};

/* NULL when memory is short.  Untouched, its pages cost nothing. */
struct chart *chart_create(void);

/* Takes NULL too. */
void chart_destroy(struct chart *c);

/* For the row that is being written. */
void chart_group(struct chart *c, uint32_t serial, unsigned port, const struct chart_sample *s);

/* The row is whole; columns of groups that had nothing in it are free. */
void chart_row(struct chart *c, const struct chart_totals *t, int64_t wall_ms);

/* As JSON, from malloc(), *len long; NULL when memory is short. */
char *chart_json(const struct chart *c, size_t *len);

#endif
