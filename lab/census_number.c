/* SPDX-License-Identifier: MIT */
#include "lab/census_number.h"

#define NAK_COPIES SEC(1) /* come within so long */

#define FNV_OFFSET UINT64_C(0xcbf29ce484222325)
#define FNV_PRIME  UINT64_C(0x100000001b3)

static struct census_number *place(const struct census *c, uint32_t seq)
{
	return &c->number[seq % CENSUS_NUMBERS];
}

static bool knows(const struct census_number *n, uint32_t seq)
{
	return n->known && n->seq == seq;
}

/* A number so far away belongs to a new session. */
static void note_newest(struct census *c, uint32_t seq)
{
	int32_t ahead = seq_diff(seq, c->newest & SEQ_MASK);

	if (c->newest == SEQ_NONE || ahead > 0 || ahead < -CENSUS_NUMBERS)
		c->newest = seq;
}

enum census_cause census_number_sent(struct census *c, unsigned link, ustime now,
				     const struct srt_head *head)
{
	struct census_number *n = place(c, head->seq);
	bool first = !knows(n, head->seq);

	if (first) {
		*n = (struct census_number){.known = true,
					    .seq = head->seq,
					    .sent = now,
					    .arrived = NEVER,
					    .link = (uint8_t)link};
		note_newest(c, head->seq);
	}
	if (!head->resent)
		return first ? CENSUS_FIRST : CENSUS_COPY;
	return n->arrived <= now ? CENSUS_FALSE_RESENT : CENSUS_RESENT;
}

enum census_cause census_number_arrived(struct census *c, unsigned link, ustime now, ustime sent,
					const struct srt_head *head)
{
	struct census_number *n = place(c, head->seq);
	bool first;

	if (!knows(n, head->seq))
		return head->resent ? CENSUS_RESENT : CENSUS_COPY; /* long gone, or damaged */
	first = n->link == link && n->sent == sent && !n->came;
	if (head->resent && n->arrived <= sent)
		return CENSUS_FALSE_RESENT;
	if (n->arrived == NEVER)
		n->arrived = now;
	if (head->resent)
		return CENSUS_RESENT;
	if (first && n->named)
		c->false_naks++;
	n->came |= first;
	return first ? CENSUS_FIRST : CENSUS_COPY;
}

/* A receiver sends one NAK on several links; the stamp in it tells it from the next. */
static bool is_copy(struct census *c, ustime now, const uint8_t *data, size_t len)
{
	uint64_t hash = FNV_OFFSET;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ data[i]) * FNV_PRIME;
	for (unsigned i = 0; i < CENSUS_NAKS; i++) {
		const struct census_nak *n = &c->nak[i];

		if (n->there && n->hash == hash && now - n->at <= NAK_COPIES)
			return true;
	}
	c->nak[c->next_nak++ % CENSUS_NAKS] =
		(struct census_nak){.there = true, .hash = hash, .at = now};
	return false;
}

void census_number_nak(struct census *c, ustime now, const uint8_t *data, size_t len)
{
	/* The oldest that still has a place. */
	uint32_t first = seq_add(c->newest, SEQ_MASK - CENSUS_NUMBERS + 2);
	uint32_t from, to;
	struct srt_nak nak;

	if (!srt_nak_begin(&nak, data, len, first, CENSUS_NUMBERS) || is_copy(c, now, data, len))
		return;
	c->naks++;
	while (c->newest != SEQ_NONE && srt_nak_next(&nak, &from, &to)) {
		c->nak_numbers += (uint64_t)seq_diff(to, from) + 1;
		for (uint32_t seq = from; seq != seq_add(to, 1); seq = seq_add(seq, 1)) {
			if (knows(place(c, seq), seq))
				place(c, seq)->named = true;
		}
	}
}
