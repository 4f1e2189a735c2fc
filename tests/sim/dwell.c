/* SPDX-License-Identifier: MIT */
#include "tests/sim/dwell.h"

#include <string.h>

#include "shared/wire/srt.h"

void dwell_init(struct dwell *d, ustime from)
{
	memset(d, 0, sizeof(*d));
	d->from = from;
}

void dwell_enters(struct dwell *d, ustime now, const uint8_t *data, size_t len)
{
	struct srt_head head;

	if (now < d->from || !srt_parse_head(data, len, &head) || head.control || head.resent)
		return;
	d->place[head.seq % DWELL_NUMBERS] = (struct dwell_place){.seq = head.seq, .since = now};
}

void dwell_leaves(struct dwell *d, ustime now, const uint8_t *data, size_t len)
{
	struct dwell_place *p;
	struct srt_head head;
	usspan steps;

	if (!srt_is_data(data, len) || !srt_parse_head(data, len, &head))
		return;
	p = &d->place[head.seq % DWELL_NUMBERS];
	if (p->since == 0 || p->seq != head.seq)
		return;
	steps = (now - p->since + DWELL_STEP - 1) / DWELL_STEP;
	d->step[steps < DWELL_STEPS ? steps : DWELL_STEPS]++;
	d->count++;
	p->since = 0;
}

usspan dwell_percentile(const struct dwell *d, unsigned share)
{
	uint64_t rank = (d->count * share + 999) / 1000, sum = 0;
	usspan i = 0;

	if (d->count == 0)
		return 0;
	while ((sum += d->step[i]) < rank)
		i++;
	return i * DWELL_STEP;
}
