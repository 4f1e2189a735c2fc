/* SPDX-License-Identifier: MIT */
#ifndef RECEIVER_SCENE_H
#define RECEIVER_SCENE_H

#include "receiver/config.h"
#include "receiver/front.h"
#include "receiver/hosts.h"
#include "receiver/outlet.h"
#include "receiver/server.h"
#include "receiver/tally.h"

/*
 * What reports of a receiver are made of: a thousand groups are looked at one by one, by
 * receiver_group_view(), not copied whole.
 */
struct scene {
	const struct config *cfg;
	struct door *door;
	struct front *front;
	struct hosts *hosts;
	struct servers *servers;
	struct outlet *outlet;
	struct tally *tally;
	unsigned groups; /* ports go from 1 to this */
	ustime began;
};

/* Milliseconds since 1970, to be shown. */
int64_t scene_wall_ms(void);

/* What its sender is: "own", "classic", or "plain" for a caller without SRTLA. */
static inline const char *scene_peer(const struct receiver_group_view *v)
{
	return v->plain ? "plain" : v->own_peer ? "own" : "classic";
}

enum { SCENE_NAME = 9 };

/*
 * The anonymous name of a group, 8 hex digits and a zero: the same for people, monitors and files,
 * and nothing of its id or stream key can be found from it.
 */
void scene_group_name(uint32_t serial, unsigned port, char name[SCENE_NAME]);

/* The port of the group with this name, or 0. */
unsigned scene_find_group(const struct scene *scene, const char *name);

struct scene_count {
	const char *name;
	uint64_t count;
};

enum { SCENE_DROPS = 30, SCENE_QUEUES = 4 };

/* Every way in which a packet ends here, and how often it was taken. */
void scene_drops(const struct scene *scene, const struct receiver_view *v,
		 struct scene_count drop[SCENE_DROPS]);

/* A place where packets, or groups, wait, and what fits. */
struct scene_queue {
	const char *name;
	uint64_t used;
	uint64_t room;
};

void scene_queues(const struct scene *scene, const struct receiver_view *v,
		  struct scene_queue queue[SCENE_QUEUES]);

/* Packets that found a buffer of the public port full. */
uint64_t scene_kernel_drops(const struct scene *scene);

#endif
