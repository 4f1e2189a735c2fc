/* SPDX-License-Identifier: MIT */
#ifndef TESTS_BENCH_BENCH_H
#define TESTS_BENCH_BENCH_H

#include <stddef.h>
#include <stdint.h>

enum { BENCH_ROUNDS = 15, BENCH_ROWS = 48, BENCH_NAME = 64, BENCH_SPANS = 8, BENCH_PAIRS = 4 };

/*
 * What one thing cost in each round.  Rows are measured in turn, round after
 * round, so that whatever else the machine does in a while hits all of them.
 */
struct bench_row {
	char name[BENCH_NAME];
	double ns[BENCH_ROUNDS]; /* a call */
	unsigned rounds;
	unsigned goal;  /* ns on an idle machine; 0: none */
	uint64_t asked; /* times that memory was asked for while it ran */
};

/* Rows in sequence that do the same in houses of different size: should cost the same. */
struct bench_span {
	char name[BENCH_NAME];
	unsigned first, last;
};

/* Two ways of doing the same; the ratio is what one asks for. */
struct bench_pair {
	char name[BENCH_NAME];
	unsigned row, against;
};

/* All rows of a benchmark; row 0 is the reference that ratios are taken to. */
struct bench {
	const char *name;
	const char *json; /* path, or NULL */
	struct bench_row row[BENCH_ROWS];
	unsigned rows;
	struct bench_span span[BENCH_SPANS];
	unsigned spans;
	struct bench_pair pair[BENCH_PAIRS];
	unsigned pairs;
};

/* Nanoseconds of a clock that only moves forward. */
uint64_t bench_clock(void);

/* Reads the command line: [--json FILE].  Ends the program where it is wrong. */
void bench_begin(struct bench *b, const char *name, int argc, char **argv);

/* One more row, with its name as of printf(). */
struct bench_row *bench_row(struct bench *b, unsigned goal, const char *name, ...)
	__attribute__((format(printf, 3, 4)));

/* The rows from `first` to the newest are to be compared with each other. */
void bench_span(struct bench *b, unsigned first, const char *name, ...)
	__attribute__((format(printf, 3, 4)));

/* What `row` costs is to be told as a multiple of what `against` does. */
void bench_pair(struct bench *b, const struct bench_row *row, const struct bench_row *against,
		const char *name, ...) __attribute__((format(printf, 4, 5)));

/* One more round: `calls` took `ns` together. */
void bench_add(struct bench_row *row, uint64_t ns, uint64_t calls, uint64_t asked);

/* Of all rounds so far, ns a call. */
double bench_median(const struct bench_row *row);
double bench_best(const struct bench_row *row);

/*
 * Prints the table, writes the JSON, and returns the exit status: 0 unless
 * something asked for memory or the JSON could not be written.
 */
int bench_end(struct bench *b);

#endif
