/* SPDX-License-Identifier: MIT */
#include "sender/app.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "shared/io/buffers.h"
#include "shared/io/udp.h"

static int add(struct app *a, const struct endpoint *at)
{
	struct udp_options opt = {
		.dual_stack = endpoint_class(at) == ENDPOINT_UNSPECIFIED,
		.tell_local = endpoint_class(at) == ENDPOINT_UNSPECIFIED,
		.stamped = true, /* how long packets are in here counts from when they came */
		.receive_buffer = APP_BUFFER,
		.send_buffer = APP_BUFFER,
	};
	struct app_socket *s = &a->socket[a->count];
	int fd = udp_open(at, &opt);

	if (fd < 0)
		return fd;
	s->app = a;
	s->socket = (struct batch_socket){
		.fd = fd,
		.name = "encoder",
		.addressed = true,
		.run_least = DOOR_RUN_LEAST,
		.run_most = BATCH_LINK_RUN,
	};
	s->local = *at;
	a->count++;
	return 0;
}

int app_open(struct app *a, const struct endpoint *at, uint16_t port, struct endpoint *failed)
{
	int err;

	memset(a, 0, sizeof(*a));
	if (at->family != FAMILY_NONE) {
		*failed = *at;
		failed->port = port;
		return add(a, failed);
	}
	endpoint_parse("127.0.0.1", failed);
	failed->port = port;
	err = add(a, failed);
	if (err)
		return err;
	endpoint_parse("::1", failed);
	failed->port = port;
	err = add(a, failed);
	if (err == -EADDRNOTAVAIL || err == -EAFNOSUPPORT)
		return 0; /* no IPv6 here */
	if (err)
		app_close(a);
	return err;
}

static void heard(void *arg, struct pkt *p, ustime now)
{
	struct app_socket *s = arg;

	if (p->local.family != FAMILY_NONE && !endpoint_equal(&s->speaker, &p->peer)) {
		s->speaker = p->peer;
		s->spoken_to = p->local;
	}
	memset(&p->local, 0, sizeof(p->local)); /* a link's packet leaves from its own address */
	sender_from_app(s->app->door->sender, p, now, &s->app->door->out);
}

static void readable(void *arg, int events, ustime now)
{
	struct app_socket *s = arg;

	(void)events;
	(void)now;
	batch_recv(s->app->door->batch, &s->socket, DOOR_READS, heard, s);
}

int app_start(struct app *a, struct door *door)
{
	unsigned i;

	a->door = door;
	for (i = 0; i < a->count; i++) {
		struct app_socket *s = &a->socket[i];

		batch_coalesce(door->batch, &s->socket);
		buffers_check(s->socket.fd, APP_BUFFER, APP_BUFFER);
		s->watch = loop_watch(door->loop, s->socket.fd, LOOP_READ, readable, s);
		if (!s->watch)
			return -ENOMEM;
	}
	return 0;
}

void app_close(struct app *a)
{
	unsigned i;

	for (i = 0; i < a->count; i++) {
		struct app_socket *s = &a->socket[i];

		if (a->door)
			loop_unwatch(a->door->loop, s->watch);
		a->refused += s->going.count;
		pkt_list_clear(&s->going);
		close(s->socket.fd);
	}
	a->count = 0;
}

static void refused(void *arg, struct pkt *p, int err)
{
	struct app *a = arg;

	(void)err;
	a->refused++;
	pkt_free(p);
}

void app_put(struct app *a, struct pkt *p)
{
	struct app_socket *s = &a->socket[0];

	if (a->count > 1 && s->local.family != p->peer.family)
		s = &a->socket[1];
	if (a->count == 0) {
		refused(a, p, ENETUNREACH);
		return;
	}
	if (s->speaker.family != FAMILY_NONE && endpoint_equal(&s->speaker, &p->peer))
		p->local = s->spoken_to;
	pkt_list_push(&s->going, p);
}

void app_flush(struct app *a)
{
	const struct batch_sender from = {.refused = refused, .arg = a};

	for (unsigned i = 0; i < a->count; i++)
		batch_send(a->door->batch, &a->socket[i].socket, &a->socket[i].going, &from);
}

void app_count_drops(struct app *a, ustime now)
{
	for (unsigned i = 0; i < a->count; i++)
		door_count_drops(a->door, &a->socket[i].socket, &a->socket[i].drops, now);
}
