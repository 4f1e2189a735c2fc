/* SPDX-License-Identifier: MIT */
#include "tests/sim/witness.h"

#include <string.h>

#include "shared/wire/srt.h"

static void saw_data(struct witness_link *l, const uint8_t *data, size_t len)
{
	struct witness *w = l->witness;
	ustime now = w->story->world.now;
	struct witness_number *n;
	struct srt_head head;
	bool first;

	must(srt_parse_head(data, len, &head));
	n = &w->number[head.seq % WITNESS_NUMBERS];
	first = !n->known || n->seq != head.seq;
	if (w->sees)
		w->sees(w, l->link, first);
	if (first) {
		*n = (struct witness_number){.seq = head.seq, .known = true};
		l->first++;
		l->first_bytes += len;
		l->first_at = now;
	} else {
		w->plain_again += !head.resent;
		w->same_link += n->links >> l->link & 1;
		l->again++;
		l->again_bytes += len;
		l->again_at = now;
	}
	n->copies++;
	n->links |= UINT64_C(1) << l->link;
}

static bool saw(void *who, const uint8_t *data, size_t len)
{
	struct witness_link *l = who;
	bool is_data = srt_is_data(data, len);

	l->bytes += len;
	if (is_data)
		saw_data(l, data, len);
	else
		l->control++;
	return l->takes == TAKES_ALL || (l->takes == TAKES_DATA && is_data);
}

struct witness *witness_begin(struct story *s)
{
	static struct witness w;

	memset(&w, 0, sizeof(w));
	w.story = s;
	for (unsigned i = 0; i < s->bond[0].cfg.links; i++) {
		w.link[i].witness = &w;
		w.link[i].link = i;
		s->bond[0].link[i].up.spoil = saw;
		s->bond[0].link[i].up.spoiler = &w.link[i];
	}
	return &w;
}

void witness_let(struct witness *w, unsigned link, enum witness_takes takes)
{
	w->link[link].takes = takes;
	w->story->bond[0].link[link].down.cut = takes == TAKES_ALL;
}

uint64_t witness_bytes(const struct witness *w)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < BOND_LINKS; i++)
		sum += w->link[i].bytes;
	return sum;
}

uint64_t witness_travelled(const struct witness *w, unsigned times)
{
	uint64_t count = 0;

	for (unsigned i = 0; i < WITNESS_NUMBERS; i++)
		count += w->number[i].known && w->number[i].copies >= times;
	return count;
}
