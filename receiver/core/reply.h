/* SPDX-License-Identifier: MIT */
#ifndef RECEIVER_CORE_REPLY_H
#define RECEIVER_CORE_REPLY_H

#include "receiver/core/group.h"

/* Gives p away, to the best member that affords it. */
void reply_once(struct group *g, struct pkt *p, const struct turn *t);

/* Gives p away, to the two best members that afford it. */
void reply_twice(struct group *g, struct pkt *p, const struct turn *t);

/*
 * Gives away an ACK or NAK of the server, with copies for every other member that is alive and
 * affords one, or for one other where the sender is one of ours.
 */
void reply_all(struct group *g, struct pkt *p, const struct turn *t);

#endif
