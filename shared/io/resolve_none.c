/* SPDX-License-Identifier: MIT */
/* Stands in for resolve.c in a build without c-ares. */
#include "shared/io/resolve.h"

#include <stdlib.h>

#include "shared/io/resolve_known.h"

struct resolver {
	struct loop *loop;
};

struct resolver *resolver_create(struct loop *loop)
{
	struct resolver *r = calloc(1, sizeof(*r));

	if (r)
		r->loop = loop;
	return r;
}

void resolver_destroy(struct resolver *r)
{
	free(r);
}

bool resolver_servers(struct resolver *r, const char *csv)
{
	(void)r;
	(void)csv;
	return false;
}

void resolver_ask(struct resolver *r, const char *name, resolve_fn *fn, void *arg, ustime now)
{
	struct endpoint found[KNOWN_MOST];
	size_t count = resolve_known(name, found);

	(void)r;
	if (count)
		fn(arg, found, count, NULL, now);
	else
		fn(arg, NULL, 0, "this program was built without c-ares: addresses only", now);
}

ustime resolver_deadline(const struct resolver *r, ustime now)
{
	(void)r;
	(void)now;
	return NEVER;
}

void resolver_run(struct resolver *r, ustime now)
{
	(void)r;
	(void)now;
}

const char *resolver_version(void)
{
	return "literal addresses only";
}
