/* SPDX-License-Identifier: MIT */
#include "tests/bench/bench.h"
#include "tests/bench/heap.h"
#include "tests/bench/stores.h"
#include "tests/bench/wire_cases.h"
#include "tests/bench/wire_samples.h"

/* What parsing and building each kind of packet costs, beside a loop of plain stores. */

enum {
	LONG_ENOUGH = 1000000, /* ns: a round of one case; reading the clock costs some 50 */
	CALLS_MOST = 1 << 28,
};

/* A row of the table, what it measures, and how many calls fill a round. */
struct measure {
	const struct wire_case *of;
	struct bench_row *row;
	unsigned calls;
};

static void store_44(unsigned n)
{
	uint32_t sum = 0;

	for (unsigned i = 0; i < n; i++)
		sum += (uint32_t)stores_44(wire_out, i);
	wire_found = sum;
}

static unsigned calibrate(const struct wire_case *c)
{
	for (unsigned n = 1000;; n *= 2) {
		uint64_t began = bench_clock();

		c->run(n);
		if (bench_clock() - began >= LONG_ENOUGH || n >= CALLS_MOST)
			return n;
	}
}

static unsigned prepare(struct bench *b, struct measure *m, unsigned count,
			const struct wire_case *c)
{
	for (; c->name; c++)
		m[count++] = (struct measure){
			.of = c,
			.row = bench_row(b, c->goal, "%s", c->name),
			.calls = calibrate(c),
		};
	return count;
}

static void measure(const struct measure *m)
{
	uint64_t asked = heap_asked();
	uint64_t began = bench_clock();

	m->of->run(m->calls);
	bench_add(m->row, bench_clock() - began, m->calls, heap_asked() - asked);
}

int main(int argc, char **argv)
{
	static const struct wire_case reference[] = {
		{"reference: storing 44 bytes", store_44, 0},
		{NULL, NULL, 0},
	};
	static struct measure m[BENCH_ROWS];
	static struct bench b;
	unsigned count;

	bench_begin(&b, "wire", argc, argv);
	wire_samples_init();
	count = prepare(&b, m, 0, reference);
	count = prepare(&b, m, count, wire_parse_cases);
	count = prepare(&b, m, count, wire_build_cases);
	for (unsigned round = 0; round < BENCH_ROUNDS; round++)
		for (unsigned i = 0; i < count; i++)
			measure(&m[i]);
	return bench_end(&b);
}
