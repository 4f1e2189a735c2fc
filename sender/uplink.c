/* SPDX-License-Identifier: MIT */
#include "sender/uplink.h"

#include <errno.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sender/gauge.h"
#include "shared/io/log.h"
#include "shared/io/udp.h"

/*
 * A short send queue makes a modem that backs up show itself as EAGAIN; a long
 * receive queue keeps ACKs while we are busy.
 */
enum {
	SEND_BUFFER = 128 * 1024, /* some 110 full packets, by the way Linux counts them */
	RECEIVE_BUFFER = 1024 * 1024,
};

#define RETRY   SEC(1)
#define MEASURE MSEC(10) /* a queue of a modem does not change faster than that matters */

struct uplink *uplink_create(const struct uplink_id *id, struct door *door, struct host *host,
			     bool any_source)
{
	struct uplink *u = calloc(1, sizeof(*u));

	if (!u)
		return NULL;
	u->id = *id;
	uplink_id_print(id, u->name);
	u->door = door;
	u->host = host;
	u->any_source = any_source;
	u->fd = -1;
	return u;
}

static void shut(struct uplink *u)
{
	loop_unwatch(u->door->loop, u->watch);
	u->watch = NULL;
	if (u->fd >= 0)
		close(u->fd);
	u->fd = -1;
}

void uplink_destroy(struct uplink *u)
{
	if (!u)
		return;
	shut(u);
	free(u);
}

/* A link-local address means something on one interface only. */
static int add_scope(struct endpoint *ep, const char *device)
{
	if (ep->family != FAMILY_V6 || endpoint_class(ep) != ENDPOINT_LINK_LOCAL || !device[0])
		return 0;
	ep->scope = if_nametoindex(device);
	return ep->scope ? 0 : -ENODEV;
}

/* From this port, or any if that is 0 or taken. */
static int bind_to(const struct uplink_id *id, uint16_t port)
{
	struct udp_options opt = {
		.device = id->device[0] ? id->device : NULL,
		.tell_errors = true,
		.receive_buffer = RECEIVE_BUFFER,
		.send_buffer = SEND_BUFFER,
	};
	struct endpoint local = id->local;
	int fd = add_scope(&local, id->device);

	if (fd == 0) {
		local.port = port;
		fd = udp_open(&local, &opt);
	}
	return fd < 0 && port != 0 && fd != -EADDRNOTAVAIL ? bind_to(id, 0) : fd;
}

int uplink_try(const struct uplink_id *id)
{
	int fd = bind_to(id, 0);

	if (fd < 0)
		return fd;
	close(fd);
	return 0;
}

/* A socket on the way to the peer, or -errno. */
static int bind_and_connect(const struct uplink *u, const struct endpoint *peer)
{
	int fd = bind_to(&u->id, u->local_port);
	int err;

	if (fd < 0 || u->any_source)
		return fd;
	err = udp_connect(fd, peer);
	if (err == 0)
		return fd;
	close(fd);
	return err;
}

static void heard(void *arg, struct pkt *p, ustime now)
{
	struct uplink *u = arg;

	sender_from_link(u->door->sender, u->port, p, now, &u->door->out);
}

/* Errors that mean: the address, the interface or the route is gone. */
static bool way_is_gone(int err)
{
	return err == ENETUNREACH || err == EADDRNOTAVAIL || err == ENODEV || err == ENXIO ||
	       err == EINVAL || err == ENETDOWN;
}

static void readable(void *arg, int events, ustime now)
{
	struct uplink *u = arg;

	(void)events;
	if (door_read(u->door, u->fd, heard, u, now) != 0)
		gauge_errors(u, now);
}

/* Once a reason, not once a second. */
static void wait_for(struct uplink *u, int trouble, const char *why, ustime next)
{
	u->next_try = next;
	if (u->trouble == trouble)
		return;
	u->trouble = trouble;
	log_warn("event=link_waiting link=%s why=\"%s\"", u->name, why);
}

static void use(struct uplink *u, int fd, const struct endpoint *peer, ustime now)
{
	struct endpoint local;

	u->fd = fd;
	u->local_port = udp_local(fd, &local) == 0 ? local.port : 0;
	u->peer = *peer;
	u->watch = loop_watch(u->door->loop, fd, LOOP_READ, readable, u);
	if (!u->watch) {
		shut(u);
		wait_for(u, ENOMEM, strerror(ENOMEM), now + RETRY);
		return;
	}
	if (u->trouble)
		log_info("event=link_open link=%s", u->name);
	u->trouble = 0;
	u->next_try = NEVER;
	if (u->unsent > 0)
		sender_link_unsent(u->door->sender, u->port, 0);
	u->unsent = 0;
	u->payload = 0;
	u->payload_due = now;
	ground_look(&u->ground, &u->id, peer);
	if (u->port)
		sender_link_reopened(u->door->sender, u->port, now, &u->door->out);
}

