/* SPDX-License-Identifier: MIT */
#include "receiver/server_open.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "shared/io/buffers.h"
#include "shared/io/log.h"
#include "shared/io/udp.h"

enum {
	SEND_BUFFER = 1024 * 1024, /* a link's backlog that arrives at once */
	RUN_LEAST = 2, /* two that leave as one already save a way through the kernel */
};

#define RETRY MSEC(100) /* an SRT caller repeats its handshake each 250 ms */

void server_shut(struct server *s)
{
	if (s->socket.fd < 0)
		return;
	loop_unwatch(s->all->door->loop, s->watch);
	s->watch = NULL;
	close(s->socket.fd);
	s->socket.fd = -1;
}

bool server_belongs(const struct server *s)
{
	return receiver_group_serial(s->all->door->receiver, s->port) == s->serial;
}

static int open_to(const struct endpoint *peer, uint16_t local_port)
{
	const struct udp_options opt = {.tell_errors = true, .send_buffer = SEND_BUFFER};
	struct endpoint any = {.family = peer->family, .port = local_port};
	int fd = udp_open(&any, &opt);
	int err;

	if (fd < 0)
		return fd;
	err = udp_connect(fd, peer);
	if (err == 0) {
		buffers_check(fd, 0, SEND_BUFFER);
		return fd;
	}
	close(fd);
	return err;
}

/* At the port that the group had before, if it can be had. */
static int open_where_wanted(const struct server *s, const struct endpoint *peer)
{
	int fd = open_to(peer, s->local_port);

	if (s->local_port == 0 || (fd != -EADDRINUSE && fd != -EACCES))
		return fd;
	log_warn("event=server_port group=%u wanted=%u why=\"%s\"", s->port,
		 (unsigned)s->local_port, strerror(-fd));
	return open_to(peer, 0);
}

/* 0 or errno; then fd stays open. */
static int take(struct server *s, int fd)
{
	struct endpoint local;
	int err = udp_local(fd, &local);

	if (err == 0)
		err = udp_peer(fd, &s->peer);
	if (err)
		return -err;
	s->watch = loop_watch(s->all->door->loop, fd, LOOP_READ, server_readable, s);
	if (!s->watch)
		return ENOMEM;
	s->socket = (struct batch_socket){
		.fd = fd, .name = "server", .run_least = RUN_LEAST, .run_most = BATCH_SERVER_RUN};
	s->local_port = local.port;
	return 0;
}

/* 0 or errno. */
static int open_now(struct server *s, const struct endpoint *peer)
{
	int fd = open_where_wanted(s, peer);
	int err;

	if (fd < 0)
		return -fd;
	err = take(s, fd);
	if (err)
		close(fd);
	return err;
}

/* Want of our own, not the server's fault. */
static bool short_of(int err)
{
	return err == EMFILE || err == ENFILE || err == ENOMEM || err == ENOBUFS ||
	       err == EADDRINUSE;
}

/* One line for as long as it lasts. */
static void tell_shortage(struct servers *ss, int err)
{
	if (!ss->failing && short_of(err))
		log_warn("event=server_socket why=\"%s\"", strerror(err));
	ss->failing = short_of(err);
}

/* The address that the group's server has now, or NULL. */
static const struct endpoint *address(const struct server *s)
{
	return s->number < s->all->hosts ? host_address(&s->all->host[s->number]) : NULL;
}

int server_open(struct server *s, ustime now)
{
	const struct endpoint *peer = address(s);

	if (!peer)
		return EHOSTUNREACH;
	if (now >= s->next_try) {
		s->next_try = now + RETRY;
		s->trouble = open_now(s, peer);
		tell_shortage(s->all, s->trouble);
	}
	return short_of(s->trouble) ? ENOBUFS : s->trouble;
}

void server_assign(struct server *s, uint32_t serial)
{
	unsigned number = receiver_group_server(s->all->door->receiver, s->port);

	if (s->serial == serial && s->number == number)
		return;
	server_shut(s);
	if (s->serial != serial)
		s->local_port = 0;
	s->serial = serial;
	s->number = number;
	s->next_try = 0;
}

/* The place of the group that is on this port now, or NULL. */
static struct server *of_group(const struct servers *ss, unsigned port)
{
	if (port < 1 || port > ss->limit || ss->server[port - 1].serial == 0 ||
	    !server_belongs(&ss->server[port - 1]))
		return NULL;
	return &ss->server[port - 1];
}

uint16_t servers_local_port(const struct servers *ss, unsigned port)
{
	const struct server *s = of_group(ss, port);

	return s ? s->local_port : 0;
}

int servers_fd(const struct servers *ss, unsigned port)
{
	const struct server *s = of_group(ss, port);

	return s ? s->socket.fd : -1;
}

/* The group's place, without a socket; NULL: there is no group. */
static struct server *place_for(struct servers *ss, unsigned port)
{
	uint32_t serial = receiver_group_serial(ss->door->receiver, port);
	struct server *s;

	if (serial == 0 || port > ss->limit)
		return NULL;
	s = &ss->server[port - 1];
	server_assign(s, serial);
	server_shut(s);
	return s;
}

static void open_expected(struct server *s)
{
	if (s->local_port != 0 && s->socket.fd < 0 && server_belongs(s) && address(s))
		server_open(s, loop_now(s->all->door->loop));
}

void servers_expect(struct servers *ss, unsigned port, uint16_t local_port)
{
	struct server *s = place_for(ss, port);

	if (!s)
		return;
	s->local_port = local_port;
	s->next_try = 0;
	open_expected(s);
}

bool servers_adopt(struct servers *ss, unsigned port, int fd)
{
	struct server *s = place_for(ss, port);

	if (!s || udp_adopt(fd) != 0 || take(s, fd) != 0)
		return false;
	if (s->number < ss->hosts)
		host_prefer(&ss->host[s->number], &s->peer);
	return true;
}

void servers_host_moved(struct servers *ss)
{
	for (unsigned i = 0; i < ss->limit; i++) {
		struct server *s = &ss->server[i];
		const struct endpoint *peer = address(s);

		if (s->socket.fd >= 0 && peer && !endpoint_equal(peer, &s->peer)) {
			server_shut(s);
			s->next_try = 0;
		}
	}
	for (unsigned i = 0; i < ss->limit; i++)
		open_expected(&ss->server[i]);
}
