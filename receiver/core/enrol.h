/* SPDX-License-Identifier: MIT */
#ifndef RECEIVER_CORE_ENROL_H
#define RECEIVER_CORE_ENROL_H

#include "receiver/core/admit.h"
#include "receiver/core/cookie.h"
#include "receiver/core/turn.h"

struct group;
struct group_id;

/*
 * The registration conversation.  A REG1 is answered with a cookie and leaves
 * nothing behind; a REG2 that brings the cookie back makes the group, or joins
 * it.  Both may be repeated as often as a lossy path makes them.
 */
struct enrol {
	struct cookie_keys keys;
	struct admit admit;
	usspan boot_ahead; /* time since boot, minus `now` */
	uint64_t reg1;     /* answered with a REG2 */
	uint64_t reg2;     /* answered with a REG3 */
};

void enrol_init(struct enrol *e, const struct receiver_config *cfg);

/* Both give p away. */
void enrol_reg1(struct enrol *e, struct pkt *p, const struct turn *t);
void enrol_reg2(struct enrol *e, struct pkt *p, const struct turn *t);

/*
 * A new group, for somebody who has shown that he receives at id->origin.  NULL when there is
 * no room, also not in place of another group.
 */
struct group *enrol_open(const struct group_id *id, const struct turn *t);

#endif
