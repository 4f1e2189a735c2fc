/* SPDX-License-Identifier: MIT */
#include "shared/io/resolve.h"

#include <ares.h>
#include <netdb.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "shared/io/resolve_known.h"
#include "shared/io/udp.h"

enum {
	FIRST_WAIT = 1500, /* milliseconds for the first try at a server; c-ares doubles it */
	TRIES = 3,
	SOCKETS = 32, /* two queries at each of the servers, and as many by TCP */
};

#define LONGEST SEC(10) /* an answer later than this is of no use to anybody */

/* One question on its way. */
struct ask {
	struct ask *next;
	struct resolver *resolver;
	resolve_fn *fn; /* NULL: it has been told that there is no answer */
	void *arg;
	ustime give_up;
};

/* A socket of c-ares on our loop. */
struct served {
	int fd;
	struct loop_watch *watch; /* NULL: this place is free */
	struct resolver *resolver;
};

struct resolver {
	struct loop *loop;
	ares_channel channel; /* NULL: none */
	char *servers;
	struct ask *asks;
	ustime now;
	ustime next; /* when c-ares wants to look at its time limits */
	struct served sockets[SOCKETS];
};

/* After each call into c-ares. */
static void schedule(struct resolver *r)
{
	struct timeval left;

	r->next = NEVER;
	/* c-ares reads its own clock: a millisecond more, so that it agrees when we come */
	if (ares_timeout(r->channel, NULL, &left))
		r->next = r->now + SEC(left.tv_sec) + left.tv_usec + MSEC(1);
}

static void socket_ready(void *arg, int events, ustime now)
{
	struct served *s = arg;
	struct resolver *r = s->resolver;
	int fd = s->fd; /* s may stand for another socket before we are through */

	r->now = now;
	ares_process_fd(r->channel, events & LOOP_READ ? fd : ARES_SOCKET_BAD,
			events & LOOP_WRITE ? fd : ARES_SOCKET_BAD);
	schedule(r);
}

/* c-ares opened a socket, waits for something else, or is about to close it. */
static void socket_state(void *arg, ares_socket_t fd, int readable, int writable)
{
	struct resolver *r = arg;
	struct served *place = NULL;
	int events = (readable ? LOOP_READ : 0) | (writable ? LOOP_WRITE : 0);

	for (size_t i = 0; i < SOCKETS; i++) {
		struct served *s = &r->sockets[i];

		if (s->watch && s->fd == fd) {
			loop_unwatch(r->loop, s->watch);
			s->watch = NULL;
		}
		if (!s->watch)
			place = s;
	}
	if (!events || !place)
		return; /* a socket that nobody watches runs into its time limit */
	*place = (struct served){.fd = fd, .resolver = r};
	place->watch = loop_watch(r->loop, fd, events, socket_ready, place);
}

static bool open_channel(struct resolver *r)
{
	struct ares_options opt = {
		.timeout = FIRST_WAIT,
		.tries = TRIES,
		.sock_state_cb = socket_state,
		.sock_state_cb_data = r,
	};
	int mask = ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB;

	if (ares_init_options(&r->channel, &opt, mask) != ARES_SUCCESS) {
		r->channel = NULL;
		return false;
	}
	if (!r->servers || ares_set_servers_ports_csv(r->channel, r->servers) == ARES_SUCCESS)
		return true;
	ares_destroy(r->channel);
	r->channel = NULL;
	return false;
}

/* Every ask that is under way comes back through answered() and goes. */
static void close_channel(struct resolver *r)
{
	if (r->channel)
		ares_destroy(r->channel);
	r->channel = NULL;
}

struct resolver *resolver_create(struct loop *loop)
{
	struct resolver *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	if (ares_library_init(ARES_LIB_INIT_ALL) != ARES_SUCCESS) {
		free(r);
		return NULL;
	}
	r->loop = loop;
	return r;
}

void resolver_destroy(struct resolver *r)
{
	if (!r)
		return;
	for (struct ask *a = r->asks; a; a = a->next)
		a->fn = NULL;
	close_channel(r);
	ares_library_cleanup();
	free(r->servers);
	free(r);
}

bool resolver_servers(struct resolver *r, const char *csv)
{
	char *old = r->servers;

	r->servers = strdup(csv);
	if (r->servers && !r->asks) {
		close_channel(r);
		if (open_channel(r)) {
			free(old);
			return true;
		}
	}
	free(r->servers);
	r->servers = old;
	return false;
}

