/* SPDX-License-Identifier: MIT */
#ifndef SHARED_IO_CONTROL_H
#define SHARED_IO_CONTROL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/base/time.h"
#include "shared/io/arguments.h"
#include "shared/io/loop.h"

/*
 * A Unix stream socket, mode 0660, on which each line is a request and each answer is a line.  All
 * is bounded: clients, the length of a line, how long one may take to come, and what waits for a
 * client that does not read.  Who oversteps is cut off; nobody else notices.
 *
 * A turn of the loop answers one request, of each client in its turn, and takes in one new client.
 * When every place is taken, the one whose client has been silent longest goes to the next who
 * knocks; those that have subscribed keep theirs, and so some places are never theirs.
 */
struct control;
struct control_client;

enum {
	CONTROL_CLIENTS = 16,
	CONTROL_SUBSCRIBERS = 8,       /* clients that may have subscribed: the others' places turn over */
	CONTROL_TOPICS = 4,            /* topics are 0 to this less one */
	CONTROL_LINE = 4096,           /* its newline included */
	CONTROL_WAITING = 256 * 1024,  /* bytes that a client may leave unread before there are more */
};

/* For a first line, for the rest of one that has begun, and for a reader that stands still. */
#define CONTROL_PATIENCE SEC(5)

/*
 * Listens at `path`; a socket that a life before left there is replaced, a living one is not.  fn
 * takes each line, without its newline; a zero stands behind it.  0, or -errno: -EADDRINUSE when
 * somebody listens there, -ENOTSOCK when something else is there.
 */
int control_create(struct control **c, struct loop *loop, const char *path,
		   void (*fn)(void *arg, struct control_client *from, const char *line, size_t len,
			      ustime now),
		   void *arg);

/* Removes the socket.  Takes NULL too. */
void control_destroy(struct control *c);

/* Answers who is next, cuts off who is late.  Both take NULL too. */
void control_run(struct control *c, ustime now);
ustime control_deadline(const struct control *c);

/* A line for this client; a newline goes behind it.  One that does not read is cut off. */
void control_send(struct control_client *to, const char *line, size_t len);

/*
 * It listens for more than answers, a line of this topic each interval (0: every one): silence is
 * not held against it.  False when too many others do.
 */
bool control_subscribe(struct control_client *c, unsigned topic, usspan interval, ustime now);
void control_unsubscribe(struct control_client *c, unsigned topic);

/* A bit for each topic. */
unsigned control_subscribed(const struct control_client *c);

/* When a line of this topic is next wanted; NEVER: by nobody. */
ustime control_wanted(const struct control *c, unsigned topic);

/* The same line for all that have subscribed to this topic and want one now. */
void control_publish(struct control *c, unsigned topic, const char *line, size_t len, ustime now);

/* How many clients have subscribed to anything. */
unsigned control_subscribers(const struct control *c);

struct control_counts {
	unsigned clients;
	uint64_t requests;
	uint64_t cut; /* clients that overstepped, or gave their place to another */
};

struct control_counts control_counts(const struct control *c);

#endif
