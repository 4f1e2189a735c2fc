/* SPDX-License-Identifier: MIT */
#include "sender/core/sched_capacity.h"

/* Links of the later tiers are for what the earlier ones do not carry in so long. */
static const usspan patience[] = {0, MSEC(30), MSEC(120)};

enum { SPREAD = 8, TIERS = sizeof(patience) / sizeof(patience[0]) };

static usspan span(uint64_t bytes, uint64_t rate)
{
	return (usspan)(bytes * 1000000 / rate);
}

/*
 * What is under way without a queue costs a little as well, so that links that are alike share
 * what there is, as their rates do, and what is known of each stays fresh.
 */
usspan sched_capacity_delay(const struct sched_path *p, uint64_t size)
{
	uint64_t bytes = p->bytes + size;
	uint64_t queue = bytes > p->holds ? bytes - p->holds : 0;

	return p->forward + p->cost + span(queue + bytes / SPREAD, p->rate);
}

usspan sched_capacity_wait(const struct sched_path *p, uint64_t size)
{
	return p->bytes + size > p->window ? span(p->bytes + size - p->window, p->rate) : 0;
}

int sched_capacity_pick(const struct sched_path *path, unsigned count, uint64_t size,
			uint64_t avoid, usspan waited)
{
	usspan best_delay = NEVER;
	int best = -1;

	for (unsigned tier = 0; tier < TIERS; tier++) {
		if (best >= 0 && waited < patience[tier])
			break;
		for (unsigned i = 0; i < count; i++) {
			usspan delay;

			if (path[i].tier != tier || !path[i].open ||
			    avoid >> (path[i].port - 1) & 1)
				continue;
			if (path[i].forward + path[i].cost >= best_delay)
				continue; /* what is under way cannot make it shorter */
			delay = sched_capacity_delay(&path[i], size);
			if (delay < best_delay) {
				best_delay = delay;
				best = (int)i;
			}
		}
	}
	return best;
}

/* What the others deliver before a packet that path[x] takes now would arrive. */
static uint64_t sooner(const struct sched_path *path, unsigned count, unsigned x, uint64_t size)
{
	usspan delay = sched_capacity_delay(&path[x], size);
	uint64_t bytes = 0;

	for (unsigned i = 0; i < count; i++) {
		usspan ahead = delay - sched_capacity_delay(&path[i], size);

		if (i != x && path[i].open && path[i].tier <= path[x].tier && ahead > 0)
			bytes += path[i].rate * (uint64_t)ahead / 1000000;
	}
	return bytes;
}

uint64_t sched_capacity_skip(struct sched_path *path, unsigned count, uint64_t size,
			     uint64_t bytes)
{
	uint64_t least = UINT64_MAX;
	unsigned to = 0;
	usspan delay;

	for (unsigned x = 0; x < count; x++) {
		uint64_t before;

		if (!path[x].open || path[x].tier > 0 || sched_capacity_wait(&path[x], size) > 0)
			continue;
		before = sooner(path, count, x, size);
		if (before < least) {
			least = before;
			to = x;
		}
	}
	if (least >= bytes)
		return UINT64_MAX;
	delay = sched_capacity_delay(&path[to], size);
	for (unsigned i = 0; i < count; i++) {
		usspan ahead = delay - sched_capacity_delay(&path[i], size);

		if (i != to && path[i].open && ahead > 0)
			path[i].bytes += path[i].rate * (uint64_t)ahead / 1000000 + 1;
	}
	return least;
}
