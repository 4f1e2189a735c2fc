/* SPDX-License-Identifier: MIT */
#ifndef SENDER_HOST_H
#define SENDER_HOST_H

#include <stdbool.h>

#include "shared/base/endpoint.h"
#include "shared/io/resolve.h"

/*
 * Where the receiver is: its name, and the one address of each family that all
 * links go to.  The addresses are pinned while any link lives; only when all
 * are dead may a new answer move them, and then it moves all together.
 */
struct host {
	struct resolver *resolver;
	const char *name;
	uint16_t port;
	struct endpoint pinned[FAMILY_V6 + 1]; /* by enum family; FAMILY_NONE inside: none */
	bool asking;
	bool told;                            /* the failure that lasts has been logged */
	bool links_dead;                      /* all links are; an answer may move them */
	ustime doubted;                       /* remembered addresses may move from here on; NEVER */
	bool family_gap;                      /* some link's family has no address */
	usspan patience;                      /* between failures at the start: 1, 2, 4 ... 30 s */
	ustime next;                          /* when to ask again, or NEVER */
	void (*moved)(void *arg, ustime now); /* an address is new, or another */
	void *arg;
};

/*
 * `name` stays the caller's; `dns` is a list of name servers, or NULL.  0;
 * -EINVAL for a list that is none; -errno when no resolver can be made.
 */
int host_init(struct host *h, struct loop *loop, const char *name, uint16_t port, const char *dns);
void host_finish(struct host *h);

/*
 * An address that the life before this one used: links go there at once, but an answer that
 * does not know it moves them when they have found nobody there.
 */
void host_remember(struct host *h, const struct endpoint *at, ustime now);

/* Does what is due, the first question too. */
void host_run(struct host *h, ustime now);
ustime host_deadline(const struct host *h, ustime now);

/* The address for links of this family, or NULL while there is none. */
const struct endpoint *host_address(const struct host *h, enum family family);

/* Whether it has any address yet. */
bool host_known(const struct host *h);

/* All links are dead since now: ask again in 10 s, then each 30 s.  Or one lives again. */
void host_links_dead(struct host *h, ustime now);
void host_links_live(struct host *h);

/* A link waits for an address of its family: ask now and then. */
void host_family_gap(struct host *h, ustime now);

/*
 * What the pinned addresses become after an answer.  An address that the answer
 * still holds stays, whatever stands first; a family of which the answer knows
 * nothing stays if another family's address was confirmed.  Pure; true when
 * something changed.
 */
bool host_choose(struct endpoint pinned[FAMILY_V6 + 1], const struct endpoint *found, size_t count,
		 uint16_t port, bool may_move);

#endif
