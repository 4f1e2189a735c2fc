/* SPDX-License-Identifier: MIT */
#ifndef RECEIVER_HOST_H
#define RECEIVER_HOST_H

#include <stdbool.h>

#include "shared/base/endpoint.h"
#include "shared/io/resolve.h"

/*
 * Where the SRT server is: its name, the addresses that the name has, and the
 * one of them in use.  An address that answers is kept; until one has answered,
 * each gets its turn.  When the server has been silent for a while, the name is
 * looked up again, and whatever was true of its address is forgotten.
 */
struct host {
	struct resolver *resolver;
	const char *name;
	uint16_t port;
	struct endpoint found[RESOLVE_MOST]; /* the latest answer, with the port */
	size_t count;
	size_t used;       /* which of them */
	struct endpoint preferred; /* the one to use if the name has it, or of no family */
	bool proved;       /* that one has answered */
	bool asking;
	bool told;         /* the failure that lasts has been logged */
	usspan patience;   /* between failures at the start: 1, 2, 4 ... 30 s */
	ustime next;       /* when to ask while there is no address */
	ustime asked;      /* when the name was looked up last */
	ustime sent;       /* latest packet for the server */
	ustime tried;      /* first packet to the address in use, or NEVER */
	ustime unanswered; /* since when we send and nothing comes back; NEVER: all is well */
	void (*moved)(void *arg, ustime now); /* another address is in use */
	void *arg;
};

/*
 * `name` stays the caller's; `dns` is a list of name servers, or NULL.  0;
 * -EINVAL for a list that is none; -errno when no resolver can be made.
 */
int host_init(struct host *h, struct loop *loop, const char *name, uint16_t port,
	      const char *dns);
void host_finish(struct host *h);

/* Does what is due, the first question too. */
void host_run(struct host *h, ustime now);
ustime host_deadline(const struct host *h, ustime now);

/* The address in use, or NULL while there is none. */
const struct endpoint *host_address(const struct host *h);

/*
 * An earlier process was answered from this address, so it is the one to use as soon as
 * the name is known to have it.
 */
void host_prefer(struct host *h, const struct endpoint *ep);

/* A packet is for the server, whether or not it can be sent. */
void host_sent(struct host *h, ustime now);

/* A packet came from the server. */
void host_heard(struct host *h);

/*
 * Takes an answer: the address in use stays in use if it is still among them,
 * else the first is.  Opens nothing, asks nothing; true when another is in use.
 */
bool host_take(struct host *h, const struct endpoint *found, size_t count);

#endif
