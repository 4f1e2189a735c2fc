/* SPDX-License-Identifier: MIT */
#ifndef SHARED_IO_RESOLVE_H
#define SHARED_IO_RESOLVE_H

#include <stdbool.h>

#include "shared/base/endpoint.h"
#include "shared/io/loop.h"

/*
 * Names to addresses without ever blocking the loop, over c-ares.  A literal
 * address answers in the same call.  Without c-ares only literals resolve, and
 * a name answers with a failure that says so.
 */
struct resolver;

enum { RESOLVE_MOST = 16 };

/*
 * `count` addresses in the resolver's order, IPv4 and IPv6 mixed, port 0; or
 * none, and `why` says in words what went wrong.
 */
typedef void resolve_fn(void *arg, const struct endpoint *found, size_t count, const char *why,
			ustime now);

/* NULL on failure. */
struct resolver *resolver_create(struct loop *loop);

/* Queries under way are dropped without an answer. */
void resolver_destroy(struct resolver *r);

/*
 * Asks these name servers ("192.0.2.53,[2001:db8::53]:5353") and not those of
 * resolv.conf, for a `--dns` option and for tests.  False when the list is not
 * understood or a question is under way; then nothing has changed.
 */
bool resolver_servers(struct resolver *r, const char *csv);

/*
 * Asks for both families at once; answers once, within about 10 s, maybe
 * before this returns.  The answer may ask again, but not destroy the resolver.
 */
void resolver_ask(struct resolver *r, const char *name, resolve_fn *fn, void *arg, ustime now);

/* When resolver_run() is next wanted; NEVER while nothing is asked. */
ustime resolver_deadline(const struct resolver *r, ustime now);
void resolver_run(struct resolver *r, ustime now);

/* "c-ares 1.18.1", or "literal addresses only". */
const char *resolver_version(void);

#endif
