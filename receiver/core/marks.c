/* SPDX-License-Identifier: MIT */
#include "receiver/core/marks.h"

#include <assert.h>
#include <string.h>

static_assert((SEQ_MASK + 1) % (2 * MARKS_REACH) == 0, "the ring goes on where numbers wrap");

void marks_init(struct marks *m, uint32_t next)
{
	memset(m, 0, sizeof(*m));
	m->next = next;
}

void marks_advance(struct marks *m, uint32_t to)
{
	uint32_t enters = seq_add(m->next, MARKS_REACH);
	uint32_t last = seq_add(to, MARKS_REACH);

	m->next = to;
	while (enters != last) {
		if (enters % 64 == 0 && seq_diff(last, enters) >= 64) {
			m->bits[enters % (2 * MARKS_REACH) / 64] = 0;
			enters = seq_add(enters, 64);
		} else {
			marks_clear(m, enters);
			enters = seq_add(enters, 1);
		}
	}
}

uint32_t marks_first(const struct marks *m, uint32_t seq)
{
	uint32_t end = seq_add(m->next, MARKS_REACH);

	while (seq_before(seq, end)) {
		uint64_t word = m->bits[seq % (2 * MARKS_REACH) / 64] >> seq % 64;

		if (!word) {
			seq = seq_add(seq, 64 - seq % 64);
			continue;
		}
		while (!(word & 1)) {
			word >>= 1;
			seq = seq_add(seq, 1);
		}
		return seq_before(seq, end) ? seq : SEQ_NONE;
	}
	return SEQ_NONE;
}
