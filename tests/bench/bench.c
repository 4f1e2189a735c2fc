/* SPDX-License-Identifier: MIT */
#include "tests/bench/bench.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

#include "tests/bench/heap.h"
#include "tests/bench/must.h"

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#define SANITIZED __has_feature(address_sanitizer)
#else
#define SANITIZED 0
#endif

#if defined(__OPTIMIZE__) && !SANITIZED
#define OPTIMISED 1
#else
#define OPTIMISED 0
#endif

#define TEXT(x)               #x
#define VERSION(major, minor) TEXT(major) "." TEXT(minor)

#if defined(__clang__)
#define COMPILER "clang " VERSION(__clang_major__, __clang_minor__)
#else
#define COMPILER "gcc " VERSION(__GNUC__, __GNUC_MINOR__)
#endif

uint64_t bench_clock(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

void bench_begin(struct bench *b, const char *name, int argc, char **argv)
{
	memset(b, 0, sizeof(*b));
	b->name = name;
	if (argc == 3 && strcmp(argv[1], "--json") == 0) {
		b->json = argv[2];
	} else if (argc == 2 && strcmp(argv[1], "--help") == 0) {
		printf("usage: bench_%s [--json FILE]\n", name);
		exit(EXIT_SUCCESS);
	} else if (argc != 1) {
		fprintf(stderr, "usage: bench_%s [--json FILE]\n", name);
		exit(EX_USAGE);
	}
	bench_must(heap_counts());
}

struct bench_row *bench_row(struct bench *b, unsigned goal, const char *name, ...)
{
	struct bench_row *row = &b->row[b->rows];
	va_list ap;

	bench_must(b->rows++ < BENCH_ROWS);
	va_start(ap, name);
	vsnprintf(row->name, sizeof(row->name), name, ap);
	va_end(ap);
	row->goal = goal;
	return row;
}

void bench_span(struct bench *b, unsigned first, const char *name, ...)
{
	struct bench_span *span = &b->span[b->spans];
	va_list ap;

	bench_must(b->spans++ < BENCH_SPANS && first < b->rows);
	va_start(ap, name);
	vsnprintf(span->name, sizeof(span->name), name, ap);
	va_end(ap);
	span->first = first;
	span->last = b->rows - 1;
}

void bench_pair(struct bench *b, const struct bench_row *row, const struct bench_row *against,
		const char *name, ...)
{
	struct bench_pair *pair = &b->pair[b->pairs];
	va_list ap;

	bench_must(b->pairs++ < BENCH_PAIRS);
	va_start(ap, name);
	vsnprintf(pair->name, sizeof(pair->name), name, ap);
	va_end(ap);
	pair->row = (unsigned)(row - b->row);
	pair->against = (unsigned)(against - b->row);
}

void bench_add(struct bench_row *row, uint64_t ns, uint64_t calls, uint64_t asked)
{
	bench_must(row->rounds < BENCH_ROUNDS && calls > 0);
	row->ns[row->rounds++] = (double)ns / (double)calls;
	row->asked += asked;
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double bench_median(const struct bench_row *row)
{
	double sorted[BENCH_ROUNDS];

	memcpy(sorted, row->ns, sizeof(sorted));
	qsort(sorted, row->rounds, sizeof(sorted[0]), by_size);
	return (sorted[(row->rounds - 1) / 2] + sorted[row->rounds / 2]) / 2;
}

double bench_best(const struct bench_row *row)
{
	double best = row->ns[0];

	for (unsigned i = 1; i < row->rounds; i++)
		if (row->ns[i] < best)
			best = row->ns[i];
	return best;
}

static double ratio(const struct bench *b, const struct bench_row *row)
{
	return bench_median(row) / bench_median(&b->row[0]);
}

/* The dearest row over the cheapest. */
static double flatness(const struct bench *b, const struct bench_span *s)
{
	double least = bench_median(&b->row[s->first]), most = least;

	for (unsigned i = s->first; i <= s->last; i++) {
		double ns = bench_median(&b->row[i]);

		least = ns < least ? ns : least;
		most = ns > most ? ns : most;
	}
	return most / least;
}

static double multiple(const struct bench *b, const struct bench_pair *pair)
{
	return bench_median(&b->row[pair->row]) / bench_median(&b->row[pair->against]);
}

static void print(const struct bench *b)
{
	printf("%s, %s, %s\n", b->name, COMPILER,
	       OPTIMISED ? "optimised" : "NOT OPTIMISED, or sanitized: the figures say little");
	printf("%-54s %9s %9s %7s %6s  %s\n", "ns a call", "median", "best", "ratio", "memory",
	       "goal");
	for (unsigned i = 0; i < b->rows; i++) {
		const struct bench_row *row = &b->row[i];

		printf("%-54s %9.1f %9.1f %7.2f %6" PRIu64, row->name, bench_median(row),
		       bench_best(row), ratio(b, row), row->asked);
		if (row->goal)
			printf("  <= %u %s", row->goal,
			       bench_median(row) <= row->goal ? "reached" : "MISSED");
		printf("\n");
	}
	for (unsigned i = 0; i < b->spans; i++)
		printf("dearest / cheapest, %s: %.2f\n", b->span[i].name, flatness(b, &b->span[i]));
	for (unsigned i = 0; i < b->pairs; i++)
		printf("%s: %.2f\n", b->pair[i].name, multiple(b, &b->pair[i]));
}

/* Names hold nothing that JSON would want escaped; COMPILER neither. */
static int write_json(const struct bench *b)
{
	FILE *f = fopen(b->json, "w");

	if (!f)
		return -errno;
	fprintf(f, "{\"benchmark\": \"%s\", \"compiler\": \"%s\", \"optimised\": %s,\n", b->name,
		COMPILER, OPTIMISED ? "true" : "false");
	fprintf(f, " \"reference\": \"%s\", \"rows\": [", b->row[0].name);
	for (unsigned i = 0; i < b->rows; i++) {
		const struct bench_row *row = &b->row[i];

		fprintf(f, "%s\n  {\"name\": \"%s\", \"median_ns\": %.2f, \"best_ns\": %.2f, ",
			i ? "," : "", row->name, bench_median(row), bench_best(row));
		fprintf(f, "\"ratio\": %.3f, \"allocations\": %" PRIu64, ratio(b, row), row->asked);
		if (row->goal)
			fprintf(f, ", \"goal_ns\": %u", row->goal);
		fprintf(f, "}");
	}
	fprintf(f, "\n ], \"dearest_over_cheapest\": {");
	for (unsigned i = 0; i < b->spans; i++)
		fprintf(f, "%s\"%s\": %.3f", i ? ", " : "", b->span[i].name,
			flatness(b, &b->span[i]));
	fprintf(f, "}, \"multiples\": {");
	for (unsigned i = 0; i < b->pairs; i++)
		fprintf(f, "%s\"%s\": %.3f", i ? ", " : "", b->pair[i].name,
			multiple(b, &b->pair[i]));
	fprintf(f, "}}\n");
	return fclose(f) ? -errno : 0;
}

int bench_end(struct bench *b)
{
	uint64_t asked = 0;
	int err;

	print(b);
	for (unsigned i = 0; i < b->rows; i++)
		asked += b->row[i].asked;
	err = b->json ? write_json(b) : 0;
	if (err)
		fprintf(stderr, "bench_%s: %s: %s\n", b->name, b->json, strerror(-err));
	if (asked)
		fprintf(stderr, "bench_%s: memory was asked for on a packet path\n", b->name);
	return err || asked ? EXIT_FAILURE : EXIT_SUCCESS;
}
