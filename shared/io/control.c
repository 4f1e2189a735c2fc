/* SPDX-License-Identifier: MIT */
#include "shared/io/control.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "shared/io/control_socket.h"
#include "shared/io/log.h"

enum {
	LEAST_ROOM = 1024,   /* of a buffer for what waits */
	FAREWELL = 160,
};

#define GRACE MSEC(5)   /* nobody loses his place sooner: what he came to say may be on its way */
#define STUCK MSEC(10)  /* who has not read for so long may lose it while others knock */
#define PAUSE SEC(1)    /* before the next accept() when descriptors have run out */

struct subscription {
	usspan interval;
	ustime next;
};

/* One place, and who has it. */
struct control_client {
	struct control *control;
	int fd; /* -1: nobody */
	struct loop_watch *watch;
	int watched;        /* what for */
	bool ended;         /* says no more */
	const char *broken; /* to be cut off, and why; NULL: no */
	ustime came;
	ustime since;       /* when it came, or asked last */
	bool asked;
	ustime began;  /* when the line began that is not whole yet */
	ustime moved;  /* when it last read some of what waits */
	size_t in_len;
	char *out;
	size_t out_at, out_len, out_room;
	unsigned topics;
	struct subscription topic[CONTROL_TOPICS];
	char in[CONTROL_LINE + 1];
};

struct control {
	struct loop *loop;
	struct control_socket socket;
	struct loop_watch *watch; /* for who knocks; NULL: they wait */
	ustime knock_at;          /* when that is looked at again, or NEVER */
	unsigned turn;            /* whose request is looked at first */
	void (*fn)(void *arg, struct control_client *from, const char *line, size_t len, ustime now);
	void *arg;
	uint64_t requests, cut;
	struct control_client client[CONTROL_CLIENTS];
};

static bool waits(const struct control_client *c)
{
	return c->out_at < c->out_len;
}

/* A whole line lies ready. */
static const char *newline(const struct control_client *c)
{
	return c->fd >= 0 ? memchr(c->in, '\n', c->in_len) : NULL;
}

static void dismiss(struct control_client *c)
{
	struct control *all = c->control;

	loop_unwatch(all->loop, c->watch);
	close(c->fd);
	free(c->out);
	memset(c, 0, sizeof(*c));
	c->control = all;
	c->fd = -1;
}

/* Says why, if it can be said at once. */
static void cut(struct control_client *c, const char *why)
{
	char line[FAREWELL];
	int n = snprintf(line, sizeof(line),
			 "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32000,\"message\":\"%s\"}}\n",
			 why);

	if (!waits(c) && n > 0 && n < FAREWELL)
		send(c->fd, line, (size_t)n, MSG_DONTWAIT | MSG_NOSIGNAL);
	log_debug("event=control_cut why=\"%s\"", why);
	c->control->cut++;
	dismiss(c);
}

static void ready(void *arg, int events, ustime now);

/* While something waits for it, or a line of its lies here, it is not heard. */
static void watch(struct control_client *c)
{
	int want = waits(c) ? LOOP_WRITE : newline(c) || c->ended ? 0 : LOOP_READ;

	if (want == c->watched)
		return;
	loop_unwatch(c->control->loop, c->watch);
	c->watch = want ? loop_watch(c->control->loop, c->fd, want, ready, c) : NULL;
	c->watched = c->watch ? want : 0;
	if (want && !c->watch)
		c->broken = strerror(ENOMEM);
}

static void put(struct control_client *c, ustime now)
{
	while (waits(c)) {
		ssize_t n = send(c->fd, c->out + c->out_at, c->out_len - c->out_at,
				 MSG_DONTWAIT | MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno != EAGAIN)
			c->broken = strerror(errno);
		if (n < 0)
			return;
		c->out_at += (size_t)n;
		c->moved = now;
	}
	free(c->out); /* the next answer may be a short one */
	c->out = NULL;
	c->out_at = c->out_len = c->out_room = 0;
}

static bool make_room(struct control_client *c, size_t len)
{
	size_t room = c->out_room ? c->out_room : LEAST_ROOM;
	char *out;

	if (c->out_at > 0) {
		c->out_len -= c->out_at;
		memmove(c->out, c->out + c->out_at, c->out_len);
		c->out_at = 0;
	}
	while (room < c->out_len + len)
		room *= 2;
	out = realloc(c->out, room);
	if (!out)
		return false;
	c->out = out;
	c->out_room = room;
	return true;
}

