/* SPDX-License-Identifier: MIT */
#ifndef RECEIVER_HISTORY_H
#define RECEIVER_HISTORY_H

#include "receiver/scene.h"

/*
 * What the counters of the core do not say by themselves: how fast they grow.  Looked at once a
 * second, for each group and member that has anything to show; many groups are looked at in slices.
 */
struct history;

struct history_member_view {
	uint32_t id;    /* anonymous: nobody can find its address from it; stays while it is here */
	uint64_t bps;   /* that came from it, over the last whole second */
	unsigned share; /* of what all members of the group brought then, thousandths */
	usspan age;
	usspan jitter;  /* how much its round-trip time changes from second to second; 0 unknown */
};

struct history_group_view {
	bool known;       /* the rates are: the group has been here for a second */
	uint64_t up_bps;  /* toward the SRT server, over the last whole second */
	uint64_t in_bps;  /* from all members then */
	uint64_t in_bytes; /* from all members, also those that have gone, until then */
	struct history_member_view member[RECEIVER_MEMBERS]; /* by place in receiver_group_view */
};

/* The receiver as a whole, as of the last round. */
struct history_totals {
	uint64_t up_bps;
	uint64_t missing; /* media given up, of groups that have gone too */
};

/* For ports 1 to `groups`, `members` each; NULL when memory is short. */
struct history *history_create(unsigned groups, unsigned members, ustime now);
void history_destroy(struct history *h);

/* Looks if that is due.  Both take NULL too. */
void history_run(struct history *h, const struct scene *scene, ustime now);
ustime history_deadline(const struct history *h);

/* Of the group that `v` shows; zeros where it is too young to tell.  Takes NULL too. */
void history_group(const struct history *h, const struct receiver_group_view *v, ustime now,
		   struct history_group_view *g);

void history_totals(const struct history *h, struct history_totals *t);

/*
 * The last ten minutes of the receiver and of its first 64 groups as JSON for charts, from
 * malloc(), *len long; NULL when memory is short.
 */
char *history_json(const struct history *h, size_t *len);

#endif
