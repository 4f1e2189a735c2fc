/* SPDX-License-Identifier: MIT */
#include "sender/host.h"

#include <errno.h>
#include <string.h>

#include "shared/io/log.h"

#define PATIENCE_FIRST SEC(1)
#define PATIENCE_MOST  SEC(30)
#define DEAD_FIRST     SEC(10) /* of all links dead; a tunnel is shorter, mostly */
#define DEAD_AGAIN     SEC(30)
#define GAP_AGAIN      SEC(60)
#define DOUBT          SEC(2)  /* of a remembered address that no link gets an answer from */

static bool usable(const struct endpoint *ep)
{
	enum endpoint_class class = endpoint_class(ep);

	return class != ENDPOINT_UNSPECIFIED && class != ENDPOINT_MULTICAST &&
	       class != ENDPOINT_BROADCAST;
}

/* The pinned address of a family if the answer has it, else the answer's first, else NULL. */
static const struct endpoint *best_of(const struct endpoint *pinned, enum family family,
				      const struct endpoint *found, size_t count)
{
	const struct endpoint *first = NULL;
	size_t i;

	for (i = 0; i < count; i++) {
		if (found[i].family != family || !usable(&found[i]))
			continue;
		if (endpoint_same_host(&found[i], pinned))
			return &found[i];
		if (!first)
			first = &found[i];
	}
	return first;
}

bool host_choose(struct endpoint pinned[FAMILY_V6 + 1], const struct endpoint *found, size_t count,
		 uint16_t port, bool may_move)
{
	const struct endpoint *best[FAMILY_V6 + 1] = {NULL};
	bool confirmed = false, lost = false, changed = false;
	unsigned f;

	for (f = FAMILY_V4; f <= FAMILY_V6; f++) {
		best[f] = best_of(&pinned[f], (enum family)f, found, count);
		if (!pinned[f].family || !best[f])
			continue;
		if (endpoint_same_host(best[f], &pinned[f]))
			confirmed = true;
		else
			lost = true;
	}
	if (!best[FAMILY_V4] && !best[FAMILY_V6])
		return false;
	/* Live links stay where they are; two answers are mixed only where they agree. */
	if (!may_move && (lost || !confirmed))
		return false;
	for (f = FAMILY_V4; f <= FAMILY_V6; f++) {
		struct endpoint next = {0};

		if (best[f]) {
			next = *best[f];
			next.port = port;
		} else if (confirmed) {
			continue;
		}
		if (!endpoint_equal(&next, &pinned[f]))
			changed = true;
		pinned[f] = next;
	}
	return changed;
}

bool host_known(const struct host *h)
{
	return h->pinned[FAMILY_V4].family || h->pinned[FAMILY_V6].family;
}

/* When to ask after an answer, good or bad. */
static ustime again(struct host *h, ustime now)
{
	usspan wait = h->patience;

	if (!host_known(h)) {
		h->patience = earlier(h->patience * 2, PATIENCE_MOST);
		return now + wait;
	}
	if (h->links_dead)
		return now + DEAD_AGAIN;
	if (h->doubted != NEVER)
		return later(now + PATIENCE_FIRST, h->doubted);
	return h->family_gap ? now + GAP_AGAIN : NEVER;
}

static void tell_addresses(const struct host *h)
{
	char text[ENDPOINT_TEXT];
	unsigned f;

	for (f = FAMILY_V4; f <= FAMILY_V6; f++) {
		if (h->pinned[f].family)
			log_info("event=host_resolved host=%s address=%s", h->name,
				 endpoint_print(&h->pinned[f], text));
	}
}

static void answered(void *arg, const struct endpoint *found, size_t count, const char *why,
		     ustime now)
{
	struct host *h = arg;
	bool may_move = h->links_dead || !host_known(h) || now >= h->doubted;

	h->asking = false;
	if (count > 0 && host_choose(h->pinned, found, count, h->port, may_move)) {
		h->family_gap = false;
		tell_addresses(h);
		h->moved(h->arg, now);
	}
	if (count > 0 && host_known(h)) {
		h->told = false;
		h->patience = PATIENCE_FIRST;
	} else if (!h->told) {
		h->told = true;
		log_warn("event=host_unknown host=%s why=\"%s\"", h->name,
			 why ? why : "no usable address");
	}
	if (count > 0 && now >= h->doubted)
		h->doubted = NEVER;
	h->next = again(h, now);
}

int host_init(struct host *h, struct loop *loop, const char *name, uint16_t port, const char *dns)
{
	memset(h, 0, sizeof(*h));
	h->name = name;
	h->port = port;
	h->patience = PATIENCE_FIRST;
	h->next = 0;
	h->doubted = NEVER;
	h->resolver = resolver_create(loop);
	if (!h->resolver)
		return -ENOMEM;
	if (dns && !resolver_servers(h->resolver, dns)) {
		host_finish(h);
		return -EINVAL;
	}
	return 0;
}

void host_remember(struct host *h, const struct endpoint *at, ustime now)
{
	char text[ENDPOINT_TEXT];

	h->pinned[at->family] = *at;
	h->doubted = now + DOUBT;
	log_info("event=host_remembered host=%s address=%s", h->name, endpoint_print(at, text));
}

void host_finish(struct host *h)
{
	if (h->resolver)
		resolver_destroy(h->resolver);
	h->resolver = NULL;
}

void host_run(struct host *h, ustime now)
{
	if (resolver_deadline(h->resolver, now) <= now)
		resolver_run(h->resolver, now);
	if (h->asking || now < h->next)
		return;
	h->asking = true;
	h->next = NEVER;
	resolver_ask(h->resolver, h->name, answered, h, now);
}

ustime host_deadline(const struct host *h, ustime now)
{
	ustime next = h->asking ? NEVER : h->next;

	return earlier(next, resolver_deadline(h->resolver, now));
}

const struct endpoint *host_address(const struct host *h, enum family family)
{
	return h->pinned[family].family ? &h->pinned[family] : NULL;
}

void host_links_dead(struct host *h, ustime now)
{
	if (h->links_dead)
		return;
	h->links_dead = true;
	if (host_known(h))
		h->next = now + DEAD_FIRST;
}

void host_links_live(struct host *h)
{
	h->doubted = NEVER;
	h->links_dead = false;
}

void host_family_gap(struct host *h, ustime now)
{
	if (h->family_gap)
		return;
	h->family_gap = true;
	h->next = earlier(h->next, now + GAP_AGAIN);
}
