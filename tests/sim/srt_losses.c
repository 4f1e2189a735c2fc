/* SPDX-License-Identifier: MIT */
#include "tests/sim/srt_losses.h"

#include <string.h>

#include "shared/base/seq.h"

enum { WORD = 64 };

void srt_losses_init(struct srt_losses *l)
{
	memset(l, 0, sizeof(*l));
}

static uint64_t *word_of(struct srt_losses *l, uint32_t seq)
{
	return &l->bit[seq % LOSSES_WINDOW / WORD];
}

static uint64_t bit_of(uint32_t seq)
{
	return UINT64_C(1) << seq % WORD;
}

/* The first number at or after `seq` that is listed, or is not; at most a window ahead. */
static uint32_t next_that(const struct srt_losses *l, uint32_t seq, bool listed)
{
	for (uint32_t ahead = 0; ahead < LOSSES_WINDOW;) {
		uint32_t at = seq_add(seq, ahead);
		uint64_t word = l->bit[at % LOSSES_WINDOW / WORD];

		word = (listed ? word : ~word) >> at % WORD;
		if (word != 0)
			return seq_add(at, (uint32_t)__builtin_ctzll(word));
		ahead += WORD - at % WORD;
	}
	return seq_add(seq, LOSSES_WINDOW);
}

uint32_t srt_losses_add(struct srt_losses *l, uint32_t from, uint32_t to)
{
	uint32_t before = l->count;

	if (l->count == 0 || seq_before(from, l->first))
		l->first = from;
	for (uint32_t seq = from; !seq_before(to, seq); seq = seq_add(seq, 1)) {
		l->count += !(*word_of(l, seq) & bit_of(seq));
		*word_of(l, seq) |= bit_of(seq);
	}
	return l->count - before;
}

void srt_losses_remove(struct srt_losses *l, uint32_t seq)
{
	if (l->count == 0 || !(*word_of(l, seq) & bit_of(seq)))
		return;
	*word_of(l, seq) &= ~bit_of(seq);
	if (--l->count > 0 && seq == l->first)
		l->first = next_that(l, seq, true);
}

void srt_losses_forget(struct srt_losses *l, uint32_t seq)
{
	while (l->count > 0 && seq_before(l->first, seq))
		srt_losses_remove(l, l->first);
}

bool srt_losses_run(const struct srt_losses *l, uint32_t *from, uint32_t *to)
{
	uint32_t end;

	if (l->count == 0)
		return false;
	if (seq_before(*from, l->first))
		*from = l->first;
	*from = next_that(l, *from, true);
	end = seq_add(l->first, LOSSES_WINDOW);
	if (!seq_before(*from, end))
		return false;
	*to = seq_add(next_that(l, *from, false), SEQ_MASK);
	if (!seq_before(*to, end))
		*to = seq_add(end, SEQ_MASK);
	return true;
}
