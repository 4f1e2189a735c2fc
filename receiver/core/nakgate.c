/* SPDX-License-Identifier: MIT */
#include "receiver/core/nakgate.h"

#include "shared/wire/be.h"
#include "shared/wire/srt.h"

/* A NAK is judged within this much of the number it names first. */
enum { REACH = 1 << 20 };

void nakgate_init(struct nakgate *n)
{
	*n = (struct nakgate){0};
}

static bool holds(const struct nakgate_range *r, uint32_t seq)
{
	return !seq_before(seq, r->from) && !seq_before(r->to, seq);
}

/* The newest range with this number in it that is not older than `since`, or NULL. */
static const struct nakgate_range *find(const struct nakgate *n, uint32_t seq, ustime since)
{
	for (unsigned i = 1; i <= n->count; i++) {
		const struct nakgate_range *r = &n->asked[(n->last - i) % NAKGATE_RANGES];

		if (r->at < since)
			return NULL;
		if (holds(r, seq))
			return r;
	}
	return NULL;
}

/* All from `from` to `to` have been asked for since then. */
static bool asked(const struct nakgate *n, uint32_t from, uint32_t to, ustime since)
{
	for (unsigned i = 0; i < NAKGATE_RANGES; i++) {
		const struct nakgate_range *r = find(n, from, since);

		if (!r)
			return false;
		if (!seq_before(r->to, to))
			return true;
		from = seq_add(r->to, 1);
	}
	return false;
}

static void remember(struct nakgate *n, uint32_t from, uint32_t to, ustime now)
{
	n->asked[n->last] = (struct nakgate_range){.from = from, .to = to, .at = now};
	n->last = (n->last + 1) % NAKGATE_RANGES;
	if (n->count < NAKGATE_RANGES)
		n->count++;
}

/* Begins at the first number, whatever it is: nothing before it matters to the judgement. */
static bool begin(struct srt_nak *it, const struct pkt *p)
{
	uint32_t first = p->len >= SRT_HEADER_LEN + 4 ? be32(p->data + SRT_HEADER_LEN) : 0;

	return srt_nak_begin(it, p->data, p->len,
			     seq_add(first & SEQ_MASK, SEQ_MASK + 1 - REACH), 2 * REACH);
}

bool nakgate_passes(struct nakgate *n, const struct pkt *p, usspan patience, ustime now)
{
	struct srt_nak it;
	uint32_t from, to;
	unsigned ranges = 0;
	bool news = false;

	if (!begin(&it, p))
		return true;
	while (!news && srt_nak_next(&it, &from, &to)) {
		news = !asked(n, from, to, now - patience);
		ranges++;
	}
	if (!news)
		return ranges == 0;
	begin(&it, p);
	while (srt_nak_next(&it, &from, &to))
		remember(n, from, to, now);
	return true;
}
