/* SPDX-License-Identifier: MIT */
#include "shared/io/lookup.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "shared/io/resolve.h"

/* A loop that lives for one question. */
struct question {
	struct loop *loop;
	struct resolver *resolver;
	struct lookup *lookup;
	const char *name;
	char *why;
	size_t size;
	int code;
	bool answered;
};

static void answered(void *arg, const struct endpoint *found, size_t count, const char *why,
		     ustime now)
{
	struct question *q = arg;

	(void)now;
	for (size_t i = 0; i < count; i++)
		q->lookup->found[i] = found[i];
	q->lookup->count = count;
	if (count == 0) {
		snprintf(q->why, q->size, "host %s: %s", q->name, why ? why : "no address");
		q->code = EX_NOHOST;
	}
	q->answered = true;
	loop_stop(q->loop);
}

static void due(void *arg, ustime now)
{
	struct question *q = arg;

	resolver_run(q->resolver, now);
}

static void flush(void *arg, ustime now)
{
	(void)arg, (void)now;
}

static ustime deadline(void *arg)
{
	struct question *q = arg;

	return resolver_deadline(q->resolver, loop_now(q->loop));
}

int lookup_find(struct lookup *l, const char *name, const char *dns, char *why, size_t size)
{
	struct question q = {.lookup = l, .name = name, .why = why, .size = size};
	const struct loop_hooks hooks = {
		.due = due, .flush = flush, .deadline = deadline, .arg = &q};

	q.loop = loop_create(&hooks);
	q.resolver = q.loop ? resolver_create(q.loop) : NULL;
	if (!q.resolver) {
		snprintf(why, size, "resolver: %s", strerror(q.loop ? ENOMEM : errno));
		q.code = EX_OSERR;
	} else if (dns && !resolver_servers(q.resolver, dns)) {
		snprintf(why, size, "--dns %.160s: not a list of name servers", dns);
		q.code = EX_USAGE;
	} else {
		resolver_ask(q.resolver, name, answered, &q, loop_now(q.loop));
		if (!q.answered)
			loop_run(q.loop);
	}
	if (q.resolver)
		resolver_destroy(q.resolver);
	loop_destroy(q.loop);
	return q.code;
}

int lookup_print(const char *name, const char *dns, char *why, size_t size)
{
	struct endpoint first[FAMILY_V6 + 1];

	return lookup_first(name, dns, first, why, size);
}

int lookup_first(const char *name, const char *dns, struct endpoint first[FAMILY_V6 + 1], char *why,
		 size_t size)
{
	struct lookup l;
	int code = lookup_find(&l, name, dns, why, size);

	memset(first, 0, (FAMILY_V6 + 1) * sizeof(first[0]));
	for (size_t i = 0; code == 0 && i < l.count; i++) {
		struct endpoint *ep = &first[l.found[i].family];
		char text[ENDPOINT_TEXT];

		printf("host %s: %s\n", name, endpoint_print(&l.found[i], text));
		if (ep->family == FAMILY_NONE)
			*ep = l.found[i];
	}
	return code;
}
