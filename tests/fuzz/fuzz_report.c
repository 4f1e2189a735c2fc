/* SPDX-License-Identifier: MIT */

/* One arrival report: read, written again, and read as the same. */
#include "fuzz.h"

#include <stdbool.h>
#include <string.h>

#include "shared/base/seq.h"
#include "shared/wire/report.h"

enum { LINK_LEAST = 6, ARRIVAL_LEAST = 2, ARRIVAL_MOST = 10 };

/* No arrival is from before the one that came before it, nor from after the clock. */
static void check(const struct report_reader *r, const struct report_arrival *a, uint32_t *age)
{
	must(a->seq <= SEQ_MASK);
	must(r->clock - a->at <= *age);
	*age = r->clock - a->at;
}

/* Returns how many bytes it takes at least to say what was read. */
static size_t read_all(struct report_reader *r, struct report_writer *w)
{
	struct report_link link;
	struct report_arrival a;
	size_t least = 0;

	while (report_next_link(r, &link)) {
		uint32_t age = INT32_MAX;
		unsigned count = 0;

		least += LINK_LEAST;
		must(!w || report_add_link(w, link.conn_id, link.total));
		for (; report_next(r, &a); count++) {
			check(r, &a, &age);
			must(!w || report_add(w, &a));
			least += ARRIVAL_LEAST;
		}
		must(count <= link.records);
	}
	must(!report_next(r, &a) && !report_next_link(r, &link));
	return least;
}

static void same(struct report_reader *a, struct report_reader *b)
{
	struct report_link la, lb;
	struct report_arrival x, y;

	must(a->serial == b->serial && a->clock == b->clock);
	while (report_next_link(a, &la)) {
		must(report_next_link(b, &lb));
		must(la.conn_id == lb.conn_id && la.total == lb.total && la.records >= lb.records);
		while (report_next(a, &x))
			must(report_next(b, &y) && x.seq == y.seq && x.at == y.at);
		must(!report_next(b, &y));
	}
	must(!report_next_link(b, &lb));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static uint8_t again[REPORT_MAX];
	struct report_reader r, back;
	struct report_writer w;
	bool small = len <= REPORT_MAX - ARRIVAL_MOST; /* it can surely be written again */

	if (!report_open(&r, data, len))
		return 0;
	report_begin(&w, again, r.serial, r.clock);
	must(read_all(&r, small ? &w : NULL) <= len);
	if (!small)
		return 0;
	must(report_end(&w) <= len); /* no other way to say it is shorter than ours */
	must(report_open(&r, data, len) && report_open(&back, again, report_end(&w)));
	same(&r, &back);
	return 0;
}
