/* SPDX-License-Identifier: MIT */
#ifndef RECEIVER_HANDOVER_H
#define RECEIVER_HANDOVER_H

#include "receiver/front.h"
#include "receiver/server.h"

/*
 * Sockets that go from one process to the next: the service manager keeps a copy of each, and
 * with it what arrives while nobody is there.  A group's socket is kept as "group-40123",
 * after its local port, by which the groups file knows it.
 */
struct handover {
	unsigned count;     /* kept for us by our predecessor, and not yet taken */
	struct handed {
		int fd;
		char name[24];
	} *handed;
	unsigned limit;     /* of groups */
	uint16_t *port;     /* under which each group's socket is kept, or 0 */
};

/* Takes over what is there, for so many groups.  False when memory is short. */
bool handover_init(struct handover *h, unsigned groups);

/*
 * Opens the front with the sockets of before.  False when there are none, or they are not for
 * this address (without a family: all) and port; then it is not open.
 */
bool handover_open_front(struct handover *h, struct front *f, const struct endpoint *at,
			 uint16_t port);
void handover_keep_front(const struct front *f);

/* Gives the group on this port its socket back.  False when there is none. */
bool handover_adopt(struct handover *h, struct servers *ss, unsigned port, uint16_t local_port);

/* Closes what nobody has taken: their groups did not come back. */
void handover_refuse_rest(struct handover *h);

/* Once a second and when groups change: what is kept is what there is. */
void handover_follow(struct handover *h, const struct servers *ss);

/* Forgets all of it; what the manager keeps stays there. */
void handover_finish(struct handover *h);

#endif