void control_send(struct control_client *to, const char *line, size_t len)
{
	if (to->fd < 0 || to->broken)
		return;
	if (to->out_len - to->out_at > CONTROL_WAITING) {
		to->broken = "it does not read what it has asked for";
		return;
	}
	if (!waits(to))
		to->moved = loop_now(to->control->loop);
	if (to->out_len + len + 1 > to->out_room && !make_room(to, len + 1)) {
		to->broken = strerror(ENOMEM);
		return;
	}
	memcpy(to->out + to->out_len, line, len);
	to->out[to->out_len + len] = '\n';
	to->out_len += len + 1;
}

/* After its line has been answered, or something was published: on their way, and who is next. */
static void settle(struct control_client *c, ustime now)
{
	if (c->fd < 0)
		return;
	if (!c->broken)
		put(c, now);
	if (c->broken)
		cut(c, c->broken);
	else if (c->ended && !waits(c) && !newline(c))
		dismiss(c);
	else
		watch(c);
}

static void answer(struct control_client *c, ustime now)
{
	const char *end = newline(c);
	char line[CONTROL_LINE + 1];
	size_t taken = (size_t)(end - c->in) + 1, len = taken - 1;

	memcpy(line, c->in, len);
	if (len > 0 && line[len - 1] == '\r')
		len--;
	line[len] = '\0';
	c->in_len -= taken;
	memmove(c->in, c->in + taken, c->in_len);
	c->since = c->began = now;
	c->asked = true;
	if (len > 0) {
		c->control->requests++;
		c->control->fn(c->control->arg, c, line, len, now);
	}
	settle(c, now);
}

static void hear(struct control_client *c, ustime now)
{
	ssize_t n = recv(c->fd, c->in + c->in_len, CONTROL_LINE - c->in_len, MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n < 0)
		c->broken = strerror(errno);
	if (n == 0)
		c->ended = true;
	if (n > 0) {
		if (c->in_len == 0)
			c->began = now;
		c->in_len += (size_t)n;
		if (c->in_len == CONTROL_LINE && !newline(c))
			c->broken = "a request is a line of at most 4096 bytes";
	}
	settle(c, now);
}

static void ready(void *arg, int events, ustime now)
{
	struct control_client *c = arg;

	if (events & LOOP_WRITE && waits(c))
		settle(c, now);
	else
		hear(c, now);
}

/* It may lose its place: it says nothing, will not listen, or has had an answer and wants more. */
static bool dispensable(const struct control_client *c, ustime now)
{
	if (waits(c))
		return now - c->moved >= STUCK;
	if (c->topics)
		return false;
	return newline(c) ? c->asked && now - c->came >= GRACE : now - c->since >= GRACE;
}

/* Who goes when somebody knocks and no place is free, or NULL. */
static struct control_client *least_wanted(struct control *all, ustime now)
{
	struct control_client *least = NULL;

	for (unsigned i = 0; i < CONTROL_CLIENTS; i++) {
		struct control_client *c = &all->client[i];

		if (dispensable(c, now) && (!least || c->since < least->since))
			least = c;
	}
	return least;
}

static struct control_client *find_place(struct control *all, ustime now)
{
	struct control_client *c;

	for (unsigned i = 0; i < CONTROL_CLIENTS; i++) {
		if (all->client[i].fd < 0)
			return &all->client[i];
	}
	c = least_wanted(all, now);
	if (c)
		cut(c, "others want this place");
	return c;
}

static void let_wait(struct control *all, ustime until)
{
	loop_unwatch(all->loop, all->watch);
	all->watch = NULL;
	all->knock_at = until;
}

/* What it came to say is often there already, and is heard at once. */
static void knocks(void *arg, int events, ustime now)
{
	struct control *all = arg;
	struct control_client *c = find_place(all, now);
	int fd;

	(void)events;
	if (!c) {
		let_wait(all, now + GRACE);
		return;
	}
	fd = accept4(all->socket.fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd < 0) {
		if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
			let_wait(all, now + PAUSE);
		return;
	}
	c->fd = fd;
	c->came = c->since = now;
	hear(c, now);
	if (c->fd >= 0)
		settle(c, now);
}

static bool open_door(struct control *all)
{
	all->watch = loop_watch(all->loop, all->socket.fd, LOOP_READ, knocks, all);
	all->knock_at = all->watch ? NEVER : loop_now(all->loop) + PAUSE;
	return all->watch != NULL;
}

