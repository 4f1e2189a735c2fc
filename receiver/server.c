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
	READS_A_TURN = 16,         /* of one socket: a server says little, unless it means harm */
	ERRORS_A_TURN = 16,
};

#define RETRY MSEC(100) /* an SRT caller repeats its handshake each 250 ms */

bool servers_init(struct servers *ss, struct door *door, struct host *host, unsigned hosts,
		  unsigned limit)
{
	memset(ss, 0, sizeof(*ss));
	ss->server = calloc(limit, sizeof(*ss->server));
	if (!ss->server)
		return false;
	ss->door = door;
	ss->host = host;
	ss->hosts = hosts;
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

	/* Before it was connected, a socket may have taken what anybody sent. */
	if (!endpoint_equal(&p->peer, &s->peer)) {
		s->all->strangers++;
		pkt_free(p);
		return;
	}
	s->all->packets_in++;
	host_heard(&s->all->host[s->number]);
	receiver_from_server(d->receiver, s->port, p, now, &d->out);
}

/* Passes the socket's queued errors on; returns how many there were. */
static unsigned tell_errors(struct server *s, ustime now)
{
	struct door *d = s->all->door;
	unsigned n;

	for (n = 0; n < ERRORS_A_TURN; n++) {
		struct udp_error error;
		int err = udp_next_error(s->fd, &error);

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
	else if (door_read(s->all->door, s->fd, READS_A_TURN, heard, s, now) != 0)
		tell_errors(s, now);
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
	if (err == 0)
		return fd;
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
	s->watch = loop_watch(s->all->door->loop, fd, LOOP_READ, readable, s);
	if (!s->watch)
		return ENOMEM;
	s->fd = fd;
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

/* 0 or errno; ENOBUFS for every want of our own, of which the core makes no event. */
static int open_for(struct server *s, ustime now)
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

/* Is for the group with that serial from now on, and for its SRT server. */
static void assign(struct server *s, uint32_t serial)
{
	unsigned number = receiver_group_server(s->all->door->receiver, s->port);

	if (s->serial == serial && s->number == number)
		return;
	shut(s);
	if (s->serial != serial)
		s->local_port = 0;
	s->serial = serial;
	s->number = number;
	s->next_try = 0;
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
	assign(s, serial);
	if (s->number < ss->hosts)
		host_sent(&ss->host[s->number], now);
	if (s->fd < 0)
		err = open_for(s, now);
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

/* The place of the group that is on this port now, or NULL. */
static struct server *of_group(const struct servers *ss, unsigned port)
{
	if (port < 1 || port > ss->limit || ss->server[port - 1].serial == 0 ||
	    !belongs(&ss->server[port - 1]))
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

	return s ? s->fd : -1;
}

/* The group's place, without a socket; NULL: there is no group. */
static struct server *place_for(struct servers *ss, unsigned port)
{
	uint32_t serial = receiver_group_serial(ss->door->receiver, port);
	struct server *s;

	if (serial == 0 || port > ss->limit)
		return NULL;
	s = &ss->server[port - 1];
	assign(s, serial);
	shut(s);
	return s;
}

static void open_expected(struct server *s)
{
	if (s->local_port != 0 && s->fd < 0 && belongs(s) && address(s))
		open_for(s, loop_now(s->all->door->loop));
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

		if (s->fd >= 0 && peer && !endpoint_equal(peer, &s->peer)) {
			shut(s);
			s->next_try = 0;
		}
	}
	for (unsigned i = 0; i < ss->limit; i++)
		open_expected(&ss->server[i]);
}
