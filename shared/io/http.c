/* SPDX-License-Identifier: MIT */
#include "shared/io/http.h"

#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "shared/io/udp.h"

enum {
	QUEUE = 1024,             /* of the kernel: a crowd waits there, nobody for long */
	AT_ONCE = 8,              /* newcomers in one turn of the loop */
	ASKING_MOST = 16 * 1024,  /* bytes of a request and of the head of its answer */
	SENDING_MOST = 64 * 1024, /* bytes that one call may copy; long answers take several */
	PATH_MOST = 64,           /* of an answer that does for many */
	ANSWERS = 4,
};

#define DEAF SEC(1) /* when the system has no descriptor left for a newcomer */

/* A connection, from accept() until the library has closed it. */
struct client {
	bool here;
	int fd;       /* the library's */
	ustime began; /* its present request, or to be idle */
	ustime until; /* by then the request has come whole, or its answer has been taken */
};

/* An answer that does for many. */
struct ready_answer {
	char path[PATH_MOST];
	struct MHD_Response *response;
	unsigned status;
	ustime until;
};

struct http {
	struct loop *loop;
	struct endpoint local;
	int fd;
	struct MHD_Daemon *daemon;
	struct loop_watch *newcomers, *clients;
	void (*fn)(void *arg, const struct http_request *r, struct http_answer *a, ustime now);
	void *arg;
	ustime now;
	ustime next;
	ustime deaf; /* nobody is let in until then; NEVER: all are */
	struct client client[HTTP_CLIENTS];
	struct client *joining; /* while the library is told of it */
	struct ready_answer answer[ANSWERS];
};

static const char *query(const struct http_request *r, const char *name)
{
	return MHD_lookup_connection_value(r->inside, MHD_GET_ARGUMENT_KIND, name);
}

static void add(struct MHD_Response *response, const char *name, const char *value)
{
	MHD_add_response_header(response, name, value);
}

static struct MHD_Response *make(const struct http_answer *a)
{
	const char *text = a->body ? a->body : a->fixed;
	size_t len = a->len;
	struct MHD_Response *response;

	if (!text) {
		text = MHD_get_reason_phrase_for(a->status);
		len = strlen(text);
	}
	response = MHD_create_response_from_buffer(
		len, (void *)(uintptr_t)text,
		a->body ? MHD_RESPMEM_MUST_FREE : MHD_RESPMEM_PERSISTENT);
	if (!response) {
		free(a->body);
		return NULL;
	}
	add(response, "Content-Type", a->body || a->fixed ? a->type : "text/plain");
	add(response, "Cache-Control", a->keep ? "max-age=60" : "no-store");
	add(response, "Content-Security-Policy",
	    a->policy ? a->policy : "default-src 'none'; frame-ancestors 'none'");
	add(response, "Cross-Origin-Resource-Policy", "same-origin");
	add(response, "Referrer-Policy", "no-referrer");
	add(response, "X-Content-Type-Options", "nosniff");
	if (a->gzip)
		add(response, "Content-Encoding", "gzip");
	if (a->status == MHD_HTTP_METHOD_NOT_ALLOWED)
		add(response, "Allow", "GET, HEAD");
	return response;
}

static enum MHD_Result give(struct MHD_Connection *connection, const struct http_answer *a)
{
	struct MHD_Response *response = make(a);
	enum MHD_Result given;

	if (!response)
		return MHD_NO;
	given = MHD_queue_response(connection, a->status, response);
	MHD_destroy_response(response);
	return given;
}

static enum MHD_Result refuse(struct MHD_Connection *connection, unsigned status)
{
	return give(connection, &(struct http_answer){.status = status});
}

/* The one that does for this path; else where there is room for it, with no response in it. */
static struct ready_answer *find_answer(struct http *h, const char *path)
{
	struct ready_answer *oldest = h->answer;

	for (unsigned i = 0; i < ANSWERS; i++) {
		struct ready_answer *r = &h->answer[i];

		if (r->response && r->until > h->now && strcmp(r->path, path) == 0)
			return r;
		if (r->until < oldest->until)
			oldest = r;
	}
	if (oldest->response)
		MHD_destroy_response(oldest->response); /* who is being sent it has it still */
	*oldest = (struct ready_answer){0};
	return oldest;
}

static enum MHD_Result answer(struct http *h, struct MHD_Connection *connection, const char *path)
{
	bool query_less = !MHD_get_connection_values(connection, MHD_GET_ARGUMENT_KIND, NULL, NULL);
	struct ready_answer *r =
		query_less && strlen(path) < PATH_MOST ? find_answer(h, path) : NULL;
	struct http_request request = {.path = path, .query = query, .inside = connection};
	struct http_answer a = {.status = MHD_HTTP_OK, .type = "application/json"};

