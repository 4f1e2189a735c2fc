/* SPDX-License-Identifier: MIT */
#include "sender/uplink.h"

#include <errno.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "shared/io/log.h"
#include "shared/io/udp.h"

/*
 * A short send queue makes a modem that backs up show itself as EAGAIN; a long
 * receive queue keeps ACKs while we are busy.
 */
enum {
	SEND_BUFFER = 256 * 1024,
	RECEIVE_BUFFER = 1024 * 1024,
	ERRORS_A_TURN = 16,
};

#define RETRY SEC(1)

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

static int bind_to(const struct uplink_id *id)
{
	struct udp_options opt = {
		.device = id->device[0] ? id->device : NULL,
		.tell_errors = true,
		.receive_buffer = RECEIVE_BUFFER,
		.send_buffer = SEND_BUFFER,
	};
	struct endpoint local = id->local;
	int err = add_scope(&local, id->device);

	return err ? err : udp_open(&local, &opt);
}

int uplink_try(const struct uplink_id *id)
{
	int fd = bind_to(id);

	if (fd < 0)
		return fd;
	close(fd);
	return 0;
}

/* A socket on the way to the peer, or -errno. */
static int bind_and_connect(const struct uplink *u, const struct endpoint *peer)
{
	int fd = bind_to(&u->id);
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

/* Passes the socket's queued errors on; returns how many there were. */
static unsigned tell_errors(struct uplink *u, ustime now)
{
	unsigned n;

	for (n = 0; n < ERRORS_A_TURN; n++) {
		uint32_t mtu;
		int err = udp_next_error(u->fd, &mtu);

		if (err == 0)
			break;
		if (err == EMSGSIZE && mtu != 0 && mtu != u->mtu) {
			u->mtu = mtu;
			log_warn("event=link_path_mtu link=%s bytes=%u", u->name, (unsigned)mtu);
		}
		sender_link_error(u->door->sender, u->port, NULL, err, now, &u->door->out);
	}
	return n;
}

static void readable(void *arg, int events, ustime now)
{
	struct uplink *u = arg;

	(void)events;
	if (door_read(u->door, u->fd, heard, u, now) != 0)
		tell_errors(u, now);
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
	u->fd = fd;
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
}

void uplink_reopen(struct uplink *u, ustime now)
{
	shut(u);
	open_now(u, now);
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
	fd = bind_to(&u->id);
	if (fd >= 0) {
		err = udp_connect(fd, &u->peer);
		close(fd);
	}
	if (err)
		return;
	log_debug("event=link_reopened link=%s", u->name);
	uplink_reopen(u, now);
}

void uplink_send(struct uplink *u, struct pkt *p, ustime now)
{
	int err = ENETUNREACH;

	if (u->fd >= 0) {
		if (u->any_source)
			p->peer = u->peer;
		err = -udp_send(u->fd, p, u->any_source);
		/* What an earlier packet met comes as an error of this one, which did not leave. */
		if (err != 0 && err != EAGAIN && err != ENOBUFS && tell_errors(u, now) > 0 &&
		    err != EMSGSIZE)
			err = -udp_send(u->fd, p, u->any_source);
	}
	if (err == 0) {
		pkt_free(p);
		return;
	}
	sender_link_error(u->door->sender, u->port, p, err, now, &u->door->out);
	if (u->fd >= 0 && way_is_gone(err))
		check(u, now);
}