static const char *in_words(int status)
{
	switch (status) {
	case ARES_ENOTFOUND:
		return "no such name";
	case ARES_ENODATA:
		return "the name has no address";
	case ARES_ETIMEOUT:
		return "the name servers do not answer";
	case ARES_ECONNREFUSED:
		return "no name server can be reached";
	case ARES_EBADNAME:
		return "not a host name";
	}
	return ares_strerror(status);
}

static size_t collect(const struct ares_addrinfo *res, struct endpoint found[RESOLVE_MOST])
{
	size_t count = 0;

	for (struct ares_addrinfo_node *n = res->nodes; n && count < RESOLVE_MOST; n = n->ai_next) {
		size_t i = 0;

		if (!udp_from_sockaddr(n->ai_addr, &found[count]))
			continue;
		found[count].port = 0;
		while (i < count && !endpoint_equal(&found[i], &found[count]))
			i++;
		if (i == count)
			count++;
	}
	return count;
}

static void forget(struct ask *a)
{
	struct ask **at = &a->resolver->asks;

	while (*at != a)
		at = &(*at)->next;
	*at = a->next;
	free(a);
}

/* From c-ares, once for each ares_getaddrinfo(), maybe before that returns. */
static void answered(void *arg, int status, int timeouts, struct ares_addrinfo *res)
{
	struct ask *a = arg;
	struct endpoint found[RESOLVE_MOST];
	size_t count = status == ARES_SUCCESS && res ? collect(res, found) : 0;

	(void)timeouts;
	if (res)
		ares_freeaddrinfo(res);
	if (a->fn && count)
		a->fn(a->arg, found, count, NULL, a->resolver->now);
	else if (a->fn)
		a->fn(a->arg, NULL, 0, in_words(status == ARES_SUCCESS ? ARES_ENODATA : status),
		      a->resolver->now);
	forget(a); /* only now: until then its channel cannot be replaced */
}

void resolver_ask(struct resolver *r, const char *name, resolve_fn *fn, void *arg, ustime now)
{
	struct ares_addrinfo_hints hints = {
		.ai_flags = ARES_AI_NOSORT,
		.ai_family = AF_UNSPEC,
		.ai_socktype = SOCK_DGRAM,
	};
	struct endpoint found[KNOWN_MOST];
	size_t count = resolve_known(name, found);
	struct ask *a;

	if (count) {
		fn(arg, found, count, NULL, now);
		return;
	}
	/* servers come and go with the links: a fresh channel reads resolv.conf again */
	if (!r->asks)
		close_channel(r);
	a = calloc(1, sizeof(*a));
	if (!a || (!r->channel && !open_channel(r))) {
		free(a);
		fn(arg, NULL, 0, "the resolver cannot start", now);
		return;
	}
	*a = (struct ask){
		.next = r->asks, .resolver = r, .fn = fn, .arg = arg, .give_up = now + LONGEST};
	r->asks = a;
	r->now = now;
	ares_getaddrinfo(r->channel, name, NULL, &hints, answered, a);
	schedule(r);
}

ustime resolver_deadline(const struct resolver *r, ustime now)
{
	ustime at = r->next;

	(void)now;
	if (!r->asks)
		return NEVER;
	for (const struct ask *a = r->asks; a; a = a->next) {
		if (a->fn)
			at = earlier(at, a->give_up);
	}
	return at;
}

/* Whom to tell next that time is up; telling may change the list. */
static struct ask *overdue(struct resolver *r, ustime now)
{
	for (struct ask *a = r->asks; a; a = a->next) {
		if (a->fn && a->give_up <= now)
			return a;
	}
	return NULL;
}

void resolver_run(struct resolver *r, ustime now)
{
	bool wanted = false;
	struct ask *a;

	if (!r->asks)
		return;
	r->now = now;
	ares_process_fd(r->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
	schedule(r);
	while ((a = overdue(r, now))) {
		resolve_fn *fn = a->fn;

		a->fn = NULL;
		fn(a->arg, NULL, 0, "no answer within 10 s", now);
	}
	for (a = r->asks; a; a = a->next)
		wanted = wanted || a->fn;
	if (!wanted)
		close_channel(r); /* nobody waits for what is still under way */
}

const char *resolver_version(void)
{
	static char text[32] = "c-ares ";

	strncpy(text + 7, ares_version(NULL), sizeof(text) - 8);
	return text;
}