	if (!r || !r->response) {
		h->fn(h->arg, &request, &a, h->now);
		if (!r || a.fresh == 0)
			return give(connection, &a);
		r->response = make(&a);
		r->status = a.status;
		r->until = h->now + a.fresh;
		snprintf(r->path, sizeof(r->path), "%s", path);
	}
	return r->response ? MHD_queue_response(connection, r->status, r->response) : MHD_NO;
}

static bool has_body(struct MHD_Connection *connection)
{
	const enum MHD_ValueKind head = MHD_HEADER_KIND;
	const char *len = MHD_lookup_connection_value(connection, head, "Content-Length");

	return MHD_lookup_connection_value(connection, head, "Transfer-Encoding") ||
	       (len && strcmp(len, "0") != 0);
}

static struct client *client_of(struct MHD_Connection *connection)
{
	const enum MHD_ConnectionInfoType context = MHD_CONNECTION_INFO_SOCKET_CONTEXT;

	return MHD_get_connection_info(connection, context)->socket_context;
}

/* Called twice for a request: when its head is there, and when it is whole. */
static enum MHD_Result asked(void *cls, struct MHD_Connection *connection, const char *url,
			     const char *method, const char *version, const char *body,
			     size_t *body_len, void **seen)
{
	struct http *h = cls;

	(void)version, (void)body, (void)body_len;
	client_of(connection)->until = h->now + HTTP_PATIENCE;
	if (*seen)
		return answer(h, connection, url);
	*seen = h;
	if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0)
		return refuse(connection, MHD_HTTP_METHOD_NOT_ALLOWED);
	return has_body(connection) ? refuse(connection, MHD_HTTP_CONTENT_TOO_LARGE) : MHD_YES;
}

static void completed(void *cls, struct MHD_Connection *connection, void **seen,
		      enum MHD_RequestTerminationCode how)
{
	struct http *h = cls;
	struct client *c = client_of(connection);

	(void)seen, (void)how;
	c->began = h->now;
	c->until = h->now + HTTP_PATIENCE;
}

static void came_or_went(void *cls, struct MHD_Connection *connection, void **context,
			 enum MHD_ConnectionNotificationCode what)
{
	struct http *h = cls;

	(void)connection;
	if (what == MHD_CONNECTION_NOTIFY_STARTED) {
		*context = h->joining;
		h->joining->here = true;
	} else {
		((struct client *)*context)->here = false;
	}
}

/* The library finds the connection ended by its client, and closes it. */
static void cut(struct client *c)
{
	shutdown(c->fd, SHUT_RDWR);
}

static void work(struct http *h)
{
	MHD_UNSIGNED_LONG_LONG ms;

	MHD_run(h->daemon);
	h->next = h->deaf;
	if (MHD_get_timeout(h->daemon, &ms) == MHD_YES && ms == 0)
		h->next = h->now; /* there is more to do, after the packets of the next turn */
	for (unsigned i = 0; i < HTTP_CLIENTS; i++) {
		if (h->client[i].here)
			h->next = earlier(h->next, h->client[i].until);
	}
}

static struct client *free_place(struct http *h)
{
	for (unsigned i = 0; i < HTTP_CLIENTS; i++) {
		if (!h->client[i].here)
			return &h->client[i];
	}
	return NULL;
}

/* Where all are taken, the one that is at its request for longest has to go. */
static struct client *make_place(struct http *h)
{
	struct client *longest = h->client, *place = free_place(h);

	if (place)
		return place;
	for (unsigned i = 1; i < HTTP_CLIENTS; i++) {
		if (h->client[i].began < longest->began)
			longest = &h->client[i];
	}
	cut(longest);
	MHD_run(h->daemon);
	return free_place(h);
}

