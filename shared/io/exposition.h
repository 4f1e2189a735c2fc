/* SPDX-License-Identifier: MIT */
#ifndef SHARED_IO_EXPOSITION_H
#define SHARED_IO_EXPOSITION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "shared/base/histogram.h"

/*
 * Prometheus' text format 0.0.4, written down family by family.  Memory that runs short shows at
 * the end, once.
 */
struct exposition {
	FILE *to; /* NULL: memory was short at the start */
	char *text;
	size_t len;
	const char *family;
	const char *help; /* of the family; NULL: its head has been written */
	const char *type;
};

/* What a scrape is answered with. */
#define EXPOSITION_TYPE "text/plain; version=0.0.4; charset=utf-8"

enum exposition_kind {
	EXPOSITION_COUNTER,
	EXPOSITION_GAUGE,
	EXPOSITION_HISTOGRAM,
};

void exposition_open(struct exposition *e);

/* The text, from malloc(), *len long; NULL when memory was short.  To be called once. */
char *exposition_close(struct exposition *e, size_t *len);

/*
 * What follows is of this family; `name` and `help` are constants.  Each family comes once, and
 * one that gets no sample does not show.
 */
void exposition_family(struct exposition *e, enum exposition_kind kind, const char *name,
		       const char *help);

/*
 * Samples.  Behind the value come the labels, names and values by turns, and NULL:
 *
 *	exposition_number(&e, 12, "link", name, "cause", "runt", NULL);
 *
 * A value of a label that is no printable ASCII comes as \xNN: one odd name spoils no scrape.
 */
void exposition_number(struct exposition *e, uint64_t n, ...) __attribute__((sentinel));

/* Given in us, written in seconds. */
void exposition_seconds(struct exposition *e, usspan us, ...) __attribute__((sentinel));

/* Given in thousandths, written as a part of 1. */
void exposition_ratio(struct exposition *e, unsigned thousandths, ...) __attribute__((sentinel));

/* With bounds of 2^least to 2^most us, in seconds; 2 <= least <= most <= HISTOGRAM_TOP. */
void exposition_histogram(struct exposition *e, const struct histogram *h, unsigned least,
			  unsigned most, ...) __attribute__((sentinel));

#endif
