/* SPDX-License-Identifier: MIT */
#include "tests/sim/srt_patience.h"

#include <string.h>

#include "shared/base/seq.h"

enum {
	ORDERLY = 50, /* in a row, and one packet of patience is enough less */
	EARLY = 10,
	WELL_WITHIN = 2, /* packets of patience left */
};

void srt_patience_init(struct srt_patience *p, unsigned most, bool steady)
{
	memset(p, 0, sizeof(*p));
	p->most = p->packets = most;
	p->steady = steady;
}

static void take_out(struct srt_patience *p, unsigned at, unsigned count)
{
	p->gaps -= count;
	memmove(&p->gap[at], &p->gap[at + count], (p->gaps - at) * sizeof(p->gap[0]));
}

static void put_in(struct srt_patience *p, unsigned at, uint32_t from, uint32_t to, uint64_t due)
{
	if (p->gaps == PATIENCE_GAPS) {
		take_out(p, 0, 1);
		at--;
	}
	memmove(&p->gap[at + 1], &p->gap[at], (p->gaps - at) * sizeof(p->gap[0]));
	p->gap[at] = (struct patience_gap){from, to, due};
	p->gaps++;
}

void srt_patience_wait(struct srt_patience *p, uint32_t from, uint32_t to)
{
	put_in(p, p->gaps, from, to, p->reviews + p->packets);
}

/* Takes a number out of its gap; how much patience that one had left, or the last of all. */
static int64_t close_gap(struct srt_patience *p, uint32_t seq)
{
	int64_t left = 0;

	for (unsigned i = 0; i < p->gaps; i++) {
		struct patience_gap *g = &p->gap[i];

		left = (int64_t)(g->due - p->reviews);
		if (seq_before(seq, g->from) || seq_before(g->to, seq))
			continue;
		if (g->from == g->to) {
			take_out(p, i, 1);
		} else if (seq == g->from) {
			g->from = seq_add(seq, 1);
		} else if (seq == g->to) {
			g->to = seq_add(seq, SEQ_MASK);
		} else {
			uint32_t to = g->to;

			g->to = seq_add(seq, SEQ_MASK);
			put_in(p, i + 1, seq_add(seq, 1), to, g->due);
		}
		break;
	}
	return left;
}

void srt_patience_filled(struct srt_patience *p, uint32_t seq, unsigned behind, bool resent)
{
	bool grown = !resent && behind > p->packets;
	int64_t left;

	if (grown)
		p->packets = behind < p->most ? behind : p->most;
	if (p->packets == 0)
		return;
	left = close_gap(p, seq);
	if (resent)
		return;
	p->orderly = 0;
	if (grown) {
		p->early = 0;
	} else if (!p->steady && left > WELL_WITHIN && ++p->early >= EARLY) {
		p->early = 0;
		p->packets--;
	}
}

void srt_patience_forget(struct srt_patience *p, uint32_t from, uint32_t to)
{
	unsigned gone = 0;

	if (p->packets == 0)
		return;
	while (gone < p->gaps &&
	       (seq_before(p->gap[gone].to, from) || !seq_before(to, p->gap[gone].to)))
		gone++;
	take_out(p, 0, gone);
	if (p->gaps > 0 && !seq_before(to, p->gap[0].from))
		p->gap[0].from = seq_add(to, 1);
}

bool srt_patience_given_up(struct srt_patience *p, uint32_t *from, uint32_t *to)
{
	if (p->gaps == 0 || p->gap[0].due > p->reviews) {
		p->reviews++;
		return false;
	}
	*from = p->gap[0].from;
	*to = p->gap[0].to;
	take_out(p, 0, 1);
	return true;
}

void srt_patience_orderly(struct srt_patience *p)
{
	if (p->steady || ++p->orderly < ORDERLY)
		return;
	p->orderly = 0;
	if (p->packets > 0)
		p->packets--;
}
