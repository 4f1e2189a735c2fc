/* SPDX-License-Identifier: MIT */
#ifndef RECEIVER_CORE_REPLY_H
#define RECEIVER_CORE_REPLY_H

#include "receiver/core/group.h"

/*
 * The member that brings a single packet home: the one that sent the latest
 * SRT packet, or, when that is a while ago, the one that was heard last.
 * NULL when the group has none.
 */
struct member *reply_pick(const struct group *g, const struct turn *t);

/* Gives p away, to one member. */
void reply_once(struct group *g, struct pkt *p, const struct turn *t);

/* Gives p away, and a copy of it to every other member that is alive. */
void reply_all(struct group *g, struct pkt *p, const struct turn *t);

#endif
