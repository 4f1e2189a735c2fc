/* SPDX-License-Identifier: MIT */
#ifndef LAB_RECORDING_H
#define LAB_RECORDING_H

#include <stddef.h>

#include "shared/base/time.h"

/* What a recording says of a link. */
enum recording_kind {
	RECORDING_CHANCES, /* us at which 1500 bytes may leave, ascending (Mahimahi) */
	RECORDING_RATES,   /* bit/s, each for one step */
	RECORDING_TRIPS,   /* round trip in us, each for one step; below 0: no reply */
};

enum {
	RECORDING_CHANCE = 1500, /* bytes that one chance carries, headers of the link included */
	RECORDING_ERROR = 256,
};

/*
 * A link as somebody measured it, or as a formula makes it.  It does not
 * change once it is there, so that any number of roads may follow it, each
 * from a place of its own; at its end it starts again.
 */
struct recording {
	enum recording_kind kind;
	int64_t *value;
	size_t count;  /* at least 1 */
	usspan step;   /* of rates and trips; 0 for chances */
	usspan lasts;  /* then it starts again; above 0 */
};

/*
 * A file of one whole number a line: the millisecond of each chance
 * (mahimahi(1)).  NULL with a sentence in `error` when the file cannot be
 * read, is empty, holds something else, runs backwards, or never moves.
 */
struct recording *recording_read_chances(const char *path, char error[RECORDING_ERROR]);

/* Where a table keeps the values: a column of it, or one row from a column on. */
struct recording_place {
	const char *name; /* of the column in the first line; NULL: by number */
	unsigned column;  /* from 1 on */
	unsigned row;     /* from 1 on, without remarks and names; 0: down the column */
	usspan step;      /* between values */
};

/*
 * A table of values with commas, and perhaps remarks (#) and a line of names on
 * top: rates in Mbit/s or round trips in ms.  NULL with a sentence in `error` as above; a
 * trip below 0 stands for no reply, a rate below 0 is an error.
 */
struct recording *recording_read_table(const char *path, enum recording_kind kind,
				       const struct recording_place *place,
				       char error[RECORDING_ERROR]);

/*
 * A drive by formula: rates around `mean` bit/s in steps of 100 ms that swell
 * and fade over seconds, fall to a tenth for one or two seconds about once in
 * half a minute, and to nothing for a moment about once in a minute, as
 * recorded uplinks do.  The same seed makes the same drive everywhere.  `mean`
 * is 10^11 at most and `lasts` a month; NULL when memory is short.
 */
struct recording *recording_drive(uint64_t mean, uint64_t seed, usspan lasts);

void recording_destroy(struct recording *r);

#endif
