/* SPDX-License-Identifier: MIT */
#include "receiver/host.h"

#include <errno.h>
#include <string.h>

#include "shared/io/log.h"

#define PATIENCE_FIRST SEC(1)
#define PATIENCE_MOST  SEC(30)
#define SILENT         SEC(10) /* a server that restarts is back sooner, mostly */
#define ASK_AGAIN      SEC(30)
#define TURN           SEC(1) /* a server that is there answers a handshake sooner */

static bool usable(const struct endpoint *ep)
{
	enum endpoint_class class = endpoint_class(ep);

	return class != ENDPOINT_UNSPECIFIED && class != ENDPOINT_MULTICAST &&
	       class != ENDPOINT_BROADCAST;
}

/* Nothing is known yet about the address that is in use from now on. */
static void use(struct host *h, size_t place)
{
	h->used = place;
	h->proved = false;
	h->tried = NEVER;
}

/* What was preferred once is no more than that. */
static void use_preferred(struct host *h)
{
	for (size_t i = 0; i < h->count; i++) {
		if (!endpoint_equal(&h->found[i], &h->preferred))
			continue;
		use(h, i);
		h->proved = true;
		h->preferred.family = FAMILY_NONE;
	}
}

void host_prefer(struct host *h, const struct endpoint *ep)
{
	h->preferred = *ep;
	use_preferred(h);
}

bool host_take(struct host *h, const struct endpoint *found, size_t count)
{
	struct endpoint before = {0};
	size_t stays = RESOLVE_MOST;

	if (h->count > 0)
		before = h->found[h->used];
	h->count = 0;
	for (size_t i = 0; i < count && h->count < RESOLVE_MOST; i++) {
		struct endpoint *ep = &h->found[h->count];

		if (!usable(&found[i]))
			continue;
		*ep = found[i];
		ep->port = h->port;
		if (endpoint_equal(ep, &before))
			stays = h->count;
		h->count++;
	}
	if (stays < RESOLVE_MOST) {
		h->used = stays;
		return false;
	}
	use(h, 0);
	use_preferred(h);
	return true;
}

static void tell_address(const struct host *h)
{
	char text[ENDPOINT_TEXT];

	if (h->count > 0)
		log_info("event=host_resolved host=%s address=%s others=%zu", h->name,
			 endpoint_print(&h->found[h->used], text), h->count - 1);
}

/* No usable address: those that we have stay. */
static void unknown(struct host *h, const char *why, ustime now)
{
	if (!h->told)
		log_warn("event=host_unknown host=%s why=\"%s\"", h->name,
			 why ? why : "no usable address");
	h->told = true;
	h->next = now + h->patience;
	h->patience = earlier(h->patience * 2, PATIENCE_MOST);
}

static void answered(void *arg, const struct endpoint *found, size_t count, const char *why,
		     ustime now)
{
	struct host *h = arg;
	size_t good = 0;

	h->asking = false;
	for (size_t i = 0; i < count; i++)
		good += usable(&found[i]);
	if (good == 0) {
		unknown(h, why, now);
		return;
	}
	h->told = false;
	h->patience = PATIENCE_FIRST;
	if (h->count > 0 && h->unanswered == NEVER)
		return; /* it came back in the meantime */
	if (host_take(h, found, count)) {
		tell_address(h);
		h->moved(h->arg, now);
	} else {
		use(h, h->used); /* whatever it once was, it is silent now */
	}
}

int host_init(struct host *h, struct loop *loop, const char *name, uint16_t port, const char *dns)
{
	memset(h, 0, sizeof(*h));
	h->name = name;
	h->port = port;
	h->patience = PATIENCE_FIRST;
	h->tried = NEVER;
	h->unanswered = NEVER;
	h->resolver = resolver_create(loop);
	if (!h->resolver)
		return -ENOMEM;
	if (dns && !resolver_servers(h->resolver, dns)) {
		host_finish(h);
		return -EINVAL;
	}
	return 0;
}

void host_finish(struct host *h)
{
	if (h->resolver)
		resolver_destroy(h->resolver);
	h->resolver = NULL;
}

/* When the next address gets its turn, or NEVER. */
static ustime turn_at(const struct host *h)
{
	return h->count < 2 || h->proved || h->tried == NEVER ? NEVER : h->tried + TURN;
}

/* When the name wants looking up, or NEVER.  A silence that nobody meets is none. */
static ustime ask_at(const struct host *h)
{
	if (h->asking)
		return NEVER;
	if (h->count == 0)
		return h->next;
	if (h->unanswered == NEVER || h->sent <= h->asked)
		return NEVER;
	return later(h->unanswered + SILENT, h->asked + ASK_AGAIN);
}

void host_run(struct host *h, ustime now)
{
	char text[ENDPOINT_TEXT];

	if (resolver_deadline(h->resolver, now) <= now)
		resolver_run(h->resolver, now);
	if (now >= turn_at(h)) {
		use(h, (h->used + 1) % h->count);
		log_debug("event=host_turn address=%s", endpoint_print(&h->found[h->used], text));
		h->moved(h->arg, now);
	}
	if (now < ask_at(h))
		return;
	h->asking = true;
	h->asked = now;
	resolver_ask(h->resolver, h->name, answered, h, now);
}

ustime host_deadline(const struct host *h, ustime now)
{
	return earlier(earlier(turn_at(h), ask_at(h)), resolver_deadline(h->resolver, now));
}

const struct endpoint *host_address(const struct host *h)
{
	return h->count > 0 ? &h->found[h->used] : NULL;
}

void host_sent(struct host *h, ustime now)
{
	if (h->unanswered == NEVER || now - h->sent > SILENT)
		h->unanswered = now;
	if (h->tried == NEVER && h->count > 0)
		h->tried = now;
	h->sent = now;
}

void host_heard(struct host *h)
{
	h->unanswered = NEVER;
	h->proved = true;
}
