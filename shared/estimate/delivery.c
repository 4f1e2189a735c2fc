/* SPDX-License-Identifier: MIT */
#include "shared/estimate/delivery.h"

void delivery_init(struct delivery *d)
{
	d->newest = 0;
	d->count = 0;
	d->bytes = 0;
}

void delivery_mark(struct delivery *d, uint64_t bytes, usspan queue, ustime at)
{
	d->bytes += bytes;
	if (d->count > 0 && at <= d->mark[d->newest].at) {
		d->mark[d->newest].bytes = d->bytes;
		d->mark[d->newest].queue = earlier(d->mark[d->newest].queue, queue);
		return;
	}
	d->newest = (d->newest + 1) % DELIVERY_MARKS;
	if (d->count < DELIVERY_MARKS)
		d->count++;
	d->mark[d->newest].at = at;
	d->mark[d->newest].bytes = d->bytes;
	d->mark[d->newest].queue = queue;
}

bool delivery_rate(const struct delivery *d, usspan window, uint64_t *rate, usspan *queue)
{
	unsigned i = d->newest;
	ustime end = d->mark[i].at;
	usspan least = d->mark[i].queue;

	if (d->count < 2)
		return false;
	for (unsigned n = 1; n < d->count; n++) {
		i = (i + DELIVERY_MARKS - 1) % DELIVERY_MARKS;
		if (end - d->mark[i].at >= window)
			break;
		least = earlier(least, d->mark[i].queue);
	}
	*rate = (d->bytes - d->mark[i].bytes) * 1000000 / (uint64_t)(end - d->mark[i].at);
	*queue = least;
	return true;
}
