/* SPDX-License-Identifier: MIT */
#include "receiver/server.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "receiver/server_open.h"
#include "shared/io/udp.h"

enum {
	READS_A_TURN = 16, /* of one socket: a server says little, unless it means harm */
	ERRORS_A_TURN = 16,
};

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
		ss->server[i] = (struct server){.all = ss, .port = i + 1, .socket.fd = -1};
	return true;
}

void servers_finish(struct servers *ss)
{
	for (unsigned i = 0; i < ss->limit; i++) {
		pkt_list_clear(&ss->server[i].leaving);
		server_shut(&ss->server[i]);
	}
	free(ss->server);
	ss->server = NULL;
	ss->first = ss->last = NULL;
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
		int err = udp_next_error(s->socket.fd, &error);

		if (err == 0)
			break;
		receiver_server_error(d->receiver, s->port, NULL, err, now, &d->out);
	}
	return n;
}

void server_readable(void *arg, int events, ustime now)
{
	struct server *s = arg;

	(void)events;
	/* No packet of the server ends a group, so the socket is there until all are read. */
	if (!server_belongs(s))
		server_shut(s);
	else if (door_read(s->all->door, &s->socket, READS_A_TURN, heard, s) != 0)
		tell_errors(s, now); /* -EAGAIN too: then it was for them that we were called */
}

static void drop_stale(struct server *s)
{
	s->all->stale += s->leaving.count;
	pkt_list_clear(&s->leaving);
}

static void join(struct servers *ss, struct server *s)
{
	s->queued = true;
	s->next = NULL;
	if (ss->last)
		ss->last->next = s;
	else
		ss->first = s;
	ss->last = s;
}

static struct server *leave_first(struct servers *ss)
{
	struct server *s = ss->first;

	if (!s)
		return NULL;
	ss->first = s->next;
	if (!ss->first)
		ss->last = NULL;
	s->queued = false;
	return s;
}

void servers_put(struct servers *ss, uint32_t serial, struct pkt *p)
{
	struct server *s = &ss->server[p->port - 1];

	if (s->leaving_for != serial)
		drop_stale(s);
	s->leaving_for = serial;
	p->local.family = FAMILY_NONE; /* where a member spoke to us is no source here */
	pkt_list_push(&s->leaving, p);
	if (!s->queued)
		join(ss, s);
}

/* One call of batch_send(). */
struct sending {
	struct server *server;
	ustime now;
	size_t refused;
};

/* What an earlier packet met comes as an error of a later one, which did not leave. */
static bool again(void *arg, int err)
{
	const struct sending *sending = arg;

	return err != EMSGSIZE && tell_errors(sending->server, sending->now) > 0;
}

static void refused(void *arg, struct pkt *p, int err)
{
	struct sending *sending = arg;
	struct servers *ss = sending->server->all;

	sending->refused++;
	ss->refused++;
	receiver_server_error(ss->door->receiver, p->port, p, err, sending->now, &ss->door->out);
}

static void send_run(struct server *s, ustime now)
{
	struct sending sending = {.server = s, .now = now};
	const struct batch_sender from = {.again = again, .refused = refused, .arg = &sending};
	struct pkt_list run = {0};
	size_t count;

	while (run.count < BATCH_SERVER_RUN && s->leaving.count > 0)
		pkt_list_push(&run, pkt_list_pop(&s->leaving));
	count = run.count;
	batch_send(s->all->door->batch, &s->socket, &run, &from);
	s->all->packets_out += count - sending.refused;
}

/*
 * The one look at whom the packets are for: what is for a group that has gone ends here, and the
 * rest has an open socket, or has been refused.
 */
static void make_ready(struct server *s, ustime now)
{
	struct servers *ss = s->all;
	struct sending sending = {.server = s, .now = now};
	int err = 0;

	if (receiver_group_serial(ss->door->receiver, s->port) != s->leaving_for)
		drop_stale(s);
	if (s->leaving.count == 0)
		return;
	server_assign(s, s->leaving_for);
	if (s->number < ss->hosts)
		host_sent(&ss->host[s->number], now);
	if (s->socket.fd < 0)
		err = server_open(s, now);
	while (err && s->leaving.count > 0)
		refused(&sending, pkt_list_pop(&s->leaving), err);
}

void servers_flush(struct servers *ss, ustime now)
{
	struct server *s;

	for (s = ss->first; s; s = s->next)
		make_ready(s, now);
	while ((s = leave_first(ss)) != NULL) {
		send_run(s, now);
		if (s->leaving.count > 0)
			join(ss, s);
	}
}

void servers_close(struct servers *ss, unsigned port)
{
	if (port < 1 || port > ss->limit)
		return;
	drop_stale(&ss->server[port - 1]);
	server_shut(&ss->server[port - 1]);
}

void servers_sweep(struct servers *ss)
{
	for (unsigned i = 0; i < ss->limit; i++) {
		if (ss->server[i].socket.fd >= 0 && !server_belongs(&ss->server[i]))
			server_shut(&ss->server[i]);
	}
}