/* 0, or errno when nobody else can be let in now. */
static int let_in(struct http *h)
{
	struct sockaddr_storage from;
	socklen_t len = sizeof(from);
	int fd = accept4(h->fd, (struct sockaddr *)&from, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
	int size = SENDING_MOST;
	struct client *place;

	if (fd < 0)
		return errno;
	place = make_place(h);
	if (!place) {
		close(fd);
		return EAGAIN;
	}
	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	*place = (struct client){.fd = fd, .began = h->now, .until = h->now + HTTP_PATIENCE};
	h->joining = place;
	/* Closes what it refuses. */
	MHD_add_connection(h->daemon, fd, (struct sockaddr *)&from, len);
	return 0;
}

static void newcomers(void *arg, int events, ustime now)
{
	struct http *h = arg;
	int err = 0;

	(void)events;
	h->now = now;
	for (unsigned i = 0; i < AT_ONCE && err == 0; i++)
		err = let_in(h);
	if (err == EMFILE || err == ENFILE || err == ENOBUFS || err == ENOMEM) {
		loop_unwatch(h->loop, h->newcomers);
		h->newcomers = NULL;
		h->deaf = now + DEAF;
	}
	work(h);
}

static void clients(void *arg, int events, ustime now)
{
	struct http *h = arg;

	(void)events;
	h->now = now;
	work(h);
}

static bool listen_now(struct http *h)
{
	h->deaf = NEVER;
	h->newcomers = loop_watch(h->loop, h->fd, LOOP_READ, newcomers, h);
	return h->newcomers;
}

/* 0 or errno. */
static int open_listening(struct http *h, const struct endpoint *at)
{
	struct sockaddr_storage ss;
	socklen_t len = udp_to_sockaddr(at, &ss);
	int yes = 1, apart = endpoint_class(at) != ENDPOINT_UNSPECIFIED; /* "::" is everybody's */

	h->fd = socket(ss.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (h->fd < 0)
		return errno;
	if (at->family == FAMILY_V6)
		setsockopt(h->fd, IPPROTO_IPV6, IPV6_V6ONLY, &apart, sizeof(apart));
	if (setsockopt(h->fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) ||
	    bind(h->fd, (struct sockaddr *)&ss, len) || listen(h->fd, QUEUE))
		return errno;
	len = sizeof(ss);
	if (getsockname(h->fd, (struct sockaddr *)&ss, &len))
		return errno;
	udp_from_sockaddr((struct sockaddr *)&ss, &h->local);
	return 0;
}

/* Connections are accepted here: the library's own limit would keep newcomers out, not the slow. */
static bool start(struct http *h)
{
	const union MHD_DaemonInfo *info;

	h->daemon = MHD_start_daemon(MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET, 0, NULL, NULL,
				     asked, h, MHD_OPTION_CONNECTION_LIMIT, (unsigned)HTTP_CLIENTS,
				     MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)ASKING_MOST,
				     MHD_OPTION_NOTIFY_COMPLETED, completed, h,
				     MHD_OPTION_NOTIFY_CONNECTION, came_or_went, h,
				     MHD_OPTION_STRICT_FOR_CLIENT, 1,
				     MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1, MHD_OPTION_END);
	if (!h->daemon)
		return false;
	info = MHD_get_daemon_info(h->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	h->clients = loop_watch(h->loop, info->epoll_fd, LOOP_READ, clients, h);
	return h->clients && listen_now(h);
}

struct http *http_create(struct loop *loop, const struct endpoint *at,
			 void (*fn)(void *arg, const struct http_request *r, struct http_answer *a,
				    ustime now),
			 void *arg)
{
	struct http *h = calloc(1, sizeof(*h));
	int err;

	if (!h)
		return NULL;
	h->loop = loop;
	h->fn = fn;
	h->arg = arg;
	h->next = NEVER;
	err = open_listening(h, at);
	if (err == 0 && !start(h))
		err = ENOMEM;
	if (err) {
		http_destroy(h);
		errno = err;
		return NULL;
	}
	return h;
}

void http_destroy(struct http *h)
{
	if (!h)
		return;
	loop_unwatch(h->loop, h->newcomers);
	loop_unwatch(h->loop, h->clients);
	if (h->daemon)
		MHD_stop_daemon(h->daemon);
	for (unsigned i = 0; i < ANSWERS; i++) {
		if (h->answer[i].response)
			MHD_destroy_response(h->answer[i].response);
	}
	if (h->fd >= 0)
		close(h->fd);
	free(h);
}

void http_run(struct http *h, ustime now)
{
	if (!h || now < h->next)
		return;
	h->now = now;
	if (now >= h->deaf)
		listen_now(h);
	for (unsigned i = 0; i < HTTP_CLIENTS; i++) {
		struct client *c = &h->client[i];

		if (c->here && now >= c->until) {
			c->until = now + HTTP_PATIENCE;
			cut(c);
		}
	}
	work(h);
}

ustime http_deadline(const struct http *h)
{
	return h ? h->next : NEVER;
}

const struct endpoint *http_local(const struct http *h)
{
	return h ? &h->local : NULL;
}

const char *http_version(void)
{
	static char version[64];

	snprintf(version, sizeof(version), "libmicrohttpd %s", MHD_get_version());
	return version;
}
