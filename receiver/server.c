/* SPDX-License-Identifier: MIT */
#include "receiver/server.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "shared/io/log.h"
#include "shared/io/udp.h"

enum {
	SEND_BUFFER = 1024 * 1024, /* a link's backlog that arrives at once */
	ERRORS_A_TURN = 16,
};

#define RETRY MSEC(100) /* an SRT caller repeats its handshake each 250 ms */

bool servers_init(struct servers *ss, struct door *door, struct host *host, unsigned limit)
{
	memset(ss, 0, sizeof(*ss));
	ss->server = calloc(limit, sizeof(*ss->server));
	if (!ss->server)
		return false;
	ss->door = door;
	ss->host = host;
	ss->limit = limit;
	for (unsigned i = 0; i < limit; i++)
		ss->server[i] = (struct server){.all = ss, .port = i + 1, .fd = -1};
	return true;
}

static void shut(struct server *s)
{
	if (s->fd < 0)
		return;
	loop_unwatch(s->all->door->loop, s->watch);
	s->watch = NULL;
	close(s->fd);
	s->fd = -1;
}

void servers_finish(struct servers *ss)
{
	for (unsigned i = 0; i < ss->limit; i++)
		shut(&ss->server[i]);
	free(ss->server);
	ss->server = NULL;
	ss->limit = 0;
}

static void heard(void *arg, struct pkt *p, ustime now)
{
	struct server *s = arg;
	struct door *d = s->all->door;

	s->all->packets_in++;
	host_heard(s->all->host);
	receiver_from_server(d->receiver, s->port, p, now, &d->out);
}

/* Passes the socket's queued errors on; returns how many there were. */
static unsigned tell_errors(struct server *s, ustime now)
{
	struct door *d = s->all->door;
	unsigned n;

	for (n = 0; n < ERRORS_A_TURN; n++) {
		uint32_t mtu;
		int err = udp_next_error(s->fd, &mtu);

		if (err == 0)
			break;
		receiver_server_error(d->receiver, s->port, NULL, err, now, &d->out);
	}
	return n;
}

static bool belongs(const struct server *s)
{
	return receiver_group_serial(s->all->door->receiver, s->port) == s->serial;
}

static void readable(void *arg, int events, ustime now)
{
	struct server *s = arg;

	(void)events;
	/* No packet of the server ends a group, so the socket is there until all are read. */
	if (!belongs(s))
		shut(s);
	else if (door_read(s->all->door, s->fd, heard, s, now) != 0)
		tell_errors(s, now);
}

static int open_to(const struct endpoint *peer)
{
	const struct udp_options opt = {.tell_errors = true, .send_buffer = SEND_BUFFER};
	struct endpoint any = {.family = peer->family};
	int fd = udp_open(&any, &opt);
	int err;

	if (fd < 0)
		return fd;
	err = udp_connect(fd, peer);
	if (err == 0)
		return fd;
	close(fd);
	return err;
}

/* 0 or errno. */
static int open_now(struct server *s, const struct endpoint *peer)
{
	int fd = open_to(peer);

	if (fd < 0)
		return -fd;
	s->fd = fd;
	s->watch = loop_watch(s->all->door->loop, fd, LOOP_READ, readable, s);
	if (s->watch)
		return 0;
	shut(s);
	return ENOMEM;
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

/* 0 or errno; ENOBUFS for every want of our own, of which the core makes no event. */
static int open_for(struct server *s, uint32_t serial, ustime now)
{
	const struct endpoint *peer = host_address(s->all->host);

	if (!peer)
		return EHOSTUNREACH;
	if (s->serial != serial || now >= s->next_try) {
		s->serial = serial;
		s->next_try = now + RETRY;
		s->trouble = open_now(s, peer);
		tell_shortage(s->all, s->trouble);
	}
	return short_of(s->trouble) ? ENOBUFS : s->trouble;
}

static int send_on(struct server *s, const struct pkt *p, ustime now)
{
	int err = -udp_send(s->fd, p, false);

	/* What an earlier packet met comes as an error of this one, which did not leave. */
	if (err != 0 && err != EAGAIN && err != ENOBUFS && err != EMSGSIZE &&
	    tell_errors(s, now) > 0)
		err = -udp_send(s->fd, p, false);
	return err;
}

void servers_send(struct servers *ss, struct pkt *p, ustime now)
{
	struct door *d = ss->door;
	uint32_t serial = receiver_group_serial(d->receiver, p->port);
	struct server *s;
	int err = 0;

	if (serial == 0 || p->port > ss->limit) {
		ss->stale++;
		pkt_free(p);
		return;
	}
	s = &ss->server[p->port - 1];
	if (s->serial != serial)
		shut(s);
	host_sent(ss->host, now);
	if (s->fd < 0)
		err = open_for(s, serial, now);
	p->local.family = FAMILY_NONE; /* where a member spoke to us is no source here */
	if (err == 0)
		err = send_on(s, p, now);
	if (err == 0) {
		ss->packets_out++;
		ss->bytes_out += p->len;
		pkt_free(p);
		return;
	}
	ss->refused++;
	receiver_server_error(d->receiver, p->port, p, err, now, &d->out);
}

void servers_close(struct servers *ss, unsigned port)
{
	if (port >= 1 && port <= ss->limit)
		shut(&ss->server[port - 1]);
}

void servers_sweep(struct servers *ss)
{
	for (unsigned i = 0; i < ss->limit; i++) {
		if (ss->server[i].fd >= 0 && !belongs(&ss->server[i]))
			shut(&ss->server[i]);
	}
}

void servers_host_moved(struct servers *ss)
{
	for (unsigned i = 0; i < ss->limit; i++)
		shut(&ss->server[i]);
}
