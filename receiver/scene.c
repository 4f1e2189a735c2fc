/* SPDX-License-Identifier: MIT */
#include "receiver/scene.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

int64_t scene_wall_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

void scene_group_name(uint32_t serial, unsigned port, char name[SCENE_NAME])
{
	/* Neighbours should not look alike; nothing is hidden here. */
	uint32_t n = (serial * UINT32_C(0x9e3779b1)) ^ (port * UINT32_C(0x85ebca6b));

	snprintf(name, SCENE_NAME, "%08x", (unsigned)n);
}

unsigned scene_find_group(const struct scene *scene, const char *name)
{
	for (unsigned port = 1; port <= scene->groups; port++) {
		uint32_t serial = receiver_group_serial(scene->door->receiver, port);
		char own[SCENE_NAME];

		if (serial == 0)
			continue;
		scene_group_name(serial, port, own);
		if (strcmp(own, name) == 0)
			return port;
	}
	return 0;
}

void scene_drops(const struct scene *scene, const struct receiver_view *v,
		 struct scene_count drop[SCENE_DROPS])
{
	const struct receiver_drops *d = &v->drops;
	const struct batch_counts *n = batch_counts(scene->door->batch);
	const struct scene_count all[] = {
		{"runt", d->runt},
		{"stranger", d->stranger},
		{"unknown", d->unknown},
		{"malformed", d->malformed},
		{"forged", d->forged},
		{"elsewhere", d->elsewhere},
		{"hurried", d->hurried},
		{"full", d->full},
		{"no_member", d->no_member},
		{"stale", d->stale},
		{"pool", d->pool},
		{"duplicate", d->duplicate},
		{"budget", d->budget},
		{"penalised", d->penalised},
		{"unkeyed", d->unkeyed},
		{"unasked", d->unasked},
		{"gate_type", d->gate_type},
		{"gate_length", d->gate_length},
		{"gate_nak", d->gate_nak},
		{"gate_key", d->gate_key},
		{"gate_size", d->gate_size},
		/* And outside the core: */
		{"crowded", scene->front->crowded},
		{"refused", scene->front->refused},
		{"server_refused", scene->servers->refused},
		{"server_stale", scene->servers->stale},
		{"server_stranger", scene->servers->strangers},
		{"overflow", scene->outlet->turnstile.overflowed},
		{"oversize", n->oversize},
		{"starved", n->starved},
		{"kernel", scene_kernel_drops(scene)},
	};

	static_assert(sizeof(all) == SCENE_DROPS * sizeof(*drop), "each cause has its place");
	memcpy(drop, all, sizeof(all));
}

void scene_queues(const struct scene *scene, const struct receiver_view *v,
		  struct scene_queue queue[SCENE_QUEUES])
{
	/* What a turnstile holds is limited by group, and all together by the pool. */
	const struct scene_queue all[] = {
		{"hold", v->held, v->held_room},
		{"pool", v->pool_used, v->pool_room},
		{"turnstile", scene->outlet->turnstile.count, v->pool_room},
		{"groups", v->groups, v->groups_room},
	};

	static_assert(sizeof(all) == SCENE_QUEUES * sizeof(*queue), "each queue has its place");
	memcpy(queue, all, sizeof(all));
}

uint64_t scene_kernel_drops(const struct scene *scene)
{
	return scene->tally->media.lost + scene->tally->registration.lost;
}
