/* SPDX-License-Identifier: MIT */
#ifndef SHARED_IO_DESK_H
#define SHARED_IO_DESK_H

#include <limits.h>

#include "shared/io/rpc.h"

/*
 * The control socket as both programs have it: where it is, the methods that are the same in both,
 * and what those that have subscribed are told unasked.
 */
struct desk;

/*
 * Something to subscribe to: a notification of that name each interval, or at once where there is
 * no text.
 */
struct desk_topic {
	const char *name;
	usspan usual, least; /* interval */
	/* What is told now, as JSON, which stays the program's; NULL when that cannot be had. */
	const char *(*text)(void *arg, ustime now);
};

/* All but the last two are the caller's to fill, at first. */
struct desk {
	const char *program, *version; /* constants, as are the tables */
	uint16_t port;
	const struct rpc_method *methods;
	size_t method_count;
	const struct desk_topic *topics;
	unsigned topic_count;
	void *arg;               /* the methods have the desk as their program, and this in it */
	char path[PATH_MAX];     /* of the socket; "": none */
	struct control *control; /* NULL: none */
	uint64_t told;           /* lines of the log that subscribers of events have had */
	ustime look_at;          /* when there may be more */
};

/*
 * Listens at `option`, in the usual place for NULL, nowhere for "off".  0, or a sysexits code and
 * one sentence in why when it was asked for by option and is not to be had; any other costs a
 * warning.
 */
int desk_open(struct desk *d, struct loop *loop, const char *option, char why[ARGUMENTS_WHY]);
void desk_close(struct desk *d);

/* Both also for one that was never opened. */
void desk_run(struct desk *d, ustime now);
ustime desk_deadline(const struct desk *d);

/* The methods that both programs have, for their tables. */
struct json_t *desk_subscribe(const struct rpc_call *call, struct rpc_error *error);
struct json_t *desk_unsubscribe(const struct rpc_call *call, struct rpc_error *error);
struct json_t *desk_count(const struct rpc_call *call, struct rpc_error *error);
struct json_t *desk_log_level(const struct rpc_call *call, struct rpc_error *error);
struct json_t *desk_version(const struct rpc_call *call, struct rpc_error *error);
struct json_t *desk_methods(const struct rpc_call *call, struct rpc_error *error);

/* {"clients", "subscribers", "requests", "cut"}, of the socket itself. */
struct json_t *desk_control(const struct desk *d);

/* A text that does for all who ask for it before `until`. */
struct desk_kept {
	char *text;
	ustime until;
};

/*
 * Takes a text of this length from malloc(), or NULL, and frees the one before.  Answers the new
 * one, with a zero behind it.
 */
const char *desk_keep(struct desk_kept *k, char *text, size_t len, ustime until);

/* The text, or NULL when it is too old. */
const char *desk_kept(struct desk_kept *k, ustime now);

#endif