int control_create(struct control **made, struct loop *loop, const char *path,
		   void (*fn)(void *arg, struct control_client *from, const char *line, size_t len,
			      ustime now),
		   void *arg)
{
	struct control *all = calloc(1, sizeof(*all));
	int err;

	*made = NULL;
	if (!all)
		return -ENOMEM;
	err = control_socket_open(&all->socket, path);
	if (err)
		goto err_free;
	all->loop = loop;
	all->fn = fn;
	all->arg = arg;
	for (unsigned i = 0; i < CONTROL_CLIENTS; i++) {
		all->client[i].control = all;
		all->client[i].fd = -1;
	}
	err = -ENOMEM;
	if (!open_door(all))
		goto err_close;
	*made = all;
	return 0;

err_close:
	control_socket_close(&all->socket);
err_free:
	free(all);
	return err;
}

void control_destroy(struct control *all)
{
	if (!all)
		return;
	for (unsigned i = 0; i < CONTROL_CLIENTS; i++) {
		if (all->client[i].fd >= 0)
			dismiss(&all->client[i]);
	}
	loop_unwatch(all->loop, all->watch);
	control_socket_close(&all->socket);
	free(all);
}

/* How long this client's patience with us, and ours with it, lasts. */
static ustime late_at(const struct control_client *c)
{
	if (c->fd < 0)
		return NEVER;
	if (c->broken)
		return 0;
	if (waits(c))
		return c->moved + CONTROL_PATIENCE;
	if (newline(c))
		return NEVER;
	if (c->in_len > 0)
		return c->began + CONTROL_PATIENCE;
	return c->asked ? NEVER : c->since + CONTROL_PATIENCE;
}

void control_run(struct control *all, ustime now)
{
	if (!all)
		return;
	for (unsigned i = 0; i < CONTROL_CLIENTS; i++) {
		struct control_client *c = &all->client[i];

		if (now >= late_at(c))
			cut(c, c->broken ? c->broken : waits(c) ? "it does not read" : "no whole line in time");
	}
	for (unsigned i = 0; i < CONTROL_CLIENTS; i++) {
		struct control_client *c = &all->client[(all->turn + i) % CONTROL_CLIENTS];

		if (!newline(c) || waits(c))
			continue;
		all->turn = (all->turn + i + 1) % CONTROL_CLIENTS;
		answer(c, now);
		break;
	}
	if (now >= all->knock_at)
		open_door(all);
}

ustime control_deadline(const struct control *all)
{
	ustime at;

	if (!all)
		return NEVER;
	at = all->knock_at;
	for (unsigned i = 0; i < CONTROL_CLIENTS; i++) {
		const struct control_client *c = &all->client[i];

		at = earlier(at, late_at(c));
		if (newline(c) && !waits(c))
			at = 0;
	}
	return at;
}

bool control_subscribe(struct control_client *c, unsigned topic, usspan interval, ustime now)
{
	if (!c->topics && control_subscribers(c->control) >= CONTROL_SUBSCRIBERS)
		return false;
	c->topics |= 1U << topic;
	c->topic[topic] = (struct subscription){.interval = interval, .next = now};
	return true;
}

void control_unsubscribe(struct control_client *c, unsigned topic)
{
	c->topics &= ~(1U << topic);
}

unsigned control_subscribed(const struct control_client *c)
{
	return c->topics;
}

ustime control_wanted(const struct control *all, unsigned topic)
{
	ustime at = NEVER;

	for (unsigned i = 0; all && i < CONTROL_CLIENTS; i++) {
		const struct control_client *c = &all->client[i];

		if (c->topics & 1U << topic)
			at = earlier(at, c->topic[topic].next);
	}
	return at;
}

void control_publish(struct control *all, unsigned topic, const char *line, size_t len, ustime now)
{
	for (unsigned i = 0; all && i < CONTROL_CLIENTS; i++) {
		struct control_client *c = &all->client[i];
		struct subscription *s = &c->topic[topic];

		if (!(c->topics & 1U << topic) || now < s->next)
			continue;
		s->next = later(s->next + s->interval, now);
		control_send(c, line, len);
		settle(c, now);
	}
}

unsigned control_subscribers(const struct control *all)
{
	unsigned n = 0;

	for (unsigned i = 0; all && i < CONTROL_CLIENTS; i++)
		n += all->client[i].topics != 0;
	return n;
}

struct control_counts control_counts(const struct control *all)
{
	struct control_counts n = {0};

	for (unsigned i = 0; all && i < CONTROL_CLIENTS; i++)
		n.clients += all->client[i].fd >= 0;
	if (all) {
		n.requests = all->requests;
		n.cut = all->cut;
	}
	return n;
}