static void open_now(struct uplink *u, ustime now)
{
	const struct endpoint *address = host_address(u->host, u->id.local.family);
	struct endpoint peer;
	int fd;

	if (!address) {
		/* Silent while nothing is known yet: then it is the host's news. */
		u->next_try = NEVER;
		if (!host_known(u->host))
			return;
		wait_for(u, EDESTADDRREQ, "the receiver has no address of this family", NEVER);
		host_family_gap(u->host, now);
		return;
	}
	peer = *address;
	fd = add_scope(&peer, u->id.device);
	if (fd == 0)
		fd = bind_and_connect(u, &peer);
	if (fd < 0)
		wait_for(u, -fd, strerror(-fd), now + RETRY);
	else
		use(u, fd, &peer, now);
}

void uplink_run(struct uplink *u, ustime now)
{
	if (u->fd < 0 && now >= u->next_try)
		open_now(u, now);
	if (u->fd >= 0 && u->unsent > 0 && now - u->measured >= MEASURE)
		gauge_measure(u, now);
}

ustime uplink_deadline(const struct uplink *u)
{
	if (u->fd < 0)
		return u->next_try;
	return u->unsent > 0 ? u->measured + MEASURE : NEVER;
}

/* From the port that the receiver knows, if it can be had again. */
static void open_anew(struct uplink *u, ustime now)
{
	shut(u);
	open_now(u, now);
}

void uplink_reopen(struct uplink *u, ustime now)
{
	u->local_port = 0;
	open_anew(u, now);
}

/* Tells the core when the ground under the link has gone, or is there again. */
static void settle(struct uplink *u, ustime now)
{
	const char *why = ground_trouble(&u->ground);

	if ((why != NULL) == u->ground.lost)
		return;
	u->ground.lost = why != NULL;
	log_debug("event=link_ground link=%s why=\"%s\"", u->name, why ? why : "good");
	sender_link_carrier(u->door->sender, u->port, why, now, &u->door->out);
}

void uplink_look(struct uplink *u, ustime now)
{
	if (u->fd < 0)
		return;
	ground_look_again(&u->ground, &u->id, &u->peer);
	settle(u, now);
}

void uplink_hear(struct uplink *u, const struct netlink_news *news, ustime now)
{
	if (!ground_hear(&u->ground, &u->id, news))
		return;
	if (u->fd < 0) {
		if (!news->gone && u->next_try != NEVER)
			open_now(u, now);
		return;
	}
	settle(u, now);
	if (!u->ground.gone)
		return;
	shut(u);
	wait_for(u, ENODEV, strerror(ENODEV), now + RETRY);
}

void uplink_host_moved(struct uplink *u, ustime now)
{
	const struct endpoint *address = host_address(u->host, u->id.local.family);

	if (u->fd < 0 || !address || !endpoint_same_host(address, &u->peer))
		uplink_reopen(u, now);
}

/*
 * After an error that says there is no way.  If the address is gone, so is the
 * socket.  If another socket would find the way, this one has gone stale: its
 * interface was replaced under the same name.  Else it is the route that is
 * missing, and the socket stays, for its port is known to the receiver.
 */
static void check(struct uplink *u, ustime now)
{
	int fd, err = 0;

	if (now < u->next_check)
		return;
	u->next_check = now + RETRY;
	fd = bind_to(&u->id, 0);
	if (fd >= 0) {
		err = udp_connect(fd, &u->peer);
		close(fd);
	}
	if (err)
		return;
	log_debug("event=link_reopened link=%s", u->name);
	open_anew(u, now);
}

void uplink_send(struct uplink *u, struct pkt *p, ustime now)
{
	int err = ENETUNREACH;

	if (u->fd >= 0) {
		if (u->any_source)
			p->peer = u->peer;
		err = -udp_send(u->fd, p, u->any_source);
		/* What an earlier packet met comes as an error of this one, which did not leave. */
		if (err != 0 && err != EAGAIN && err != ENOBUFS && gauge_errors(u, now) > 0 &&
		    err != EMSGSIZE)
			err = -udp_send(u->fd, p, u->any_source);
	}
	if (err == 0) {
		pkt_free(p);
		if (now - u->measured >= MEASURE)
			gauge_measure(u, now);
		return;
	}
	sender_link_error(u->door->sender, u->port, p, err, now, &u->door->out);
	if (u->fd >= 0 && way_is_gone(err))
		check(u, now);
}
